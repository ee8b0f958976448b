// DASH from real video: the ladder of the product's promise, read back with everything that can read it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { gstreamerErrors } from './support/gstreamer.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { isCodecOf, readInit } from './support/mp4.js';
import { isoDuration, parseMpd, type Mpd } from './support/mpd.js';
import { exactTimes, faults, filesIn } from './support/presentation.js';
import {
  encodeLadders,
  expectExactTimes,
  expectQuality,
  expectSizes,
  FPS,
  FRAMES,
  LADDER,
  SEGMENTS,
  type RealLadder,
} from './support/real-ladder.js';

let folder: TemporaryFolder;
let ladder: RealLadder;
let mpd: Mpd;

const representations = (): Mpd['periods'][number]['sets'][number]['representations'] =>
  mpd.periods.flatMap(({ sets }) => sets.flatMap((set) => set.representations));

describe('A DASH ladder of real video', () => {
  before(async () => {
    folder = await temporaryFolder();
    const output = join(folder.path, 'bunny.mpd');
    const [made] = await encodeLadders([
      { output, format: 'dash', params: { '-seg_duration': 2 } },
    ]);
    if (made === undefined) throw new Error('No presentation');
    ladder = made;
    mpd = parseMpd(await readFile(output, 'utf8'));
  });
  after(async () => {
    await folder[Symbol.asyncDispose]();
  });

  it('breaks no rule and decodes without a word', async () => {
    expect(await faults(ladder.manifest)).to.deep.equal([]);
  });

  it('has every frame at its time and the same key frames in all renditions', async () => {
    await expectExactTimes(ladder);
  });

  it('keeps times exact to the tick', async () => {
    const [first] = representations();
    for (const { id, timescale, initialization } of representations()) {
      const init = join(folder.path, initialization);
      const exact = await exactTimes(ladder, Number(id), init);
      expect(timescale).to.equal(first?.timescale).and.to.equal(exact.timescale);
      const expected = Array.from({ length: FRAMES }, (_, index) => (index * timescale) / FPS);
      expect(exact.ticks).to.deep.equal(expected);
    }
  });

  it('names its files as the original does', async () => {
    const names = LADDER.flatMap((_, id) => [
      `init-stream${id}.m4s`,
      ...Array.from(
        { length: SEGMENTS },
        (_, index) => `chunk-stream${id}-${String(index + 1).padStart(5, '0')}.m4s`,
      ),
    ]);
    expect(await filesIn(folder.path)).to.deep.equal(['bunny.mpd', ...names].sort());
  });

  it('is one switchable set that lasts as long as its frames', () => {
    expect(mpd.periods.flatMap(({ sets }) => sets)).to.have.length(1);
    expect(isoDuration(mpd.attributes['mediaPresentationDuration'])).to.equal(FRAMES / FPS);
    expect(representations().map(({ id }) => id)).to.deep.equal(['0', '1', '2', '3']);
    expect(ladder.summary.duration).to.equal(FRAMES / FPS);
  });

  it('states codecs that are those of the init segments', async () => {
    for (const { attributes, initialization } of representations()) {
      const [track] = (await readInit(join(folder.path, initialization))).tracks;
      const stated = attributes['codecs'] ?? '';
      expect(stated).to.match(/^avc1\.64[0-9a-f]{4}$/);
      expect(track !== undefined && isCodecOf(stated, track), stated).to.equal(true);
    }
    const stated = representations().map(({ attributes }) => attributes['codecs']);
    expect(ladder.summary.renditions.map(({ codecs }) => codecs)).to.deep.equal(stated);
  });

  it('shows every rendition as 16:9, with its colours tagged', async () => {
    await expectSizes(ladder.manifest);
  });

  it('plays in GStreamer', async () => {
    expect(await gstreamerErrors(ladder.manifest)).to.equal('');
  });

  it('looks like the clip in every rendition: 35 dB or more at default bitrates', async () => {
    await expectQuality(ladder.manifest, FRAMES);
  });

  it('sums up what it wrote', () => {
    const { summary, segments } = ladder;
    expect(summary.framesIn).to.equal(FRAMES);
    expect(summary.framesEncoded).to.equal(FRAMES);
    for (const rendition of summary.renditions) {
      const mine = segments.filter((event) => event.rendition === rendition.index);
      expect(rendition.framesEncoded).to.equal(FRAMES);
      expect(rendition.segments).to.equal(SEGMENTS);
      expect(rendition.bytes).to.equal(mine.reduce((sum, { bytes }) => sum + bytes, 0));
      expect(rendition.bitrate.declared).to.equal(
        Math.round((rendition.width * rendition.height * 0.1 * FPS) / 1000) * 1000,
      );
    }
  });
});
