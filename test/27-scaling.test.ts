// The scaler end to end: each mode makes the pictures that ffmpeg's bicubic makes, sharper or softer.
import { join } from 'node:path';
import { expect } from 'chai';
import { AdaptiveStream } from '../src/index.js';
import type { Scaling } from '../src/index.js';
import { bigBuckBunny, temporaryFolder, type TemporaryFolder } from './support/media.js';
import { psnr } from './support/psnr.js';

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
});
