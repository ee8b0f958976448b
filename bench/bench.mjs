// Bench: every case with every contender, each in a fresh process, in turn, several times.
//
//   npm run bench                        all of it, and docs/benchmarks.md from the result
//   npm run bench -- --quick             only shows that it runs
//   npm run bench -- --case ladder --contender subprocess --rounds 3
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs, promisify } from 'node:util';

import { CASES, QUICK } from './cases.mjs';
import { loadFrames } from './frames.mjs';
import { runLimit } from './limit/limit.mjs';
import { qualityOf } from './quality.mjs';
import { writeReport } from './report.mjs';

const run = promisify(execFile);
const ROOT = path.join(import.meta.dirname, '..');
const CONTENDERS = ['streamgear', 'subprocess', 'node-av', 'beamcoder', 'mediabunny'];

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    case: { type: 'string', multiple: true },
    contender: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '5' },
    out: { type: 'string' },
  },
});

/** Contenders that can be loaded here; the others are named with the reason. */
async function available() {
  const found = [];
  const missing = [];
  for (const name of options.contender ?? CONTENDERS) {
    if (name === 'limit') continue;
    try {
      const { version, matrix, supports } = await import(`./contenders/${name}.mjs`);
      found.push({ name, version: String(version()), matrix, supports: supports ?? (() => true) });
    } catch (error) {
      missing.push({ name, reason: error instanceof Error ? error.message.split('\n')[0] : String(error) });
    }
  }
  return { found, missing };
}

async function once(item, name, folder) {
  const worker = path.join(import.meta.dirname, 'worker.mjs');
  const { stdout } = await run(process.execPath, [worker, JSON.stringify(item), name, folder], {
    maxBuffer: 1 << 26,
    timeout: 600_000,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** Real size of each rendition, bytes. */
function sizes(item, folder) {
  return item.renditions.map((_, index) => {
    const mine = new RegExp(`^(init|chunk)[-_]stream_?${index}[-.]|^init_${index}\\.`);
    return readdirSync(folder)
      .filter((name) => mine.test(name))
      .reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
  });
}

async function runCase(item, contenders, rounds, withLimit) {
  process.stderr.write(`${item.id}: ${item.title}\n`);
  loadFrames(item); // decoded before anybody is measured
  /** @type {Record<string, object[]>} */
  const results = {};
  const quality = {};
  for (let round = 0; round < rounds; round++) {
    // In turn, and each round begins with another one.
    const order = contenders.map((_, i) => contenders[(i + round) % contenders.length]);
    for (const { name, matrix, supports } of order) {
      if (!supports(item)) continue;
      const folder = mkdtempSync(path.join(tmpdir(), 'streamgear-bench-'));
      try {
        const result = await once(item, name, folder);
        (results[name] ??= []).push(result);
        process.stderr.write(
          `  ${round + 1}/${rounds} ${name.padEnd(12)} ${result.fps.toFixed(1)} fps, ` +
            `${result.cpuSeconds.toFixed(1)} CPU-s, ${(result.memory / 1e6).toFixed(0)} MB\n`,
        );
        if (round === 0) {
          const first = path.join(folder, '0');
          const bitrates = sizes(item, first).map((bytes) => (bytes * 8 * item.fps) / item.frames);
          quality[name] = qualityOf(item, first, matrix(item)).map((each, i) => ({ ...each, bitrate: bitrates[i] }));
        }
      } catch (error) {
        process.stderr.write(`  ${name} failed: ${error instanceof Error ? error.message : error}\n`);
        (results[name] ??= []).push({ failed: String(error instanceof Error ? error.message : error).slice(0, 500) });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    if (withLimit && item.streams === 1 && !item.paced) {
      const folder = mkdtempSync(path.join(tmpdir(), 'streamgear-bench-'));
      const result = runLimit(item, folder);
      (results.limit ??= []).push(result);
      process.stderr.write(`  ${round + 1}/${rounds} limit        ${result.fps.toFixed(1)} fps, ${result.cpuSeconds.toFixed(1)} CPU-s\n`);
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { case: item, results, quality };
}

function machine() {
  return {
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    memory: totalmem(),
    kernel: release(),
    node: process.version,
    ffmpeg: execFileSync('ffmpeg', ['-version'], { encoding: 'utf8' }).split('\n')[0],
    date: new Date().toISOString().slice(0, 10),
    command: `npm run bench ${process.argv.slice(2).length > 0 ? '-- ' : ''}${process.argv.slice(2).join(' ')}`.trim(),
  };
}

async function main() {
  if (!existsSync(path.join(ROOT, 'dist/index.js'))) {
    throw new Error('Expected the built package: run npm run build');
  }
  const { found, missing } = await available();
  for (const { name, reason } of missing) process.stderr.write(`without ${name}: ${reason}\n`);
  const all = options.quick ? QUICK : CASES;
  const wanted = all.filter(({ id }) => options.case === undefined || options.case.includes(id));
  if (wanted.length === 0) throw new Error(`Expected one of ${all.map(({ id }) => id).join(', ')} for --case`);
  const rounds = options.quick ? 1 : Number(options.rounds);
  const withLimit = options.contender === undefined || options.contender.includes('limit');
  const cases = [];
  for (const item of wanted) cases.push(await runCase(item, found, rounds, withLimit));
  const contenders = found.map(({ name, version }) => ({ name, version }));
  const result = { machine: machine(), rounds, contenders, missing, cases };
  const folder = path.join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const whole = !options.quick && options.case === undefined && options.contender === undefined;
  const file = options.out ?? path.join(folder, whole ? 'latest.json' : 'partial.json');
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`);
  process.stderr.write(`${file}\n`);
  if (whole) writeReport(JSON.parse(readFileSync(file, 'utf8')), path.join(ROOT, 'docs'));
  const failed = cases.some(({ results }) => Object.values(results).some((runs) => runs.some((each) => 'failed' in each)));
  if (failed) process.exitCode = 1;
}

await main();
