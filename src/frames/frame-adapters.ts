// Frame adapters: the frames of other libraries, told by their shape, as ours. What they are given is foreign: it may
// be anything, and its getters and methods may throw.

import { types } from 'node:util';
import { firstOf, isList } from '../base/lists.js';
import { show } from '../check/issues.js';
import { InvalidFrameError, StreamError } from '../report/errors.js';
import { invalidFrame, isBytes, mustHaveSize, notDecoded, viewBytes } from './frame-bytes.js';
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
import { matFrame } from './mat.js';
import { pixelSizeOf } from './native-image.js';
import { COLOR_SPACES, PIXEL_FORMATS, planesOf } from './pixel-layout.js';
import type { ColorSpace, PixelFormat } from './pixel-layout.js';

/** Runs what reads a foreign object; whatever that throws by itself becomes an error of the frame. */
export function reading<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof StreamError) throw error;
    throw new InvalidFrameError(
      'INVALID_FRAME',
      `Expected a frame that can be read but a field or method of it threw ${shownError(error)}`,
      error,
    );
  }
}

function shownError(error: unknown): string {
  return show(types.isNativeError(error) ? error.message : error);
}

function mustBeObject(value: unknown, expected: string): void {
  if (typeof value !== 'object' || value === null) throw invalidFrame(expected, value);
}

/**
 * ImageData (RGBA) as a frame.
 *
 * @category Frames
 */
export function fromImageData(image: ImageDataLike, tags: FrameTags = {}): RawFrame {
  return reading(() => {
    mustBeObject(image, 'ImageData');
    const { data, width, height } = image;
    const space = (image as { readonly colorSpace?: unknown }).colorSpace;
    if (space !== undefined && space !== 'srgb') {
      throw invalidFrame(
        'ImageData of sRGB such as getImageData(x, y, width, height, { colorSpace: "srgb" }) gives',
        space,
      );
    }
    mustHaveBytes(data);
    mustHaveSize(width, height);
    return { data, width, height, pixelFormat: 'rgba', ...tags };
  });
}

/** How many bytes; 0 of an empty picture. */
function bytesIn(data: unknown, name: string): number {
  return isBytes(data) && data.byteLength === 0 ? 0 : viewBytes(data, name).byteLength;
}

function mustHaveBytes(data: unknown): void {
  if (!isBytes(data)) viewBytes(data, 'data'); // it throws
}

const SHARP_FORMATS: readonly PixelFormat[] = ['gray', 'ya8', 'rgb24', 'rgba'];

/**
 * sharp's raw output (gray, gray + alpha, RGB or RGBA) as a frame.
 *
 * @throws {@link InvalidFrameError} `FRAME_NOT_DECODED` for the bytes of a file, `FRAME_NOT_8_BIT` for samples of
 *   another depth than `uchar`.
 *
 * @category Frames
 */
export function fromSharp(output: SharpRawLike, tags: FrameTags = {}): RawFrame {
  return reading(() => {
    mustBeObject(output, '{ data, info } of sharp');
    const { data, info } = output;
    mustBeObject(info, '{ data, info } of sharp');
    const { width, height, channels, format, depth } = info;
    if (format !== undefined && format !== 'raw') {
      throw notDecoded('data', `a picture of info.format ${show(format)}`);
    }
    if (depth !== undefined && depth !== 'uchar') {
      throw new InvalidFrameError(
        'FRAME_NOT_8_BIT',
        `Expected 8-bit pixels (uchar) from sharp but received depth ${show(depth)}: use ` +
          "raw({ depth: 'uchar' })",
      );
    }
    mustHaveBytes(data);
    mustHaveSize(width, height);
    const pixelFormat = formatOfChannels(channels, SHARP_FORMATS);
    return { data, width, height, pixelFormat, ...tags };
  });
}

/**
 * What is known of a Mat beside what it says.
 *
 * @category Frames
 */
export interface MatTags extends FrameTags {
  /**
   * Order of 3 and 4 channels. Default: as the library has it that made the Mat: OpenCV.js (whose methods are `channels()`
   * and `type()`) `rgb`, opencv4nodejs (`getData()`) `bgr`.
   */
  readonly order?: 'rgb' | 'bgr';
}

/**
 * An OpenCV `Mat` (1 to 4 channels of 8 bits) as a frame.
 *
 * @throws {@link InvalidFrameError} `FRAME_NOT_8_BIT` for another depth.
 *
 * @category Frames
 */
export function fromMat(mat: MatLike, tags: MatTags = {}): RawFrame {
  return reading(() => {
    mustBeObject(mat, 'a Mat');
    const { order: asked, ...rest } = tags;
    if (asked !== undefined && !['rgb', 'bgr'].includes(asked)) {
      throw invalidFrame('an order of "rgb" or "bgr"', asked);
    }
    const { order = asked, ...frame } = matFrame(mat, asked);
    const { width, height, channels } = frame;
    mustHaveSize(width, height);
    if (![1, 2, 3, 4].includes(channels)) throw invalidFrame('1, 2, 3 or 4 channels', channels);
    if (order === undefined) return { ...frame, ...rest };
    const formats = order === 'rgb' ? RGB_FORMATS : BGR_FORMATS;
    return { ...frame, pixelFormat: formatOfChannels(channels, formats), ...rest };
  });
}

/**
 * Electron's `NativeImage` (BGRA) as a frame. Its size is that of its pixels: on a HiDPI screen `getSize()` may be in
 * DIP, then `getScaleFactors()` says how many pixels there are.
 *
 * @category Frames
 */
export function fromNativeImage(image: NativeImageLike, tags: FrameTags = {}): RawFrame {
  return reading(() => {
    mustBeObject(image, 'a NativeImage');
    if (!isNativeImage(image)) throw invalidFrame('a NativeImage with toBitmap()', image);
    const data = image.toBitmap();
    const size = pixelSizeOf(image, bytesIn(data, 'toBitmap()'));
    mustHaveSize(size.width, size.height);
    return { data, ...size, pixelFormat: 'bgra', ...tags };
  });
}

/**
 * beamcoder's `Frame` as a frame, without a copy.
 *
 * @param frame - Decoded; its format must be one of {@link PixelFormat} or `yuvj420p`.
 * @param options - `timeBase` is the source stream's, `[1, 24000]`: with it `pts` becomes the
 *   timestamp; without it frames are timed by their number.
 *
 * @category Frames
 */
export function fromBeamcoder(
  frame: BeamcoderFrameLike,
  options: FrameTags & { readonly timeBase?: readonly number[] } = {},
): RawFrame {
  return reading(() => {
    mustBeObject(frame, 'a beamcoder Frame');
    const { timeBase, ...tags } = options;
    const { format, width, height, data, linesize, pts } = frame;
    if (typeof format !== 'string' || !isList(data) || !isList(linesize)) {
      throw invalidFrame('a beamcoder Frame', frame);
    }
    const full = format.startsWith('yuvj');
    const pixelFormat = PIXEL_FORMATS.find((name) => name === format.replace('yuvj', 'yuv'));
    if (pixelFormat === undefined) {
      throw invalidFrame(`a beamcoder Frame of one of ${PIXEL_FORMATS.join(', ')}`, format);
    }
    mustHaveSize(width, height);
    const count = planesOf(pixelFormat, 1, 1).length;
    const colorSpace = COLOR_SPACES.find((name): name is ColorSpace => name === frame.color_space);
    const [num, den] = frame.sample_aspect_ratio ?? [];
    const [ticks, perSecond] = timeBase ?? [];
    const timed = ticks !== undefined && perSecond !== undefined && typeof pts === 'number';
    return {
      planes: firstOf(data, count),
      stride: firstOf(linesize, count),
      width,
      height,
      pixelFormat,
      ...(colorSpace === undefined ? {} : { colorSpace }),
      ...(full || frame.color_range === 'pc' ? { colorRange: 'pc' as const } : {}),
      ...(num !== undefined && den !== undefined && num > 0 && den > 0
        ? { sampleAspectRatio: { num, den } }
        : {}),
      ...(timed ? { timestamp: (pts * ticks) / perSecond } : {}),
      ...tags,
    };
  });
}

/** More dimensions than anything here has. */
const MANY_DIMENSIONS = 8;

/** An array with a shape as a frame. */
function fromNdarray(frame: NdarrayFrame, formats: readonly PixelFormat[]): RawFrame {
  const { data, shape: givenShape, stride: givenStride, offset = 0, ...tags } = frame;
  const shape = isList(givenShape) ? firstOf(givenShape, MANY_DIMENSIONS) : [];
  const [height, width, channels = 1] = shape;
  if (height === undefined || width === undefined || shape.length > 3) {
    throw invalidFrame('a shape such as [height, width] or [height, width, channels]', givenShape);
  }
  const pixelFormat = formatOfChannels(channels, formats);
  const bytes = viewBytes(data, 'data');
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw invalidFrame('an offset of at least 0', offset);
  }
  const { timestamp, colorSpace, colorRange, sampleAspectRatio } = tags;
  const whole = {
    ...{ timestamp, colorSpace, colorRange, sampleAspectRatio },
    ...{ width, height, pixelFormat },
  } as RawFrame;
  if (givenStride === undefined) return { ...whole, data: from(bytes, offset) };
  const stride = isList(givenStride) ? firstOf(givenStride, MANY_DIMENSIONS) : [];
  const [row, column = channels, sample = 1] = stride;
  const tight = column === channels && (shape.length < 3 || sample === 1);
  if (!tight || row === undefined || !(row >= width * channels)) {
    throw invalidFrame('an array whose pixels follow each other in a row', {
      shape,
      stride: givenStride,
    });
  }
  // A slice with tight rows that begins further on says by its offset that the array has more.
  const isSlice = offset > 0 && row === width * channels;
  const end = isSlice ? offset + row * height : bytes.byteLength;
  return { ...whole, data: from(bytes, offset, end), stride: row };
}

/** Bytes from `start` on; fewer when there are no more. */
function from(bytes: Uint8Array, start: number, end = bytes.byteLength): Uint8Array {
  const { buffer, byteOffset, byteLength } = bytes;
  const first = Math.min(start, byteLength);
  return new Uint8Array(buffer, byteOffset + first, Math.min(end, byteLength) - first);
}

/** Orders of plain channels, by their number. */
export const BGR_FORMATS: readonly PixelFormat[] = ['gray', 'ya8', 'bgr24', 'bgra'];
/** The same with `rgbMode`. */
export const RGB_FORMATS: readonly PixelFormat[] = ['gray', 'ya8', 'rgb24', 'rgba'];

/** The layout of so many plain channels. */
export function formatOfChannels(channels: unknown, formats: readonly PixelFormat[]): PixelFormat {
  const format = typeof channels === 'number' ? formats[channels - 1] : undefined;
  if (format === undefined) throw invalidFrame('1, 2, 3 or 4 channels', channels);
  return format;
}

/** True when `value` has every name; reads nothing else of it. */
function has(value: object, ...names: string[]): boolean {
  return names.every((name) => name in value);
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

/** Any shape of frame as a {@link RawFrame}; `formats` decides the order of plain channels. */
export function toRawFrame(value: unknown, formats: readonly PixelFormat[]): RawFrame {
  if (typeof value !== 'object' || value === null) {
    throw invalidFrame('{ data, width, height, channels }', value);
  }
  if (isBytes(value)) throw bytesAlone(value);
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

/** Bytes where nobody knows yet of what size a frame is. */
function bytesAlone(bytes: FrameBytes): InvalidFrameError {
  return invalidFrame(
    '{ data, width, height, channels } (frameSplitter() cuts a stream of bytes into such frames)',
    bytes,
  );
}

/** ImageData has a `pixelFormat` of its own in recent browsers ("rgba-unorm8"). */
function isOurFormat(format: unknown): boolean {
  return format !== undefined && format !== 'rgba-unorm8';
}
