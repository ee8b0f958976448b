// StreamGear as VidGear's: what its callers do there, with `strict: false`, goes on here with a warning; with `strict: true`,
// the default, it is an error at once.

import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { StreamGear } from '../src/index.js';
import type { StreamGearOptions, StreamSummary } from '../src/index.js';
import { newGear, warningsOf } from './support/gear.js';
import { bigBuckBunny, temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { issuesOf, rejection, smallFrame, thrown } from './support/small.js';

const loose: Partial<StreamGearOptions> = { strict: false };

/** A second of the clip, small. */
const short = { '-video_source': bigBuckBunny, '-t': 0.5, '-s': '64x36', '-preset': 'ultrafast' };

describe('StreamGear as the original', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => (folder = await temporaryFolder()));
  afterEach(() => folder[Symbol.asyncDispose]());

  function pathsOf(params: object, format: 'dash' | 'hls' = 'dash'): string[] {
    return issuesOf(thrown(() => newGear(folder.path, params, format))).map(({ path }) => path);
  }

  async function push(gear: StreamGear): Promise<StreamSummary> {
    for (let index = 0; index < 3; index++) await gear.stream(smallFrame(index));
    return gear.close();
  }

  it('-livestream with a -video_source is left out', async () => {
    for (const format of ['dash', 'hls'] as const) {
      const live = { ...short, '-livestream': true };
      expect(pathsOf(live, format)).to.deep.equal(['-livestream']);
      const gear = newGear(folder.path, live, format, loose);
      const warnings = await warningsOf(gear);
      expect(warnings.map(({ code }) => code)).to.deep.equal(['INVALID_OPTION']);
      expect(warnings[0]?.message).to.contain('-livestream');
      expect((await gear.transcodeSource()).framesIn).to.be.at.least(10);
    }
  });

  it('-livestream over a URL that turns out to be a recording is left out', async () => {
    const source = ['-f', 'mov', '-i', bigBuckBunny];
    const live = { ...short, '-video_source': source, '-livestream': true };
    const error = await rejection(newGear(folder.path, live).transcodeSource());
    expect(issuesOf(error).map(({ path }) => path)).to.deep.equal(['-livestream']);
    const gear = newGear(folder.path, live, 'dash', loose);
    const warnings = await warningsOf(gear);
    await gear.transcodeSource();
    expect(warnings.map(({ code }) => code)).to.include('IGNORED_OPTION');
  });

  for (const source of [1234, 'nowhere/at all.mp4', '', ['-f', 'alsa'], { a: 1 }]) {
    it(`-video_source ${JSON.stringify(source)} stays in Real-time Frames Mode`, async () => {
      const params = { '-video_source': source, '-input_framerate': 25 };
      expect(pathsOf(params)[0]).to.match(/^-video_source/);
      const gear = newGear(folder.path, params, 'dash', loose);
      const warnings = await warningsOf(gear);
      expect(warnings.map(({ code }) => code)).to.deep.equal(['INVALID_OPTION']);
      expect(gear.mode).to.equal('real-time');
      expect((await rejection(gear.transcodeSource())).code).to.equal('INVALID_STATE');
      expect((await push(gear)).framesIn).to.equal(3);
    });
  }

  for (const audio of ['nowhere.aac', 17, ['-f', 'alsa'], '']) {
    it(`-audio ${JSON.stringify(audio)} leaves the sound out`, async () => {
      expect(pathsOf({ '-audio': audio })[0]).to.match(/^-audio/);
      const gear = newGear(folder.path, { '-audio': audio }, 'dash', loose);
      const warnings = await warningsOf(gear);
      expect(warnings.map(({ code }) => code)).to.deep.equal(['INVALID_OPTION']);
      expect((await push(gear)).framesIn).to.equal(3);
      expect(await readdir(folder.path)).not.to.include('init-stream1.m4s');
    });
  }

  it('an attribute of the other format is left out', async () => {
    for (const [format, attribute, value] of [
      ['hls', '-remove_at_exit', 1],
      ['hls', '-seg_duration', 2],
      ['hls', '-window_size', 3],
      ['dash', '-hls_time', 2],
      ['dash', '-hls_flags', 'append_list'],
      ['dash', '-hls_base_url', 'x/'],
    ] as const) {
      expect(pathsOf({ [attribute]: value }, format)).to.deep.equal([attribute]);
      const gear = newGear(folder.path, { [attribute]: value }, format, loose);
      const warnings = await warningsOf(gear);
      expect(warnings.map(({ code }) => code)).to.deep.equal(['INVALID_OPTION']);
      expect(warnings[0]?.message).to.contain(attribute);
      expect((await push(gear)).framesIn).to.equal(3);
    }
  });

  it('the format follows from the output where none is given', async () => {
    const hls = new StreamGear({ output: join(folder.path, 'master.m3u8') });
    expect(hls.format).to.equal('hls');
    expect((await push(hls)).manifest).to.match(/master\.m3u8$/);
    expect(new StreamGear({ output: join(folder.path, 'a.mpd') }).format).to.equal('dash');
    await mkdir(join(folder.path, 'empty'));
    expect(new StreamGear({ output: join(folder.path, 'empty') }).format).to.equal('dash');
    const contrary = { output: join(folder.path, 'a.m3u8'), format: 'dash' };
    expect(issuesOf(thrown(() => new StreamGear(contrary)))[0]?.path).to.equal('output');
  });
});
