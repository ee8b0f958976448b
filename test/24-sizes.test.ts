// Sizes: any input, any even rendition, and always the same picture on the screen.
import { join } from 'node:path';

import { expect } from 'chai';

import { AdaptiveStream, InvalidOptionsError, StreamError, StreamGear } from '../src/index.js';
import type {
  AdaptiveStreamOptions,
  Rational,
  RenditionOptions,
  StreamParams,
  WarningEvent,
} from '../src/index.js';
import { packets, streams } from './support/ffprobe.js';
import {
  paintFrame,
  temporaryFolder,
  type Painter,
  type Rgb,
  type SyntheticFrame,
  type TemporaryFolder,
} from './support/media.js';
import { readInit } from './support/mp4.js';
import { faults, make, type Made } from './support/presentation.js';
import { colorPatches, type Patch } from './support/psnr.js';

const FRAMES = 10;
const QUARTERS: readonly Rgb[] = [
  [200, 40, 40],
  [40, 180, 60],
  [50, 60, 200],
  [200, 200, 80],
];

/** Four quarters of four colours: a picture that is cut, shifted, turned or mirrored shows. */
function quarters(width: number, height: number): Painter {
  return (x, y) => {
    const index = (x < width / 2 ? 0 : 1) + (y < height / 2 ? 0 : 2);
    return QUARTERS[index] ?? [0, 0, 0];
  };
}

/** Patches close to the corners and to both sides of the middle. */
const PATCHES: readonly Patch[] = QUARTERS.flatMap((rgb, index) => {
  const [left, top] = [index % 2 === 0, index < 2];
  return [0.1, 0.4].map((inset) => ({
    x: left ? inset : 1 - inset,
    y: top ? inset : 1 - inset,
    rgb,
  }));
});

function pictures(width: number, height: number): SyntheticFrame[] {
  const frame = paintFrame(width, height, 'bgr24', quarters(width, height));
  return Array.from({ length: FRAMES }, () => frame);
}

interface SizeCase {
  what: string;
  size: readonly [width: number, height: number];
  sampleAspectRatio?: Rational;
  aspectRatio?: string;
  renditions: readonly RenditionOptions[];
  expected: readonly string[];
  display: Rational;
  warnings?: readonly string[];
}

const CASES: readonly SizeCase[] = [
  {
    what: 'rounded and 4:3 sizes from 16:9',
    size: [1280, 720],
    renditions: [
      { width: 854, height: 480 },
      { width: 320, height: 240 },
    ],
    expected: ['854x480', '320x240'],
    display: { num: 16, den: 9 },
    warnings: ['ASPECT_DIFFERS'],
  },
  {
    what: 'portrait',
    size: [360, 640],
    renditions: [{}, { height: 320 }, { width: 240, height: 240 }],
    expected: ['360x640', '180x320', '240x240'],
    display: { num: 9, den: 16 },
    warnings: ['ASPECT_DIFFERS'],
  },
  {
    what: 'an enlarged rendition beside smaller ones',
    size: [320, 180],
    renditions: [{ height: 360 }, { width: 160 }, { width: 320, height: 180 }],
    expected: ['640x360', '160x90', '320x180'],
    display: { num: 16, den: 9 },
  },
  {
    what: 'smallest first, in the order that was asked for',
    size: [320, 180],
    renditions: [{ height: 90 }, { height: 180 }, { width: 200, height: 112 }],
    expected: ['160x90', '320x180', '200x112'],
    display: { num: 16, den: 9 },
  },
  {
    what: 'an odd input, which loses a row and a column',
    size: [641, 361],
    renditions: [{}, { height: 180 }],
    expected: ['640x360', '320x180'],
    display: { num: 16, den: 9 },
    warnings: ['ODD_SIZE'],
  },
  {
    what: 'pixels that are not square',
    size: [720, 576],
    sampleAspectRatio: { num: 64, den: 45 },
    renditions: [{}, { height: 288 }, { width: 640, height: 360 }],
    expected: ['720x576', '512x288', '640x360'],
    display: { num: 16, den: 9 },
  },
  {
    what: 'an aspect that was asked for',
    size: [320, 180],
    aspectRatio: '4:3',
    renditions: [{}, { height: 120 }],
    expected: ['320x180', '160x120'],
    display: { num: 4, den: 3 },
  },
];

describe('Sizes', () => {
  let folder: TemporaryFolder;
  let count = 0;

  before(async () => {
    folder = await temporaryFolder();
  });
  after(async () => {
    await folder[Symbol.asyncDispose]();
  });

  const output = (extension = 'mpd'): string => join(folder.path, `${count++}`, `m.${extension}`);

  function options(
    width: number,
    height: number,
    rest: Partial<AdaptiveStreamOptions> = {},
  ): AdaptiveStreamOptions {
    return { input: { width, height }, output: output(), ...rest };
  }

  /** What a player shows: width * pixel aspect / height, in lowest terms with the expected. */
  async function expectDisplay(made: Made, { num, den }: Rational): Promise<void> {
    for (const { index, width, height } of made.summary.renditions) {
      const { tracks } = await readInit(join(made.folder, `init-stream${index}.m4s`));
      const { h, v } = tracks[0]?.pixelAspect ?? { h: 0, v: 0 };
      expect(width * h * den, `display aspect of ${width}x${height}`).to.equal(height * v * num);
    }
  }

  for (const { what, size, sampleAspectRatio, aspectRatio, ...rest } of CASES) {
    it(`package ${what}`, async () => {
      const [width, height] = size;
      const input = { width, height, ...(sampleAspectRatio && { sampleAspectRatio }) };
      const video = { preset: 'ultrafast', ...(aspectRatio !== undefined && { aspectRatio }) };
      const renditions = rest.renditions.map((one) => ({ bitrate: '2M', ...one }));
      const made = await make({ input, video, renditions, output: output() }, pictures(...size));
      expect(await faults(made.manifest)).to.deep.equal([]);
      const sizes = (await streams(made.manifest)).map((info) => `${info.width}x${info.height}`);
      expect(sizes).to.deep.equal(rest.expected);
      await expectDisplay(made, rest.display);
      for (const stream of sizes.keys()) {
        const wrong = await colorPatches({ input: made.manifest, stream }, PATCHES);
        expect(wrong, sizes[stream]).to.deep.equal([]);
      }
      expect(made.warnings.map(({ code }) => code)).to.deep.equal(rest.warnings ?? []);
    });
  }

  it('package one size at two bitrates', async () => {
    const renditions = [
      { height: 180, bitrate: '60k' },
      { height: 180, bitrate: '600k' },
    ];
    const noise = Array.from({ length: 50 }, (_, index) =>
      paintFrame(320, 180, 'gray', (x, y) => {
        const level = (x * 7919 + y * 104_729 + index * 15_485_863) % 97;
        return [level, level, level];
      }),
    );
    const input = { width: 320, height: 180, pixelFormat: 'gray' } as const;
    const made = await make({ input, renditions, output: output() }, noise);
    expect(await faults(made.manifest)).to.deep.equal([]);
    const [low = [], high = []] = await packets(made.manifest);
    const bytes = [low, high].map((list) => list.reduce((sum, { size }) => sum + size, 0));
    expect(bytes[1]).to.be.above(4 * (bytes[0] ?? NaN));
  });

  describe('Very small pictures', () => {
    for (const [width, height, shown] of [
      [2, 2, '2x2'],
      [3, 3, '2x2'],
      [16, 16, '16x16'],
      [17, 3, '16x2'],
      [2, 64, '2x64'],
    ] as const) {
      it(`of ${width}x${height} are encoded as ${shown}`, async () => {
        const made = await make(options(width, height), pictures(width, height));
        expect(await faults(made.manifest)).to.deep.equal([]);
        const sizes = (await streams(made.manifest)).map((info) => `${info.width}x${info.height}`);
        expect(sizes).to.deep.equal([shown]);
        const isOdd = shown !== `${width}x${height}`;
        expect(made.warnings.map(({ code }) => code)).to.deep.equal(isOdd ? ['ODD_SIZE'] : []);
      });
    }

    for (const [width, height, side] of [
      [16, 1, 'height'],
      [1, 16, 'width'],
      [1, 1, 'width'],
    ] as const) {
      it(`of ${width}x${height} are refused at once`, async () => {
        const error: unknown = await AdaptiveStream.open(options(width, height)).catch(
          (reason: unknown) => reason,
        );
        expect(error).to.be.instanceOf(InvalidOptionsError);
        expect(error)
          .to.have.property('message')
          .include(`Expected a whole number from 2 to 16384 for input.${side} but received 1`);
      });
    }

    it('of one row are refused by StreamGear with the first frame', async () => {
      const gear = new StreamGear({ output: output() });
      const frame = paintFrame(16, 1, 'bgr24', () => [0, 0, 0]);
      const error: unknown = await gear.stream(frame).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(InvalidOptionsError);
      expect(error).to.have.property('message').include('from 2 to 16384');
      await gear.abort();
    });

    it('that an encoder refuses are an error that names rendition, size and reason', async () => {
      const error: unknown = await AdaptiveStream.open(
        options(64, 2, { video: { codec: 'libx265' } }),
      ).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(StreamError);
      expect(error).to.include({ code: 'ENCODER_OPEN_FAILED', stage: 'encoder', rendition: 0 });
      expect(error)
        .to.have.property('message')
        .match(/^libx265 .*\(64x2\)/);
      expect(error).to.have.property('log').include('too small');
    });
  });

  it('of renditions must be even, and the message says what is near', async () => {
    const renditions = [{ height: 90 }, { width: 161, height: 91 }];
    const error: unknown = await AdaptiveStream.open(options(320, 180, { renditions })).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(InvalidOptionsError);
    const { issues } = error as InvalidOptionsError;
    expect(issues.map(({ path }) => path)).to.deep.equal([
      'renditions[1].width',
      'renditions[1].height',
    ]);
    expect(issues[0]?.message).to.include('160 or 162');
  });

  describe('With StreamGear', () => {
    async function gearWarnings(
      params: StreamParams,
      size: readonly [number, number],
    ): Promise<{ warnings: WarningEvent[]; manifest: string }> {
      const gear = new StreamGear({ output: output('m3u8'), format: 'hls', streamParams: params });
      const warnings: WarningEvent[] = [];
      gear.on('warning', (event) => warnings.push(event));
      for (const frame of pictures(...size)) await gear.stream(frame);
      const { manifest } = await gear.close();
      return { warnings, manifest };
    }

    it('rendition 0 has the size of the frames, the others their own, in HLS too', async () => {
      const streamed = [
        { '-resolution': '240x240', '-video_bitrate': '200k' },
        { '-resolution': '160x90', '-video_bitrate': '100k' },
      ];
      const { manifest, warnings } = await gearWarnings({ '-streams': streamed }, [321, 181]);
      expect(await faults(manifest)).to.deep.equal([]);
      const found = await streams(manifest);
      expect(found.map((info) => `${info.width}x${info.height}`)).to.deep.equal([
        '320x180',
        '240x240',
        '160x90',
      ]);
      expect(found.map((info) => info.displayAspectRatio)).to.deep.equal(['16:9', '16:9', '16:9']);
      expect(warnings.map(({ code }) => code)).to.deep.equal(['ODD_SIZE', 'ASPECT_DIFFERS']);
    });

    it('rendition 0 has the size that the filter chain makes', async () => {
      const params = { '-vf': 'transpose=clock' };
      const { manifest } = await gearWarnings(params, [320, 180]);
      expect(await faults(manifest)).to.deep.equal([]);
      const [info] = await streams(manifest);
      expect(`${info?.width ?? 0}x${info?.height ?? 0}`).to.equal('180x320');
      // Turned by 90 degrees: what was at the bottom left is at the top left.
      const turned = [2, 0, 3, 1].map((from, index) => ({
        x: index % 2 === 0 ? 0.2 : 0.8,
        y: index < 2 ? 0.2 : 0.8,
        rgb: QUARTERS[from] ?? ([0, 0, 0] as const),
      }));
      expect(await colorPatches({ input: manifest }, turned)).to.deep.equal([]);
    });
  });

  describe('that an encoder opens for, but cannot encode', () => {
    const small = (width: number, height: number): AdaptiveStreamOptions => ({
      input: { width: 64, height: 64, pixelFormat: 'gray' },
      renditions: [{ height: 64 }, { width, height }],
      video: { codec: 'libx265' },
      output: join(folder.path, `x265-${width}x${height}`, 'm.mpd'),
    });

    it('are refused before it is opened: libx265 would write behind its memory', async () => {
      for (const [width, height] of [
        [34, 16],
        [48, 30],
        [40, 64],
        [16, 16],
        [48, 480],
      ] as const) {
        const error: unknown = await AdaptiveStream.open(small(width, height)).catch(
          (reason: unknown) => reason,
        );
        expect(error).to.be.instanceOf(InvalidOptionsError);
        expect(error)
          .to.have.property('message')
          .match(
            /^Expected a width of at least 50 pixels, as libx265 .* for renditions\[1\] but received \d+x\d+\./,
          );
      }
    });

    it('are no wider ones', async () => {
      const frame = { data: new Uint8Array(64 * 64), width: 64, height: 64 };
      const frames = Array.from({ length: 5 }, () => ({ ...frame, pixelFormat: 'gray' as const }));
      const { manifest } = await make(small(50, 16), frames);
      expect(await packets(manifest)).to.have.length(2);
    });
  });
});
