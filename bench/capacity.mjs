// Capacity: how cost grows with renditions, streams, sizes and hours, as data.
import { BASE } from './cases.mjs';
import { ladder } from './rungs.mjs';

/** @import { Case } from './cases.mjs' */

const HEIGHTS = [1080, 720, 540, 450, 360, 270, 180, 90];
const LIVE_FRAMES = 36_000;

/** @type {Omit<Case, 'id' | 'title'>} */
const SWEEP = {
  ...BASE,
  frames: 72,
  rounds: 2,
  quality: false,
  contenders: ['streamgear', 'limit'],
};

/** @type {readonly Case[]} */
export const CAPACITY = [
  ...HEIGHTS.map((_, i) => ({
    ...SWEEP,
    id: `renditions-${i + 1}`,
    title: `1080p24 BGR, ${i + 1} of 8 renditions, veryfast`,
    renditions: ladder(HEIGHTS.slice(0, i + 1)),
  })),
  ...[1, 2, 4, 8, 16].map((streams) => ({
    ...SWEEP,
    id: `streams-${streams}`,
    title: `${streams} at once: 360p24 BGR, 2 renditions, veryfast`,
    width: 640,
    height: 360,
    streams,
    renditions: ladder([360, 180]),
  })),
  ...[360, 540, 720, 1080, 1440, 2160].map((height) => ({
    ...SWEEP,
    id: `size-${height}`,
    title: `${height}p24 BGR, 1 rendition, veryfast`,
    width: ladder([height])[0].width,
    height,
    renditions: ladder([height]),
    frames: height > 1080 ? 48 : 72,
  })),
  ...[/** @type {const} */ ('ultrafast'), /** @type {const} */ ('veryfast')].map((preset) => ({
    ...SWEEP,
    id: `core-${preset}`,
    title: `1080p30 BGR ladder of 4, ${preset}`,
    fps: 30,
    frames: 120,
    preset,
  })),
  {
    ...SWEEP,
    id: 'hours',
    title: 'an hour of live at 10 fps as fast as it goes: 320x180 BGR, 2 renditions, ultrafast',
    width: 320,
    height: 180,
    fps: 10,
    frames: LIVE_FRAMES,
    live: true,
    preset: 'ultrafast',
    renditions: ladder([180, 90]),
    rounds: 1,
    contenders: ['streamgear'],
  },
];
