// Capacity report: how cost grows, beside how the work grows.
import { byRound, memoryOf } from './goals.mjs';
import { median, ratio } from './statistics.mjs';
import { table } from './table.mjs';

/** @import { CaseResult, Result } from './result.d.ts' */

const SWEEPS = [
  { prefix: 'renditions-', title: 'Renditions, 1080p24 BGR, veryfast' },
  { prefix: 'streams-', title: 'Streams in one process, 360p24 BGR, 2 renditions, veryfast' },
  { prefix: 'size-', title: 'Sizes, 24 fps BGR, 1 rendition, veryfast' },
  { prefix: 'core-', title: 'Ladders of 1080p, 720p, 540p, 360p at 30 fps' },
];

/** Pixels that are encoded for one frame. @param {CaseResult} found */
const pixelsOf = ({ case: { renditions } }) =>
  renditions.reduce((sum, { width, height }) => sum + width * height, 0);

/** @param {CaseResult} found @param {string} contender @param {(run: any) => number} read */
const own = (found, contender, read) => median([...byRound(found, contender, read).values()]);

/** @param {readonly CaseResult[]} cases */
function sweepTable(cases) {
  const rows = cases.map((found) => {
    const { fps, streams, id } = found.case;
    const cpu = own(found, 'streamgear', (run) => run.cpuPerFrame);
    const against = ratio(
      byRound(found, 'streamgear', (run) => run.cpuPerFrame),
      byRound(found, 'limit', (run) => run.cpuPerFrame),
    );
    return [
      id,
      own(found, 'streamgear', (run) => run.fps).toFixed(1),
      (cpu * 1000).toFixed(2),
      ((cpu * 1e9) / pixelsOf(found)).toFixed(2),
      `${against.toFixed(2)}x`,
      (1 / (cpu * fps)).toFixed(2),
      (own(found, 'streamgear', memoryOf) / 1e6 / streams).toFixed(0),
      own(found, 'streamgear', (run) => run.loopDelay?.p99 ?? Number.NaN).toFixed(2),
    ];
  });
  const header = ['case', 'fps', 'CPU ms per frame', 'CPU ns per encoded pixel'];
  const more = [
    'CPU against limit',
    'live streams per core',
    'MB per stream',
    'event loop p99, ms',
  ];
  return table([...header, ...more], rows);
}

/** @param {CaseResult} found */
function hoursTable(found) {
  const [run] = found.results.streamgear ?? [];
  if (run === undefined || 'failed' in run) return 'It failed.';
  const { fps, frames, segmentSeconds } = found.case;
  const marks = run.marks ?? [];
  const rows = marks.slice(1).map((mark, i) => {
    const segments = (mark.frame - marks[i].frame) / (fps * segmentSeconds);
    return [
      `${(marks[i].frame / fps / 60).toFixed(0)} to ${(mark.frame / fps / 60).toFixed(0)}`,
      (((mark.cpuSeconds - marks[i].cpuSeconds) * 1000) / segments).toFixed(2),
      (mark.memory / 1e6).toFixed(1),
    ];
  });
  const text =
    `${frames / (fps * segmentSeconds)} segments in ${run.seconds.toFixed(0)} s. Memory is that of the process at the end of each part, ` +
    'the pictures of the benchmark included.';
  return [text, table(['minutes', 'CPU ms per segment', 'memory, MB'], rows)].join('\n\n');
}

/** @param {Result} result */
export function capacityParts({ cases }) {
  const hours = cases.find(({ case: { id } }) => id === 'hours');
  return [
    'CPU per encoded pixel tells whether cost grows faster than the work; the column beside it, how much of that is not the encoders’ own. ' +
      '“Live streams per core” is what a core carries in real time at that rate, with nothing left.',
    ...SWEEPS.flatMap(({ prefix, title }) => {
      const found = cases.filter(({ case: { id } }) => id.startsWith(prefix));
      return found.length === 0 ? [] : [`## ${title}`, sweepTable(found)];
    }),
    ...(hours === undefined ? [] : [`## ${hours.case.title}`, hoursTable(hours)]),
  ];
}
