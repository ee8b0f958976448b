// @ts-check
// The least that makes Apple HLS: as bare-minimum-dash.mjs, with another format.
// Usage: node examples/bare-minimum-hls.mjs [folder]

import { openFrames, StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/bare-minimum-hls';

const source = await openFrames(clip, { width: 1280, height: 720, duration: 3 });
const gear = new StreamGear({ output: `${folder}/master.m3u8`, format: 'hls' });

for await (const frame of source) {
  await gear.stream(frame);
  frame.release();
}

const summary = await gear.close();
console.log(`${summary.framesIn} frames -> ${gear.output}`);
