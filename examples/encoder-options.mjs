// @ts-check
// Another encoder, with its own options. Everything that libav's encoder, its filters and our
// packager know can be set; a name that none of them knows is an error that tells the nearest one.
// Usage: node examples/encoder-options.mjs [folder]

import { openFrames, StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/encoder-options';

const source = await openFrames(clip, { width: 1280, height: 720, duration: 2 });
const gear = new StreamGear({
  output: `${folder}/manifest.mpd`,
  streamParams: {
    '-input_framerate': source.frameRate,
    '-vf': 'hflip,scale=640:360', // once, before the ladder
    '-vcodec': 'libx264',
    '-preset': 'medium',
    '-tune:v:0': 'animation', // only for the first rendition
    '-x264-params': 'aq-mode=3',
    '-seg_duration': 1,
    '-streams': [{ '-resolution': '426x240', '-video_bitrate': '300k' }],
  },
});

for await (const frame of source) {
  await gear.stream(frame);
  frame.release();
}

const summary = await gear.close();
for (const { width, height, codecs } of summary.renditions) {
  console.log(`${width}x${height}  ${codecs}`);
}
console.log(gear.output);
