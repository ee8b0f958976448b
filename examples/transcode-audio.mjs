// @ts-check
// A source with another sound than its own: a file, a URL, or a device. Here a tone stands in for music.
// Usage: node examples/transcode-audio.mjs [folder]

import { StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/transcode-audio';

const gear = new StreamGear({
  output: `${folder}/manifest.mpd`,
  streamParams: {
    '-video_source': clip,
    '-t': 2,
    '-s': '640x360',
    // A file is only its name: '-audio': 'music.aac'.
    '-audio': ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'],
    '-acodec': 'aac',
    '-b:a': '96k',
    '-metadata:s:a:0': 'language=en',
  },
});

const { duration, audio } = await gear.transcodeSource();
const [track] = audio?.renditions ?? [];
console.log(`${duration.toFixed(2)} s, ${track?.codecs} at ${track?.sampleRate} Hz`);
console.log(gear.output);
