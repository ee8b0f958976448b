// The scaler end to end: each mode makes the pictures that ffmpeg's bicubic makes, sharper or softer.
import { join } from 'node:path';
import { expect } from 'chai';
import { AdaptiveStream } from '../src/index.js';
import type { Scaling } from '../src/index.js';
import { bigBuckBunny, temporaryFolder, type TemporaryFolder } from './support/media.js';
import { psnr } from './support/psnr.js';
import { output } from './support/run.js';
import { ABORT_LIMIT, rejection } from './support/small.js';

const FRAMES = 12;
const SIZES = [
  { width: 1280, height: 720 },
  { width: 640, height: 360 },
  { width: 426, height: 240 },
];

/** Least PSNR against ffmpeg's bicubic from the top, after an encoder that loses next to nothing: dB. */
const LEAST: Readonly<Record<Scaling, number>> = { fast: 36, balanced: 46, best: 45 };

describe('Scaling', () => {
  let folder: TemporaryFolder;

  before(async () => {
    folder = await temporaryFolder();
  });
  after(async () => {
    await folder[Symbol.asyncDispose]();
  });

  for (const [scaling, least] of Object.entries(LEAST)) {
    it(`${scaling} scales by any ratio`, async () => {
      const manifest = join(folder.path, scaling, 'manifest.mpd');
      const stream = await AdaptiveStream.transcode(bigBuckBunny, {
        trim: { start: 9, duration: FRAMES / 24 },
        renditions: SIZES.map((size) => ({ ...size, bitrate: '50M' })),
        video: { scaling: scaling as Scaling, crf: 4, preset: 'ultrafast' },
        output: manifest,
      });
      await stream.finish();
      for (const [index, size] of SIZES.entries()) {
        const { average } = await psnr({ input: manifest, stream: index }, bigBuckBunny, {
          ...size,
          frames: FRAMES,
          referenceSkip: 9 * 24,
        });
        expect(average, `${size.width}x${size.height}`).to.be.at.least(least);
      }
    });
  }

  describe('of a portrait film to a landscape ladder', () => {
    const PORTRAIT = { width: 270, height: 480 };
    // Wider than the film, and under half as high: with one such size alone, and with several.
    const LADDERS = [
      [[640, 180]],
      [
        [480, 236],
        [320, 180],
        [640, 96],
        [640, 32],
      ],
    ] as const;
    // What a second step loses, where a side becomes shorter than half, dB.
    const TWO_STEPS = 3;
    let portrait: string;

    before(async () => {
      portrait = join(folder.path, 'portrait.mp4');
      const filter = `crop=${PORTRAIT.width}:${PORTRAIT.height}`;
      const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '4', '-an'];
      const part = ['-ss', '9', '-i', bigBuckBunny, '-frames:v', String(FRAMES)];
      await output('ffmpeg', ['-v', 'error', ...part, '-vf', filter, ...encoder, portrait]);
    });

    for (const [scaling, least] of Object.entries(LEAST)) {
      for (const sizes of LADDERS) {
        it(`${scaling} makes ${sizes.map((size) => size.join('x')).join(', ')}`, async () => {
          const manifest = join(folder.path, `${scaling}-${sizes.length}`, 'manifest.mpd');
          const stream = await AdaptiveStream.transcode(portrait, {
            renditions: sizes.map(([width, height]) => ({ width, height, bitrate: '50M' })),
            video: { scaling: scaling as Scaling, crf: 4, preset: 'ultrafast' },
            output: manifest,
          });
          await stream.finish();
          for (const [index, [width, height]] of sizes.entries()) {
            const compared = { width, height, frames: FRAMES, referenceMatrix: 'bt601' as const };
            const { average } = await psnr({ input: manifest, stream: index }, portrait, compared);
            expect(average, `${width}x${height}`).to.be.at.least(least - TWO_STEPS);
          }
        });
      }
    }

    it('is left at once when it is aborted while it is set up', async () => {
      const controller = new AbortController();
      const stream = await AdaptiveStream.transcode(portrait, {
        renditions: [{ width: 4096, height: 16, bitrate: '1M' }],
        output: join(folder.path, 'aborted', 'manifest.mpd'),
        signal: controller.signal,
      });
      const begun = Date.now();
      controller.abort();
      expect((await rejection(stream.finish())).code).to.equal('ABORTED');
      expect(Date.now() - begun).to.be.below(ABORT_LIMIT);
    });
  });
});
