// @ts-check
// Single-Source Mode, the least: a whole file becomes a presentation, with its sound. It is read, decoded
// and encoded on native threads; no frame comes to JavaScript.
// Usage: node examples/transcode.mjs [folder]

import { StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/transcode';

const gear = new StreamGear({
  output: `${folder}/manifest.mpd`, // or format: 'hls' and master.m3u8
  streamParams: {
    '-video_source': clip,
    '-t': 3, // of the 30 seconds that the clip has
  },
});

const summary = await gear.transcodeSource({
  onProgress: ({ time, total, speed }) => {
    console.log(`${time.toFixed(1)} of ${total?.toFixed(1)} s, ${speed.toFixed(1)}x`);
  },
});
console.log(`${summary.duration.toFixed(2)} s -> ${gear.output}`);
