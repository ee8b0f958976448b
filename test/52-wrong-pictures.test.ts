// Pictures that are not what they seem: no wrong one passes in silence.

import { join } from 'node:path';

import { expect } from 'chai';
import sharp from 'sharp';

import { AdaptiveStream, InvalidFrameError, openFrames, StreamGear } from '../src/index.js';
import type { StreamError, StreamSummary } from '../src/index.js';
import {
  checkFrame,
  fromBeamcoder,
  fromImageData,
  fromMat,
  fromNativeImage,
  fromSharp,
} from '../src/frames/frames.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { issuesOf, rejection, smallFrame, smallOptions, thrown } from './support/small.js';

const size = { width: 320, height: 180 };
const PIXELS = 320 * 180;

/** What a frame is refused with. */
function refused(frame: unknown): StreamError {
  const error = thrown(() => checkFrame(frame, false));
  expect(error).to.be.instanceOf(InvalidFrameError);
  return error;
}

/** Calls with an argument that the types do not know. */
function callWith(target: object, name: string, given: unknown): Promise<StreamSummary> {
  const calls = target as Record<string, ((given: unknown) => Promise<StreamSummary>) | undefined>;
  return calls[name]?.(given) ?? Promise.reject(new Error(`No ${name}()`));
}

const bytes = (count: number): Uint8Array => new Uint8Array(count);

describe('a picture', () => {
  describe('with more bytes than it has pixels is refused, and told what it looks like', () => {
    for (const [name, frame, says] of [
      [
        'RGBA as 3 channels',
        { data: bytes(PIXELS * 4), ...size, channels: 3 },
        /exactly 172800 bytes .* but received 230400\. That many would be bgra or rgba/,
      ],
      [
        'RGB as gray',
        { data: bytes(PIXELS * 3), ...size, channels: 1 },
        /bgr24 or rgb24, or 3 frames/,
      ],
      ['16-bit gray', { data: bytes(PIXELS * 2), ...size, channels: 1 }, /ya8 .*16-bit samples/],
      [
        '16-bit RGB',
        { data: bytes(PIXELS * 6), ...size, channels: 3 },
        /16-bit samples .*2 frames/,
      ],
      ['floats', { data: bytes(PIXELS * 12), ...size, channels: 3 }, /32-bit samples .*4 frames/],
      ['padded rows', { data: bytes(1024 * 180), ...size, channels: 3 }, /stride: 1024/],
      [
        'padded rows that are said to be tight',
        { data: bytes(1024 * 180), ...size, channels: 3, stride: 960 },
        /stride: 1024/,
      ],
      [
        'an ndarray of 3 channels over RGBA',
        { data: bytes(PIXELS * 4), shape: [180, 320, 3], stride: [960, 3, 1], offset: 0 },
        /bgra or rgba/,
      ],
      [
        'I420 as NV12 of half the size',
        { data: bytes(PIXELS * 1.5), width: 320, height: 90, pixelFormat: 'nv12' },
        /2 frames/,
      ],
      [
        'a plane',
        {
          planes: [bytes(PIXELS), bytes(PIXELS / 4 + 1), bytes(PIXELS / 4)],
          ...size,
          pixelFormat: 'yuv420p',
        },
        /planes\[1\]/,
      ],
      [
        'a pool of small Buffers',
        { data: Buffer.from([1, 2, 3]).buffer, width: 1, height: 1, channels: 3 },
        /give the Buffer/,
      ],
    ] as const) {
      it(name, () => {
        const error = refused(frame);
        expect(error.code).to.equal('BUFFER_TOO_LONG');
        expect(error.message).to.match(says);
      });
    }
  });

  it('may have more bytes where its stride, its planes or its offset say so', () => {
    const part = { data: bytes(1024 * 300), ...size, channels: 3, stride: 1024 };
    expect(checkFrame(part, false).planes[0]).to.have.lengthOf(1024 * 179 + 960);
    const planes = [bytes(PIXELS * 3 + 64)];
    expect(checkFrame({ planes, ...size, channels: 3, stride: [960] }, false).width).to.equal(320);
    const slice = {
      data: bytes(PIXELS * 6),
      shape: [180, 320, 3],
      stride: [960, 3, 1],
      offset: 9600,
    };
    expect(checkFrame(slice, false).planes[0]).to.include({ byteOffset: 9600 });
  });

  describe('that is still a file is told to be decoded first', () => {
    for (const format of ['png', 'jpeg', 'webp', 'gif', 'avif', 'tiff'] as const) {
      it(format, async () => {
        const made = sharp({ create: { ...size, channels: 3, background: 'red' } });
        const output = await made.toFormat(format).toBuffer({ resolveWithObject: true });
        for (const frame of [
          { data: output.data, ...size, channels: 3 },
          { data: output.data, info: { ...size, channels: 3 } },
        ]) {
          const error = refused(frame);
          expect(error.code).to.equal('FRAME_NOT_DECODED');
          expect(error.message.toLowerCase()).to.match(
            new RegExp(`received an? ${format} picture: decode it`),
          );
        }
        const error = thrown(() => fromSharp(output));
        expect(error.code).to.equal('FRAME_NOT_DECODED');
        expect(error.message).to.contain(format === 'avif' ? 'heif' : format);
      });
    }
  });

  it('of sharp is taken when it is raw and of 8 bits', async () => {
    const made = sharp({ create: { ...size, channels: 3, background: 'red' } });
    const raw = await made.clone().raw().toBuffer({ resolveWithObject: true });
    expect(checkFrame(raw, false).pixelFormat).to.equal('rgb24');
    const wide = await made.clone().raw({ depth: 'ushort' }).toBuffer({ resolveWithObject: true });
    expect(refused(wide).code).to.be.oneOf(['BUFFER_TOO_LONG', 'FRAME_NOT_8_BIT']);
    const info = { ...raw.info, depth: 'ushort' };
    expect(refused({ data: raw.data, info }).code).to.equal('FRAME_NOT_8_BIT');
  });

  describe('of a NativeImage', () => {
    const image = (pixels: number, dip: object, factors?: readonly number[]): object => ({
      toBitmap: () => Buffer.alloc(pixels * 4),
      getSize: () => dip,
      ...(factors === undefined ? {} : { getScaleFactors: () => factors }),
    });
    for (const [name, given, expected] of [
      ['in pixels', image(PIXELS, size, [1]), size],
      ['in DIP', image(PIXELS * 4, size, [2]), { width: 640, height: 360 }],
      [
        'in DIP of one and a half',
        image(1280 * 720, { width: 853, height: 480 }, [1.5]),
        { width: 1280, height: 720 },
      ],
      [
        'in DIP of five quarters',
        image(1920 * 1080, { width: 1536, height: 864 }, [1.25]),
        { width: 1920, height: 1080 },
      ],
      ['in DIP, whose scale nobody tells', image(PIXELS * 4, size), { width: 640, height: 360 }],
    ] as const) {
      it(`${name} has the size of its pixels`, () => {
        expect(checkFrame(given, false)).to.include({ ...expected, pixelFormat: 'bgra' });
      });
    }
    it('whose bytes fit no scale is refused', () => {
      for (const wrong of [
        image(PIXELS * 4, size, [1]),
        image(PIXELS * 2, size, [2]),
        image(PIXELS + 7, size),
        image(PIXELS / 4, size, [2]),
        image(200 * 201, { width: 100, height: 100 }, [2]), // or 201x200
        image(PIXELS, { width: 2 ** 53, height: 16 }, [1]),
        image(PIXELS, { width: Infinity, height: 16 }, [1]),
      ]) {
        expect(refused(wrong).code).to.be.oneOf(['INVALID_FRAME', 'BUFFER_TOO_SHORT']);
      }
    });
  });

  it('of a part of a larger Mat is refused: OpenCV gives other bytes', () => {
    const data = bytes(PIXELS * 4);
    const mat = { rows: 180, cols: 320, type: () => 24, channels: () => 4, data };
    expect(checkFrame({ ...mat, step: [1280, 4] }, false).pixelFormat).to.equal('rgba');
    const part = { ...mat, step: [2560, 4], isContinuous: () => false };
    expect(refused(part).message).to.match(/clone\(\)/);
  });

  it('of another colour space than sRGB is refused', () => {
    const data = new Uint8ClampedArray(PIXELS * 4);
    expect(refused({ data, ...size, colorSpace: 'display-p3' }).message).to.match(/srgb/);
  });

  it('says each thing once: what a getter says later is not asked', () => {
    let asked = 0;
    const frame = {
      data: bytes(PIXELS),
      channels: 1,
      height: 180,
      get width() {
        return asked++ === 0 ? 320 : 32_000;
      },
    };
    expect(checkFrame(frame, false).width).to.equal(320);
    expect(asked).to.equal(1);
    const data = Object.defineProperty(bytes(9), 'byteLength', { value: PIXELS });
    expect(refused({ data, ...size, channels: 1 }).code).to.equal('BUFFER_TOO_SHORT');
  });
});

describe('adapters', () => {
  const adapters = { fromBeamcoder, fromImageData, fromMat, fromNativeImage, fromSharp };
  const throwing = (): never => {
    throw new RangeError('a trap');
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const anything: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['nothing', undefined],
    ['a number', 5],
    ['a symbol', Symbol('x')],
    ['a function', throwing],
    ['an object', {}],
    ['a list', []],
    ['a Proxy that throws', new Proxy({}, { get: throwing, has: throwing })],
    ['a Proxy that was revoked', proxy],
    [
      'members that are none',
      { data: 1, info: 2, rows: 3, cols: {}, toBitmap: 1, format: {}, linesize: 1 },
    ],
    ['info without a size', { data: bytes(3), info: {} }],
    [
      'a method that throws',
      { toBitmap: throwing, getSize: throwing, getData: throwing, rows: 1, cols: 1 },
    ],
  ];
  for (const [name, adapter] of Object.entries(adapters)) {
    it(`${name}() throws an InvalidFrameError for anything else`, () => {
      for (const [what, value] of anything) {
        expect(() => adapter(value as never), what).to.throw(InvalidFrameError);
      }
    });
  }
});

describe('options of a call', () => {
  let folder: TemporaryFolder;
  before(async () => (folder = await temporaryFolder()));
  after(() => folder[Symbol.asyncDispose]());

  const wrong: readonly (readonly [unknown, string, RegExp])[] = [
    [true, 'options', /an object such as \{ rgbMode: true \} for options but received true/],
    [null, 'options', /received null/],
    [{ rgb_mode: true }, 'options.rgb_mode', /Did you mean "rgbMode"\?$/],
    [{ forceKeyframe: true }, 'options.forceKeyframe', /Did you mean "forceKeyFrame"\?$/],
    [{ rgbMode: 'yes' }, 'rgbMode', /true or false/],
    [{ timestamp: 1 }, 'options.timestamp', /one of forceKeyFrame, rgbMode/],
    [
      Object.defineProperty({}, 'rgbMode', {
        enumerable: true,
        get: () => {
          throw new Error('x');
        },
      }),
      'options',
      /can be read/,
    ],
  ];

  it('of AdaptiveStream are checked, and the stream goes on', async () => {
    await using stream = await AdaptiveStream.open(smallOptions(folder.path));
    for (const [options, path, says] of wrong) {
      const [issue] = issuesOf(await rejection(stream.write(smallFrame(0), options as never)));
      expect(issue?.path).to.equal(path);
      expect(issue?.message).to.match(says);
      expect(thrown(() => stream.writable(options as never)).code).to.equal('INVALID_OPTIONS');
    }
    await stream.write(smallFrame(0), { rgbMode: true, forceKeyFrame: false });
    expect((await rejection(callWith(stream, 'finish', { wait: 1 }))).code).to.equal(
      'INVALID_OPTIONS',
    );
    expect((await stream.finish()).framesEncoded).to.equal(1);
  });

  it('of StreamGear are checked before anything is opened', async () => {
    await using gear = new StreamGear({ output: join(folder.path, 'gear', 'out.mpd') });
    for (const [options, path, says] of wrong) {
      const [issue] = issuesOf(await rejection(gear.stream(smallFrame(0), options as never)));
      expect(issue?.path).to.equal(path);
      expect(issue?.message).to.match(says);
      expect(thrown(() => gear.writable(options as never)).code).to.equal('INVALID_OPTIONS');
    }
    for (const call of ['close', 'terminate', 'stop']) {
      const error = await rejection(callWith(gear, call, { force: true }));
      expect(issuesOf(error)[0]?.message).to.match(
        /no options for \w+\(\) but received \{"force":true\}/,
      );
    }
    await gear.stream(smallFrame(0));
    // An event's argument is nobody's option.
    expect((await callWith(gear, 'close', new Event('end'))).framesEncoded).to.equal(1);
  });

  it('of transcodeSource() are checked', async () => {
    const gear = new StreamGear({
      output: join(folder.path, 'g.mpd'),
      streamParams: { '-video_source': 'package.json' },
    });
    for (const [options, path] of [
      [true, 'options'],
      [{ onprogress: () => undefined }, 'options.onprogress'],
      [{ signal: 5 }, 'signal'],
      [{ onProgress: 5 }, 'onProgress'],
    ] as const) {
      expect(issuesOf(await rejection(gear.transcodeSource(options as never)))[0]?.path).to.equal(
        path,
      );
    }
    await gear.abort();
  });
});

it('a frame of openFrames() that is released without its memory is forgotten', async () => {
  await using frames = await openFrames('testsrc2=s=64x48:r=25:d=2', {
    format: 'lavfi',
    readAhead: 2,
  });
  let count = 0;
  for await (const frame of frames) {
    expect(frame.data.byteLength, `frame ${frame.index}`).to.be.greaterThan(0);
    const { buffer } = frame.data;
    const transfer = (): unknown => structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
    // Before it is released, after it, or never.
    if (count % 3 === 0) transfer();
    frame.release();
    if (count % 3 === 1) transfer();
    count++;
  }
  expect(count).to.equal(50);
});
