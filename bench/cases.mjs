// Cases: what docs/benchmarks.md needs, as data. Durations are seconds, rates bit/s.
import { ladder } from './rungs.mjs';

/** @import { Rendition } from './rungs.mjs' */

/**
 * @typedef {object} Case
 * @property {string} id
 * @property {string} title
 * @property {number} width Of the frames that are pushed.
 * @property {number} height
 * @property {'bgr24' | 'rgba' | 'nv12' | 'yuv420p'} pixelFormat
 * @property {number} fps
 * @property {number} frames Per stream.
 * @property {'dash' | 'hls'} format
 * @property {boolean} both DASH and HLS of the same frames; `format` is that of the manifest that is looked at.
 * @property {readonly Rendition[]} renditions The first has the size of the frames.
 * @property {'ultrafast' | 'veryfast'} preset
 * @property {'crf' | 'abr'} rate Constant quality (crf 20) with the bitrate as its cap, or the bitrate.
 * @property {number} segmentSeconds
 * @property {number} streams At once, in one process.
 * @property {boolean} paced One frame every 1/fps seconds, as a camera does.
 * @property {boolean} live A sliding window: old segments are deleted.
 * @property {number} rounds
 * @property {readonly string[]} contenders
 * @property {boolean} quality Whether the pictures are compared with the source.
 */

const EVERY = /** @type {const} */ ([
  'streamgear',
  'subprocess',
  'node-av',
  'beamcoder',
  'mediabunny',
  'limit',
]);
export const CONTENDERS = /** @type {const} */ ([...EVERY, 'streamgear-twice']);
const IN_PROCESS = ['streamgear', 'subprocess', 'node-av', 'beamcoder'];
const WITH_LIMIT = ['streamgear', 'subprocess', 'limit'];

/** @type {Omit<Case, 'id' | 'title'>} */
export const BASE = {
  width: 1920,
  height: 1080,
  pixelFormat: 'bgr24',
  fps: 24,
  frames: 96,
  format: 'dash',
  both: false,
  renditions: ladder([1080, 720, 540, 360]),
  preset: 'veryfast',
  rate: 'crf',
  segmentSeconds: 2,
  streams: 1,
  paced: false,
  live: false,
  rounds: 3,
  contenders: ['streamgear', 'subprocess'],
  quality: true,
};

/** @type {Omit<Case, 'id' | 'title'>} */
const SMALL = {
  ...BASE,
  width: 1280,
  height: 720,
  pixelFormat: 'rgba',
  fps: 30,
  preset: 'ultrafast',
  renditions: ladder([720, 540, 360]),
};

/** @type {readonly Case[]} */
const SHAPES = [
  {
    ...BASE,
    id: 'ladder',
    title: '1080p24 BGR, 4 renditions, veryfast',
    frames: 192,
    rounds: 5,
    contenders: EVERY,
  },
  {
    ...BASE,
    id: 'ultrafast',
    title: '1080p30 RGBA, 3 renditions, ultrafast',
    pixelFormat: 'rgba',
    fps: 30,
    frames: 240,
    preset: 'ultrafast',
    renditions: ladder([1080, 720, 360]),
    rounds: 5,
    contenders: EVERY,
  },
  {
    ...SMALL,
    id: 'abr',
    title: '720p30 RGBA, 3 renditions, ultrafast, HLS, by bitrate',
    frames: 240,
    format: 'hls',
    rate: 'abr',
    contenders: EVERY,
  },
  {
    ...BASE,
    id: 'one',
    title: '1080p24 BGR, 1 rendition, veryfast',
    renditions: ladder([1080]),
    contenders: WITH_LIMIT,
  },
  {
    ...BASE,
    id: 'three',
    title: '1080p24 BGR, 3 renditions, veryfast',
    renditions: ladder([1080, 720, 360]),
    contenders: WITH_LIMIT,
  },
  {
    ...BASE,
    id: 'six',
    title: '1080p24 BGR, 6 renditions, veryfast',
    renditions: ladder([1080, 720, 540, 360, 270, 180]),
    contenders: WITH_LIMIT,
  },
  { ...BASE, id: 'hls', title: '1080p24 BGR, 4 renditions, veryfast, HLS', format: 'hls' },
  {
    ...BASE,
    id: 'both',
    title: '1080p24 BGR, 4 renditions, veryfast, DASH and HLS',
    both: true,
    contenders: ['streamgear', 'streamgear-twice', 'subprocess'],
  },
  { ...BASE, id: 'rgba', title: '1080p24 RGBA, 4 renditions, veryfast', pixelFormat: 'rgba' },
  { ...BASE, id: 'nv12', title: '1080p24 NV12, 4 renditions, veryfast', pixelFormat: 'nv12' },
  { ...BASE, id: 'i420', title: '1080p24 I420, 4 renditions, veryfast', pixelFormat: 'yuv420p' },
  {
    ...SMALL,
    id: '720p60',
    title: '720p60 RGBA, 3 renditions, veryfast',
    fps: 60,
    frames: 240,
    preset: 'veryfast',
    contenders: IN_PROCESS,
  },
  {
    ...BASE,
    id: '2160p',
    title: '2160p24 BGR, 4 renditions, ultrafast',
    width: 3840,
    height: 2160,
    frames: 48,
    segmentSeconds: 1,
    preset: 'ultrafast',
    renditions: ladder([2160, 1440, 1080, 720]),
    contenders: WITH_LIMIT,
    quality: false,
  },
];

/** @type {readonly Case[]} */
const TIMES = [
  {
    ...SMALL,
    id: 'live',
    title: '720p30 RGBA paced in real time, 3 renditions, veryfast, 1 s segments',
    preset: 'veryfast',
    frames: 300,
    segmentSeconds: 1,
    paced: true,
    contenders: IN_PROCESS,
    quality: false,
  },
  {
    ...SMALL,
    id: 'start',
    title: 'start-up and end: 720p30 RGBA, 3 renditions, ultrafast, two segments of 1 s',
    frames: 60,
    segmentSeconds: 1,
    rounds: 5,
    contenders: IN_PROCESS,
    quality: false,
  },
  ...[1, 4, 8].map((streams) => ({
    ...SMALL,
    id: `streams-${streams}`,
    title: `${streams} at once: 720p30 RGBA, 3 renditions, ultrafast`,
    // About as many frames in all.
    frames: { 1: 240, 4: 90, 8: 60 }[streams] ?? 0,
    segmentSeconds: 1,
    streams,
    contenders: IN_PROCESS,
    quality: false,
  })),
];

/** @type {readonly Case[]} */
export const CASES = [...SHAPES, ...TIMES];

/** Enough of them, at a size that only shows that everything runs. */
export const QUICK = CASES.filter(({ id }) =>
  ['ladder', 'ultrafast', 'abr', 'nv12', 'live', 'streams-4'].includes(id),
).map((item) => ({
  ...item,
  width: 320,
  height: 180,
  frames: 60,
  segmentSeconds: 1,
  rounds: 1,
  renditions: ladder([180, 90]),
}));
