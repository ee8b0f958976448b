// @ts-check
// A ladder: the first rendition always has the size of the frames, -streams adds others. A rate
// may be given, or is computed from size, -framerate and -bpp (bits per pixel).
// Usage: node examples/additional-streams.mjs [folder]

import { openFrames, StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/additional-streams';

const source = await openFrames(clip, { width: 1280, height: 720, duration: 2 });
const gear = new StreamGear({
  output: `${folder}/master.m3u8`,
  format: 'hls',
  streamParams: {
    '-input_framerate': source.frameRate,
    '-streams': [
      { '-resolution': '854x480', '-video_bitrate': '1200k' },
      { '-resolution': '640x360', '-framerate': 24 }, // 640 x 360 x 24 x 0.1 bit/s = 553k
      { '-resolution': '320x240', '-video_bitrate': '250k' }, // another shape: shown undistorted
    ],
  },
});
gear.on('warning', ({ message }) => console.log(message));

for await (const frame of source) {
  await gear.stream(frame);
  frame.release();
}

const summary = await gear.close();
for (const { width, height, bitrate, codecs } of summary.renditions) {
  console.log(`${width}x${height}  ${bitrate.declared / 1000} kbit/s  ${codecs}`);
}
console.log(gear.output);
