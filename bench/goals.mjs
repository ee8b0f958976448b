// Goals: what the library has set itself, each with how it is read from a result.
import { median, ratio } from './statistics.mjs';

/** Figures of one contender in one case, round by round. */
const rounds = (result, id, contender, figure) =>
  (result.cases.find((each) => each.case.id === id)?.results[contender] ?? [])
    .filter((each) => !('failed' in each))
    .map(figure);

const against = (result, id, other, figure) => {
  const ours = rounds(result, id, 'streamgear', figure);
  const theirs = rounds(result, id, other, figure);
  return ours.length === 0 || theirs.length === 0 ? undefined : ratio(ours, theirs);
};

const own = (result, id, figure) => {
  const values = rounds(result, id, 'streamgear', figure);
  return values.length === 0 ? undefined : median(values);
};

const times = (value) => `${value.toFixed(2)}x`;
const ms = (value) => `${value.toFixed(2)} ms`;

/** PSNR of ours minus theirs at the worst rendition, dB. */
function qualityGap(result, id, other) {
  const found = result.cases.find((each) => each.case.id === id)?.quality ?? {};
  const ours = found.streamgear;
  const theirs = found[other];
  if (ours === undefined || theirs === undefined) return undefined;
  return Math.min(...ours.map(({ psnr }, i) => psnr - theirs[i].psnr));
}

export const GOALS = [
  { title: 'throughput, 1080p ladder of 4, against subprocess', goal: '≥ 1.5x', read: (r) => against(r, 'ladder', 'subprocess', (x) => x.fps), met: (v) => v >= 1.5, text: times },
  { title: 'throughput, ultrafast, RGBA 1080p30, 3 renditions, against subprocess', goal: '≥ 2x', read: (r) => against(r, 'ultrafast', 'subprocess', (x) => x.fps), met: (v) => v >= 2, text: times },
  { title: 'CPU-seconds per frame against subprocess', goal: '≤ 0.8x', read: (r) => against(r, 'ladder', 'subprocess', (x) => x.cpuPerFrame), met: (v) => v <= 0.8, text: times },
  { title: 'throughput against node-av', goal: '≥ 1.4x', read: (r) => against(r, 'ladder', 'node-av', (x) => x.fps), met: (v) => v >= 1.4, text: times },
  { title: 'throughput against beamcoder', goal: '≥ 1.4x', read: (r) => against(r, 'ladder', 'beamcoder', (x) => x.fps), met: (v) => v >= 1.4, text: times },
  { title: 'CPU-seconds against limit (encoders alone)', goal: '≤ 1.06x', read: (r) => against(r, 'ladder', 'limit', (x) => x.cpuPerFrame), met: (v) => v <= 1.06, text: times },
  { title: 'wall time against limit', goal: '≤ 1.10x', read: (r) => against(r, 'ladder', 'limit', (x) => x.seconds), met: (v) => v <= 1.1, text: times },
  { title: 'peak memory that encoding adds to the process tree, against subprocess', goal: '≤ 0.7x', read: (r) => against(r, 'ladder', 'subprocess', (x) => x.memoryAdded), met: (v) => v <= 0.7, text: times },
  { title: 'event-loop delay p99, live', goal: '< 2 ms', read: (r) => own(r, 'live', (x) => x.loopDelay.p99), met: (v) => v < 2, text: ms },
  { title: 'cost of write() on the JS thread, p50', goal: '< 0.05 ms', read: (r) => own(r, 'ladder', (x) => x.call.p50), met: (v) => v < 0.05, text: (v) => `${v.toFixed(3)} ms` },
  { title: 'PSNR below subprocess at the worst rendition', goal: '≤ 0.05 dB', read: (r) => qualityGap(r, 'ladder', 'subprocess'), met: (v) => v >= -0.05, text: (v) => `${v >= 0 ? '+' : ''}${v.toFixed(2)} dB` },
];
