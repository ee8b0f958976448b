// Copied video: what an edit list hides stays hidden, segments begin with what they show first, and a source that becomes another
// one is told.
import { join } from 'node:path';

import { expect } from 'chai';

import { AdaptiveStream } from '../src/index.js';
import { awkward } from './support/awkward.js';
import { packets, presentationTimes } from './support/ffprobe.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { faults } from './support/presentation.js';
import { compared, decodedTimes, gearOf, pictureTimes, transcode } from './support/transcoded.js';
import { rejection } from './support/small.js';
import { expectTimes, freshFolder } from './support/whole-source.js';

const COPY = { '-vcodec': 'copy' } as const;

describe('copied sources', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder[Symbol.asyncDispose]());

  const manifest = async (): Promise<string> => join(await freshFolder(folder.path), 'out.mpd');

  describe('with an edit list', () => {
    it('begin at the first key frame that is shown, and say what is lost', async () => {
      const source = await awkward('edited.mp4', folder.path);
      const made = await transcode(source, await manifest(), COPY);
      expect(await faults(made.manifest)).to.deep.equal([]);
      expect(made.warnings.map(({ code }) => code)).to.deep.equal(['EDIT_NOT_COPIED']);
      expect(made.warnings[0]?.message).to.contain('0.48 s');
      // Shown from 0.52 to 3 s of a film with key frames at 0, 1 and 2 s.
      const times = await pictureTimes(made.manifest);
      expect(times).to.have.length(50);
      expect(made.summary.duration).to.be.closeTo(2, 0.01);
      const shown = await decodedTimes(source);
      await expectTimes(
        made,
        shown.slice(12).map((time) => time - (shown[12] ?? NaN)),
      );
      const { y } = await compared(made, source, await freshFolder(folder.path), {
        filter: 'trim=start_frame=12',
      });
      expect(y).to.be.at.least(60);
    });

    it('fail where no key frame is shown', async () => {
      const source = await awkward('edited-within-a-group.mp4', folder.path);
      const error = await rejection(gearOf(source, await manifest(), COPY).gear.transcodeSource());
      expect(error.code).to.equal('COPY_WOULD_REVEAL');
    });
  });

  for (const name of ['open-groups.mp4', 'open-groups.ts']) {
    it(`${name}: segments begin with the earliest picture that they show`, async () => {
      const source = await awkward(name, folder.path);
      const made = await transcode(source, await manifest(), COPY);
      expect(made.warnings).to.deep.equal([]);
      // They begin with a key frame all the same, if not with one that nothing refers across.
      const found = await faults(made.manifest);
      expect(found.filter((fault) => !fault.startsWith('random-access'))).to.deep.equal([]);
      await expectTimes(made, await decodedTimes(source));
    });
  }

  it('end, when they are trimmed, by presentation and without a hole', async () => {
    const source = await awkward('b-frames.mp4', folder.path);
    const output = await manifest();
    const stream = await AdaptiveStream.transcode(source, {
      video: { codec: 'copy' },
      trim: { duration: 1.2 },
      output,
    });
    await stream.finish();
    const [video = []] = await packets(output);
    const times = presentationTimes(video);
    for (const [index, time] of times.entries()) expect(time).to.be.closeTo(index / 25, 0.0011);
    expect(times.length).to.be.within(30, 34);
  });

  it('go on over a splice without losing a picture', async () => {
    const source = await awkward('jumps-on.ts', folder.path);
    const made = await transcode(source, await manifest(), COPY);
    expect(made.warnings.map(({ code }) => code)).to.deep.equal(['TIMESTAMP_JUMP']);
    expect(await pictureTimes(made.manifest)).to.have.length(100);
  });

  it('keep packets whose times repeat', async () => {
    const source = await awkward('repeated-times.ts', folder.path);
    const made = await transcode(source, await manifest(), COPY);
    expect(await pictureTimes(made.manifest)).to.have.length(50);
  });

  for (const name of ['changes-size.ts', 'changes-profile.ts']) {
    it(`${name}: the copy ends where the source becomes another one, and says so`, async () => {
      const source = await awkward(name, folder.path);
      const { gear } = gearOf(source, await manifest(), COPY);
      const error = await rejection(gear.transcodeSource());
      expect(error.code).to.equal('SOURCE_CHANGED');
      expect(error.summary?.duration).to.be.closeTo(2, 0.05);
      expect(await pictureTimes(gear.output)).to.have.length(50);
      expect(await faults(gear.output)).to.deep.equal([]);
    });
  }

  it('are refused when they are encrypted', async () => {
    const source = await awkward('encrypted.mp4', folder.path);
    const error = await rejection(gearOf(source, await manifest(), COPY).gear.transcodeSource());
    expect(error.code).to.equal('SOURCE_ENCRYPTED');
  });
});
