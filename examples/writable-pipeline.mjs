// @ts-check
// As the end of a node:stream pipeline, which carries errors and backpressure from end to end.
// Usage: node examples/writable-pipeline.mjs [folder]

import { pipeline } from 'node:stream/promises';
import { openFrames, StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/writable-pipeline';

const source = await openFrames(clip, { width: 640, height: 360, duration: 3 });
const gear = new StreamGear({ output: `${folder}/manifest.mpd` });

/** A negative: any step between may change the pixels. */
async function* invert(/** @type {typeof source} */ frames) {
  for await (const frame of frames) {
    const { data } = frame;
    for (let i = 0; i < data.length; i += 1) data[i] = 255 - data[i];
    yield frame;
  }
}

await pipeline(source, invert, gear.writable());

console.log(`${gear.stats().framesIn} frames -> ${gear.output}`);
