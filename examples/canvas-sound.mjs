// @ts-check
// A canvas with sound: an arrow turns once per second, and a note begins when it is on top. The same calls work in Electron and,
// for the picture, with node-canvas and skia-canvas.
// Usage: node examples/canvas-sound.mjs [folder]

import { createCanvas } from '@napi-rs/canvas';
import { fromImageData, StreamGear } from 'streamgear';

const folder = process.argv[2] ?? 'out/canvas-sound';
const [width, height, rate, sampleRate, seconds] = [640, 360, 25, 48_000, 3];
/** Samples that belong to one picture. */
const count = sampleRate / rate;

const context = createCanvas(width, height).getContext('2d');

/** @param {number} turn of the arrow, 0 to 1 */
function draw(turn) {
  context.fillStyle = '#102030';
  context.fillRect(0, 0, width, height);
  context.translate(width / 2, height / 2);
  context.rotate(turn * 2 * Math.PI);
  context.fillStyle = '#ffb020';
  context.fillRect(-4, -140, 8, 140);
  context.resetTransform();
}

/**
 * A note that fades away within half a second.
 * @param {number} first number of the first sample
 */
function play(first) {
  const samples = new Float32Array(count);
  for (let i = 0; i < count; i += 1) {
    const time = ((first + i) % sampleRate) / sampleRate;
    if (time < 0.5) samples[i] = 0.5 * (1 - time / 0.5) * Math.sin(2 * Math.PI * 880 * time);
  }
  return samples;
}

const gear = new StreamGear({
  output: `${folder}/manifest.mpd`,
  streamParams: {
    '-input_framerate': rate,
    '-audio': { push: { sampleRate, channels: 1 } },
    '-b:a': '96k',
  },
});
for (let index = 0; index < rate * seconds; index += 1) {
  draw((index % rate) / rate);
  await gear.stream(fromImageData(context.getImageData(0, 0, width, height)));
  // Samples go on where the last ones ended: together they last as long as the pictures.
  await gear.writeAudio(play(index * count));
}

const summary = await gear.close();
console.log(`${summary.framesIn} frames, ${summary.duration.toFixed(2)} s -> ${gear.output}`);
