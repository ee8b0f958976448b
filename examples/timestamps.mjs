// @ts-check
// Frames that carry their own time, in seconds: uneven distances and gaps stay as they are. Here a
// camera delivers a frame every 40 ms at first, then half as often, and is silent for a second.
// Usage: node examples/timestamps.mjs [folder]

import { StreamGear } from 'streamgear';

const folder = process.argv[2] ?? 'out/timestamps';
const [width, height] = [640, 360];

/** The time of each frame, from a clock that did not start at zero. */
function* times() {
  let time = 1234.5;
  for (let index = 0; index < 75; index += 1) {
    yield time;
    time += index < 50 ? 0.04 : 0.08;
    if (index === 60) time += 1;
  }
}

const gear = new StreamGear({ output: `${folder}/master.m3u8`, format: 'hls' });

const data = new Uint8Array(width * height); // one channel: gray
for (const timestamp of times()) {
  data.fill(Math.round(128 + 80 * Math.sin(timestamp * 4)));
  await gear.stream({ data, width, height, channels: 1, timestamp });
}

const summary = await gear.close();
console.log(`${summary.framesIn} frames, ${summary.duration.toFixed(2)} s -> ${gear.output}`);
