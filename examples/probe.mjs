// @ts-check
// What a file, a URL or a device holds, before anything is decoded.
// Usage: node examples/probe.mjs [file]

import { probe } from 'streamgear';
import { clip } from './clip.mjs';

const { format, duration, video, audio, streams } = await probe(process.argv[2] ?? clip);

console.log(`${format}, ${duration?.toFixed(2) ?? '?'} s, ${streams.length} streams`);
if (video !== undefined) console.log(`video: ${video.codec} ${video.width}x${video.height}`);
if (audio !== undefined) console.log(`audio: ${audio.codec} ${audio.sampleRate} Hz`);
