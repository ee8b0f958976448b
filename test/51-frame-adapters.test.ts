// Frames of other libraries: pushed as they come, decoded, and their colours looked at.
import { join } from 'node:path';

import { expect } from 'chai';

import {
  AdaptiveStream,
  fromBeamcoder,
  fromImageData,
  fromMat,
  fromNativeImage,
  fromSharp,
  InvalidFrameError,
  StreamGear,
} from '../src/index.js';
import type { Frame, StreamOptions } from '../src/index.js';
import { packets, presentationTimes } from './support/ffprobe.js';
import {
  barPatches,
  colorBars,
  paintFrame,
  temporaryFolder,
  type FrameFormat,
  type TemporaryFolder,
} from './support/media.js';
import { colorPatches, decodeFrames, type Patch } from './support/psnr.js';
import { SMALL } from './support/pushed.js';

const { width: WIDTH, height: HEIGHT } = SMALL;

let base: TemporaryFolder;
let runs = 0;
before(async () => {
  base = await temporaryFolder();
});
after(() => base[Symbol.asyncDispose]());

function bars(pixelFormat: FrameFormat, options = {}): Uint8Array {
  return paintFrame(WIDTH, HEIGHT, pixelFormat, colorBars(WIDTH), options).data;
}

/** The bars without their colours. */
function grayPatches(): Patch[] {
  return barPatches().map(({ x, y, rgb: [red, green, blue] }) => {
    const luma = Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    return { x, y, rgb: [luma, luma, luma] };
  });
}

/** Rows with bytes between them that must never be seen. */
function padded(bytes: Uint8Array, rowBytes: number, stride: number): Uint8Array {
  const rows = bytes.length / rowBytes;
  const result = new Uint8Array(stride * rows).fill(77);
  for (let row = 0; row < rows; row++) {
    result.set(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), row * stride);
  }
  return result;
}

/** Pushes a frame three times and says what is wrong with the colours that come out. */
async function wrongColors(
  frame: Frame,
  patches: readonly Patch[] = barPatches(),
  options: StreamOptions = {},
): Promise<string[]> {
  const gear = new StreamGear({
    output: join(base.path, String(runs++), 'out.mpd'),
    streamParams: { '-preset': 'ultrafast', '-crf': 5, '-b:v': '8M' },
  });
  for (let index = 0; index < 3; index++) {
    expect(await gear.stream(frame, options)).to.equal(true);
  }
  const { manifest, renditions } = await gear.close();
  expect(renditions[0]).to.include({ ...SMALL, framesEncoded: 3 });
  return colorPatches({ input: manifest }, patches, { frame: 2 });
}

/** What pushing this frame is refused with; the stream must go on. */
async function refusal(frame: unknown): Promise<InvalidFrameError> {
  const gear = new StreamGear({
    output: join(base.path, String(runs++), 'out.mpd'),
    streamParams: { '-preset': 'ultrafast' },
  });
  const right = { data: bars('bgr24'), ...SMALL, channels: 3 };
  await gear.stream(right);
  const error = await gear.stream(frame as Frame).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  await gear.stream(right);
  expect((await gear.close()).framesEncoded).to.equal(2);
  expect(error).to.be.instanceOf(InvalidFrameError);
  return error as InvalidFrameError;
}

/** Stands for sharp, OpenCV and others: what matters is the shape of their objects. */
const rgba = (): Uint8Array => bars('rgba');
const clamped = (): Uint8ClampedArray => new Uint8ClampedArray(rgba().buffer);

describe('a frame', () => {
  describe('of ImageData', () => {
    for (const [name, frame] of [
      ['as it is', () => ({ data: clamped(), ...SMALL })],
      ['by fromImageData()', () => fromImageData({ data: clamped(), ...SMALL })],
      [
        'of a recent browser, with fields of its own',
        () => ({
          data: clamped(),
          ...SMALL,
          colorSpace: 'srgb',
          pixelFormat: 'rgba-unorm8',
        }),
      ],
    ] as const) {
      it(`${name} is RGBA`, async () => {
        expect(await wrongColors(frame())).to.deep.equal([]);
      });
    }
  });

  describe('of sharp', () => {
    for (const [format, channels] of [
      ['rgb24', 3],
      ['rgba', 4],
      ['gray', 1],
      ['ya8', 2],
    ] as const) {
      it(`with ${channels} channels is ${format}`, async () => {
        const info = { format: 'raw', ...SMALL, channels, size: WIDTH * HEIGHT * channels };
        const patches = channels < 3 ? grayPatches() : barPatches();
        const output = { data: Buffer.from(bars(format)), info };
        expect(await wrongColors(output, patches)).to.deep.equal([]);
        expect(await wrongColors(fromSharp(output), patches)).to.deep.equal([]);
      });
    }
  });

  describe('of OpenCV', () => {
    const size = { rows: HEIGHT, cols: WIDTH };

    it('by getData(), as opencv4nodejs has it, is BGR', async () => {
      const getData = (): Buffer => Buffer.from(bars('bgr24'));
      const mat = { ...size, channels: 3, depth: 0, type: 16, getData };
      expect(await wrongColors(mat)).to.deep.equal([]);
    });

    it('by data and functions, as OpenCV.js has it, is RGBA', async () => {
      const mat = {
        ...size,
        data: bars('rgba'),
        channels: () => 4,
        depth: () => 0,
        step: [WIDTH * 4, 4],
      };
      expect(await wrongColors(mat)).to.deep.equal([]);
      expect(await wrongColors(fromMat(mat))).to.deep.equal([]);
    });

    it('with getters on a class is the same', async () => {
      class Mat {
        readonly #bytes = bars('bgr24');
        get rows(): number {
          return HEIGHT;
        }
        get cols(): number {
          return WIDTH;
        }
        get channels(): number {
          return this.#bytes.length / (WIDTH * HEIGHT);
        }
        get data(): Uint8Array {
          return this.#bytes;
        }
      }
      expect(await wrongColors(new Mat())).to.deep.equal([]);
    });

    it('with one channel is gray', async () => {
      const mat = { ...size, channels: 1, data: bars('gray') };
      expect(await wrongColors(mat, grayPatches())).to.deep.equal([]);
    });

    it('that is a region of a larger one keeps its rows', async () => {
      const step = WIDTH * 3 + 40;
      const mat = { ...size, channels: 3, data: padded(bars('bgr24'), WIDTH * 3, step), step };
      expect(await wrongColors(mat)).to.deep.equal([]);
    });

    it('that is not of 8 bits is refused', async () => {
      const data = new Uint8Array(WIDTH * HEIGHT * 6);
      const error = await refusal({ ...size, channels: 3, depth: () => 2, data });
      expect(error.code).to.equal('FRAME_NOT_8_BIT');
      expect(error.message).to.equal(
        'Expected a Mat of depth 0 (8-bit unsigned) but received depth 2',
      );
    });

    it('without pixels is refused', async () => {
      const error = await refusal({ ...size, channels: 3 });
      expect(error.code).to.equal('INVALID_FRAME');
      expect(error.message).to.match(/^Expected a Mat with data or getData\(\) for the frame/);
    });
  });

  describe('of Electron', () => {
    const image = {
      toBitmap: () => Buffer.from(bars('bgra')),
      getSize: () => ({ width: WIDTH, height: HEIGHT }),
      isEmpty: () => false,
    };

    it('is BGRA, as it is or by fromNativeImage()', async () => {
      expect(await wrongColors(image)).to.deep.equal([]);
      expect(await wrongColors(fromNativeImage(image))).to.deep.equal([]);
    });

    it('that is empty is refused', async () => {
      const empty = { toBitmap: () => Buffer.alloc(0), getSize: () => ({ width: 0, height: 0 }) };
      expect((await refusal(empty)).code).to.equal('INVALID_FRAME');
    });

    it('whose bitmap is smaller than its size is refused', async () => {
      // What a display of twice the pixel density gives when the sizes are mixed up.
      const small = { ...image, getSize: () => ({ width: WIDTH * 2, height: HEIGHT * 2 }) };
      expect((await refusal(small)).code).to.equal('BUFFER_TOO_SHORT');
    });
  });

  describe('of beamcoder', () => {
    /** Planes with padded rows, and the fields that a decoded Frame of beamcoder has. */
    function beamFrame(format: string, bytes: Uint8Array, fields = {}): Record<string, unknown> {
      const chroma = (WIDTH / 2) * (HEIGHT / 2);
      const luma = WIDTH * HEIGHT;
      const sizes =
        format === 'nv12'
          ? [
              [luma, WIDTH],
              [2 * chroma, WIDTH],
            ]
          : format.startsWith('yuv')
            ? [
                [luma, WIDTH],
                [chroma, WIDTH / 2],
                [chroma, WIDTH / 2],
              ]
            : [[bytes.length, bytes.length / HEIGHT]];
      let start = 0;
      const planes = sizes.map(([length = 0, rowBytes = 0]) => {
        const plane = bytes.subarray(start, start + length);
        start += length;
        return { data: Buffer.from(padded(plane, rowBytes, rowBytes + 64)), line: rowBytes + 64 };
      });
      const linesize = [...planes.map(({ line }) => line), 0, 0, 0, 0, 0].slice(0, 8);
      const data = planes.map(({ data: plane }) => plane);
      return { type: 'Frame', ...SMALL, format, linesize, data, pts: 0, ...fields };
    }

    for (const format of ['yuv420p', 'nv12', 'rgb24', 'bgra', 'gray'] as const) {
      it(`in ${format} keeps planes and rows`, async () => {
        const patches = format === 'gray' ? grayPatches() : barPatches();
        const frame = beamFrame(format, bars(format)) as unknown as Frame;
        expect(await wrongColors(frame, patches)).to.deep.equal([]);
      });
    }

    it('in yuvj420p is of full range', async () => {
      const bytes = bars('yuv420p', { fullRange: true });
      const frame = beamFrame('yuvj420p', bytes) as unknown as Frame;
      expect(await wrongColors(frame)).to.deep.equal([]);
    });

    it('says its matrix and range', async () => {
      const bytes = bars('yuv420p', { matrix: 'bt709', fullRange: true });
      const fields = { color_space: 'bt709', color_range: 'pc' };
      const frame = beamFrame('yuv420p', bytes, fields) as unknown as Frame;
      expect(await wrongColors(frame)).to.deep.equal([]);
    });

    it('is timed by its pts when the time base is told', async () => {
      const stream = await AdaptiveStream.open({
        input: { ...SMALL, pixelFormat: 'yuv420p', frameRate: 25 },
        video: { preset: 'ultrafast' },
        output: join(base.path, String(runs++), 'out.mpd'),
      });
      for (const pts of [7000, 8000, 11_000, 12_000]) {
        const frame = beamFrame('yuv420p', bars('yuv420p'), { pts });
        await stream.write(fromBeamcoder(frame as never, { timeBase: [1, 25_000] }));
      }
      const { manifest } = await stream.finish();
      const [list = []] = await packets(manifest);
      const times = presentationTimes(list).map((time) => Math.round(time * 1000));
      expect(times).to.deep.equal([0, 40, 160, 200]);
    });

    it('of a format that no frame has is refused', async () => {
      const frame = beamFrame('yuv420p', bars('yuv420p'), { format: 'yuv444p10le' });
      const error = await refusal(frame);
      expect(error.code).to.equal('INVALID_FRAME');
      expect(error.message).to.match(
        /^Expected a beamcoder Frame of one of gray, .* for the frame but received "yuv444p10le"/,
      );
    });
  });

  describe('of an ndarray', () => {
    for (const [name, frame, options] of [
      ['[h, w, 3] is BGR', () => ({ data: bars('bgr24'), shape: [HEIGHT, WIDTH, 3] }), {}],
      [
        '[h, w, 3] with rgbMode is RGB',
        () => ({ data: bars('rgb24'), shape: [HEIGHT, WIDTH, 3] }),
        { rgbMode: true },
      ],
      ['[h, w, 4] is BGRA', () => ({ data: bars('bgra'), shape: [HEIGHT, WIDTH, 4] }), {}],
      [
        '[h, w, 4] with rgbMode is RGBA',
        () => ({ data: rgba(), shape: [HEIGHT, WIDTH, 4] }),
        { rgbMode: true },
      ],
      [
        'with its strides is the same',
        () => ({
          data: bars('bgr24'),
          shape: [HEIGHT, WIDTH, 3],
          stride: [WIDTH * 3, 3, 1],
          offset: 0,
        }),
        {},
      ],
      [
        'that is a slice of a larger one begins at its offset',
        () => {
          const row = (WIDTH + 10) * 3;
          const whole = new Uint8Array(row * (HEIGHT + 4)).fill(99);
          whole.set(padded(bars('bgr24'), WIDTH * 3, row), 2 * row + 15);
          return {
            data: whole,
            shape: [HEIGHT, WIDTH, 3],
            stride: [row, 3, 1],
            offset: 2 * row + 15,
          };
        },
        {},
      ],
    ] as const) {
      it(name, async () => {
        expect(await wrongColors(frame(), barPatches(), options)).to.deep.equal([]);
      });
    }

    it('[h, w] and [h, w, 1] are gray', async () => {
      for (const shape of [
        [HEIGHT, WIDTH],
        [HEIGHT, WIDTH, 1],
      ]) {
        expect(await wrongColors({ data: bars('gray'), shape }, grayPatches())).to.deep.equal([]);
      }
    });

    for (const [name, frame, code] of [
      ['of one dimension', { data: new Uint8Array(10), shape: [10] }, 'INVALID_FRAME'],
      [
        'of four dimensions',
        { data: new Uint8Array(10), shape: [1, HEIGHT, WIDTH, 3] },
        'INVALID_FRAME',
      ],
      [
        'of five channels',
        { data: new Uint8Array(WIDTH * HEIGHT * 5), shape: [HEIGHT, WIDTH, 5] },
        'INVALID_FRAME',
      ],
      [
        'with planes instead of pixels',
        {
          data: new Uint8Array(WIDTH * HEIGHT * 3),
          shape: [HEIGHT, WIDTH, 3],
          stride: [WIDTH, 1, WIDTH * HEIGHT],
        },
        'INVALID_FRAME',
      ],
      [
        'that runs backwards',
        {
          data: new Uint8Array(WIDTH * HEIGHT * 3),
          shape: [HEIGHT, WIDTH, 3],
          stride: [-WIDTH * 3, 3, 1],
        },
        'INVALID_FRAME',
      ],
      [
        'of floats',
        { data: new Float32Array(WIDTH * HEIGHT * 3), shape: [HEIGHT, WIDTH, 3] },
        'FRAME_NOT_8_BIT',
      ],
      [
        'with fewer bytes than its shape',
        { data: new Uint8Array(WIDTH * HEIGHT * 3 - 1), shape: [HEIGHT, WIDTH, 3] },
        'BUFFER_TOO_SHORT',
      ],
      [
        'of another size than the first',
        { data: new Uint8Array(100 * 50 * 3), shape: [50, 100, 3] },
        'FRAME_SIZE_CHANGED',
      ],
      [
        'of other channels than the first',
        { data: new Uint8Array(WIDTH * HEIGHT * 4), shape: [HEIGHT, WIDTH, 4] },
        'FRAME_FORMAT_CHANGED',
      ],
    ] as const) {
      it(`${name} is refused, and the stream goes on`, async () => {
        expect((await refusal(frame)).code).to.equal(code);
      });
    }
  });

  describe('of bytes', () => {
    for (const format of [
      'bgr24',
      'rgb24',
      'bgra',
      'rgba',
      'yuv420p',
      'nv12',
      'yuyv422',
      'uyvy422',
    ] as const) {
      it(`in ${format} has its colours`, async () => {
        const frame = { data: bars(format), ...SMALL, pixelFormat: format };
        expect(await wrongColors(frame)).to.deep.equal([]);
      });
    }

    it('may be an ArrayBuffer, a SharedArrayBuffer or a view with an offset', async () => {
      const bytes = bars('bgr24');
      const shared = new SharedArrayBuffer(bytes.length);
      new Uint8Array(shared).set(bytes);
      const larger = new Uint8Array(bytes.length + 13);
      larger.set(bytes, 13);
      for (const data of [bytes.buffer as ArrayBuffer, shared, larger.subarray(13)]) {
        expect(await wrongColors({ data, ...SMALL, channels: 3 })).to.deep.equal([]);
      }
    });

    it('by plane, each with its stride, is what one buffer is', async () => {
      const bytes = bars('yuv420p');
      const luma = WIDTH * HEIGHT;
      const chroma = luma / 4;
      const planes = [
        padded(bytes.subarray(0, luma), WIDTH, WIDTH + 16),
        padded(bytes.subarray(luma, luma + chroma), WIDTH / 2, WIDTH / 2 + 8),
        bytes.subarray(luma + chroma),
      ];
      const stride = [WIDTH + 16, WIDTH / 2 + 8, WIDTH / 2];
      const frame = { planes, stride, ...SMALL, pixelFormat: 'yuv420p' } as const;
      expect(await wrongColors(frame)).to.deep.equal([]);
    });

    it('is the same picture in every shape', async () => {
      const manifests: string[] = [];
      for (const frame of [
        { data: bars('bgr24'), ...SMALL, channels: 3 },
        { data: bars('bgr24'), shape: [HEIGHT, WIDTH, 3] },
        { rows: HEIGHT, cols: WIDTH, channels: 3, data: bars('bgr24') },
      ]) {
        const gear = new StreamGear({
          output: join(base.path, String(runs++), 'out.mpd'),
          streamParams: { '-preset': 'ultrafast', '-threads': 1 },
        });
        await gear.stream(frame);
        manifests.push((await gear.close()).manifest);
      }
      const pictures = await Promise.all(manifests.map((manifest) => decodeFrames(manifest)));
      const [first, ...others] = pictures.map(({ frames }) => Buffer.from(frames[0] ?? []));
      expect(first?.length).to.equal(WIDTH * HEIGHT * 3);
      for (const other of others) expect(first?.equals(other)).to.equal(true);
    });
  });
});
