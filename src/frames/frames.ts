// Frames: the check of one pushed picture.

import { firstOf, isList } from '../base/lists.js';
import type { Rational } from '../base/rational.js';
import { InvalidFrameError } from '../report/errors.js';
import {
  BGR_FORMATS,
  formatOfChannels,
  reading,
  RGB_FORMATS,
  toRawFrame,
} from './frame-adapters.js';
import { checkLength, invalidFrame, mustHaveSize, viewBytes } from './frame-bytes.js';
import type { Shape, Wanted } from './frame-bytes.js';
import type { FrameTags, RawFrame } from './frame-types.js';
import { COLOR_SPACES, PIXEL_FORMATS, planeBytes, planesOf } from './pixel-layout.js';
import type { PixelFormat, PlaneSize } from './pixel-layout.js';

export {
  fromBeamcoder,
  fromImageData,
  fromMat,
  fromNativeImage,
  fromSharp,
} from './frame-adapters.js';
export type { MatTags } from './frame-adapters.js';
export { isBytes } from './frame-bytes.js';

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

const NO_BYTES = new Uint8Array();

/** More planes than any layout has. */
const MANY_PLANES = 8;

/** What a frame says, read once: a getter cannot say two things, and nothing foreign runs once it is checked. */
interface GivenFrame {
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: unknown;
  readonly channels: unknown;
  readonly data: unknown;
  readonly planes: unknown;
  readonly stride: unknown;
  readonly tags: FrameTags;
}

/**
 * Checks a pushed frame by hand: this runs for every frame.
 *
 * @param value - Any {@link Frame}.
 * @param rgb - The order of plain 3 or 4 channels is RGB(A), not BGR(A).
 * @param opened - What the stream was opened with; undefined for the first frame.
 * @throws {@link InvalidFrameError}
 */
export function checkFrame(value: unknown, rgb: boolean, opened?: Shape): CheckedFrame {
  return reading(() => {
    const formats = rgb ? RGB_FORMATS : BGR_FORMATS;
    const given = read(toRawFrame(value, formats));
    const { width, height, tags } = given;
    mustHaveSize(width, height);
    const pixelFormat =
      given.pixelFormat === undefined
        ? formatOfChannels(given.channels, formats)
        : PIXEL_FORMATS.find((name) => name === given.pixelFormat);
    if (pixelFormat === undefined) {
      throw invalidFrame(`a pixelFormat of ${PIXEL_FORMATS.join(', ')}`, given.pixelFormat);
    }
    checkTags(tags);
    const shape = { width, height, pixelFormat };
    const changed = opened === undefined ? undefined : changeOf(shape, opened);
    const planes = checkPlanes(given, shape, changed);
    if (changed !== undefined) throw changed;
    return { ...tags, ...planes, ...shape };
  });
}

function read(frame: RawFrame): GivenFrame {
  const { width, height, pixelFormat, channels, data, planes, stride } = frame;
  return {
    width,
    height,
    pixelFormat,
    channels,
    data,
    planes: isList(planes) ? firstOf(planes, MANY_PLANES) : planes,
    stride: isList(stride) ? firstOf(stride, MANY_PLANES) : stride,
    tags: tagsOf(frame),
  };
}

/** The error of a frame that is another than the stream was opened with. */
function changeOf(
  { width, height, pixelFormat }: Shape,
  opened: Shape,
): InvalidFrameError | undefined {
  if (width !== opened.width || height !== opened.height) {
    return new InvalidFrameError(
      'FRAME_SIZE_CHANGED',
      `Expected a frame of ${opened.width}x${opened.height}, as the stream was ` +
        `opened with, but received ${width}x${height}`,
    );
  }
  if (pixelFormat === opened.pixelFormat) return undefined;
  return new InvalidFrameError(
    'FRAME_FORMAT_CHANGED',
    `Expected a frame of ${opened.pixelFormat}, as the stream was opened with, but received ` +
      pixelFormat,
  );
}

function tagsOf(frame: FrameTags): FrameTags {
  const { timestamp, colorSpace, colorRange, sampleAspectRatio } = frame;
  return {
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(colorSpace === undefined ? {} : { colorSpace }),
    ...(colorRange === undefined ? {} : { colorRange }),
    ...(sampleAspectRatio === undefined ? {} : { sampleAspectRatio: ratioOf(sampleAspectRatio) }),
  };
}

function ratioOf(ratio: unknown): Rational {
  const { num, den } = (ratio ?? {}) as Partial<Rational>;
  if (!isPositive(num) || !isPositive(den)) {
    throw invalidFrame('a sampleAspectRatio such as { num: 4, den: 3 }', ratio);
  }
  return { num, den };
}

function isPositive(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function checkTags({ timestamp, colorSpace, colorRange }: FrameTags): void {
  if (timestamp !== undefined && !Number.isFinite(timestamp)) {
    throw invalidFrame('a timestamp in seconds', timestamp);
  }
  if (colorSpace !== undefined && !COLOR_SPACES.includes(colorSpace)) {
    throw invalidFrame(`a colorSpace of ${COLOR_SPACES.join(', ')}`, colorSpace);
  }
  if (colorRange !== undefined && !['tv', 'pc'].includes(colorRange)) {
    throw invalidFrame('a colorRange of tv or pc', colorRange);
  }
}

type Planes = Pick<CheckedFrame, 'planes' | 'strides'>;

/** Bytes that are too many are so because of `changed`, where that is known. */
function checkPlanes(
  { data, planes, stride }: GivenFrame,
  shape: Shape,
  changed: InvalidFrameError | undefined,
): Planes {
  const sizes = planesOf(shape.pixelFormat, shape.width, shape.height);
  const strides = stridesOf(stride, sizes);
  if (planes !== undefined) {
    return checkEach(planes, sizes, strides, { isExact: stride === undefined, changed }, shape);
  }
  const bytes = viewBytes(data, 'data');
  if (stride === undefined) {
    const needed = sizes.reduce((sum, size) => sum + planeBytes(size, 0), 0);
    checkLength(bytes, { name: 'data', needed, isExact: true, changed }, shape);
    return { planes: [bytes], strides: [0] };
  }
  return splitPlanes(bytes, sizes, strides, changed, shape);
}

/** Planes that lie apart. */
function checkEach(
  given: unknown,
  sizes: readonly PlaneSize[],
  strides: readonly number[],
  rule: Pick<Wanted, 'isExact' | 'changed'>,
  shape: Shape,
): Planes {
  if (!Array.isArray(given) || given.length !== sizes.length) {
    const received = Array.isArray(given) ? given.length : given;
    throw invalidFrame(`${sizes.length} planes for ${shape.pixelFormat}`, received);
  }
  const planes = given.map((plane, index) => viewBytes(plane, `planes[${index}]`));
  for (const [index, size] of sizes.entries()) {
    const needed = planeBytes(size, strides[index] ?? 0);
    checkLength(planes[index] ?? NO_BYTES, { name: `planes[${index}]`, needed, ...rule }, shape);
  }
  return { planes, strides };
}

/** Planes that follow each other in one buffer, each with its stride. */
function splitPlanes(
  data: Uint8Array,
  sizes: readonly PlaneSize[],
  strides: readonly number[],
  changed: InvalidFrameError | undefined,
  shape: Shape,
): Planes {
  let start = 0;
  let end = 0;
  const ends: (readonly [start: number, end: number])[] = [];
  for (const [index, size] of sizes.entries()) {
    const stride = strides[index] ?? 0;
    end = start + planeBytes(size, stride);
    ends.push([start, end]);
    start += stride * size.rows;
  }
  // Rows that are no wider than their pixels say nothing of other bytes.
  const isExact = sizes.every(({ rowBytes }, index) => strides[index] === rowBytes);
  checkLength(data, { name: 'data', needed: end, isExact, changed }, shape);
  return { planes: ends.map(([from, to]) => data.subarray(from, to)), strides };
}

/** Bytes from row to row of each plane; 0 where rows follow each other. */
function stridesOf(stride: unknown, sizes: readonly PlaneSize[]): number[] {
  if (stride === undefined) return sizes.map(() => 0);
  const given: unknown = typeof stride === 'number' ? [stride] : stride;
  if (!Array.isArray(given) || given.length !== sizes.length) {
    throw invalidFrame(`a stride for each of ${sizes.length} planes`, stride);
  }
  return sizes.map(({ rowBytes }, index) => {
    const bytes: unknown = given[index];
    if (!Number.isSafeInteger(bytes) || (bytes as number) < rowBytes) {
      throw invalidFrame(`a stride of at least ${rowBytes} bytes`, bytes);
    }
    return bytes as number;
  });
}
