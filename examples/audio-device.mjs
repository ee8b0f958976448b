// @ts-check
// Pushed frames with the sound of a device, named as on ffmpeg's command line. `npx streamgear devices`
// tells the names; without arguments a generated tone stands in for a microphone.
// Usage: node examples/audio-device.mjs [folder] [format] [device]
//   Linux: alsa hw:1 or pulse default, macOS: avfoundation :0, Windows: dshow "audio=Microphone"

import { setTimeout as sleep } from 'node:timers/promises';
import { StreamGear } from 'streamgear';

const [
  folder = 'out/audio-device',
  format = 'lavfi',
  device = 'sine=frequency=440:sample_rate=48000',
] = process.argv.slice(2);
const [width, height, rate, seconds] = [640, 360, 25, 3];

const gear = new StreamGear({
  output: `${folder}/master.m3u8`,
  format: 'hls',
  streamParams: {
    '-input_framerate': rate,
    '-audio': ['-f', format, '-i', device],
    '-hls_time': 1,
  },
});

const data = new Uint8Array(width * height * 3);
const start = performance.now();
for (let index = 0; index < rate * seconds; index += 1) {
  // A device records at the speed of the clock, so frames come at that speed too.
  await sleep(Math.max(0, start + (index / rate) * 1000 - performance.now()));
  data.fill(128 + 100 * Math.sin(index / 5));
  await gear.stream({ data, width, height, channels: 3 });
}

const { duration, audio } = await gear.close();
console.log(`${duration.toFixed(2)} s with ${audio?.renditions[0].codecs} -> ${gear.output}`);
