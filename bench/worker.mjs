// Worker: one contender on one case, in a process of its own. Prints one line of JSON.
//
//   node worker.mjs CASE-AS-JSON CONTENDER FOLDER
import { mkdirSync, readdirSync, statSync, watch } from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import { loadFrames, pictureAt } from './frames.mjs';
import { cpuOf } from './processes.mjs';
import { quantile } from './statistics.mjs';

/** @import { Case } from './cases.mjs' */
/** @import { Mark } from './run.mjs' */
/** @import { Contender, ContenderModule, Latency } from './contenders/contender.d.ts' */

/** Of the event loop's monitor, which counts it as delay; ms. */
const LOOP_RESOLUTION = 10;
/** For the process to come to rest before, and for the last notifications of files behind; ms. */
const REST = 200;
/** Parts of a live run, to see whether it grows. */
const MARKS = 4;

/**
 * Times at which media segments of the first rendition became files.
 *
 * @param {string} folder
 */
function watchSegments(folder) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  const watcher = watch(folder, (_event, name) => {
    if (name === null || !/^chunk-stream0?-\d+\.m4s$/.test(name)) return;
    // The last change of a name is when it was complete: a rename, or the last write.
    seen.set(name, performance.now());
  });
  const times = () => [...seen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, time]) => time);
  return { times, close: () => watcher.close() };
}

/** @param {string} folder */
function bytesIn(folder) {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
}

/**
 * What the process has used when a frame comes.
 *
 * @param {number} frame
 * @returns {Mark}
 */
function markAt(frame) {
  return { frame, memory: process.memoryUsage.rss(), cpuSeconds: cpuOf(process.pid) };
}

/**
 * @param {Case} item
 * @param {Contender} contender
 * @param {readonly Buffer[]} pictures
 */
async function feed(item, contender, pictures) {
  /** @type {number[]} */
  const pushedAt = [];
  /** @type {number[]} */
  const calls = [];
  /** @type {Mark[]} */
  const marks = [];
  const begin = performance.now();
  let late = 0;
  for (let index = 0; index < item.frames; index++) {
    if (item.paced) {
      const wait = begin + (index * 1000) / item.fps - performance.now();
      if (wait > 0) await sleep(wait);
      else late = Math.max(late, -wait);
    }
    if (index % Math.ceil(item.frames / MARKS) === 0) marks.push(markAt(index));
    const picture = pictures[pictureAt(index, pictures.length)];
    const before = performance.now();
    pushedAt.push(before);
    const pushed = contender.push(picture);
    calls.push(performance.now() - before);
    await pushed;
  }
  marks.push(markAt(item.frames));
  return { pushedAt, calls, late, marks };
}

/**
 * From the last frame of a segment to its file, ms.
 *
 * @param {Case} item
 * @param {readonly number[]} pushedAt
 * @param {readonly number[]} segments
 */
function segmentLatencies({ fps, segmentSeconds }, pushedAt, segments) {
  const frames = fps * segmentSeconds;
  return segments.flatMap((at, k) => {
    // Nobody knows that a segment is complete before the frame behind its last one has come.
    const pushed = pushedAt[(k + 1) * frames];
    return pushed === undefined ? [] : [at - pushed];
  });
}

/**
 * @param {readonly number[]} values
 * @returns {Latency}
 */
const percentiles = (values) => ({ p50: quantile(values, 0.5), p99: quantile(values, 0.99) });

/** @param {ReturnType<typeof monitorEventLoopDelay>} loop */
function loopDelay(loop) {
  const toMs = (/** @type {number} */ ns) => Math.max(0, ns / 1e6 - LOOP_RESOLUTION);
  return {
    p50: toMs(loop.percentile(50)),
    p99: toMs(loop.percentile(99)),
    max: toMs(loop.max),
  };
}

/**
 * Opens all streams of a case, feeds them at once, closes them.
 *
 * @param {Case} item
 * @param {ContenderModule['open']} open
 * @param {readonly string[]} folders
 * @param {readonly Buffer[]} pictures
 */
async function encode(item, open, folders, pictures) {
  const cpuBefore = cpuOf(process.pid);
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION });
  const begin = performance.now();
  loop.enable();
  const manifest = `manifest.${item.format === 'dash' ? 'mpd' : 'm3u8'}`;
  const contenders = await Promise.all(
    folders.map((each) => open({ item, output: path.join(each, manifest) })),
  );
  const fed = await Promise.all(contenders.map((each) => feed(item, each, pictures)));
  const closeBegin = performance.now();
  const ends = await Promise.all(contenders.map((each) => each.close()));
  const end = performance.now();
  loop.disable();
  return {
    begin,
    fed,
    packetLatency: ends[0]?.packetLatency ?? null,
    seconds: (end - begin) / 1000,
    closeSeconds: (end - closeBegin) / 1000,
    cpuSeconds: cpuOf(process.pid) - cpuBefore,
    loopDelay: loopDelay(loop),
  };
}

/**
 * @param {Case} item
 * @param {string} name
 * @param {string} folder
 */
async function run(item, name, folder) {
  const loadBegin = performance.now();
  /** @type {ContenderModule} */
  const { open } = await import(`./contenders/${name}.mjs`);
  const loadSeconds = (performance.now() - loadBegin) / 1000;
  const pictures = loadFrames(item);
  const folders = Array.from({ length: item.streams }, (_, i) => path.join(folder, String(i)));
  for (const each of folders) mkdirSync(each, { recursive: true });
  const watcher = watchSegments(folders[0]);
  await sleep(REST);
  const { begin, fed, ...figures } = await encode(item, open, folders, pictures);
  await sleep(REST);
  watcher.close();
  const segments = watcher.times();
  const frames = item.frames * item.streams;
  const latencies = segmentLatencies(item, fed[0].pushedAt, segments);
  return {
    ...figures,
    fps: frames / figures.seconds,
    cpuPerFrame: figures.cpuSeconds / frames,
    call: percentiles(fed.flatMap(({ calls }) => calls)),
    firstCall: fed[0].calls[0],
    firstSegment: (segments[0] - begin) / 1000,
    lateMs: Math.max(...fed.map(({ late }) => late)),
    segmentLatency: latencies.length === 0 ? null : percentiles(latencies),
    loadSeconds,
    ...(item.live ? { marks: fed[0].marks } : {}),
    bytes: folders.reduce((sum, each) => sum + bytesIn(each), 0),
  };
}

const [json, name, folder] = process.argv.slice(2);
if (json === undefined || name === undefined || folder === undefined) {
  throw new Error('Expected CASE-AS-JSON CONTENDER FOLDER');
}
const result = await run(JSON.parse(json), name, folder);
// Libraries that keep the event loop alive after their close() would keep the bench waiting.
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
