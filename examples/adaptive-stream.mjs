// @ts-check
// AdaptiveStream, the core below StreamGear: every option has a name, a type and a default.
// Usage: node examples/adaptive-stream.mjs [folder]

import { AdaptiveStream, openFrames } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/adaptive-stream';

const source = await openFrames(clip, {
  width: 1280,
  height: 720,
  duration: 3,
  pixelFormat: 'yuv420p', // what the clip holds: no conversion on the way
});
const stream = await AdaptiveStream.open({
  input: { width: 1280, height: 720, pixelFormat: 'yuv420p', frameRate: source.frameRate },
  renditions: [{ height: 720, bitrate: '2500k' }, { height: 480 }, { height: 240, frameRate: 12 }],
  video: { codec: 'libx264', preset: 'veryfast', options: { bf: 2 } },
  packaging: { format: 'dash', segmentDuration: 2 },
  output: `${folder}/manifest.mpd`,
});
stream.on('segment', ({ rendition, start, duration, bytes }) => {
  const time = `${start.toFixed(1)}..${(start + duration).toFixed(1)} s`;
  console.log(`rendition ${rendition}  ${time}  ${bytes} bytes`);
});

try {
  for await (const frame of source) {
    // A cut that the viewers should be able to jump to.
    if (frame.index === 30) stream.forceKeyFrame();
    await stream.write(frame);
    frame.release();
  }
  const summary = await stream.finish();
  console.log(`${summary.framesIn} frames at ${summary.fps.toFixed(1)} fps -> ${summary.manifest}`);
} catch (error) {
  await stream.abort(error); // ends the threads at once and never rejects
  throw error;
}
