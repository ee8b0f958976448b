// NativeImage: how many pixels Electron's picture has, whatever unit its size is in.

import { firstOf, isList } from '../base/lists.js';
import { InvalidFrameError } from '../report/errors.js';
import { mustHaveSize } from './frame-bytes.js';
import type { NativeImageLike } from './frame-types.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

const BYTES_PER_PIXEL = 4;

/**
 * The size of a bitmap of so many bytes. From Electron 46 on a capture's `getSize()` is in DIP, its bitmap in pixels,
 * and `getScaleFactors()` tells how many pixels make a DIP; before, both were in pixels.
 *
 * @throws {@link InvalidFrameError} when the bytes fit no scale factor, or several sizes.
 */
export function pixelSizeOf(image: NativeImageLike, bytes: number): Size {
  const { width, height } = image.getSize();
  mustHaveSize(width, height);
  const pixels = bytes / BYTES_PER_PIXEL;
  if (width * height === pixels) return { width, height };
  const scales = scalesOf(image);
  const found =
    scales === undefined
      ? sizeOfRatio({ width, height }, pixels)
      : scales.flatMap((scale) => sizesAt({ width, height }, scale, pixels));
  const [size] = found;
  if (size !== undefined && found.every((other) => other.width === size.width)) return size;
  throw new InvalidFrameError(
    found.length === 0 && pixels < width * height ? 'BUFFER_TOO_SHORT' : 'INVALID_FRAME',
    `Expected a bitmap of ${width}x${height} ` +
      (scales === undefined ? '' : `at a scale of ${scales.join(' or ')} `) +
      `but received ${bytes} bytes, which are ${found.length === 0 ? 'no' : 'more than one'} size ` +
      'of that shape: give { data: image.toBitmap(), width, height, pixelFormat: "bgra" }',
  );
}

/** More than any image has. */
const MANY_SCALES = 16;

/** Pixels per DIP; undefined when nobody tells. */
function scalesOf(image: NativeImageLike): readonly number[] | undefined {
  if (typeof image.getScaleFactors !== 'function') return undefined;
  const factors: unknown = image.getScaleFactors();
  return isList(factors) ? (firstOf(factors, MANY_SCALES) as number[]) : undefined;
}

/** What the bytes alone say: the same shape, larger. */
function sizeOfRatio({ width, height }: Size, pixels: number): Size[] {
  const scale = Math.sqrt(pixels / (width * height));
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const isSame = size.width * height === size.height * width;
  return scale > 1 && isSame && size.width * size.height === pixels ? [size] : [];
}

/** Sizes of so many pixels that are `size` at that scale: Electron leaves out the fraction of a DIP. */
function sizesAt({ width, height }: Size, scale: number, pixels: number): Size[] {
  if (!(scale > 0 && scale <= MANY_SCALES)) return [];
  const fits = (side: number, dip: number): boolean =>
    Number.isInteger(side) && Math.floor(side / scale + 1e-6) === dip;
  const sizes: Size[] = [];
  const most = (width + 1) * scale;
  for (let columns = Math.ceil(width * scale - 1e-3); columns <= most; columns++) {
    if (fits(columns, width) && fits(pixels / columns, height)) {
      sizes.push({ width: columns, height: pixels / columns });
    }
  }
  return sizes;
}
