// Cases: what is measured, as data. Rates are bit/s, times are seconds.

/**
 * @typedef {object} Rendition
 * @property {number} width
 * @property {number} height
 * @property {number} bitrate The cap of the constant quality.
 */
/**
 * @typedef {object} Case
 * @property {string} id
 * @property {string} title
 * @property {number} width
 * @property {number} height
 * @property {'bgr24' | 'rgba' | 'nv12' | 'yuv420p'} pixelFormat
 * @property {number} fps
 * @property {number} frames Per stream.
 * @property {'dash' | 'hls'} format
 * @property {readonly Rendition[]} renditions
 * @property {'ultrafast' | 'veryfast'} preset
 * @property {number} segmentSeconds
 * @property {number} streams At once, in one process.
 * @property {boolean} paced One frame every 1/fps seconds, as a camera does.
 */

const RUNGS = /** @type {const} */ ({
  2160: { width: 3840, height: 2160, bitrate: 16_000_000 },
  1440: { width: 2560, height: 1440, bitrate: 10_000_000 },
  1080: { width: 1920, height: 1080, bitrate: 5_000_000 },
  720: { width: 1280, height: 720, bitrate: 2_800_000 },
  540: { width: 960, height: 540, bitrate: 1_600_000 },
  360: { width: 640, height: 360, bitrate: 800_000 },
  270: { width: 480, height: 270, bitrate: 450_000 },
  180: { width: 320, height: 180, bitrate: 250_000 },
});

/** @param {...keyof typeof RUNGS} heights */
const ladder = (...heights) => heights.map((height) => RUNGS[height]);

const BASE = /** @type {const} */ ({
  width: 1920,
  height: 1080,
  pixelFormat: 'bgr24',
  fps: 24,
  frames: 240,
  format: 'dash',
  preset: 'veryfast',
  segmentSeconds: 2,
  streams: 1,
  paced: false,
  renditions: ladder(1080, 720, 540, 360),
});

/** @type {readonly Case[]} */
export const CASES = [
  { ...BASE, id: 'ladder', title: '1080p24 BGR, 4 renditions, veryfast' },
  {
    ...BASE,
    id: 'ultrafast',
    title: '1080p30 RGBA, 3 renditions, ultrafast',
    pixelFormat: 'rgba',
    fps: 30,
    frames: 300,
    preset: 'ultrafast',
    renditions: ladder(1080, 720, 360),
  },
  { ...BASE, id: 'one', title: '1080p24 BGR, 1 rendition', renditions: ladder(1080) },
  { ...BASE, id: 'three', title: '1080p24 BGR, 3 renditions', renditions: ladder(1080, 720, 360) },
  {
    ...BASE,
    id: 'six',
    title: '1080p24 BGR, 6 renditions',
    renditions: ladder(1080, 720, 540, 360, 270, 180),
    frames: 192,
  },
  { ...BASE, id: 'hls', title: '1080p24 BGR, 4 renditions, HLS', format: 'hls' },
  { ...BASE, id: 'nv12', title: '1080p24 NV12, 4 renditions', pixelFormat: 'nv12' },
  { ...BASE, id: 'i420', title: '1080p24 I420, 4 renditions', pixelFormat: 'yuv420p' },
  { ...BASE, id: 'rgba', title: '1080p24 RGBA, 4 renditions', pixelFormat: 'rgba' },
  {
    ...BASE,
    id: '720p60',
    title: '720p60 RGBA, 3 renditions, veryfast',
    width: 1280,
    height: 720,
    pixelFormat: 'rgba',
    fps: 60,
    frames: 480,
    renditions: ladder(720, 540, 360),
  },
  {
    ...BASE,
    id: '2160p',
    title: '2160p24 BGR, 4 renditions, ultrafast',
    width: 3840,
    height: 2160,
    frames: 72,
    preset: 'ultrafast',
    renditions: ladder(2160, 1440, 1080, 720),
  },
  {
    ...BASE,
    id: 'live',
    title: '720p30 RGBA paced in real time, 3 renditions, veryfast',
    width: 1280,
    height: 720,
    pixelFormat: 'rgba',
    fps: 30,
    frames: 240,
    paced: true,
    renditions: ladder(720, 540, 360),
  },
  {
    ...BASE,
    id: 'streams-4',
    title: '4 streams at once of 720p24 BGR, 3 renditions, ultrafast',
    width: 1280,
    height: 720,
    frames: 96,
    preset: 'ultrafast',
    streams: 4,
    renditions: ladder(720, 540, 360),
  },
  {
    ...BASE,
    id: 'streams-8',
    title: '8 streams at once of 720p24 BGR, 3 renditions, ultrafast',
    width: 1280,
    height: 720,
    frames: 48,
    preset: 'ultrafast',
    streams: 8,
    renditions: ladder(720, 540, 360),
  },
];

/** Everything at a size that only shows that it runs. */
export const QUICK = CASES.filter(({ id }) => ['ladder', 'ultrafast', 'live', 'streams-4'].includes(id)).map(
  (item) => ({
    ...item,
    width: 320,
    height: 180,
    frames: 48,
    renditions: ladder(180).concat({ width: 160, height: 90, bitrate: 100_000 }),
  }),
);
