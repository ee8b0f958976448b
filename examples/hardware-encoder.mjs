// @ts-check
// An encoder of the graphics card. listEncoders() opens and tries each one, so what it says works does.
// Usage: node examples/hardware-encoder.mjs [folder]

import { listEncoders, openFrames, StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/hardware-encoder';

const encoders = await listEncoders({ codec: 'h264' });
const hardware = encoders.filter((encoder) => encoder.hardware);
const encoder = hardware.find(({ works }) => works);
if (encoder === undefined) {
  console.log('Skipped: no H.264 encoder of this machine runs in hardware.');
  for (const { name, reason } of hardware) console.log(`  ${name}: ${reason}`);
} else {
  await encode(encoder.name);
}

/** Frames go up to the card by themselves; no hwupload filter is needed. */
async function encode(/** @type {string} */ name) {
  const source = await openFrames(clip, { width: 1280, height: 720, duration: 3 });
  const gear = new StreamGear({
    output: `${folder}/manifest.mpd`,
    fallback: true, // libx264 with a warning, should the card be busy
    streamParams: {
      '-input_framerate': source.frameRate,
      '-vcodec': name,
      // '-vaapi_device': '/dev/dri/renderD128', when there is more than one
      '-streams': [{ '-resolution': '640x360', '-video_bitrate': '800k' }],
    },
  });
  gear.on('warning', ({ message }) => console.log(message));
  for await (const frame of source) {
    await gear.stream(frame);
    frame.release();
  }
  const summary = await gear.close();
  console.log(`${summary.framesIn} frames with ${name} -> ${gear.output}`);
}
