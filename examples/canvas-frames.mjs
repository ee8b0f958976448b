// @ts-check
// Pictures of a canvas, drawn with the same calls as in a browser.
// Usage: node examples/canvas-frames.mjs [folder]

import { createCanvas } from '@napi-rs/canvas';
import { fromImageData, StreamGear } from 'streamgear';

const folder = process.argv[2] ?? 'out/canvas-frames';
const [width, height, rate, seconds] = [640, 360, 25, 2];

const context = createCanvas(width, height).getContext('2d');

/** The hand of a clock that turns once in the length of the clip. */
function draw(/** @type {number} */ progress) {
  context.fillStyle = '#203040';
  context.fillRect(0, 0, width, height);
  context.translate(width / 2, height / 2);
  context.rotate(progress * 2 * Math.PI);
  context.fillStyle = '#ffb020';
  context.fillRect(-4, -140, 8, 140);
  context.resetTransform();
}

const gear = new StreamGear({
  output: `${folder}/manifest.mpd`,
  streamParams: { '-input_framerate': rate },
});
for (let index = 0; index < rate * seconds; index += 1) {
  draw(index / (rate * seconds));
  await gear.stream(fromImageData(context.getImageData(0, 0, width, height)));
}

const summary = await gear.close();
console.log(`${summary.framesIn} frames -> ${gear.output}`);
