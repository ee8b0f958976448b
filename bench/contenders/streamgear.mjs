// Ours: frames go straight into libavcodec, in this process.
import { readFileSync } from 'node:fs';

import { StreamGear, versions } from '../../dist/index.js';
import { gopOf } from '../settings.mjs';

/** @import { Case } from '../cases.mjs' */
/** @import { StreamParams } from '../../dist/index.js' */
/** @import { Open } from './contender.d.ts' */

/** Loads the addon now, as the others do when they are imported. */
const { libavcodec } = versions();

/** As the tags say: BT.601 up to 576 lines. */
export const matrix = (/** @type {Case} */ { height }) => (height > 576 ? 'bt709' : 'bt601');

export const note =
  'its StreamGear class, with the attributes that make the same encoder settings (x264’s own rate tolerance too, where its default is stricter); threads are its own choice.';

export const version = () => {
  const manifest = new URL('../../package.json', import.meta.url);
  const own = JSON.parse(readFileSync(manifest, 'utf8')).version;
  return `${own}, libavcodec ${libavcodec}`;
};

const resolution = (/** @type {{ width: number, height: number }} */ { width, height }) =>
  `${width}x${height}`;

/**
 * @param {Case} item
 * @returns {StreamParams}
 */
function attributes(item) {
  const [first, ...others] = item.renditions;
  return {
    '-input_framerate': item.fps,
    '-preset': item.preset,
    '-tune': 'zerolatency',
    '-profile:v': 'high',
    // By bitrate: x264's own tolerance, as all others have it; ours would keep the rate more strictly.
    ...(item.rate === 'crf' ? { '-crf': 20 } : { '-x264-params': 'ratetol=1' }),
    '-bf': 0,
    '-gop': gopOf(item),
    '-b:v:0': first?.bitrate,
    '-streams': others.map((each) => ({
      '-resolution': resolution(each),
      '-video_bitrate': `${each.bitrate / 1000}k`,
    })),
    ...(item.live ? { '-livestream': true } : {}),
    ...(item.format === 'dash'
      ? { '-seg_duration': item.segmentSeconds }
      : { '-hls_time': item.segmentSeconds, '-hls_segment_type': 'fmp4' }),
  };
}

/** @type {Open} */
export async function open({ item, output }) {
  /** @type {('dash' | 'hls')[]} */
  const formats = item.both ? ['dash', 'hls'] : [item.format];
  const gear = new StreamGear({ output, format: formats, streamParams: attributes(item) });
  const shape = { width: item.width, height: item.height, pixelFormat: item.pixelFormat };
  return {
    push: (data) => gear.stream({ ...shape, data }),
    close: async () => {
      const { renditions } = await gear.close();
      return { packetLatency: renditions[0]?.latency };
    },
  };
}
