// Damaged sources against an addon that is built with ASan and UBSan: every outcome of probe(), openFrames() and a transcode must be
// a success or a typed error, soon. Each case follows from the seed and its number alone.
//
//   node scripts/fuzz.mjs --sources [--seed=1] [--cases=200] [--minutes=10]
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { asanEnvironment, buildAsanAddon } from './asan.mjs';

/** One call is aborted after 10 s; whoever answers nothing for this long hangs, on a slow machine too. */
const HANG_MS = 120_000;

/** Where what was found is kept. */
const FOUND = 'out/fuzz';

const PICTURE = 'testsrc2=size=96x64:rate=25:duration=1';
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

/** Files as people have them, by the arguments of ffmpeg that make them. @type {Record<string, string[]>} */
const SEEDS = {
  'plain.mp4': [...lavfi(PICTURE), ...lavfi('sine=duration=1'), ...X264, '-c:a', 'aac'],
  'odd.mkv': [...lavfi('testsrc2=size=17x13:rate=25:duration=1'), '-c:v', 'ffv1'],
  'open.ts': [
    ...[...lavfi(PICTURE), ...lavfi('sine=duration=1'), '-c:v', 'libx264', '-pix_fmt', 'yuv420p'],
    ...['-x264-params', 'open-gop=1:keyint=10:bframes=3', '-c:a', 'aac'],
  ],
  'hevc.mp4': [...lavfi(PICTURE), '-c:v', 'libx265', '-x265-params', 'log-level=none'],
  'vp9.webm': [...lavfi(PICTURE), '-c:v', 'libvpx-vp9', '-deadline', 'realtime'],
  'gaps.mkv': [
    ...[...lavfi(PICTURE), ...lavfi('sine=duration=1'), ...X264, '-c:a', 'aac'],
    ...['-bsf:a', 'noise=drop=gt(mod(n\\,4)\\,0)'],
  ],
  'old.avi': [...lavfi(PICTURE), ...lavfi('sine=duration=1'), '-c:v', 'mpeg4', '-c:a', 'mp2'],
  'moving.gif': [...lavfi('testsrc2=size=40x30:rate=5:duration=1')],
  'still.png': [...lavfi(PICTURE), '-frames:v', '1'],
  'sound.aac': [...lavfi('sine=duration=1'), '-c:a', 'aac'],
};

/** @param {string} source */
function lavfi(source) {
  return ['-f', 'lavfi', '-i', source];
}

/** @param {string} folder @returns {Map<string, Buffer>} */
function makeSeeds(folder) {
  const files = new Map();
  for (const [name, args] of Object.entries(SEEDS)) {
    const file = path.join(folder, name);
    const { status, stderr } = spawnSync(
      'ffmpeg',
      ['-nostdin', '-v', 'error', '-y', ...args, file],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`ffmpeg could not make ${name}: ${stderr}`);
    files.set(name, readFileSync(file));
  }
  const cut = path.join(folder, 'trimmed.mp4'); // an edit list hides what is before the cut
  const source = path.join(folder, 'plain.mp4');
  spawnSync('ffmpeg', ['-v', 'error', '-y', '-ss', '0.5', '-i', source, '-c', 'copy', cut]);
  files.set('trimmed.mp4', readFileSync(cut));
  const open = files.get('open.ts');
  files.set('joined.ts', Buffer.concat([open, open.subarray(0, 188 * 40), open]));
  files.set('list.m3u8', Buffer.from('#EXTM3U\n#EXTINF:1,\nopen.ts\n#EXT-X-ENDLIST\n'));
  files.set('itself.m3u8', Buffer.from('#EXTM3U\n#EXTINF:1,\nitself.m3u8\n#EXT-X-ENDLIST\n'));
  return files;
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). @param {number} seed */
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** Damages a file in one to eight places. @param {Buffer} bytes @param {() => number} random */
function mutated(bytes, random) {
  let result = Buffer.from(bytes);
  const below = (/** @type {number} */ limit) => Math.floor(random() * Math.max(1, limit));
  // Headers are near the begin, or near the end of an MP4.
  const place = () => {
    const kind = below(3);
    if (kind === 0) return below(Math.min(result.length, 512));
    return kind === 1 ? below(result.length) : Math.max(0, result.length - 1 - below(2048));
  };
  for (let count = 1 + below(8); count > 0 && result.length > 8; count -= 1) {
    const at = place();
    const length = 1 + below(Math.min(64, result.length - at));
    switch (below(6)) {
      case 0: // a bit
        result[at] ^= 1 << below(8);
        break;
      case 1: // noise
        for (let i = at; i < Math.min(at + length, result.length); i += 1) result[i] = below(256);
        break;
      case 2: // a length or a count
        if (at + 4 <= result.length) result.writeUInt32BE(EDGES[below(EDGES.length)] >>> 0, at);
        break;
      case 3: // cut off
        result = result.subarray(0, Math.max(8, at));
        break;
      case 4: // a piece twice
        result = Buffer.concat([
          result.subarray(0, at + length),
          result.subarray(at, at + length),
          result.subarray(at + length),
        ]);
        break;
      default: // a piece is missing
        result = Buffer.concat([result.subarray(0, at), result.subarray(at + length)]);
    }
  }
  return result;
}

/** A process that tries files, one after the other. @param {string} folder */
function startTrier(folder) {
  const child = fork(path.join(import.meta.dirname, 'fuzz-sources-trier.mjs'), [folder], {
    env: { ...process.env, ...asanEnvironment() },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.on('data', (chunk) => (said = (said + chunk).slice(-20_000)));
  return { child, said: () => said };
}

/**
 * A report of ASan whose stack never comes through our addon is one of the libraries below. Every other end of the trier is
 * ours: also one that could not even begin.
 * @param {string} report
 */
function isOurs(report) {
  return !report.includes('ERROR: AddressSanitizer') || report.includes('streamgear.node');
}

/**
 * @param {{ seed: number, cases: number, minutes: number | undefined }} options
 * @returns {Promise<number>} exit code
 */
export async function fuzzSources({ seed, cases, minutes }) {
  const failure = buildAsanAddon();
  if (failure !== 0) return failure;
  const folder = mkdtempSync(path.join(tmpdir(), 'streamgear-fuzz-'));
  const files = [...makeSeeds(folder)];
  const end = minutes === undefined ? Infinity : Date.now() + minutes * 60_000;
  const outcomes = new Map();
  let [ours, below, done] = [0, 0, 0];
  let trier = startTrier(folder);
  try {
    for (; done < cases && Date.now() < end; done += 1) {
      const random = randomOf(seed + done * 7919);
      const [name, bytes] = files[Math.floor(random() * files.length)];
      const file = path.join(folder, `case-${name}`);
      writeFileSync(file, mutated(bytes, random));
      const answer = await tryFile(trier, file);
      for (const outcome of answer.outcomes) {
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      if (answer.problem === undefined) continue;
      const mine = isOurs(answer.report);
      if (mine) ours += 1;
      else below += 1;
      mkdirSync(FOUND, { recursive: true });
      const kept = path.join(FOUND, `${seed}-${done}-${name}`);
      copyFileSync(file, kept);
      console.log(
        `${mine ? 'FOUND' : 'below us'}: ${answer.problem} with ${kept}\n${answer.report}`,
      );
      trier.child.kill('SIGKILL');
      trier = startTrier(folder);
    }
  } finally {
    trier.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
  const counts = [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1));
  console.log(counts.map(([outcome, count]) => `${outcome}: ${count}`).join(', '));
  console.log(`${done} sources, ${ours} findings, ${below} in the libraries below`);
  // A run in which nothing could be opened has tried nothing.
  const tried = [...outcomes.keys()].some((outcome) => outcome.endsWith(' ok'));
  if (!tried) console.log('no source could be opened: the trier does not work');
  return ours > 0 || !tried ? 1 : 0;
}

/**
 * @param {ReturnType<typeof startTrier>} trier
 * @param {string} file
 * @returns {Promise<{ outcomes: string[], problem?: string, report: string }>}
 */
async function tryFile({ child, said }, file) {
  const timer = new AbortController();
  child.send(file);
  const { signal } = timer;
  const ended = (/** @type {string} */ problem) => ({ outcomes: [], problem, report: said() });
  const answer = await Promise.race([
    once(child, 'message', { signal }).then(([outcomes]) => ({ outcomes, report: '' })),
    once(child, 'close', { signal }).then(([code, name]) => ended(`exit ${name ?? code}`)),
    new Promise((resolve) => {
      const timeout = setTimeout(() => resolve({ ...ended('a hang'), report: '' }), HANG_MS);
      signal.addEventListener('abort', () => clearTimeout(timeout));
    }),
  ]);
  timer.abort();
  const untyped = answer.outcomes.find((/** @type {string} */ text) => text.startsWith('untyped'));
  return untyped === undefined ? answer : { ...answer, problem: untyped, report: '' };
}
