// @ts-check
// Pictures of a canvas. ImageData is R, G, B, A; Node has none of its own, but that of any canvas
// library, or an object of the same shape as here, will do.
// Usage: node examples/image-data.mjs [folder]

import { fromImageData, StreamGear } from 'streamgear';

const folder = process.argv[2] ?? 'out/image-data';
const image = { width: 640, height: 360, data: new Uint8ClampedArray(640 * 360 * 4).fill(255) };

/** Sky that goes from dusk to noon. */
function paint(/** @type {number} */ progress) {
  for (let y = 0; y < image.height; y += 1) {
    const light = progress * (0.6 + (0.4 * y) / image.height);
    for (let x = 0; x < image.width; x += 1) {
      const start = (y * image.width + x) * 4;
      image.data[start] = 255 * light * 0.6;
      image.data[start + 1] = 255 * light * 0.8;
      image.data[start + 2] = 60 + 195 * light;
    }
  }
}

const gear = new StreamGear({ output: `${folder}/manifest.mpd` });
for (let index = 0; index < 50; index += 1) {
  paint(index / 50);
  await gear.stream(fromImageData(image));
}

const summary = await gear.close();
console.log(`${summary.framesIn} frames -> ${gear.output}`);
