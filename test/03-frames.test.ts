// Frames: every shape that can be pushed, and every way in which one can be wrong.

import { expect } from 'chai';
import { InvalidFrameError } from '../src/report/errors.js';
import {
  checkFrame,
  fromBeamcoder,
  fromImageData,
  fromMat,
  fromNativeImage,
  fromSharp,
} from '../src/frames/frames.js';
import { PIXEL_FORMATS, pictureBytes, planesOf } from '../src/frames/pixel-layout.js';

function codeOf(frame: unknown, rgb = false): string {
  try {
    checkFrame(frame, rgb);
    return 'fine';
  } catch (error) {
    expect(error).to.be.instanceOf(InvalidFrameError);
    return (error as InvalidFrameError).code;
  }
}

const size = { width: 5, height: 3 };

describe('pixel layout', () => {
  it('knows the bytes of every format, with chroma rounded up', () => {
    const bytes = Object.fromEntries(PIXEL_FORMATS.map((name) => [name, pictureBytes(name, 5, 3)]));
    expect(bytes).to.deep.equal({
      gray: 15,
      ya8: 30,
      bgr24: 45,
      rgb24: 45,
      bgra: 60,
      rgba: 60,
      yuv420p: 15 + 6 + 6,
      nv12: 15 + 12,
      yuyv422: 36,
      uyvy422: 36,
    });
  });
});

describe('frames', () => {
  it('take the order of plain channels from the original, and from rgbMode', () => {
    const formats = (rgb: boolean): string[] =>
      [1, 2, 3, 4].map(
        (channels) =>
          checkFrame({ data: new Uint8Array(15 * channels), ...size, channels }, rgb).pixelFormat,
      );
    expect(formats(false)).to.deep.equal(['gray', 'ya8', 'bgr24', 'bgra']);
    expect(formats(true)).to.deep.equal(['gray', 'ya8', 'rgb24', 'rgba']);
  });

  it('read bytes in place, whatever view they come in', () => {
    const buffer = new ArrayBuffer(100);
    const views = [
      new Uint8Array(buffer, 7, 45),
      new Uint8ClampedArray(buffer, 7, 45),
      Buffer.from(buffer, 7, 45),
    ];
    for (const data of views) {
      const [plane] = checkFrame({ data, ...size, channels: 3 }, false).planes;
      expect(plane).to.include({ buffer, byteOffset: 7, byteLength: 45 });
    }
    const shared = new SharedArrayBuffer(45);
    expect(checkFrame({ data: shared, ...size, channels: 3 }, false).planes[0]?.buffer).to.equal(
      shared,
    );
  });

  it('take shapes with and without channels', () => {
    const gray = checkFrame({ data: new Uint8Array(15), shape: [3, 5] }, false);
    expect(gray).to.include({ width: 5, height: 3, pixelFormat: 'gray' });
    const rgb = checkFrame({ data: new Uint8Array(45), shape: [3, 5, 3] }, true);
    expect(rgb).to.include({ width: 5, height: 3, pixelFormat: 'rgb24' });
  });

  it('take the rows of a larger ndarray', () => {
    // A 5x3 picture inside of one that is 10 wide, from column 2 of row 1.
    const data = new Uint8Array(10 * 4 * 3);
    const frame = checkFrame(
      { data, shape: [3, 5, 3], stride: [30, 3, 1], offset: 36, timestamp: 2 },
      false,
    );
    expect(frame.strides).to.deep.equal([30]);
    expect(frame.planes[0]).to.include({ byteOffset: 36, byteLength: 2 * 30 + 15 });
    expect(frame.timestamp).to.equal(2);
    expect(codeOf({ data, shape: [3, 5, 3], stride: [3, 30, 1] })).to.equal('INVALID_FRAME');
  });

  it('need no padding after the last row', () => {
    const stride = 20;
    const exact = new Uint8Array(stride * 2 + 15);
    expect(codeOf({ data: exact, ...size, channels: 3, stride })).to.equal('fine');
    expect(codeOf({ data: exact.subarray(1), ...size, channels: 3, stride })).to.equal(
      'BUFFER_TOO_SHORT',
    );
  });

  it('split planes that follow each other with their strides', () => {
    const data = new Uint8Array(8 * 3 + 4 * 2 + 4 * 2);
    const frame = checkFrame({ data, ...size, pixelFormat: 'yuv420p', stride: [8, 4, 4] }, false);
    expect(frame.planes.map((plane) => plane.byteOffset)).to.deep.equal([0, 24, 32]);
    expect(frame.strides).to.deep.equal([8, 4, 4]);
  });

  it('take planes of their own', () => {
    const planes = planesOf('nv12', 5, 3).map(
      ({ rowBytes, rows }) => new Uint8Array(rowBytes * rows),
    );
    expect(checkFrame({ planes, ...size, pixelFormat: 'nv12' }, false).planes).to.have.length(2);
    expect(codeOf({ planes: planes.slice(1), ...size, pixelFormat: 'nv12' })).to.equal(
      'INVALID_FRAME',
    );
    const short = [planes[0], new Uint8Array(3)];
    expect(codeOf({ planes: short, ...size, pixelFormat: 'nv12' })).to.equal('BUFFER_TOO_SHORT');
  });

  it('say what is wrong', () => {
    const frame = { data: new Uint8Array(45), ...size, channels: 3 };
    const wrong: [string, unknown][] = [
      ['INVALID_FRAME', 5],
      ['INVALID_FRAME', 'frame'],
      ['INVALID_FRAME', {}],
      ['INVALID_FRAME', { ...frame, data: undefined }],
      ['INVALID_FRAME', { ...frame, data: [1, 2, 3] }],
      ['INVALID_FRAME', { ...frame, channels: undefined }],
      ['INVALID_FRAME', { ...frame, channels: 5 }],
      ['INVALID_FRAME', { ...frame, channels: 2.5 }],
      ['INVALID_FRAME', { ...frame, width: 5.5 }],
      ['INVALID_FRAME', { ...frame, width: 0 }],
      ['INVALID_FRAME', { ...frame, width: '5' }],
      ['INVALID_FRAME', { ...frame, height: 20000 }],
      ['INVALID_FRAME', { ...frame, pixelFormat: 'bgr' }],
      ['INVALID_FRAME', { ...frame, stride: 14 }],
      ['INVALID_FRAME', { ...frame, stride: 15.5 }],
      ['INVALID_FRAME', { ...frame, timestamp: '1' }],
      ['INVALID_FRAME', { ...frame, timestamp: Number.NaN }],
      ['INVALID_FRAME', { data: new Uint8Array(45), shape: [45] }],
      ['BUFFER_TOO_SHORT', { ...frame, data: new Uint8Array(44) }],
      ['BUFFER_DETACHED', { ...frame, data: new Uint8Array(0) }],
      ['FRAME_NOT_8_BIT', { ...frame, data: new Float32Array(45) }],
      ['FRAME_NOT_8_BIT', { ...frame, data: new Uint16Array(45) }],
      ['FRAME_NOT_8_BIT', { ...frame, data: new Int8Array(45) }],
    ];
    for (const [code, value] of wrong) expect(codeOf(value), code).to.equal(code);
  });

  it('tell expected and received bytes', () => {
    expect(() => checkFrame({ data: new Uint8Array(10), ...size, channels: 3 }, false)).to.throw(
      'Expected at least 45 bytes in data of a 5x3 bgr24 frame but received 10',
    );
  });

  it('refuse buffers that were transferred or may shrink', () => {
    const buffer = new ArrayBuffer(45);
    const data = new Uint8Array(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    expect(codeOf({ data, ...size, channels: 3 })).to.equal('BUFFER_DETACHED');
    // Node 20 has resizable buffers; the ES2023 types do not.
    const Resizable = ArrayBuffer as unknown as new (
      length: number,
      options: { maxByteLength: number },
    ) => ArrayBuffer;
    const resizable = new Uint8Array(new Resizable(45, { maxByteLength: 90 }));
    expect(codeOf({ data: resizable, ...size, channels: 3 })).to.equal('BUFFER_RESIZABLE');
  });
});

describe('frames of other libraries', () => {
  const rgba = new Uint8ClampedArray(60);

  it('ImageData is RGBA, also with the pixelFormat of recent browsers', () => {
    for (const image of [
      { data: rgba, ...size },
      { data: rgba, ...size, colorSpace: 'srgb', pixelFormat: 'rgba-unorm8' },
    ]) {
      expect(checkFrame(image, false).pixelFormat).to.equal('rgba');
    }
    expect(fromImageData({ data: rgba, ...size }, { timestamp: 1 }).timestamp).to.equal(1);
  });

  it('sharp is in RGB order', () => {
    const raw = { data: Buffer.alloc(45), info: { ...size, channels: 3 } };
    expect(fromSharp(raw).pixelFormat).to.equal('rgb24');
    expect(checkFrame(raw, false).pixelFormat).to.equal('rgb24');
  });

  it('opencv4nodejs is in BGR order, OpenCV.js in RGB order', () => {
    const native = { rows: 3, cols: 5, channels: 3, getData: () => Buffer.alloc(45) };
    expect(checkFrame(native, false)).to.include({ width: 5, height: 3, pixelFormat: 'bgr24' });
    expect(checkFrame(native, true).pixelFormat).to.equal('rgb24'); // it was converted
    expect(fromMat(native, { order: 'rgb' }).pixelFormat).to.equal('rgb24');
    const wasm = {
      rows: 3,
      cols: 5,
      channels: () => 4,
      depth: () => 0,
      data: new Uint8Array(72),
      step: [24, 4],
    };
    expect(checkFrame(wasm, false)).to.deep.include({ pixelFormat: 'rgba', strides: [24] });
    expect(fromMat(wasm, { order: 'bgr' }).pixelFormat).to.equal('bgra');
    expect(() => fromMat({ ...native, depth: 5 })).to.throw(/depth 0/);
    expect(() => fromMat({ ...native, type: 18 })).to.throw(/depth 2/);
    expect(() => fromMat({ ...wasm, type: () => 29 })).to.throw(/depth 5/);
    expect(() => fromMat({ ...wasm, order: 'gbr' } as never, { order: 'gbr' } as never)).to.throw(
      /"rgb" or "bgr"/,
    );
  });

  it('Electron is BGRA', () => {
    const image = { toBitmap: () => Buffer.alloc(60), getSize: () => size };
    expect(fromNativeImage(image).pixelFormat).to.equal('bgra');
    expect(checkFrame(image, false)).to.include({ width: 5, height: 3 });
  });

  it('beamcoder keeps its planes, strides and colours', () => {
    const frame = {
      ...size,
      format: 'yuv420p',
      linesize: [32, 32, 32, 0],
      data: [Buffer.alloc(96), Buffer.alloc(64), Buffer.alloc(64)],
      pts: 2002,
      color_space: 'bt709',
      color_range: 'tv',
    };
    const checked = checkFrame(frame, false);
    expect(checked.planes.map((plane) => plane.buffer)).to.deep.equal(
      frame.data.map((plane) => plane.buffer),
    );
    expect(checked).to.deep.include({ strides: [32, 32, 32], colorSpace: 'bt709' });
    expect(checked.timestamp).to.equal(undefined);
    expect(fromBeamcoder(frame, { timeBase: [1, 24000] }).timestamp).to.equal(2002 / 24000);
    expect(fromBeamcoder({ ...frame, format: 'yuvj420p' })).to.include({
      pixelFormat: 'yuv420p',
      colorRange: 'pc',
    });
    expect(() => fromBeamcoder({ ...frame, format: 'yuv422p10le' })).to.throw(/yuv422p10le/);
  });
});
