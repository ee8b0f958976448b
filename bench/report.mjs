// Report: docs/benchmarks.md and its charts, from a result. Nothing in them is typed by hand.
//
//   node bench/report.mjs [bench/results/benchmarks.json]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { format } from 'prettier';

import { capacityParts } from './capacity-report.mjs';
import { barChart } from './chart.mjs';
import { GOALS, byRound, memoryOf } from './goals.mjs';
import { median, ratio } from './statistics.mjs';
import { medians, table, withSpread } from './table.mjs';

/** @import { CaseResult, Result } from './result.d.ts' */
/** @import { Figures } from './run.mjs' */

/** Settings of x264 that change no bit of the picture, or are where frames may be cut. */
const HARMLESS = new Set(['lookahead_threads', 'keyint', 'keyint_min', 'min-keyint']);

const QUALITY =
  'PSNR (luma) and SSIM (all planes) are against the frames that were pushed: of the picture scaled up to their size, as a viewer sees it, and ' +
  'in brackets at the rendition’s own size. The reference is converted with the matrix that the contender uses, rounding. ' +
  'VMAF is shown behind them where the ffmpeg that measures has libvmaf.';

/** @param {CaseResult} found @param {string} name @returns {Figures[]} */
export const runsOf = ({ results }, name) =>
  (results[name] ?? []).flatMap((run) => ('failed' in run ? [] : [run]));

/** @typedef {{ title: string, text: (runs: readonly Figures[]) => string }} Column */

/** @param {string} title @param {(run: Figures) => number | undefined} read @param {number} digits */
const column = (title, read, digits) => ({
  title,
  text: (/** @type {readonly Figures[]} */ runs) =>
    withSpread(
      runs.map((run) => read(run) ?? Number.NaN),
      digits,
    ),
});

/** @param {string} title @param {(run: Figures) => (number | undefined)[]} read @param {number} digits */
const columns = (title, read, digits) => ({
  title,
  text: (/** @type {readonly Figures[]} */ runs) => medians(runs.map(read), digits),
});

/** @type {readonly Column[]} */
const SPEED = [
  column('fps', (run) => run.fps, 1),
  column('CPU ms per frame', (run) => run.cpuPerFrame * 1000, 1),
  column('memory, MB', (run) => memoryOf(run) / 1e6, 0),
  column('load, s', (run) => run.loadSeconds, 2),
  column('first segment, s', (run) => run.firstSegment, 2),
  column('close, s', (run) => run.closeSeconds, 2),
  column('MB written', (run) => (run.bytes === undefined ? undefined : run.bytes / 1e6), 2),
];

const inMicros = (/** @type {number | undefined} */ value) =>
  value === undefined ? undefined : value * 1000;

/** @type {readonly Column[]} */
const DELAYS = [
  columns(
    'push on the JS thread, µs p50 / p99',
    ({ call }) => [inMicros(call?.p50), inMicros(call?.p99)],
    0,
  ),
  columns(
    'event loop, ms p50 / p99 / max',
    ({ loopDelay: loop }) => [loop?.p50, loop?.p99, loop?.max],
    2,
  ),
  columns('to packet, ms p50 / p99', ({ packetLatency: to }) => [to?.p50, to?.p99], 0),
  columns('to segment, ms p50 / p99', ({ segmentLatency: to }) => [to?.p50, to?.p99], 0),
  columns('latest frame, ms', ({ lateMs }) => [lateMs], 0),
];

/** @param {CaseResult} found */
function speedTable(found) {
  const names = Object.keys(found.results);
  const fps = (/** @type {Figures} */ run) => run.fps;
  const cpu = (/** @type {Figures} */ run) => run.cpuPerFrame;
  const ratioOf = (/** @type {string} */ name, /** @type {(run: Figures) => number} */ read) => {
    const value = ratio(byRound(found, 'streamgear', read), byRound(found, name, read));
    return name === 'streamgear' || !Number.isFinite(value) ? '' : `${value.toFixed(2)}x`;
  };
  const rows = names.map((name) => {
    const runs = runsOf(found, name);
    const cells = SPEED.map(({ text }) => (runs.length === 0 ? 'failed' : text(runs)));
    // Paced, all have the same speed.
    return [name, ...cells, found.case.paced ? '' : ratioOf(name, fps), ratioOf(name, cpu)];
  });
  return table(['', ...SPEED.map(({ title }) => title), 'ours: fps', 'ours: CPU'], rows);
}

/** @param {CaseResult} found */
function delayTable(found) {
  const names = Object.keys(found.results).filter((name) => name !== 'limit');
  const shown = found.case.paced ? DELAYS : DELAYS.slice(0, -1);
  const rows = names.map((name) => [name, ...shown.map(({ text }) => text(runsOf(found, name)))]);
  return table(['', ...shown.map(({ title }) => title)], rows);
}

/** @param {CaseResult} found */
function qualityTable({ case: item, renditions }) {
  const names = Object.keys(renditions);
  const rows = item.renditions.map(({ width, height }, i) => [
    `${width}x${height}`,
    ...names.map((name) => {
      const { bitrate, psnr, ssim, psnrAtSize, vmaf } = renditions[name]?.[i] ?? {};
      const rate = `${((bitrate ?? Number.NaN) / 1000).toFixed(0)}k`;
      if (psnr === undefined || ssim === undefined || psnrAtSize === undefined) return rate;
      const score = vmaf == null ? '' : `, ${vmaf.toFixed(1)}`;
      return `${rate}, ${psnr.toFixed(2)} (${psnrAtSize.toFixed(2)}) dB, ${ssim.toFixed(4)}${score}`;
    }),
  ]);
  return table(['bitrate, PSNR (at its size), SSIM', ...names], rows);
}

/**
 * Where x264 was told another thing than by ours, as it says itself.
 *
 * @param {CaseResult} found
 */
function settingsText({ renditions }) {
  const { streamgear: ours, ...others } = renditions;
  const own = ours?.[0]?.settings ?? {};
  if (Object.keys(own).length === 0) return [];
  const texts = Object.entries(others).map(([name, [first]]) => {
    const theirs = first?.settings ?? {};
    const keys = new Set(
      [...Object.keys(own), ...Object.keys(theirs)].filter((key) => !HARMLESS.has(key)),
    );
    const different = [...keys].filter((key) => own[key] !== theirs[key]);
    const list = different.map(
      (key) => `${key} ${theirs[key] ?? 'none'} (ours ${own[key] ?? 'none'})`,
    );
    return `${name}: ${list.length === 0 ? 'equal' : list.join(', ')}`;
  });
  return texts.length === 0
    ? []
    : [`x264’s own account of its settings, first rendition, against ours: ${texts.join('; ')}.`];
}

/** @param {CaseResult} found */
function chartOf(found) {
  const group = (
    /** @type {string} */ title,
    /** @type {(run: Figures) => number} */ read,
    digits = 1,
  ) => ({
    title,
    bars: Object.keys(found.results).flatMap((name) => {
      const runs = runsOf(found, name);
      if (runs.length === 0) return [];
      const value = median(runs.map(read));
      if (!Number.isFinite(value)) return [];
      const kinds = {
        streamgear: /** @type {const} */ ('ours'),
        limit: /** @type {const} */ ('limit'),
      };
      const kind = kinds[name] ?? /** @type {const} */ ('other');
      return [{ label: name, value, text: value.toFixed(digits), kind }];
    }),
  });
  return barChart(found.case.title, [
    ...(found.case.paced ? [] : [group('frames per second (more is better)', (run) => run.fps)]),
    group('CPU ms per frame (less is better)', (run) => run.cpuPerFrame * 1000),
    group('memory, MB (less is better)', (run) => memoryOf(run) / 1e6, 0),
  ]);
}

/** The table, and what there is to say of goals that were missed. @param {Result} result */
function goalsPart(result) {
  const rows = GOALS.map(({ title, goal, read, isMet, text }) => {
    const value = read(result);
    if (!Number.isFinite(value)) return [title, goal, 'not measured', ''];
    return [title, goal, text(value), isMet(value) ? 'met' : '**not met**'];
  });
  const rests = GOALS.flatMap(({ title, read, isMet, rest }) => {
    const value = read(result);
    const isMissed = Number.isFinite(value) && !isMet(value);
    return isMissed && rest !== undefined ? [`- **${title}**: ${rest}`] : [];
  });
  const parts = [table(['figure', 'goal', 'measured', ''], rows)];
  return rests.length === 0
    ? parts
    : [...parts, 'Where the rest goes, and what was tried:', ...rests];
}

/** @param {Result} result */
function introduction({ set, machine, contenders, missing, cases }) {
  const hasPart = (/** @type {{ name: string }} */ { name }) =>
    cases.some(({ case: item, results }) => item.contenders.includes(name) || name in results);
  const memory = (machine.memory / 2 ** 30).toFixed(0);
  const parts = [
    `<!-- Made by bench/report.mjs from bench/results/${set}.json: do not edit. -->`,
    `Measured on ${machine.date}: ${machine.cpu}, ${machine.cores} cores, ${memory} GiB, Linux ${machine.kernel}, ` +
      `Node ${machine.node}, ${machine.ffmpeg}; load before the first run ${machine.load.toFixed(1)}. ` +
      `Command: \`${machine.command}\`.`,
    'Every run is a fresh process; contenders take turns, and each round begins with another one. Figures are medians, ± half ' +
      'the range; ratios are made pair by pair of rounds, and their median is shown. The frames are real film (Big Buck Bunny), ' +
      'decoded before and held in memory. Memory is the peak of the proportional set size (PSS) of the whole process tree, without ' +
      'those frames. CPU is that of the process and its children.',
    'Encoder settings are the same for all, where nothing else is said: libx264, the preset of the case, tune zerolatency, profile ' +
      'high, no B-frames, crf 20 with 1.5 times the bitrate as maximum and two seconds of it as buffer.',
    ...(cases.some(({ case: { quality } }) => quality) ? [QUALITY] : []),
    ...contenders
      .filter(hasPart)
      .map(({ name, version, note }) => `- **${name}** (${version}): ${note}`),
    ...missing.filter(hasPart).map(({ name, reason }) => `- **${name}** is missing: ${reason}`),
  ];
  const failures = cases.flatMap(({ case: item, results }) =>
    Object.entries(results).flatMap(([name, runs]) =>
      runs.flatMap((run) => ('failed' in run ? [`- ${item.id}, ${name}: ${run.failed}`] : [])),
    ),
  );
  return failures.length === 0 ? parts : [...parts, '## Failures', ...failures];
}

/** @param {CaseResult} found */
function casePart(found) {
  const { case: item, refusals, renditions } = found;
  const absent = refusals.map(({ name, reason }) => `${name}: ${reason}`);
  return [
    `### ${item.id}: ${item.title}`,
    `${item.rounds} rounds of ${item.frames * item.streams} frames.` +
      (item.rate === 'abr' ? ' Encoders are told the bitrate instead of a constant quality.' : '') +
      (absent.length === 0 ? '' : ` Without ${absent.join('; ')}.`),
    `![${item.title}](benchmarks/${item.id}.svg)`,
    speedTable(found),
    delayTable(found),
    ...(Object.keys(renditions).length === 0 ? [] : [qualityTable(found), ...settingsText(found)]),
  ];
}

/**
 * @param {Result} result
 * @param {string} folder
 * @returns {Promise<string>} The document.
 */
export async function writeReport(result, folder) {
  const isCapacity = result.set === 'capacity';
  const charts = path.join(folder, 'benchmarks');
  mkdirSync(charts, { recursive: true });
  const parts = isCapacity
    ? ['# Capacity, measured', ...introduction(result), ...capacityParts(result)]
    : [
        '# Benchmarks',
        ...introduction(result),
        // They are for the sizes of the whole set.
        ...(result.set === 'quick' ? [] : ['## Goals', ...goalsPart(result)]),
        '## Cases',
        'The last two columns of a case’s first table are ours divided by theirs.',
        ...result.cases.flatMap(casePart),
      ];
  if (!isCapacity) {
    for (const found of result.cases) {
      writeFileSync(path.join(charts, `${found.case.id}.svg`), chartOf(found));
    }
  }
  const file = path.join(folder, isCapacity ? 'benchmarks/capacity.md' : 'benchmarks.md');
  writeFileSync(file, await format(`${parts.join('\n\n')}\n`, { parser: 'markdown' }));
  return file;
}

if (process.argv[1] === import.meta.filename) {
  const file = process.argv[2] ?? path.join(import.meta.dirname, 'results/benchmarks.json');
  await writeReport(
    JSON.parse(readFileSync(file, 'utf8')),
    path.join(import.meta.dirname, '../docs'),
  );
}
