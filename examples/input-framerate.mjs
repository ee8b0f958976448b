// @ts-check
// The rate of the pushed frames. Without timestamps, frame n is shown at n / rate, and the rate is
// 25 unless you say otherwise. 23.976, 29.97 and 59.94 mean 24000/1001, 30000/1001 and 60000/1001.
// Usage: node examples/input-framerate.mjs [folder]

import { StreamGear } from 'streamgear';

const folder = process.argv[2] ?? 'out/input-framerate';
const [width, height, rate, seconds] = [640, 360, 29.97, 3];

const gear = new StreamGear({
  output: `${folder}/manifest.mpd`,
  streamParams: { '-input_framerate': rate },
});

// One buffer is enough: it is ours again whenever the push before has settled.
const data = new Uint8Array(width * height * 3);
for (let index = 0; index < rate * seconds; index += 1) {
  const edge = Math.round(((index % rate) / rate) * width) * 3;
  for (let row = 0; row < data.length; row += width * 3) {
    data.fill(0xe0, row, row + edge);
    data.fill(0x30, row + edge, row + width * 3);
  }
  await gear.stream({ data, width, height, channels: 3 });
}

const summary = await gear.close();
console.log(`${summary.framesIn} frames, ${summary.duration.toFixed(3)} s -> ${gear.output}`);
