// Renditions: automatic bitrates, even sizes, and the same display aspect for all.

import { expect } from 'chai';
import type { WarningEvent } from '../src/report/events.js';
import { Issues } from '../src/check/issues.js';
import type { CheckedRendition } from '../src/options/option-schema.js';
import { toNumber } from '../src/base/rational.js';
import {
  automaticBitrate,
  checkRates,
  checkSizes,
  resolveRenditions,
} from '../src/plan/renditions.js';
import type { Rendition } from '../src/plan/renditions.js';

interface Resolved {
  readonly renditions: Rendition[];
  readonly warnings: string[];
  readonly issues: readonly { path: string; message: string }[];
}

function resolve(
  requested: CheckedRendition[],
  [width, height]: readonly [number, number] = [1920, 1080],
  aspectRatio?: { num: number; den: number },
): Resolved {
  const issues = new Issues();
  const warnings: string[] = [];
  const renditions = resolveRenditions(requested, {
    source: {
      width,
      height,
      sampleAspectRatio: { num: 1, den: 1 },
      frameRate: { num: 30, den: 1 },
    },
    aspectRatio,
    bitsPerPixel: 0.1,
    warn: ({ code }: WarningEvent) => void warnings.push(code),
  });
  checkSizes(requested, issues);
  checkRates(requested, { num: 30, den: 1 }, issues);
  return { renditions, warnings, issues: issues.list };
}

function sizes({ renditions }: Resolved): string[] {
  return renditions.map(({ width, height }) => `${width}x${height}`);
}

describe('automatic bitrate', () => {
  it('is what the original computes', () => {
    const kbps = (width: number, height: number, fps: number): number =>
      automaticBitrate({ width, height }, 0.1, fps) / 1000;
    expect(kbps(1920, 1080, 25)).to.equal(5184);
    expect(kbps(1280, 720, 30)).to.equal(2765);
    expect(kbps(640, 360, 60)).to.equal(1382);
    expect(kbps(320, 240, 20)).to.equal(154);
    expect(kbps(2, 2, 1)).to.equal(1);
    expect(kbps(16_384, 16_384, 240), 'what libavcodec can count').to.equal(1_000_000);
  });
});

describe('renditions', () => {
  it('follow the display aspect from one side, in even numbers', () => {
    const ladder = [{}, { height: 720 }, { height: 480 }, { width: 640 }, { width: 426 }];
    expect(sizes(resolve(ladder))).to.deep.equal([
      '1920x1080',
      '1280x720',
      '854x480',
      '640x360',
      '426x240',
    ]);
    expect(sizes(resolve([{ height: 1920 }, { width: 360 }], [1080, 1920]))).to.deep.equal([
      '1080x1920',
      '360x640',
    ]);
    expect(resolve(ladder).warnings).to.deep.equal([]);
  });

  it('have exactly the display aspect of the source', () => {
    const ladder = [
      { width: 854, height: 480 },
      { width: 320, height: 240 },
      { width: 1280, height: 720 },
      { width: 3840, height: 2160 },
      { width: 100, height: 1000 },
    ];
    const sources: [number, number][] = [
      [1920, 1080],
      [1080, 1920],
      [1366, 768],
    ];
    for (const [width, height] of sources) {
      for (const rendition of resolve(ladder, [width, height]).renditions) {
        const { num, den } = rendition.sampleAspectRatio;
        expect(num * rendition.width * height).to.equal(den * rendition.height * width);
      }
    }
  });

  it('keep the aspect that was asked for', () => {
    const [rendition] = resolve([{}], [1440, 1080], { num: 16, den: 9 }).renditions;
    expect(rendition?.sampleAspectRatio).to.deep.equal({ num: 4, den: 3 });
  });

  it('keep the sample aspect ratio within what H.264 can say', () => {
    const [rendition] = resolve([{ width: 1282, height: 722 }], [1998, 1078]).renditions;
    const { num, den } = rendition?.sampleAspectRatio ?? { num: 0, den: 0 };
    expect(num).to.be.within(1, 65535);
    expect(den).to.be.within(1, 65535);
    expect((num * 1282) / (den * 722)).to.be.closeTo(1998 / 1078, 1e-7);
  });

  it('crop odd inputs by one, with a warning', () => {
    const resolved = resolve([{}, { height: 540 }], [1919, 1079]);
    expect(sizes(resolved)).to.deep.equal(['1918x1078', '960x540']);
    expect(resolved.warnings).to.deep.equal(['ODD_SIZE']);
  });

  it('warn when the aspect differs, but not of rounding', () => {
    expect(resolve([{ width: 320, height: 240 }]).warnings).to.deep.equal(['ASPECT_DIFFERS']);
    expect(resolve([{ width: 854, height: 480 }]).warnings).to.deep.equal([]);
  });

  it('refuse odd sizes and name the nearest', () => {
    expect(resolve([{ width: 853, height: 481 }]).issues).to.deep.equal([
      {
        path: 'renditions[0].width',
        message:
          'Expected an even number such as 852 or 854 for renditions[0].width but received 853',
      },
      {
        path: 'renditions[0].height',
        message:
          'Expected an even number such as 480 or 482 for renditions[0].height but received 481',
      },
    ]);
  });

  it('have the input rate or a lower one', () => {
    const { renditions } = resolve([{}, { frameRate: { num: 15, den: 1 } }]);
    expect(renditions.map(({ decimateTo }) => decimateTo)).to.deep.equal([
      { num: 0, den: 1 },
      { num: 15, den: 1 },
    ]);
    expect(renditions.map(({ frameRate }) => toNumber(frameRate))).to.deep.equal([30, 15]);
    expect(renditions.map(({ bitrate }) => bitrate)).to.deep.equal([6_221_000, 3_110_000]);
    expect(resolve([{ frameRate: { num: 60, den: 1 } }]).issues[0]?.path).to.equal(
      'renditions[0].frameRate',
    );
  });
});
