// @ts-check
// Sound that is made in JavaScript too: samples are pushed beside the frames. Here a white flash and a
// beep come together, once per second.
// Usage: node examples/audio-push.mjs [folder]

import { AdaptiveStream } from 'streamgear';

const folder = process.argv[2] ?? 'out/audio-push';
const [width, height, frameRate, sampleRate, seconds] = [640, 360, 25, 48_000, 4];
const samplesPerFrame = sampleRate / frameRate;

const stream = await AdaptiveStream.open({
  input: { width, height, pixelFormat: 'gray', frameRate },
  audio: { push: { sampleRate, channels: 1, sampleFormat: 'f32' }, bitrate: '64k' },
  output: `${folder}/manifest.mpd`,
});

const picture = new Uint8Array(width * height);
for (let index = 0; index < frameRate * seconds; index += 1) {
  const isFlash = index % frameRate === 0;
  await stream.write({
    data: picture.fill(isFlash ? 235 : 40),
    width,
    height,
    pixelFormat: 'gray',
  });

  // One frame's worth of samples. They go on where the last ones ended, or carry a timestamp.
  const samples = new Float32Array(samplesPerFrame);
  if (isFlash) {
    for (let i = 0; i < samples.length; i += 1) {
      samples[i] = 0.5 * Math.sin((2 * Math.PI * 1000 * i) / sampleRate);
    }
  }
  await stream.writeAudio(samples);
}

const summary = await stream.finish();
console.log(`${summary.framesIn} frames, ${summary.duration.toFixed(2)} s -> ${summary.manifest}`);
