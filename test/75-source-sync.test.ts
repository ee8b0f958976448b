// Picture and sound of a source are as far apart in what comes out as they are in it.
import { join } from 'node:path';

import { expect } from 'chai';

import type { StreamParams } from '../src/index.js';
import { makeSyncFilm, observe } from './support/av-sync.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { faults } from './support/presentation.js';
import { output } from './support/run.js';
import { transcode } from './support/transcoded.js';
import { freshFolder } from './support/whole-source.js';

const PERIOD = 2;
const SECONDS = 9;

const WAYS: readonly { title: string; file: string; params: StreamParams }[] = [
  { title: 'copied, in DASH', file: 'out.mpd', params: {} },
  { title: 'encoded, in DASH', file: 'out.mpd', params: { '-acodec': 'aac' } },
  { title: 'copied, in MPEG-TS', file: 'out.m3u8', params: {} },
  { title: 'encoded, in MPEG-TS', file: 'out.m3u8', params: { '-acodec': 'aac' } },
];

describe('picture and sound of a source', () => {
  let folder: TemporaryFolder;
  let film: string;
  before(async () => {
    folder = await temporaryFolder();
    film = join(folder.path, 'film.mp4');
    const rhythm = { period: PERIOD, frameRate: 25 };
    await makeSyncFilm(film, rhythm, SECONDS, ['-g', '50', '-bf', '2']);
  });
  after(() => folder[Symbol.asyncDispose]());

  const maps = ['-map', '0:v', '-map', '1:a'];
  /** How the film is muxed anew, and by how much the sound then comes later than the picture. */
  const shapes: readonly [title: string, args: () => string[], later: number][] = [
    ['together', () => ['-i', film], 0],
    ['late sound', () => ['-i', film, '-itsoffset', '0.7', '-i', film, ...maps], 0.7],
    ['a late picture', () => ['-itsoffset', '0.7', '-i', film, '-i', film, ...maps], -0.7],
  ];

  for (const container of ['mp4', 'ts', 'mkv']) {
    for (const [title, args, later] of shapes) {
      describe(`${title}, in ${container}`, () => {
        let source: string;
        before(async () => {
          source = join(folder.path, `${title}.${container}`);
          await output('ffmpeg', ['-nostdin', '-v', 'error', ...args(), '-c', 'copy', source]);
        });
        for (const way of WAYS) {
          it(`stay as far apart as they were: ${way.title}`, async () => {
            const manifest = join(await freshFolder(folder.path), way.file);
            await transcode(source, manifest, way.params);
            expect(await faults(manifest)).to.deep.equal([]);
            const seen = await observe(manifest);
            expect(seen.flashes).to.have.length(4);
            for (const flash of seen.flashes) {
              const distances = seen.beeps.map((beep) => Math.abs(beep - flash - later));
              expect(Math.min(...distances), JSON.stringify(seen)).to.be.at.most(0.02);
            }
          });
        }
      });
    }
  }

  for (const start of [2.52, 3.1]) {
    for (const { title, file, params } of WAYS) {
      it(`meet from second ${start} of the film on: ${title}`, async () => {
        const manifest = join(await freshFolder(folder.path), file);
        await transcode(film, manifest, { ...params, '-ss': start });
        const seen = await observe(manifest);
        const times = [4, 6, 8].map((time) => time - start);
        expect(seen.flashes).to.have.length(3);
        for (const [index, time] of times.entries()) {
          const { flashes, beeps } = seen;
          // The first picture that is kept may come up to a frame later than asked.
          expect(flashes[index], JSON.stringify(seen)).to.be.within(time - 0.0411, time + 0.001);
          const distance = (beeps[index] ?? NaN) - (flashes[index] ?? NaN);
          expect(distance, JSON.stringify(seen)).to.be.closeTo(0, 0.02);
        }
      });
    }
  }
});
