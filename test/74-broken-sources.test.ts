// Sources that are cut off, damaged or none at all: what could be read is packaged, and the error says what happened.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { openFrames, probe, StreamError } from '../src/index.js';
import { awkward, TINY } from './support/awkward.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { faults } from './support/presentation.js';
import { output as outputOf } from './support/run.js';
import { rejection } from './support/small.js';
import { decodedTimes, gearOf, pictureTimes, transcode } from './support/transcoded.js';
import { expectTimes, expectWhole, freshFolder } from './support/whole-source.js';

describe('broken sources', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder[Symbol.asyncDispose]());

  const output = async (): Promise<string> => join(await freshFolder(folder.path), 'out.mpd');

  it('tuned-in.ts: what comes before the first key frame is left out', async () => {
    // It is a little more than a second after the sound begins.
    const warnings = ['NO_KEY_FRAME', 'AUDIO_WITHOUT_PICTURE'];
    const made = await expectWhole('tuned-in.ts', folder.path, { warnings });
    expect(made.summary.duration).to.be.closeTo(2, 0.05);
  });

  it('refresh-cut.mkv: begins with the first picture that is whole, at a recovery point', async () => {
    const source = await awkward('refresh-cut.mkv', folder.path);
    const made = await transcode(source, await output());
    expect(made.warnings.map(({ code }) => code)).to.deep.equal(['NO_KEY_FRAME']);
    // The refresh that begins at 1 s is done within a second.
    expect(made.summary.duration).to.be.within(2, 3);
    await expectTimes(made, await decodedTimes(source));
  });

  it('hevc-refresh-cut.mkv: of a source without any key frame all pictures are taken', async () => {
    const source = await awkward('hevc-refresh-cut.mkv', folder.path);
    const made = await transcode(source, await output());
    expect(made.warnings.map(({ code }) => code)).to.deep.equal(['NO_KEY_FRAME']);
    expect(await pictureTimes(made.manifest)).to.have.length(45);
  });

  it('no-sps.ts: pictures of no size are refused at the opening', async () => {
    const source = await awkward('no-sps.ts', folder.path);
    // Nobody can tell it from a picture that is too large: libavcodec leaves the size of both at 0.
    for (const call of [probe(source), openFrames(source)]) {
      expect((await rejection(call)).code).to.equal('SOURCE_OPEN_FAILED');
    }
    const { gear } = gearOf(source, await output());
    expect((await rejection(gear.transcodeSource())).code).to.equal('SOURCE_OPEN_FAILED');
  });

  for (const size of TINY) {
    it(`${size}.mkv is ${size.split('x').includes('1') ? 'refused' : 'transcoded'}`, async () => {
      const source = await awkward(`${size}.mkv`, folder.path);
      await using frames = await openFrames(source);
      expect(`${frames.width}x${frames.height}`).to.equal(size);
      const { gear } = gearOf(source, await output());
      if (size.split('x').includes('1')) {
        expect((await rejection(gear.transcodeSource())).code).to.equal('SIZE_UNSUPPORTED');
        return;
      }
      await gear.transcodeSource();
      expect(await pictureTimes(gear.output)).to.have.length(50);
    });
  }

  for (const name of ['truncated.mp4', 'truncated.mkv']) {
    it(`${name}: what there is is packaged, and the error says where it ended`, async () => {
      const source = await awkward(name, folder.path);
      const { gear } = gearOf(source, await output());
      const error = await rejection(gear.transcodeSource());
      expect(error.code).to.equal('SOURCE_TRUNCATED');
      const [, where = ''] = /stopped at ([\d.]+) s of 4/.exec(error.message) ?? [];
      expect(Number(where), error.message).to.be.within(2.2, 3);
      const { summary } = error;
      if (summary === undefined) throw new Error('Expected a summary of what was packaged');
      expect(summary.duration).to.be.closeTo(Number(where), 0.1);
      const { manifest } = summary;
      expect(await faults(manifest)).to.deep.equal([]);
      await expectTimes({ manifest, summary, warnings: [] }, await decodedTimes(source));
      expect(await rejection(gear.close())).to.equal(error);
    });
  }

  it('cut off within a packet of sound: it is copied up to the last whole one', async () => {
    const whole = await awkward('faststart.mp4', folder.path);
    const entries = ['-show_entries', 'packet=size,pos', '-of', 'csv=p=0'];
    const list = await outputOf('ffprobe', [
      '-v',
      'error',
      '-select_streams',
      'a',
      ...entries,
      whole,
    ]);
    const packets = list.trim().split('\n');
    const [size = NaN, position = NaN] = (packets[packets.length >> 1] ?? '')
      .split(',')
      .map(Number);
    const source = join(folder.path, 'cut-in-sound.mp4');
    await writeFile(source, (await readFile(whole)).subarray(0, position + (size >> 1)));
    const { gear } = gearOf(source, await output());
    const error = await rejection(gear.transcodeSource());
    expect(error.code).to.equal('SOURCE_TRUNCATED');
    expect(await faults(gear.output)).to.deep.equal([]);
  });

  it('truncated.ts has no length of its own: what there is is packaged', async () => {
    const source = await awkward('truncated.ts', folder.path);
    const made = await transcode(source, await output());
    expect(await faults(made.manifest)).to.deep.equal([]);
    await expectTimes(made, await decodedTimes(source));
  });

  it('damaged.ts: what cannot be decoded is left out, and the rest goes on', async () => {
    const source = await awkward('damaged.ts', folder.path);
    const made = await transcode(source, await output());
    // The audio, which is copied, has a hole.
    const found = await faults(made.manifest);
    const ofVideo = found.filter((fault) => !/Representation 1|max-segment/.test(fault));
    expect(ofVideo).to.deep.equal([]);
    expect(made.warnings.map(({ code }) => code)).to.deep.equal(['AUDIO_GAP', 'DECODE_ERROR']);
    expect(made.summary.duration).to.be.closeTo(4, 0.05);
    await expectTimes(made, await decodedTimes(source));
  });

  for (const name of ['without-moov.mp4', 'empty.mp4', 'text.mp4', 'folder.mp4', 'missing.mp4']) {
    it(`${name} cannot be opened, which is what the error says`, async () => {
      const isMissing = name === 'missing.mp4';
      const source = isMissing ? join(folder.path, name) : await awkward(name, folder.path);
      const manifest = await output();
      const error = await (async () => gearOf(source, manifest).gear.transcodeSource())().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(StreamError);
      const { code, message } = error as StreamError;
      expect(code).to.be.oneOf(['SOURCE_OPEN_FAILED', 'INVALID_OPTIONS']);
      expect(message).to.contain(source);
    });
  }

  describe('copied', () => {
    for (const name of [
      'long-gop.mp4',
      'long-gop.ts',
      'b-frames.mp4',
      'starts-at-100.ts',
      'wraps.ts',
    ]) {
      it(`${name} keeps its pictures and times`, async () => {
        await expectWhole(name, folder.path, {}, { '-vcodec': 'copy' });
      });
    }

    it('tuned-in.ts begins with its first key frame', async () => {
      const source = await awkward('tuned-in.ts', folder.path);
      const made = await transcode(source, await output(), { '-vcodec': 'copy' });
      expect(await faults(made.manifest)).to.deep.equal([]);
      expect(made.summary.duration).to.be.closeTo(2, 0.05);
    });
  });
});
