// Worker: one contender on one case, in a process of its own. Prints one line of JSON.
import { mkdirSync, readdirSync, statSync, watch } from 'node:fs';
import path from 'node:path';
import { performance, monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

import { loadFrames, pictureAt } from './frames.mjs';
import { cpuOf, memoryOf } from './processes.mjs';

const ENCODER = { crf: 20, tune: 'zerolatency' };
const MEMORY_EVERY_MS = 20;
/** The first frames of a process also pay for loading and warming up. */
const LOOP_RESOLUTION_MS = 1;

/** @param {readonly number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Times at which media segments of the first rendition became files. @param {string} folder */
function watchSegments(folder) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  const watcher = watch(folder, (_event, name) => {
    if (name === null || !/^chunk-stream-?0-\d+\.(m4s|ts)$/.test(name)) return;
    // The last change of a name is when it was complete: a rename, or the last write.
    seen.set(name, performance.now());
  });
  return { seen, close: () => watcher.close() };
}

/** @param {string} folder */
function bytesIn(folder) {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
}

/**
 * @param {import('./cases.mjs').Case} item
 * @param {import('./contenders/contender.d.ts').Contender} contender
 * @param {readonly Buffer[]} pictures
 */
async function feed(item, contender, pictures) {
  const pushedAt = [];
  const calls = [];
  const begin = performance.now();
  let late = 0;
  for (let index = 0; index < item.frames; index++) {
    if (item.paced) {
      const wait = begin + (index * 1000) / item.fps - performance.now();
      if (wait > 0) await sleep(wait);
      else late = Math.max(late, -wait);
    }
    const picture = /** @type {Buffer} */ (pictures[pictureAt(index, pictures.length)]);
    const before = performance.now();
    pushedAt.push(before);
    const pushed = contender.push(picture);
    calls.push(performance.now() - before);
    await pushed;
  }
  return { pushedAt, calls, late };
}

/** @param {import('./cases.mjs').Case} item @param {string} name @param {string} folder */
async function run(item, name, folder) {
  const { open } = await import(`./contenders/${name}.mjs`);
  const pictures = loadFrames(item);
  const folders = Array.from({ length: item.streams }, (_, i) => path.join(folder, String(i)));
  for (const each of folders) mkdirSync(each, { recursive: true });
  await sleep(200);
  const idleMemory = memoryOf(process.pid);
  let peakMemory = idleMemory;
  const sampler = setInterval(() => {
    peakMemory = Math.max(peakMemory, memoryOf(process.pid));
  }, MEMORY_EVERY_MS);
  const watcher = watchSegments(/** @type {string} */ (folders[0]));
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  const cpuBefore = cpuOf(process.pid);
  const begin = performance.now();
  loop.enable();
  const extension = item.format === 'dash' ? 'mpd' : 'm3u8';
  const contenders = await Promise.all(
    folders.map((each) =>
      open({ item, encoder: ENCODER, output: path.join(each, `manifest.${extension}`) }),
    ),
  );
  const fed = await Promise.all(contenders.map((each) => feed(item, each, pictures)));
  const closeBegin = performance.now();
  const ends = await Promise.all(contenders.map((each) => each.close()));
  const end = performance.now();
  loop.disable();
  clearInterval(sampler);
  await sleep(50); // the last notifications of files
  watcher.close();
  const [first] = fed;
  const perSegment = item.fps * item.segmentSeconds;
  const segmentLatency = [...watcher.seen.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, at], k) => {
      // A segment is complete for everybody when the frame after its last one has come.
      const pushed = first?.pushedAt[(k + 1) * perSegment];
      return pushed === undefined ? [] : [at - pushed];
    });
  const seconds = (end - begin) / 1000;
  const frames = item.frames * item.streams;
  const cpu = cpuOf(process.pid) - cpuBefore;
  const calls = fed.flatMap((each) => each.calls);
  const toMs = (/** @type {number} */ ns) => ns / 1e6 - LOOP_RESOLUTION_MS;
  return {
    seconds,
    fps: frames / seconds,
    cpuSeconds: cpu,
    cpuPerFrame: cpu / frames,
    memory: peakMemory,
    memoryAdded: peakMemory - idleMemory,
    loopDelay: {
      p50: toMs(loop.percentile(50)),
      p99: toMs(loop.percentile(99)),
      max: toMs(loop.max),
    },
    call: { p50: quantile(calls, 0.5), p99: quantile(calls, 0.99) },
    firstSegment: (Math.min(...watcher.seen.values()) - begin) / 1000,
    closeSeconds: (end - closeBegin) / 1000,
    lateMs: Math.max(...fed.map(({ late }) => late)),
    segmentLatency:
      segmentLatency.length === 0
        ? null
        : { p50: quantile(segmentLatency, 0.5), p99: quantile(segmentLatency, 0.99) },
    packetLatency: ends[0]?.packetLatency ?? null,
    bytes: folders.reduce((sum, each) => sum + bytesIn(each), 0) / folders.length,
  };
}

const [json, name, folder] = process.argv.slice(2);
if (json === undefined || name === undefined || folder === undefined) {
  throw new Error('usage: worker.mjs CASE-AS-JSON CONTENDER FOLDER');
}
const result = await run(JSON.parse(json), name, folder);
process.stdout.write(`${JSON.stringify(result)}\n`);
// Libraries that keep the event loop alive after their close() would keep the bench waiting.
process.exit(0);
