// Renditions: sizes, aspects, rates and bitrates of the ladder.

import { equal, limitTo, multiply, toNumber } from '../base/rational.js';
import type { Rational } from '../base/rational.js';
import type { Issues } from '../check/issues.js';
import { MAX_BITRATE } from '../check/values.js';
import type { Size } from '../check/values.js';
import type { CheckedRendition } from '../options/option-schema.js';
import type { WarningEvent } from '../report/events.js';

/** Bits per pixel of the automatic bitrate, as the original's `-bpp`. */
export const DEFAULT_BITS_PER_PIXEL = 0.1;

/** H.264 and HEVC write the sample aspect ratio in 16 bits each. */
const MAX_ASPECT_PART = 65535;

/** Every frame; what a rendition says that has the input's rate. */
export const EVERY_FRAME: Rational = { num: 0, den: 1 };

/** Bit/s of a picture size and rate: `round(width * height * bpp * fps / 1000)` kbit/s, from 1 to a million. */
export function automaticBitrate(size: Size, bitsPerPixel: number, fps: number): number {
  const kilobits = Math.round((size.width * size.height * bitsPerPixel * fps) / 1000);
  return Math.min(Math.max(1, kilobits) * 1000, MAX_BITRATE);
}

/** What is scaled: the input, after the filter chain. */
export interface Source {
  /** Columns; may be odd. */
  readonly width: number;
  /** Rows; may be odd. */
  readonly height: number;
  /** Shape of one pixel. */
  readonly sampleAspectRatio: Rational;
  /** Of the frames that are scaled. */
  readonly frameRate: Rational;
}

/** One rendition with every number known. */
export interface Rendition {
  /** Columns, even. */
  readonly width: number;
  /** Rows, even. */
  readonly height: number;
  /** Exact, so that every rendition has the same display aspect. */
  readonly sampleAspectRatio: Rational;
  /** Frames per second as encoded. */
  readonly frameRate: Rational;
  /** {0, 1} when it is the input's rate: nothing is left out. */
  readonly decimateTo: Rational;
  /** Declared, bit/s. */
  readonly bitrate: number;
}

/** What decides renditions beside what they say themselves. */
export interface RenditionContext {
  /** What is scaled. */
  readonly source: Source;
  /** Display aspect that was asked for. */
  readonly aspectRatio: Rational | undefined;
  /** For renditions without a bitrate. */
  readonly bitsPerPixel: number;
  /** Collects what to tell. */
  readonly warn: (warning: WarningEvent) => void;
}

function toEven(value: number): number {
  return Math.max(2, Math.round(value / 2) * 2);
}

/** The even number below or equal: an odd row or column is cropped. */
function cropToEven(value: number): number {
  return value - (value % 2);
}

/** Encoders take even numbers of rows and columns; of the input alone the last ones are left out. */
export function checkSizes(requested: readonly CheckedRendition[], issues: Issues): void {
  for (const [index, { width, height }] of requested.entries()) {
    for (const [name, value] of Object.entries({ width, height })) {
      if (value === undefined || value % 2 === 0) continue;
      issues.expected(
        `an even number such as ${String(Math.max(2, value - 1))} or ${String(value + 1)}`,
        ['renditions', index, name],
        value,
      );
    }
  }
}

/** Frames are left out, never repeated. */
export function checkRates(
  requested: readonly CheckedRendition[],
  input: Rational,
  issues: Issues,
): void {
  for (const [index, { frameRate = input }] of requested.entries()) {
    if (toNumber(frameRate) <= toNumber(input) * (1 + 1e-9)) continue;
    issues.expected(
      `a frame rate of at most the input's ${rateText(input)}`,
      ['renditions', index, 'frameRate'],
      rateText(frameRate),
    );
  }
}

/** The ladder, in the order that was asked for. */
export function resolveRenditions(
  requested: readonly CheckedRendition[],
  context: RenditionContext,
): Rendition[] {
  const { source, warn } = context;
  const whole = { width: cropToEven(source.width), height: cropToEven(source.height) };
  if (whole.width !== source.width || whole.height !== source.height) {
    warn({
      code: 'ODD_SIZE',
      message:
        `Pictures of ${sizeText(source)} have an odd size: the last row or column is left out, ` +
        `${sizeText(whole)} is encoded`,
    });
  }
  const display =
    context.aspectRatio ??
    multiply({ num: whole.width, den: whole.height }, source.sampleAspectRatio);
  return requested.map((rendition, index) =>
    resolveRendition(rendition, index, { ...context, whole, display }),
  );
}

function resolveRendition(
  requested: CheckedRendition,
  index: number,
  context: RenditionContext & { readonly whole: Size; readonly display: Rational },
): Rendition {
  const { source, whole, display, warn } = context;
  const size = sizeOf(requested, whole, toNumber(display));
  const square = { num: size.width, den: size.height };
  if (requested.width !== undefined && requested.height !== undefined) {
    warnWhenAspectDiffers(size, display, index, warn);
  }
  const frameRate = requested.frameRate ?? source.frameRate;
  return {
    ...size,
    sampleAspectRatio: limitTo(
      multiply(display, { num: square.den, den: square.num }),
      MAX_ASPECT_PART,
    ),
    frameRate,
    decimateTo: equal(frameRate, source.frameRate) ? EVERY_FRAME : frameRate,
    bitrate: requested.bitrate ?? automaticBitrate(size, context.bitsPerPixel, toNumber(frameRate)),
  };
}

function sizeOf({ width, height }: CheckedRendition, whole: Size, display: number): Size {
  if (width !== undefined && height !== undefined) return { width, height };
  // The input's own aspect gives back the input's own size, whatever the rounding.
  if (width !== undefined) {
    return { width, height: width === whole.width ? whole.height : toEven(width / display) };
  }
  if (height === undefined) return whole;
  return { width: height === whole.height ? whole.width : toEven(height * display), height };
}

function warnWhenAspectDiffers(
  size: Size,
  display: Rational,
  index: number,
  warn: (warning: WarningEvent) => void,
): void {
  const fitting = size.height * toNumber(display);
  if (Math.abs(size.width - fitting) < 2) return; // what rounding to even may do
  warn({
    code: 'ASPECT_DIFFERS',
    message:
      `Rendition ${index} of ${sizeText(size)} has another aspect than the source ` +
      `(${display.num}:${display.den}): its pixels are not square, so that the ` +
      'picture is not distorted',
  });
}

function sizeText({ width, height }: Size): string {
  return `${width}x${height}`;
}

function rateText({ num, den }: Rational): string {
  return den === 1 ? String(num) : `${num}/${den}`;
}
