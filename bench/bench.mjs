// Bench: every case with every contender, each in a fresh process, in turn, several rounds.
//
//   npm run bench                              what docs/benchmarks.md is made from, and the document
//   npm run bench -- --set capacity            how cost grows
//   npm run bench -- --quick                   only shows that everything runs
//   npm run bench -- --case ladder --contender streamgear --contender limit --rounds 3
//   npm run bench -- --case ladder --add       more rounds for what is there, and the document anew
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { CAPACITY } from './capacity.mjs';
import { CASES, CONTENDERS, QUICK } from './cases.mjs';
import { CACHE, countOf, pictureFile } from './frames.mjs';
import { installContenders } from './install.mjs';
import { buildLimit, note, refusal } from './limit/limit.mjs';
import { qualityOf } from './quality.mjs';
import { writeReport } from './report.mjs';
import { runOnce } from './run.mjs';
import { x264Settings } from './settings.mjs';

/** @import { Case } from './cases.mjs' */
/** @import { CaseResult, Failure, RenditionResult, Result } from './result.d.ts' */

/**
 * A contender that can run here.
 *
 * @typedef {object} Entrant
 * @property {string} name
 * @property {string} version
 * @property {string} note
 * @property {Readonly<Record<string, string>>} env
 * @property {(item: Case) => 'bt601' | 'bt709'} [matrix] None: it leaves no presentation.
 * @property {(item: Case) => string | undefined} refusal
 */

const ROOT = path.join(import.meta.dirname, '..');
const SETS = { benchmarks: CASES, capacity: CAPACITY, quick: QUICK };
/** Without them the bench has shown nothing. */
const OWN = ['streamgear', 'subprocess', 'limit'];

const { values: options } = parseArgs({
  options: {
    set: { type: 'string', default: 'benchmarks' },
    quick: { type: 'boolean', default: false },
    case: { type: 'string', multiple: true },
    contender: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    add: { type: 'boolean', default: false },
  },
});

/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`);

/** @param {number | null} bytes */
const megabytes = (bytes) => (bytes === null ? '–' : (bytes / 1e6).toFixed(0)).padStart(5);

/** An error's message without the folders of this machine. @param {unknown} error */
function messageOf(error) {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(ROOT, '.').replaceAll(tmpdir(), '…').slice(0, 500);
}

/** @param {string} name @returns {Promise<Entrant>} */
async function load(name) {
  if (name === 'limit') return { name, version: buildLimit(), note, env: {}, refusal };
  const module = await import(`./contenders/${name}.mjs`);
  return {
    name,
    version: module.version(),
    note: module.note,
    env: module.env ?? {},
    matrix: module.matrix,
    refusal: module.refusal ?? (() => undefined),
  };
}

async function loadAll() {
  /** @type {Entrant[]} */
  const entrants = [];
  /** @type {{ name: string, reason: string }[]} */
  const missing = [];
  for (const name of options.contender ?? CONTENDERS) {
    if (!CONTENDERS.some((each) => each === name)) {
      throw new Error(
        `Expected one of ${CONTENDERS.join(', ')} for --contender but received ${name}`,
      );
    }
    try {
      entrants.push(await load(name));
    } catch (error) {
      if (OWN.includes(name)) throw error;
      missing.push({ name, reason: messageOf(error).split('\n')[0] ?? '' });
    }
  }
  return { entrants, missing };
}

/**
 * What is left of a run in its folder: sizes, settings, and quality where it is asked for.
 *
 * @param {Case} item
 * @param {string} folder
 * @param {Entrant} entrant
 * @returns {Promise<RenditionResult[]>}
 */
async function inspect(item, folder, { matrix }) {
  const inside = matrix === undefined ? folder : path.join(folder, '0');
  const names = readdirSync(inside).sort();
  const quality =
    item.quality && matrix !== undefined ? await qualityOf(item, inside, matrix(item)) : [];
  return item.renditions.map((_, i) => {
    // HLS of one rendition has no number in its names.
    const mine = names.filter((name) =>
      RegExp(`^chunk-stream${i === 0 ? '0?' : i}-\\d`).test(name),
    );
    const bytes = mine.reduce((sum, name) => sum + statSync(path.join(inside, name)).size, 0);
    return {
      bitrate: (bytes * 8 * item.fps) / item.frames,
      settings: mine[0] === undefined ? {} : x264Settings(path.join(inside, mine[0])),
      ...quality[i],
    };
  });
}

/**
 * @param {Case} item
 * @param {Entrant} entrant
 * @param {number} round
 * @param {CaseResult} result Is added to.
 */
async function runRound(item, entrant, round, result) {
  const { name, env } = entrant;
  const folder = mkdtempSync(path.join(tmpdir(), 'streamgear-bench-'));
  const list = (result.results[name] ??= []);
  try {
    const figures = { round, ...(await runOnce(item, name, folder, env)) };
    list.push(figures);
    say(
      `  ${round + 1} ${name.padEnd(11)} ${figures.fps.toFixed(1).padStart(7)} fps, ` +
        `${(figures.cpuPerFrame * 1000).toFixed(1).padStart(6)} CPU ms/frame, ` +
        `${megabytes(figures.memory)} MB`,
    );
    if (!(name in result.renditions) && !item.live) {
      result.renditions[name] = await inspect(item, folder, entrant);
    }
  } catch (error) {
    /** @type {Failure} */
    const failure = { round, failed: messageOf(error) };
    list.push(failure);
    say(`  ${round + 1} ${name.padEnd(11)} failed: ${failure.failed}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Case} item @param {readonly Entrant[]} entrants @returns {Promise<CaseResult>} */
async function runCase(item, entrants) {
  const rounds = options.rounds === undefined ? item.rounds : Number(options.rounds);
  say(`${item.id}: ${item.title}, ${rounds} rounds`);
  pictureFile(item, countOf(item)); // decoded before anybody is measured
  const asked = entrants.filter(
    ({ name }) => options.contender !== undefined || item.contenders.includes(name),
  );
  const taking = asked.filter((entrant) => entrant.refusal(item) === undefined);
  /** @type {CaseResult} */
  const result = {
    case: { ...item, rounds },
    results: Object.fromEntries(taking.map(({ name }) => [name, []])),
    renditions: {},
    refusals: asked.flatMap((entrant) => {
      const reason = entrant.refusal(item);
      return reason === undefined ? [] : [{ name: entrant.name, reason }];
    }),
  };
  for (let round = 0; round < rounds; round++) {
    // In turn, and each round begins with another one.
    for (let i = 0; i < taking.length; i++) {
      await runRound(item, taking[(i + round) % taking.length], round, result);
    }
  }
  return result;
}

function machine() {
  const args = process.argv.slice(2).join(' ');
  return {
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    memory: totalmem(),
    kernel: release(),
    node: process.version,
    ffmpeg: spawnSync('ffmpeg', ['-version'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? '',
    load: loadavg()[0] ?? 0,
    date: new Date().toISOString().slice(0, 10),
    command: args === '' ? 'npm run bench' : `npm run bench -- ${args}`,
  };
}

/** @returns {{ set: keyof typeof SETS, cases: readonly Case[], isWhole: boolean }} */
function choose() {
  const set = /** @type {keyof typeof SETS} */ (options.quick ? 'quick' : options.set);
  if (!(set in SETS)) throw new Error(`Expected one of ${Object.keys(SETS).join(', ')} for --set`);
  const all = SETS[set];
  const unknown = (options.case ?? []).find((id) => !all.some((each) => each.id === id));
  if (unknown !== undefined) {
    const ids = all.map(({ id }) => id).join(', ');
    throw new Error(`Expected one of ${ids} for --case but received ${unknown}`);
  }
  if (options.rounds !== undefined && !(Number(options.rounds) >= 1)) {
    throw new Error(`Expected a number for --rounds but received ${options.rounds}`);
  }
  const cases = all.filter(({ id }) => options.case?.includes(id) ?? true);
  return { set, cases, isWhole: options.case === undefined && options.contender === undefined };
}

/**
 * Puts the rounds of a run behind those of the run before.
 *
 * @param {CaseResult} before
 * @param {CaseResult} more
 */
function addRounds(before, more) {
  const first = before.case.rounds;
  for (const [name, runs] of Object.entries(more.results)) {
    const moved = runs.map((run) => ({ ...run, round: run.round + first }));
    before.results[name] = [...(before.results[name] ?? []), ...moved];
  }
  return { ...before, case: { ...before.case, rounds: first + more.case.rounds } };
}

/**
 * More rounds of some cases of the set that was measured last.
 *
 * @param {keyof typeof SETS} set
 * @param {readonly Case[]} cases
 * @param {readonly Entrant[]} entrants
 */
async function add(set, cases, entrants) {
  const file = path.join(import.meta.dirname, 'results', `${set}.json`);
  /** @type {Result} */
  const result = JSON.parse(readFileSync(file, 'utf8'));
  for (const item of cases) {
    const at = result.cases.findIndex(({ case: { id } }) => id === item.id);
    const before = result.cases[at];
    if (before === undefined) throw new Error(`Expected ${item.id} in ${file}, to add rounds to`);
    result.cases[at] = addRounds(before, await runCase(item, entrants));
  }
  const { command } = machine();
  const whole = {
    ...result,
    machine: { ...result.machine, command: `${result.machine.command}; ${command}` },
  };
  writeFileSync(file, `${JSON.stringify(whole, null, 1)}\n`);
  const report = await writeReport(whole, path.join(ROOT, 'docs'));
  say(path.relative(process.cwd(), report));
}

async function main() {
  const { set, cases, isWhole } = choose();
  installContenders();
  const { entrants, missing } = await loadAll();
  for (const { name, reason } of missing) say(`without ${name}: ${reason}`);
  if (options.add) {
    await add(set, cases, entrants);
    return;
  }
  /** @type {Result} */
  const result = {
    set,
    machine: machine(),
    contenders: entrants.map(({ name, version, note: text }) => ({ name, version, note: text })),
    missing,
    cases: [],
  };
  const folder = path.join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${isWhole ? set : 'partial'}.json`);
  for (const item of cases) {
    result.cases.push(await runCase(item, entrants));
    writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`);
  }
  // Only a whole set makes the documents of the repository.
  const documents = isWhole && set !== 'quick' ? path.join(ROOT, 'docs') : path.join(CACHE, 'docs');
  const report = await writeReport(result, documents);
  say(`${path.relative(process.cwd(), file)}, ${path.relative(process.cwd(), report)}`);
  const failed = result.cases.some(({ results }) =>
    Object.entries(results).some(
      ([name, runs]) => OWN.includes(name) && runs.some((each) => 'failed' in each),
    ),
  );
  if (failed) process.exitCode = 1;
}

await main();
