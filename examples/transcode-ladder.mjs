// @ts-check
// A source in several sizes: the first rendition has the source's own, -streams adds others. All of them
// share one audio; -audio_bitrate makes another one where it differs.
// Usage: node examples/transcode-ladder.mjs [folder]

import { StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/transcode-ladder';

const gear = new StreamGear({
  output: `${folder}/master.m3u8`,
  format: 'hls',
  streamParams: {
    '-video_source': clip,
    '-ss': 10,
    '-t': 2,
    '-streams': [
      { '-resolution': '1280x720', '-video_bitrate': '2500k' },
      { '-resolution': '640x360', '-framerate': 24 }, // 640 x 360 x 24 x 0.1 bit/s = 553k
      { '-resolution': '426x240', '-video_bitrate': '250k', '-audio_bitrate': '64k' },
    ],
  },
});

const { renditions, audio } = await gear.transcodeSource();
for (const { width, height, bitrate, codecs } of renditions) {
  console.log(`${width}x${height}  ${bitrate.declared / 1000} kbit/s  ${codecs}`);
}
for (const { channels, bitrate, codecs } of audio?.renditions ?? []) {
  console.log(`${channels} channels  ${bitrate.declared / 1000} kbit/s  ${codecs}`);
}
console.log(gear.output);
