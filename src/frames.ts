// Frames: adapters from the shapes of other libraries, and the check of one pushed picture.

import { types } from 'node:util';
import { InvalidFrameError } from './errors.js';
import { show } from './issues.js';
import { COLOR_SPACES, PIXEL_FORMATS, planeBytes, planesOf } from './pixel-layout.js';
import type { ColorSpace, PixelFormat } from './pixel-layout.js';
import type {
  BeamcoderFrameLike,
  FrameBytes,
  FrameTags,
  ImageDataLike,
  MatLike,
  NativeImageLike,
  NdarrayFrame,
  RawFrame,
  SharpRawLike,
} from './frame-types.js';

/** ImageData (RGBA) as a frame. */
export function fromImageData(image: ImageDataLike, tags: FrameTags = {}): RawFrame {
  return {
    data: image.data,
    width: image.width,
    height: image.height,
    pixelFormat: 'rgba',
    ...tags,
  };
}

const SHARP_FORMATS: readonly PixelFormat[] = ['gray', 'ya8', 'rgb24', 'rgba'];

/** sharp's raw output (gray, gray + alpha, RGB or RGBA) as a frame. */
export function fromSharp({ data, info }: SharpRawLike, tags: FrameTags = {}): RawFrame {
  const pixelFormat = formatOfChannels(info.channels, SHARP_FORMATS);
  return { data, width: info.width, height: info.height, pixelFormat, ...tags };
}

/** An OpenCV `Mat` (gray, BGR or BGRA, 8 bits) as a frame. */
export function fromMat(mat: MatLike, tags: FrameTags = {}): RawFrame {
  const depth = typeof mat.depth === 'function' ? mat.depth() : (mat.depth ?? 0);
  if (depth !== 0) {
    throw new InvalidFrameError(
      'FRAME_NOT_8_BIT',
      `Expected a Mat of depth 0 (8-bit unsigned) but received depth ${depth}`,
    );
  }
  const data = typeof mat.getData === 'function' ? mat.getData() : mat.data;
  if (data === undefined) throw invalid('a Mat with data or getData()', mat);
  const channels = typeof mat.channels === 'function' ? mat.channels() : mat.channels;
  const stride = typeof mat.step === 'number' ? mat.step : mat.step?.[0];
  const frame = { data, width: mat.cols, height: mat.rows, channels, ...tags };
  return stride === undefined ? frame : { ...frame, stride };
}

/** Electron's `NativeImage` (BGRA) as a frame. */
export function fromNativeImage(image: NativeImageLike, tags: FrameTags = {}): RawFrame {
  return { data: image.toBitmap(), ...image.getSize(), pixelFormat: 'bgra', ...tags };
}

/**
 * beamcoder's `Frame` as a frame, without a copy.
 *
 * @param frame - Decoded; its format must be one of {@link PixelFormat} or `yuvj420p`.
 * @param options - `timeBase` is the source stream's, `[1, 24000]`: with it `pts` becomes the
 *   timestamp; without it frames are timed by their number.
 */
export function fromBeamcoder(
  frame: BeamcoderFrameLike,
  options: FrameTags & { readonly timeBase?: readonly number[] } = {},
): RawFrame {
  const { timeBase, ...tags } = options;
  const full = frame.format.startsWith('yuvj');
  const pixelFormat = PIXEL_FORMATS.find((name) => name === frame.format.replace('yuvj', 'yuv'));
  if (pixelFormat === undefined) {
    throw invalid(`a beamcoder Frame of one of ${PIXEL_FORMATS.join(', ')}`, frame.format);
  }
  const planes = planesOf(pixelFormat, frame.width, frame.height);
  const colorSpace = COLOR_SPACES.find((name): name is ColorSpace => name === frame.color_space);
  const [num, den] = frame.sample_aspect_ratio ?? [];
  const [ticks, perSecond] = timeBase ?? [];
  const { pts } = frame;
  const timed = ticks !== undefined && perSecond !== undefined && typeof pts === 'number';
  return {
    planes: frame.data.slice(0, planes.length),
    stride: frame.linesize.slice(0, planes.length),
    width: frame.width,
    height: frame.height,
    pixelFormat,
    ...(colorSpace === undefined ? {} : { colorSpace }),
    ...(full || frame.color_range === 'pc' ? { colorRange: 'pc' as const } : {}),
    ...(num !== undefined && den !== undefined && num > 0 && den > 0
      ? { sampleAspectRatio: { num, den } }
      : {}),
    ...(timed ? { timestamp: (pts * ticks) / perSecond } : {}),
    ...tags,
  };
}

/** An array with a shape as a frame. */
function fromNdarray(frame: NdarrayFrame, formats: readonly PixelFormat[]): RawFrame {
  const { data, shape, stride, offset = 0, ...tags } = frame;
  const [height, width, channels = 1] = isList(shape) ? shape : [];
  if (height === undefined || width === undefined || shape.length > 3) {
    throw invalid('a shape such as [height, width] or [height, width, channels]', shape);
  }
  const pixelFormat = formatOfChannels(channels, formats);
  const bytes = checkBytes(data, 'data');
  const whole = { width, height, pixelFormat, ...tags };
  const from = offset === 0 ? bytes : bytes.subarray(offset);
  if (stride === undefined) return { ...whole, data: from };
  const [row, column = channels, sample = 1] = isList(stride) ? stride : [];
  const tight = column === channels && (shape.length < 3 || sample === 1);
  if (!tight || row === undefined || row < width * channels) {
    throw invalid('an array whose pixels follow each other in a row', { shape, stride });
  }
  return { ...whole, data: from, stride: row };
}

const BGR_FORMATS: readonly PixelFormat[] = ['gray', 'ya8', 'bgr24', 'bgra'];
const RGB_FORMATS: readonly PixelFormat[] = ['gray', 'ya8', 'rgb24', 'rgba'];

function formatOfChannels(channels: unknown, formats: readonly PixelFormat[]): PixelFormat {
  const format = typeof channels === 'number' ? formats[channels - 1] : undefined;
  if (format === undefined) throw invalid('1, 2, 3 or 4 channels', channels);
  return format;
}

function invalid(expected: string, received: unknown): InvalidFrameError {
  return new InvalidFrameError(
    'INVALID_FRAME',
    `Expected ${expected} for the frame but received ${show(received)}`,
  );
}

/** True when `value` has every name; reads nothing else of it. */
function has(value: object, ...names: string[]): boolean {
  return names.every((name) => name in value);
}

/** An array, or an array of a library's own. */
function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** Whose frame it is, as far as nothing of it must be called that may not be there. */
const isNativeImage = (value: object): value is NativeImageLike =>
  has(value, 'toBitmap', 'getSize') &&
  [(value as NativeImageLike).toBitmap, (value as NativeImageLike).getSize].every(
    (member) => typeof member === 'function',
  );
const isSharpRaw = (value: object): value is SharpRawLike =>
  has(value, 'data', 'info') && isObject((value as { readonly info: unknown }).info);
const isBeamcoderFrame = (value: object): value is BeamcoderFrameLike =>
  has(value, 'data', 'linesize', 'format') &&
  typeof (value as BeamcoderFrameLike).format === 'string' &&
  isList((value as BeamcoderFrameLike).data) &&
  isList((value as BeamcoderFrameLike).linesize);

/** Bytes without a word about what they are. */
export function isBytes(value: unknown): value is FrameBytes {
  return ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value);
}

/** Any shape of frame as a {@link RawFrame}; `formats` decides the order of plain channels. */
function toRawFrame(value: unknown, formats: readonly PixelFormat[]): RawFrame {
  if (typeof value !== 'object' || value === null) {
    throw invalid('{ data, width, height, channels }', value);
  }
  if (isNativeImage(value)) return fromNativeImage(value);
  if (has(value, 'rows', 'cols')) return fromMat(value as MatLike);
  if (has(value, 'shape')) return fromNdarray(value as NdarrayFrame, formats);
  if (isSharpRaw(value)) return fromSharp(value);
  if (isBeamcoderFrame(value)) return fromBeamcoder(value);
  const frame = value as RawFrame;
  const described = frame.channels !== undefined || isOurFormat(frame.pixelFormat);
  if (!described && types.isUint8ClampedArray(frame.data)) {
    return fromImageData(value as ImageDataLike);
  }
  return frame;
}

/** ImageData has a `pixelFormat` of its own in recent browsers ("rgba-unorm8"). */
function isOurFormat(format: unknown): boolean {
  return format !== undefined && format !== 'rgba-unorm8';
}

/** A pushed picture after its check: exactly what the addon takes. */
export interface CheckedFrame extends FrameTags {
  /** One view of the whole picture, or one per plane. */
  readonly planes: readonly Uint8Array[];
  /** Bytes per row of each view; 0 = tight. */
  readonly strides: readonly number[];
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Layout. */
  readonly pixelFormat: PixelFormat;
}

/**
 * Checks a pushed frame by hand: this runs for every frame.
 *
 * @param value - Any {@link Frame}.
 * @param rgb - The order of plain 3 or 4 channels is RGB(A), not BGR(A).
 * @throws {@link InvalidFrameError}
 */
export function checkFrame(value: unknown, rgb: boolean): CheckedFrame {
  const formats = rgb ? RGB_FORMATS : BGR_FORMATS;
  const frame = toRawFrame(value, formats);
  const { width, height } = frame;
  if (!isLength(width) || !isLength(height)) {
    throw invalid('a width and height from 1 to 16384', { width, height });
  }
  const pixelFormat =
    frame.pixelFormat === undefined
      ? formatOfChannels(frame.channels, formats)
      : PIXEL_FORMATS.find((name) => name === frame.pixelFormat);
  if (pixelFormat === undefined) {
    throw invalid(`a pixelFormat of ${PIXEL_FORMATS.join(', ')}`, frame.pixelFormat);
  }
  const timestamp: unknown = frame.timestamp;
  if (timestamp !== undefined && !Number.isFinite(timestamp)) {
    throw invalid('a timestamp in seconds', timestamp);
  }
  return { ...tagsOf(frame), ...checkPlanes(frame, pixelFormat), width, height, pixelFormat };
}

function isLength(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 16384;
}

function tagsOf(frame: FrameTags): FrameTags {
  const { timestamp, colorSpace, colorRange, sampleAspectRatio } = frame;
  return {
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(colorSpace === undefined ? {} : { colorSpace }),
    ...(colorRange === undefined ? {} : { colorRange }),
    ...(sampleAspectRatio === undefined ? {} : { sampleAspectRatio }),
  };
}

type Planes = Pick<CheckedFrame, 'planes' | 'strides'>;

function checkPlanes(frame: RawFrame, format: PixelFormat): Planes {
  const sizes = planesOf(format, frame.width, frame.height);
  const strides = stridesOf(frame, sizes);
  if (frame.planes !== undefined) {
    if (!isList(frame.planes) || frame.planes.length !== sizes.length) {
      throw invalid(`${sizes.length} planes for ${format}`, frame.planes.length);
    }
    const planes = frame.planes.map((plane, index) => checkBytes(plane, `planes[${index}]`));
    for (const [index, size] of sizes.entries()) {
      const needed = planeBytes(size, strides[index] ?? 0);
      checkLength(planes[index]?.byteLength ?? 0, needed, `planes[${index}]`, frame, format);
    }
    return { planes, strides };
  }
  const data = checkBytes(frame.data, 'data');
  if (frame.stride === undefined) {
    const needed = sizes.reduce((sum, size) => sum + planeBytes(size, 0), 0);
    checkLength(data.byteLength, needed, 'data', frame, format);
    return { planes: [data], strides: [0] };
  }
  return splitPlanes(data, sizes, strides, frame, format);
}

/** Planes that follow each other in one buffer, each with its stride. */
function splitPlanes(
  data: Uint8Array,
  sizes: ReturnType<typeof planesOf>,
  strides: readonly number[],
  frame: RawFrame,
  format: PixelFormat,
): Planes {
  let start = 0;
  const planes: Uint8Array[] = [];
  for (const [index, size] of sizes.entries()) {
    const stride = strides[index] ?? 0;
    const end = start + planeBytes(size, stride);
    checkLength(data.byteLength, end, 'data', frame, format);
    planes.push(data.subarray(start, end));
    start += (stride === 0 ? size.rowBytes : stride) * size.rows;
  }
  return { planes, strides };
}

function stridesOf(frame: RawFrame, sizes: ReturnType<typeof planesOf>): number[] {
  const { stride } = frame;
  if (stride === undefined) return sizes.map(() => 0);
  const given = typeof stride === 'number' ? [stride] : stride;
  if (!isList(given) || given.length !== sizes.length) {
    throw invalid(`a stride for each of ${sizes.length} planes`, stride);
  }
  return sizes.map(({ rowBytes }, index) => {
    const bytes = given[index];
    if (bytes === undefined || !Number.isSafeInteger(bytes) || bytes < rowBytes) {
      throw invalid(`a stride of at least ${rowBytes} bytes`, bytes);
    }
    return bytes;
  });
}

function checkLength(
  received: number,
  needed: number,
  name: string,
  { width, height }: RawFrame,
  format: PixelFormat,
): void {
  if (received >= needed) return;
  throw new InvalidFrameError(
    'BUFFER_TOO_SHORT',
    `Expected at least ${needed} bytes in ${name} of a ${width}x${height} ` +
      `${format} frame but received ${received}`,
  );
}

function checkBytes(value: FrameBytes | undefined, name: string): Uint8Array {
  const bytes = viewOf(value, name);
  const buffer: ArrayBufferLike & { readonly resizable?: boolean; readonly growable?: boolean } =
    bytes.buffer;
  if (buffer.resizable === true || buffer.growable === true) {
    throw new InvalidFrameError(
      'BUFFER_RESIZABLE',
      `Expected a buffer of fixed length in ${name} but received a resizable one: another thread ` +
        'reads it, and it may shrink meanwhile',
    );
  }
  if (bytes.byteLength === 0) {
    throw new InvalidFrameError(
      'BUFFER_DETACHED',
      `Expected pixels in ${name} but received an empty buffer: it has no length, or was ` +
        'transferred to another thread',
    );
  }
  return bytes;
}

function viewOf(value: unknown, name: string): Uint8Array {
  // Not instanceof: the bytes may come from another realm, such as an Electron preload script.
  if (types.isUint8Array(value)) return value;
  if (types.isUint8ClampedArray(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (types.isAnyArrayBuffer(value)) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) {
    throw new InvalidFrameError(
      'FRAME_NOT_8_BIT',
      `Expected 8-bit pixels (Uint8Array, Buffer or Uint8ClampedArray) in ${name} but received a ` +
        `${value.constructor.name}: convert its values to 0…255 first`,
    );
  }
  throw new InvalidFrameError(
    'INVALID_FRAME',
    `Expected bytes (Uint8Array, Buffer or Uint8ClampedArray) in ${name} of the frame but ` +
      `received ${show(value)}`,
  );
}
