// Colour: what goes in comes out, in every layout, and the stream says how to read it.
import { join } from 'node:path';

import { expect } from 'chai';

import { StreamGear } from '../src/index.js';
import type { AdaptiveStreamOptions, Frame, RawFrame } from '../src/index.js';
import { planesOf } from '../src/frames/pixel-layout.js';
import { streams } from './support/ffprobe.js';
import {
  barPatches,
  colorBars,
  paintFrame,
  PIXEL_FORMATS,
  solid,
  temporaryFolder,
  type FrameFormat,
  type FrameOptions,
  type Rgb,
  type TemporaryFolder,
} from './support/media.js';
import { readInit } from './support/mp4.js';
import { make, pictureHashes, type Made } from './support/presentation.js';
import { colorPatches, decodeFrames, type Patch } from './support/psnr.js';

const WIDTH = 128;
const HD = { height: 720, tag: 'bt709', codePoint: 1 } as const;
const SD = { height: 480, tag: 'smpte170m', codePoint: 6 } as const;

/** Fine enough that only conversion errors are left. */
const FINE = { preset: 'ultrafast', options: { qp: 4 } } as const;

/** The bars as each layout can hold them: without colour, their luma is left. */
function expectedPatches(format: FrameFormat): Patch[] {
  if (format !== 'gray' && format !== 'ya8') return barPatches();
  return barPatches().map(({ x, y, rgb: [red, green, blue] }) => {
    const luma = Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    return { x, y, rgb: [luma, luma, luma] };
  });
}

function bars(height: number, format: FrameFormat, options: FrameOptions = {}): RawFrame {
  return paintFrame(WIDTH, height, format, colorBars(WIDTH), options);
}

describe('Colour', () => {
  let folder: TemporaryFolder;
  let count = 0;

  before(async () => {
    folder = await temporaryFolder();
  });
  after(async () => {
    await folder[Symbol.asyncDispose]();
  });

  const output = (extension = 'mpd'): string => join(folder.path, `${count++}`, `m.${extension}`);

  /** Two pictures: a key frame and one that is predicted. */
  function encode(
    frame: RawFrame,
    rest: Partial<AdaptiveStreamOptions> = {},
    input: Partial<AdaptiveStreamOptions['input']> = {},
  ): Promise<Made> {
    const { width, height, pixelFormat } = frame;
    const shape = { width, height, ...(pixelFormat && { pixelFormat }), ...input };
    const video = { ...FINE, ...rest.video };
    return make({ output: output(), ...rest, input: shape, video }, [frame, frame]);
  }

  async function expectColours(made: Made, patches: readonly Patch[]): Promise<void> {
    const wrong = await colorPatches({ input: made.manifest }, patches, { tolerance: 3, frame: 1 });
    expect(wrong).to.deep.equal([]);
  }

  async function expectTags(made: Made, tag: string, codePoint: number): Promise<void> {
    const [info] = await streams(made.manifest);
    expect(info).to.deep.include({
      colorSpace: tag,
      colorPrimaries: tag,
      colorTransfer: tag,
      colorRange: 'tv',
      chromaLocation: 'left',
    });
    const { tracks } = await readInit(join(made.folder, 'init-stream0.m4s'));
    expect(tracks[0]?.color).to.deep.equal({
      type: 'nclx',
      primaries: codePoint,
      transfer: codePoint,
      matrix: codePoint,
      fullRange: false,
    });
  }

  for (const { height, tag, codePoint } of [HD, SD]) {
    describe(`of ${height} lines, ${tag}`, () => {
      for (const format of PIXEL_FORMATS) {
        it(`from ${format} comes back, and is tagged`, async () => {
          const made = await encode(bars(height, format));
          await expectColours(made, expectedPatches(format));
          await expectTags(made, tag, codePoint);
        });
      }

      it('from yuv420p of full range comes back through a filter that knows only RGB', async () => {
        const frame = bars(height, 'yuv420p', { fullRange: true });
        const video = { ...FINE, filter: 'colorchannelmixer=rr=1' };
        await expectColours(await encode(frame, { video }, { colorRange: 'pc' }), barPatches());
      });

      it('is tagged in the bitstream too, where MPEG-TS has nothing else', async () => {
        const made = await encode(bars(height, 'bgr24'), {
          output: output('m3u8'),
          packaging: { segmentType: 'mpegts' },
        });
        const [info] = await streams(made.manifest);
        expect(info).to.deep.include({
          colorSpace: tag,
          colorPrimaries: tag,
          colorTransfer: tag,
          colorRange: 'tv',
        });
        await expectColours(made, barPatches());
      });

      for (const format of ['yuv420p', 'nv12', 'yuyv422', 'uyvy422'] as const) {
        it(`from ${format} of full range comes back in limited range`, async () => {
          const frame = bars(height, format, { fullRange: true });
          const made = await encode(frame, {}, { colorRange: 'pc' });
          await expectColours(made, barPatches());
          await expectTags(made, tag, codePoint);
        });
      }

      for (const pixelFormat of ['yuv444p', 'yuv422p', 'yuv420p10le']) {
        it(`from rgb24 comes back through ${pixelFormat}`, async () => {
          const made = await encode(bars(height, 'rgb24'), { video: { ...FINE, pixelFormat } });
          expect((await streams(made.manifest))[0]).to.include({ pixelFormat, colorSpace: tag });
          await expectColours(made, barPatches());
        });
      }

      // Filters that know only YUV or only RGB make libavfilter convert: with the right matrix.
      for (const [filter, format] of [
        ['hflip,hflip', 'bgr24'],
        ['eq=gamma=1', 'bgr24'],
        ['unsharp=la=0', 'rgba'],
        ['colorchannelmixer=rr=1', 'yuv420p'],
        ['eq=gamma=1', 'gray'],
      ] as const) {
        it(`from ${format} comes back through the filter ${filter}`, async () => {
          const made = await encode(bars(height, format), { video: { ...FINE, filter } });
          await expectColours(made, expectedPatches(format));
        });
      }
    });
  }

  it('is that of standard definition up to 576 lines, that of high definition above', async () => {
    for (const [height, tag] of [
      [576, 'smpte170m'],
      [578, 'bt709'],
    ] as const) {
      const made = await encode(paintFrame(16, height, 'gray', solid([90, 90, 90])));
      expect((await streams(made.manifest))[0]?.colorSpace).to.equal(tag);
    }
  });

  for (const colorSpace of ['bt709', 'smpte170m', 'bt470bg', 'bt2020nc'] as const) {
    it(`has the matrix ${colorSpace} that was asked for`, async () => {
      const made = await encode(bars(144, 'rgb24'), {}, { colorSpace });
      expect((await streams(made.manifest))[0]?.colorSpace).to.equal(colorSpace);
      await expectColours(made, barPatches());
    });
  }

  it('has the matrix that frames of YUV say they have', async () => {
    const frame = { ...bars(144, 'nv12', { matrix: 'bt709' }), colorSpace: 'bt709' } as const;
    const gear = new StreamGear({ output: output(), streamParams: { '-qp': 4 } });
    await gear.stream(frame);
    const { manifest } = await gear.close();
    expect(await colorPatches({ input: manifest }, barPatches())).to.deep.equal([]);
    expect((await streams(manifest))[0]?.colorSpace).to.equal('bt709');
  });

  describe('Where the bytes lie makes no difference', () => {
    const size = { width: 62, height: 46 };

    /** Each plane in a buffer of its own, with rows that are `padding` bytes further apart. */
    function planar(frame: RawFrame, padding: number): { planes: Uint8Array[]; stride: number[] } {
      const { data, pixelFormat = 'gray' } = frame;
      const planes: Uint8Array[] = [];
      const stride: number[] = [];
      let offset = 0;
      for (const { rowBytes, rows } of planesOf(pixelFormat, size.width, size.height)) {
        const step = rowBytes + padding;
        // Without the padding of the last row: a buffer need not have it.
        const plane = new Uint8Array(step * (rows - 1) + rowBytes).fill(0xaa);
        for (let row = 0; row < rows; row++) {
          const from = offset + row * rowBytes;
          plane.set((data as Uint8Array).subarray(from, from + rowBytes), row * step);
        }
        offset += rowBytes * rows;
        planes.push(plane);
        stride.push(step);
      }
      return { planes, stride };
    }

    /** The same picture in all the ways in which it may be handed over. */
    function ways(frame: RawFrame): RawFrame[] {
      const bytes = frame.data as Uint8Array;
      const { data: _, ...shape } = frame;
      const shifted = new Uint8Array(bytes.length + 7).fill(0x55);
      shifted.set(bytes, 3);
      const shared = new SharedArrayBuffer(bytes.length);
      new Uint8Array(shared).set(bytes);
      const padded = planar(frame, 5);
      // One buffer with strides: the rows of a plane are whole, the next plane follows.
      const whole = padded.planes.map((plane, index) =>
        Buffer.concat([plane, Buffer.alloc(index === padded.planes.length - 1 ? 0 : 5, 0x33)]),
      );
      return [
        frame,
        { ...shape, data: bytes.buffer },
        { ...shape, data: new Uint8ClampedArray(bytes) },
        { ...shape, data: Buffer.from(bytes) },
        { ...shape, data: shifted.subarray(3, 3 + bytes.length) },
        { ...shape, data: shared },
        { ...shape, planes: planar(frame, 0).planes },
        { ...shape, ...padded },
        { ...shape, data: Buffer.concat(whole), stride: padded.stride },
      ];
    }

    for (const format of PIXEL_FORMATS) {
      it(`in ${format}`, async () => {
        const noise = paintFrame(size.width, size.height, format, (x, y) => [
          (x * 37 + y * 11) % 256,
          (x * 5 + y * 71) % 256,
          (x * 13 + y * 3) % 256,
        ]);
        const frames = ways(noise);
        // Only key frames with a fixed quantiser: equal pictures give equal pictures.
        const video = { preset: 'ultrafast', gop: 1, options: { qp: 12 } };
        const input = { ...size, pixelFormat: format };
        const made = await make({ input, video, output: output() }, frames);
        const hashes = await pictureHashes(made.manifest, 0);
        expect(hashes).to.have.length(frames.length);
        expect(hashes).to.deep.equal(hashes.map(() => hashes[0]));
      });
    }
  });

  describe('Plain channels', () => {
    const size = { width: 64, height: 48 };
    const [a, b, c] = [220, 120, 30];
    const fill = (...pixel: number[]): Uint8Array =>
      Uint8Array.from({ length: size.width * size.height * pixel.length }, (_, index) => {
        return pixel[index % pixel.length] ?? 0;
      });

    for (const [what, rgbMode, pixel, rgb] of [
      ['1 is gray', false, [a], [a, a, a]],
      ['2 are gray and an alpha that does not matter', false, [a, 9], [a, a, a]],
      ['3 are blue, green, red', false, [a, b, c], [c, b, a]],
      ['4 are blue, green, red and an alpha', false, [a, b, c, 9], [c, b, a]],
      ['3 are red, green, blue with rgbMode', true, [a, b, c], [a, b, c]],
      ['4 are red, green, blue and an alpha with rgbMode', true, [a, b, c, 9], [a, b, c]],
    ] as const satisfies readonly (readonly [string, boolean, readonly number[], Rgb])[]) {
      it(what, async () => {
        const { width, height } = size;
        const channels = pixel.length;
        const data = fill(...pixel);
        const shapes: Frame[] = [
          { data, ...size, channels },
          { data, shape: [height, width, channels] },
          ...(channels === 1 ? [{ data, shape: [height, width] }] : []),
        ];
        const gear = new StreamGear({ output: output(), streamParams: { '-qp': 4 } });
        for (const frame of shapes) await gear.stream(frame, { rgbMode });
        const { manifest } = await gear.close();
        for (const frame of shapes.keys()) {
          const patch = { x: 0.5, y: 0.5, rgb };
          const wrong = await colorPatches({ input: manifest }, [patch], { tolerance: 3, frame });
          expect(wrong).to.deep.equal([]);
        }
      });
    }
  });

  describe('A sharp edge between two colours', () => {
    const RED: Rgb = [220, 30, 30];
    const BLUE: Rgb = [30, 30, 220];
    const size = { width: 256, height: 144 };

    /** Where a line of samples goes over from its first level to its last: the number of samples before it. */
    function samplesBefore(line: readonly number[]): number {
      const first = line[2] ?? NaN;
      const last = line.at(-3) ?? NaN;
      return line.reduce((sum, value) => sum + (value - last) / (first - last), 0);
    }

    interface Edges {
      luma: number;
      u: number;
      v: number;
    }

    /**
     * The edge's place in luma pixels from the left or the top, by each plane. Chroma samples lie on every second column
     * (sited left) and between two rows.
     */
    async function edges(input: string, stream: number, along: 'x' | 'y'): Promise<Edges> {
      const decoded = await decodeFrames(input, { stream, pixelFormat: 'yuv420p', frames: 1 });
      const { width, height, frames } = decoded;
      const picture = frames[0] ?? new Uint8Array();
      const plane = (offset: number, columns: number, rows: number): number => {
        const count = along === 'x' ? columns : rows;
        const at = (index: number): number =>
          along === 'x' ? (rows >> 1) * columns + index : index * columns + (columns >> 1);
        const line = Array.from(
          { length: count },
          (_, index) => picture[offset + at(index)] ?? NaN,
        );
        return samplesBefore(line);
      };
      const chroma = (offset: number): number => {
        const before = 2 * plane(offset, width / 2, height / 2);
        return along === 'x' ? before - 0.5 : before;
      };
      const quarter = (width * height) / 4;
      return {
        luma: plane(0, width, height),
        u: chroma(width * height),
        v: chroma(width * height + quarter),
      };
    }

    for (const along of ['x', 'y'] as const) {
      it(`stays where it was along ${along}, in every plane and every rendition`, async () => {
        const half = along === 'x' ? size.width / 2 : size.height / 2;
        const frame = paintFrame(size.width, size.height, 'rgb24', (x, y) =>
          (along === 'x' ? x : y) < half ? RED : BLUE,
        );
        const renditions = [{}, { height: 72 }, { height: 288 }, { height: 48 }];
        const made = await encode(frame, { renditions });
        for (const [stream, { width, height }] of made.summary.renditions.entries()) {
          const expected = (along === 'x' ? width : height) / 2;
          const found = await edges(made.manifest, stream, along);
          for (const [plane, place] of Object.entries(found)) {
            expect(place, `${plane} of ${height} lines`).to.be.closeTo(expected, 0.2);
          }
        }
      });
    }

    for (const format of ['yuv420p', 'nv12', 'yuyv422', 'uyvy422'] as const) {
      it(`stays where ${format} had it`, async () => {
        const frame = paintFrame(size.width, size.height, format, (x) => (x < 128 ? RED : BLUE));
        const made = await encode(frame, { renditions: [{}, { height: 72 }] });
        // The first blue chroma sample is that of column 128: half way from column 126 the colour changes.
        for (const [stream, scale] of [1, 0.5].entries()) {
          const { luma, u, v } = await edges(made.manifest, stream, 'x');
          expect(luma).to.be.closeTo(128 * scale, 0.2);
          expect(u).to.be.closeTo(127.5 * scale, 0.2);
          expect(v).to.be.closeTo(127.5 * scale, 0.2);
        }
      });
    }
  });
});
