// @ts-check
// Pushed frames with the sound of a file, which may be a URL too. The rate must be the true one of the
// frames, or sound and picture part. The presentation ends with the frames, however long the file is.
// Usage: node examples/audio-file.mjs [folder]

import { openFrames, StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/audio-file';

const source = await openFrames(clip, { width: 640, height: 360, duration: 4 });
const gear = new StreamGear({
  output: `${folder}/manifest.mpd`,
  streamParams: {
    '-input_framerate': source.frameRate,
    '-audio': clip, // any file with sound in it; this one has six channels
    '-ac': 2, // mixed down to two
    '-b:a': '96k', // default: the source's own bitrate
  },
});

for await (const frame of source) {
  await gear.stream(frame);
  frame.release();
}

const { duration, audio } = await gear.close();
const [track] = audio?.renditions ?? [];
console.log(`${duration.toFixed(2)} s, ${track?.codecs}, ${track?.channels} channels`);
console.log(gear.output);
