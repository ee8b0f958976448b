// @ts-check
// Packets as they are: a file that is encoded well already is only cut at its key frames and packaged,
// many times faster than it plays.
// Usage: node examples/transcode-copy.mjs [folder]

import { StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/transcode-copy';

const gear = new StreamGear({
  output: `${folder}/master.m3u8`,
  format: 'hls',
  streamParams: {
    '-video_source': clip,
    '-vcodec': 'copy', // one rendition, so no -streams and no -vf
    '-acodec': 'copy',
    '-hls_segment_type': 'fmp4',
  },
});

const { duration, elapsed, renditions } = await gear.transcodeSource();
const [{ segments }] = renditions;
console.log(`${duration.toFixed(2)} s in ${elapsed.toFixed(2)} s, ${segments} segments`);
console.log(gear.output);
