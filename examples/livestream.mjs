// @ts-check
// Live: a playlist of a few segments that slides, and old segments are deleted. Frames come at
// their own pace from a capture device; here a clip is read at the speed of the clock.
// Usage: node examples/livestream.mjs [folder]

import { setTimeout as sleep } from 'node:timers/promises';
import { openFrames, StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/livestream';

const source = await openFrames(clip, { width: 640, height: 360, duration: 6 });
const gear = new StreamGear({
  output: `${folder}/live.m3u8`,
  format: 'hls',
  // A late frame is worth less than the next one: drop instead of waiting for the encoders.
  whenFull: 'drop',
  streamParams: {
    '-livestream': true,
    '-input_framerate': source.frameRate,
    '-hls_time': 1,
    '-hls_list_size': 3,
    '-streams': [{ '-resolution': '426x240', '-video_bitrate': '300k' }],
  },
});
gear.on('segment', ({ rendition, path }) => console.log(`rendition ${rendition}: ${path}`));
gear.on('drop', ({ timestamp }) => console.log(`dropped the frame of ${timestamp.toFixed(2)} s`));

const start = performance.now();
for await (const frame of source) {
  await sleep(Math.max(0, start + frame.timestamp * 1000 - performance.now()));
  await gear.stream(frame);
  frame.release();
}

const summary = await gear.close();
console.log(`${summary.framesIn} frames, ${summary.framesDropped} dropped -> ${gear.output}`);
