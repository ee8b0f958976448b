// Ours: frames go straight into libavcodec, in this process.
import { AdaptiveStream, versions } from '../../dist/index.js';

/** As the tags say: BT.601 up to 576 lines. @param {import('../cases.mjs').Case} item */
export const matrix = ({ height }) => (height > 576 ? 'bt709' : 'bt601');

export const version = () => `libavcodec ${versions().libavcodec}`;

/** @type {import('./contender.d.ts').Open} */
export async function open({ item, output, encoder }) {
  const stream = await AdaptiveStream.open({
    input: {
      width: item.width,
      height: item.height,
      pixelFormat: item.pixelFormat,
      frameRate: item.fps,
    },
    renditions: item.renditions.map(({ width, height, bitrate }) => ({ width, height, bitrate })),
    video: {
      preset: item.preset,
      crf: encoder.crf,
      tune: encoder.tune,
      gop: item.fps * item.segmentSeconds,
      options: { bf: 0 },
    },
    packaging: {
      format: item.format,
      segmentDuration: item.segmentSeconds,
      ...(item.format === 'hls' ? { segmentType: 'fmp4' } : {}),
    },
    output,
  });
  const shape = { width: item.width, height: item.height, pixelFormat: item.pixelFormat };
  return {
    push: async (data) => {
      await stream.write({ ...shape, data });
    },
    close: async () => {
      const summary = await stream.finish();
      const latency = summary.renditions[0]?.latency;
      return latency === undefined ? {} : { packetLatency: latency };
    },
  };
}
