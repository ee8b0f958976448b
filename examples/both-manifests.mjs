// @ts-check
// DASH and HLS of one encoding: one set of segments, which manifest.mpd and master.m3u8 both name.
// Usage: node examples/both-manifests.mjs [folder]

import { openFrames, StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/both-manifests';

const source = await openFrames(clip, { width: 1280, height: 720, duration: 3 });
const gear = new StreamGear({
  output: `${folder}/`,
  format: ['dash', 'hls'],
  streamParams: {
    '-input_framerate': source.frameRate,
    '-streams': [{ '-resolution': '640x360', '-video_bitrate': '800k' }],
  },
});

for await (const frame of source) {
  await gear.stream(frame);
  frame.release();
}

const { framesIn, manifests } = await gear.close();
for (const { format, path } of manifests) console.log(`${framesIn} frames -> ${path} (${format})`);
