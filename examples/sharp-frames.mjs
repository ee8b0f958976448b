// @ts-check
// Pictures of sharp: anything that it reads, composes or draws from SVG becomes a frame with raw().
// Usage: node examples/sharp-frames.mjs [folder]

import sharp from 'sharp';
import { fromSharp, StreamGear } from 'streamgear';

const folder = process.argv[2] ?? 'out/sharp-frames';
const [width, height, count] = [640, 360, 50];

const background = await sharp({
  create: { width, height, channels: 3, background: { r: 24, g: 32, b: 64 } },
})
  .png()
  .toBuffer();

/** A disc that crosses the picture. */
function disc(/** @type {number} */ progress) {
  const x = Math.round(progress * (width - 120));
  const svg = `<svg width="120" height="120"><circle cx="60" cy="60" r="60" fill="#ffb020"/></svg>`;
  return { input: Buffer.from(svg), left: x, top: 120 };
}

const gear = new StreamGear({ output: `${folder}/manifest.mpd` });
for (let index = 0; index < count; index += 1) {
  const image = sharp(background).composite([disc(index / count)]);
  await gear.stream(fromSharp(await image.raw().toBuffer({ resolveWithObject: true })));
}

const summary = await gear.close();
console.log(`${summary.framesIn} frames -> ${gear.output}`);
