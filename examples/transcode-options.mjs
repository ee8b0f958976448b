// @ts-check
// A source with options of FFmpeg: of the encoders, of the filters, of the program.
// Usage: node examples/transcode-options.mjs [folder]

import { StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/transcode-options';

const gear = new StreamGear({
  output: `${folder}/manifest.mpd`,
  streamParams: {
    '-video_source': clip,
    '-ss': '00:00:05',
    '-to': 7,
    '-vf': 'scale=640:360,eq=saturation=1.3',
    '-vcodec': 'libx265',
    '-preset': 'ultrafast',
    '-crf': 28, // the bitrates of the ladder are a cap then
    '-x265-params': 'aq-mode=3',
    '-bpp': 0.15,
    '-af': 'volume=0.5',
    '-acodec': 'aac',
    '-b:a': '96k',
    '-ac': 2,
    '-metadata': 'title=Big Buck Bunny',
    '-streams': [{ '-resolution': '426x240', '-framerate': 24 }],
  },
});

const { renditions } = await gear.transcodeSource();
for (const { width, height, codecs } of renditions) console.log(`${width}x${height}  ${codecs}`);
console.log(gear.output);
