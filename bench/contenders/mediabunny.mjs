// mediabunny with its server package, which encodes by node-av: its own HLS writer, one track for each
// rendition.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';

import { registerMediabunnyServer } from '@mediabunny/server';
import {
  CmafOutputFormat,
  FilePathTarget,
  HlsOutputFormat,
  Output,
  PathedTarget,
  Quality,
  VideoSample,
  VideoSampleSource,
} from 'mediabunny';
import { AV_LOG_ERROR, Log } from 'node-av';

import { quantile } from '../statistics.mjs';

/** @import { Case } from '../cases.mjs' */
/** @import { Open } from './contender.d.ts' */

registerMediabunnyServer();
Log.setLevel(AV_LOG_ERROR);

/** swscale's own, unless it is told otherwise. */
export const matrix = () => 'bt601';

export const env = { UV_THREADPOOL_SIZE: '24' };

export const note =
  'its HLS writer, encoding by @mediabunny/server in real-time mode, which is x264’s ultrafast and zerolatency by bitrate; sizes are its `transform`. It can be told no other preset, no constant quality with a cap and no maximum rate, and it writes no DASH.';

/** @param {string} name */
const installed = (name) => {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
};

export const version = () =>
  `${installed('mediabunny')}, @mediabunny/server ${installed('@mediabunny/server')}, node-av ${installed('node-av')}`;

/** @param {Case} item */
export function refusal({ format, preset, rate, pixelFormat, streams }) {
  if (format !== 'hls') return 'it writes no DASH';
  if (rate !== 'abr') return 'it has no constant quality with a cap';
  if (preset !== 'ultrafast') return 'it knows no preset but ultrafast';
  if (pixelFormat !== 'rgba' || streams > 1) return 'it is set up for RGBA and one stream';
  return undefined;
}

/** Names as the other contenders write them. @param {Case} item @param {string} output */
function createOutput(item, output) {
  const folder = path.dirname(output);
  return new Output({
    format: new HlsOutputFormat({
      segmentFormat: new CmafOutputFormat(),
      targetDuration: item.segmentSeconds,
      getPlaylistPath: ({ n }) => `stream_${n - 1}.m3u8`,
      getInitPath: ({ n }) => `init_${n - 1}.mp4`,
      getSegmentPath: ({ n, playlist }) =>
        `chunk-stream${playlist.n - 1}-${String(n - 1).padStart(3, '0')}.m4s`,
    }),
    target: new PathedTarget(
      path.basename(output),
      ({ path: name }) => new FilePathTarget(path.join(folder, name)),
    ),
  });
}

/** @type {Open} */
export async function open({ item, output }) {
  const out = createOutput(item, output);
  const pushed = [];
  const latencies = [];
  const sources = item.renditions.map(({ width, height, bitrate }, i) => {
    const source = new VideoSampleSource({
      codec: 'avc',
      quality: new Quality({ bitrate, bitrateMode: 'variable' }),
      keyFrameInterval: item.segmentSeconds,
      latencyMode: 'realtime',
      hardwareAcceleration: 'prefer-software',
      transform: { width, height, fit: 'fill' },
      onEncodedPacket: () => {
        if (i === 0) latencies.push(performance.now() - pushed[latencies.length]);
      },
    });
    out.addVideoTrack(source, { frameRate: item.fps });
    return source;
  });
  await out.start();
  let number = 0;
  return {
    push: async (data) => {
      pushed.push(performance.now());
      const sample = new VideoSample(data, {
        format: 'RGBA',
        codedWidth: item.width,
        codedHeight: item.height,
        timestamp: number / item.fps,
        duration: 1 / item.fps,
      });
      number++;
      await Promise.all(sources.map((source) => source.add(sample)));
      sample.close();
    },
    close: async () => {
      await out.finalize();
      return { packetLatency: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) } };
    },
  };
}
