// Runs in a project that has the packed package installed: does it load, does it encode, is its command there?
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { StreamGear } from 'streamgear';

const width = 320;
const height = 180;
const frames = 50;

const gear = new StreamGear({ output: 'out/stream.mpd', format: 'dash' });
for (let index = 0; index < frames; index++) {
  await gear.stream({ data: Buffer.alloc(width * height * 3, index), width, height, channels: 3 });
}
const summary = await gear.close();

assert(existsSync('out/stream.mpd'), 'the manifest was not written');
assert.equal(summary.framesIn, frames);
console.log(`the packed package encoded ${summary.framesIn} frames`);

const version = execFileSync('node_modules/.bin/streamgear', ['--version'], { encoding: 'utf8' });
assert.match(version, /^streamgear \d/);
