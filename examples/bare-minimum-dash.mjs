// @ts-check
// The least that makes MPEG-DASH: read frames, push them one by one, close.
// Usage: node examples/bare-minimum-dash.mjs [folder]

import { openFrames, StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/bare-minimum-dash';

const source = await openFrames(clip, { width: 1280, height: 720, duration: 3 });
const gear = new StreamGear({ output: `${folder}/manifest.mpd` });

for await (const frame of source) {
  // frame.data holds the pixels, B, G, R. Change them as you like before the push.
  await gear.stream(frame); // settles when the pixels have been read
  frame.release(); // so the buffer can carry a later frame
}

const summary = await gear.close();
console.log(`${summary.framesIn} frames -> ${gear.output}`);
