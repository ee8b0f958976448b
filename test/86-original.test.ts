// StreamGear as VidGear's: what its callers do there, with `strict: false`, goes on here with a warning; with `strict: true`,
// the default, it is an error at once.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { StreamGear } from '../src/index.js';
import type { StreamGearOptions, StreamSummary } from '../src/index.js';
import { decodeErrors, packets } from './support/ffprobe.js';
import { newGear, warningsOf } from './support/gear.js';
import { bigBuckBunny, temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { output } from './support/run.js';
import { serve } from './support/server.js';
import { issuesOf, rejection, smallFrame, thrown } from './support/small.js';

const loose: Partial<StreamGearOptions> = { strict: false };

/** A second of the clip, small. */
const short = { '-video_source': bigBuckBunny, '-t': 0.5, '-s': '64x36', '-preset': 'ultrafast' };

/** A file that holds no audio; undefined: what no file has. */
async function soundless(kind: string, folder: string): Promise<string | undefined> {
  if (kind === 'a URL of nothing') return undefined;
  const path = join(folder, kind === 'text' ? 'words.mp3' : 'silent.mp4');
  if (kind === 'text') {
    await writeFile(path, 'These are words, and no media. '.repeat(100));
    return path;
  }
  const picture = join(folder, 'picture.png');
  const frames = kind === 'a picture file' ? ['-frames:v', '1', picture] : ['-t', '1', path];
  await output('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=s=64x36', ...frames]);
  return kind === 'a picture file' ? picture : path;
}

/** All frames can be decoded, and nothing speaks of audio. */
async function expectVideoAlone({ manifest, framesIn, audio }: StreamSummary): Promise<void> {
  const [video = [], ...others] = await packets(manifest);
  expect(video).to.have.length(framesIn);
  expect(others).to.deep.equal([]);
  expect(await decodeErrors(manifest)).to.equal('');
  const text = await readFile(manifest, 'utf8');
  expect(text).not.to.match(/audio|mp4a/i);
  expect(text).to.match(/codecs="avc1\.[0-9a-f]+"/i);
  expect(audio).to.equal(undefined);
}

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

  it('a line break where a manifest has one line is left out', async () => {
    for (const wrong of [
      { '-hls_base_url': 'http://a/\nb' },
      { '-audio': bigBuckBunny, '-metadata:s:a:0': 'title=a\nb' },
    ]) {
      const [attribute = ''] = Object.keys(wrong).slice(-1);
      expect(pathsOf(wrong, 'hls')).to.deep.equal([attribute]);
      const gear = newGear(folder.path, wrong, 'hls', loose);
      expect((await warningsOf(gear)).map(({ code }) => code)).to.deep.equal(['INVALID_OPTION']);
      await push(gear);
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

  for (const format of ['dash', 'hls'] as const) {
    for (const kind of ['text', 'a picture file', 'video alone', 'a URL of nothing']) {
      it(`-audio that is ${kind} leaves the sound out of ${format}`, async () => {
        await using server = await serve({ '/': { folder: folder.path } });
        const file = await soundless(kind, folder.path);
        const audio = file ?? `${server.origin}/nothing.aac`;
        const params = { '-audio': audio, '-preset': 'ultrafast' };
        const code = kind === 'text' || file === undefined ? 'SOURCE_OPEN_FAILED' : 'NO_AUDIO';
        expect((await rejection(push(newGear(folder.path, params, format)))).code).to.equal(code);
        const gear = newGear(folder.path, params, format, loose);
        const warnings = await warningsOf(gear);
        const summary = await push(gear);
        expect(warnings.map((warning) => warning.code)).to.deep.equal(['AUDIO_LEFT_OUT']);
        await expectVideoAlone(summary);
      });
    }
  }

  it('-audio that is no media leaves the sound out of a source', async () => {
    const audio = await soundless('text', folder.path);
    const params = { ...short, '-audio': audio };
    expect((await rejection(newGear(folder.path, params).transcodeSource())).code).to.equal(
      'SOURCE_OPEN_FAILED',
    );
    const gear = newGear(folder.path, params, 'dash', loose);
    const warnings = await warningsOf(gear);
    const summary = await gear.transcodeSource();
    expect(warnings.map(({ code }) => code)).to.include('AUDIO_LEFT_OUT');
    await expectVideoAlone(summary);
  });

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
