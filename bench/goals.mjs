// Goals: what the library has set itself, each with how it is read from a result.
import { median, ratio } from './statistics.mjs';

/** @import { CaseResult, RenditionResult, Result } from './result.d.ts' */
/** @import { Figures } from './run.mjs' */

/** @typedef {(figures: Figures) => number} Read */

/**
 * A figure of one contender in one case, by round.
 *
 * @param {CaseResult | undefined} found
 * @param {string} contender
 * @param {Read} read
 * @returns {Map<number, number>}
 */
export function byRound(found, contender, read) {
  const runs = found?.results[contender] ?? [];
  return new Map(runs.flatMap((run) => ('failed' in run ? [] : [[run.round, read(run)]])));
}

/** @param {Result} result @param {string} id */
const caseOf = ({ cases }, id) => cases.find((each) => each.case.id === id);

/**
 * Ours divided by theirs.
 *
 * @param {string} id
 * @param {string} other
 * @param {Read} read
 */
const against = (id, other, read) => (/** @type {Result} */ result) => {
  const found = caseOf(result, id);
  return ratio(byRound(found, 'streamgear', read), byRound(found, other, read));
};

/** The worst of our medians over all cases. @param {Read} read */
const worst =
  (read) =>
  (/** @type {Result} */ { cases }) =>
    Math.max(...cases.map((found) => median([...byRound(found, 'streamgear', read).values()])));

/**
 * Ours against subprocess in the ladder, by rendition; empty when it was not measured.
 *
 * @param {Result} result
 * @param {(ours: RenditionResult, theirs: RenditionResult) => number} gap
 */
function gaps(result, gap) {
  const { streamgear = [], subprocess = [] } = caseOf(result, 'ladder')?.renditions ?? {};
  return streamgear.slice(0, subprocess.length).map((each, i) => gap(each, subprocess[i]));
}

const least = (/** @type {number[]} */ values) =>
  values.length === 0 ? Number.NaN : Math.min(...values);
const farthest = (/** @type {number[]} */ values) =>
  values.reduce(
    (most, each) => (Math.abs(each) > Math.abs(most) ? each : most),
    values[0] ?? Number.NaN,
  );

const times = (/** @type {number} */ value) => `${value.toFixed(2)}x`;
const ms = (/** @type {number} */ value) => `${value.toFixed(2)} ms`;
const micros = (/** @type {number} */ value) => `${(value * 1000).toFixed(0)} µs`;

/** @type {Read} */
export const memoryOf = (run) => run.memory ?? Number.NaN;
/** @type {Read} */
const fps = (run) => run.fps;
/** @type {Read} */
const cpu = (run) => run.cpuPerFrame;

/**
 * @typedef {object} Goal
 * @property {string} title
 * @property {string} goal
 * @property {(result: Result) => number} read NaN when it was not measured.
 * @property {(value: number) => boolean} isMet
 * @property {(value: number) => string} text
 */

/** @type {readonly Goal[]} */
export const GOALS = [
  {
    title: 'throughput against subprocess, 1080p ladder of 4',
    goal: '≥ 1.5x',
    read: against('ladder', 'subprocess', fps),
    isMet: (value) => value >= 1.5,
    text: times,
  },
  {
    title: 'throughput against subprocess, ultrafast, RGBA 1080p30, 3 renditions',
    goal: '≥ 2x',
    read: against('ultrafast', 'subprocess', fps),
    isMet: (value) => value >= 2,
    text: times,
  },
  {
    title: 'CPU-seconds per frame against subprocess, 1080p ladder',
    goal: '≤ 0.8x',
    read: against('ladder', 'subprocess', cpu),
    isMet: (value) => value <= 0.8,
    text: times,
  },
  ...['node-av', 'beamcoder'].map((other) => ({
    title: `throughput against ${other}, 1080p ladder`,
    goal: '≥ 1.4x',
    read: against('ladder', other, fps),
    isMet: (/** @type {number} */ value) => value >= 1.4,
    text: times,
  })),
  {
    title: 'CPU-seconds against limit (the encoders alone), 1080p ladder',
    goal: '≤ 1.06x',
    read: against('ladder', 'limit', cpu),
    isMet: (value) => value <= 1.06,
    text: times,
  },
  {
    title: 'wall time against limit, 1080p ladder',
    goal: '≤ 1.10x',
    read: against('ladder', 'limit', (run) => run.seconds),
    isMet: (value) => value <= 1.1,
    text: times,
  },
  {
    title: 'peak memory of the process tree against subprocess (Node and ffmpeg), 1080p ladder',
    goal: '≤ 0.7x',
    read: against('ladder', 'subprocess', memoryOf),
    isMet: (value) => value <= 0.7,
    text: times,
  },
  {
    title: 'event-loop delay p99, live',
    goal: '< 2 ms',
    read: (result) =>
      median([
        ...byRound(
          caseOf(result, 'live'),
          'streamgear',
          (run) => run.loopDelay?.p99 ?? Number.NaN,
        ).values(),
      ]),
    isMet: (value) => value < 2,
    text: ms,
  },
  {
    title: 'event-loop delay p99, the worst of all cases',
    goal: '< 2 ms',
    read: worst((run) => run.loopDelay?.p99 ?? Number.NaN),
    isMet: (value) => value < 2,
    text: ms,
  },
  {
    title:
      'cost of `stream()` on the JavaScript thread, p50, the worst of all cases and frame sizes',
    goal: '< 50 µs',
    read: worst((run) => run.call?.p50 ?? Number.NaN),
    isMet: (value) => value < 0.05,
    text: micros,
  },
  {
    title: 'PSNR against subprocess, the worst rendition of the 1080p ladder',
    goal: '≥ -0.05 dB',
    read: (result) =>
      least(
        gaps(result, (ours, theirs) => (ours.psnr ?? Number.NaN) - (theirs.psnr ?? Number.NaN)),
      ),
    isMet: (value) => value >= -0.05,
    text: (value) => `${value >= 0 ? '+' : ''}${value.toFixed(2)} dB`,
  },
  {
    title: 'bitrate against subprocess, the rendition that differs most',
    goal: 'within 3 %',
    read: (result) => farthest(gaps(result, (ours, theirs) => ours.bitrate / theirs.bitrate - 1)),
    isMet: (value) => Math.abs(value) <= 0.03,
    text: (value) => `${value >= 0 ? '+' : ''}${(value * 100).toFixed(1)} %`,
  },
];
