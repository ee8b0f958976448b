// Frame bytes: the memory of a picture as its caller gives it, and what is said of one that does not fit.

import { Buffer } from 'node:buffer';
import { types } from 'node:util';
import { show } from '../check/issues.js';
import { InvalidFrameError } from '../report/errors.js';
import { encodedFormatOf } from './encoded-picture.js';
import type { FrameBytes } from './frame-types.js';
import { LARGEST_SIDE, PIXEL_FORMATS, pictureBytes } from './pixel-layout.js';
import type { PixelFormat } from './pixel-layout.js';

/** Reads a property as the language defines it: an own property of the object that hides it is not asked. */
function intrinsic(prototype: object, name: PropertyKey): (target: object) => unknown {
  const property = Object.getOwnPropertyDescriptor(prototype, name);
  return (target): unknown => property?.get?.call(target) as unknown;
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const bufferOf = intrinsic(typedArray, 'buffer') as (view: object) => ArrayBufferLike;
const offsetOf = intrinsic(typedArray, 'byteOffset') as (view: object) => number;
const lengthOf = intrinsic(typedArray, 'byteLength') as (view: object) => number;
const kindOf = intrinsic(typedArray, Symbol.toStringTag) as (view: object) => string | undefined;
const bufferLengthOf = intrinsic(ArrayBuffer.prototype, 'byteLength') as (buffer: object) => number;
const sharedLengthOf = intrinsic(SharedArrayBuffer.prototype, 'byteLength') as (
  buffer: object,
) => number;
const isResizable = intrinsic(ArrayBuffer.prototype, 'resizable');
const isGrowable = intrinsic(SharedArrayBuffer.prototype, 'growable');

/** Bytes without a word about what they are. */
export function isBytes(value: unknown): value is FrameBytes {
  return ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value);
}

/** The error of a frame of which something else was expected. */
export function invalidFrame(expected: string, received: unknown): InvalidFrameError {
  return new InvalidFrameError(
    'INVALID_FRAME',
    `Expected ${expected} for the frame but received ${show(received)}`,
  );
}

/** @throws {@link InvalidFrameError} for sides that no picture has. */
export function mustHaveSize(width: unknown, height: unknown): void {
  const isSide = (side: unknown): boolean =>
    Number.isInteger(side) && (side as number) >= 1 && (side as number) <= LARGEST_SIDE;
  if (isSide(width) && isSide(height)) return;
  throw invalidFrame(`a width and height from 1 to ${LARGEST_SIDE}`, { width, height });
}

/** Where bytes lie. */
interface Extent {
  readonly buffer: ArrayBufferLike;
  readonly offset: number;
  readonly length: number;
}

/**
 * A view of the bytes of a picture, in place.
 *
 * @param name - What they are called in the frame.
 * @throws {@link InvalidFrameError} for what is no bytes, for values of more than 8 bits, and for memory that is gone or
 *   may go.
 */
export function viewBytes(value: unknown, name: string): Uint8Array {
  const { buffer, offset, length } = extentOf(value, name);
  const resizable = types.isSharedArrayBuffer(buffer) ? isGrowable(buffer) : isResizable(buffer);
  if (resizable === true) {
    throw new InvalidFrameError(
      'BUFFER_RESIZABLE',
      `Expected a buffer of fixed length in ${name} but received a resizable one: another thread ` +
        'reads it, and it may shrink meanwhile',
    );
  }
  if (length === 0) {
    throw new InvalidFrameError(
      'BUFFER_DETACHED',
      `Expected pixels in ${name} but received an empty buffer: it has no length, or was ` +
        'transferred to another thread',
    );
  }
  return new Uint8Array(buffer, offset, length);
}

/** Where the bytes of a typed array lie, whatever it says itself. */
export function extentOfView(view: NodeJS.TypedArray): Extent {
  return { buffer: bufferOf(view), offset: offsetOf(view), length: lengthOf(view) };
}

/** Not by instanceof: the bytes may come from another realm, such as an Electron preload script. */
function extentOf(value: unknown, name: string): Extent {
  if (types.isUint8Array(value) || types.isUint8ClampedArray(value)) {
    return extentOfView(value);
  }
  if (types.isSharedArrayBuffer(value)) {
    return { buffer: value, offset: 0, length: sharedLengthOf(value) };
  }
  if (types.isAnyArrayBuffer(value)) {
    return { buffer: value, offset: 0, length: bufferLengthOf(value) };
  }
  if (ArrayBuffer.isView(value)) {
    throw new InvalidFrameError(
      'FRAME_NOT_8_BIT',
      `Expected 8-bit pixels (Uint8Array, Buffer or Uint8ClampedArray) in ${name} but received a ` +
        `${kindOf(value) ?? 'DataView'}: convert its values to 0…255 first`,
    );
  }
  throw new InvalidFrameError(
    'INVALID_FRAME',
    `Expected bytes (Uint8Array, Buffer or Uint8ClampedArray) in ${name} of the frame but ` +
      `received ${show(value)}`,
  );
}

/** The picture that bytes are to be. */
export interface Shape {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Layout. */
  readonly pixelFormat: PixelFormat;
}

/** How many bytes there must be. */
export interface Wanted {
  /** What the bytes are called in the frame. */
  readonly name: string;
  /** Bytes. */
  readonly needed: number;
  /** No more than these: nothing says that there are others beside the pixels. */
  readonly isExact: boolean;
  /** Why there are more, where that is known. */
  readonly changed: InvalidFrameError | undefined;
}

/**
 * Checks the number of bytes.
 *
 * @throws {@link InvalidFrameError} with the numbers, and with what the bytes look like.
 */
export function checkLength(bytes: Uint8Array, wanted: Wanted, shape: Shape): void {
  const received = bytes.byteLength;
  const { needed, isExact, name, changed } = wanted;
  if (received === needed || (received > needed && !isExact)) return;
  mustBeDecoded(bytes, name);
  const { width, height, pixelFormat } = shape;
  const isShort = received < needed;
  if (!isShort && changed !== undefined) throw changed;
  throw new InvalidFrameError(
    isShort ? 'BUFFER_TOO_SHORT' : 'BUFFER_TOO_LONG',
    `Expected ${isShort ? 'at least' : 'exactly'} ${needed} bytes in ${name} of a ${width}x${height} ` +
      `${pixelFormat} frame but received ${received}${isExact ? lengthHint(bytes, wanted, shape) : ''}`,
  );
}

/** @throws {@link InvalidFrameError} for the bytes of a picture file. */
export function mustBeDecoded(bytes: Uint8Array, name: string): void {
  const format = encodedFormatOf(bytes);
  if (format !== undefined) throw notDecoded(name, format);
}

/** The error of a picture that is still a file. */
export function notDecoded(name: string, format: string): InvalidFrameError {
  return new InvalidFrameError(
    'FRAME_NOT_DECODED',
    `Expected pixels in ${name} but received ${format}: decode it first, as ` +
      'sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true }) does',
  );
}

/** Samples that are wider than 8 bits, by their size. */
const WIDER: ReadonlyMap<number, string> = new Map([
  [2, '16-bit samples (convert them to 0…255 first)'],
  [4, '32-bit samples (convert them to 0…255 first)'],
  [8, '64-bit samples (convert them to 0…255 first)'],
]);

/** *. That many fit bgra or rgba, or rows of 1280 bytes (stride)* */
function lengthHint({ buffer, byteLength }: Uint8Array, { needed }: Wanted, shape: Shape): string {
  const { width, height, pixelFormat } = shape;
  const formats = PIXEL_FORMATS.filter((name) => pictureBytes(name, width, height) === byteLength);
  const row = byteLength / height;
  const isPacked = needed % height === 0 && !['yuv420p', 'nv12'].includes(pixelFormat);
  const times = byteLength / needed;
  const guesses = [
    ...(formats.length === 0 ? [] : [formats.join(' or ')]),
    ...(WIDER.has(times) ? [String(WIDER.get(times))] : []),
    ...(isPacked && times > 1 && times < 2 && Number.isInteger(row)
      ? [`rows of ${row} bytes (stride: ${row})`]
      : []),
    ...(times > 1 && Number.isInteger(times)
      ? [`${times} frames (frameSplitter() cuts a stream of bytes into frames)`]
      : []),
  ];
  if (guesses.length > 0) return `. That many would be ${guesses.join(', or ')}`;
  if (byteLength < needed) return '';
  return byteLength === Buffer.poolSize && buffer.byteLength === byteLength
    ? ". Node's small Buffers share a larger one: give the Buffer, not its .buffer"
    : '. frameSplitter() cuts a stream of bytes into frames';
}
