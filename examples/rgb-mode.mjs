// @ts-check
// Frames of three channels are B, G, R by default, as in OpenCV. With rgbMode they are R, G, B.
// Usage: node examples/rgb-mode.mjs [folder]

import { StreamGear } from 'streamgear';

const folder = process.argv[2] ?? 'out/rgb-mode';
const [width, height] = [640, 360];

// Red, in R, G, B order. Without rgbMode the video would be blue.
const data = new Uint8Array(width * height * 3);
for (let pixel = 0; pixel < data.length; pixel += 3) data[pixel] = 0xff;

const gear = new StreamGear({ output: `${folder}/manifest.mpd` });
for (let index = 0; index < 50; index += 1) {
  await gear.stream({ data, width, height, channels: 3 }, { rgbMode: true });
}

const summary = await gear.close();
console.log(`${summary.framesIn} frames -> ${gear.output}`);
