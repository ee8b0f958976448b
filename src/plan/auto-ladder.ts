// Automatic ladder: the sizes and rates of renditions for whoever asks for "auto".

import { toNumber } from '../base/rational.js';
import type { Issues } from '../check/issues.js';
import { bitrate as bitrateKind } from '../check/values.js';
import type { Size } from '../check/values.js';
import type { Libav } from '../native/libav.js';
import type { CheckedOptions, CheckedRendition } from '../options/option-schema.js';
import { DEFAULT_BITS_PER_PIXEL, automaticBitrate } from './renditions.js';
import { sourceOf } from './resolve-input.js';

/** Short sides of the rungs, from which viewers tell quality: 1080 means 1080p, upright too. */
const RUNGS = [2160, 1440, 1080, 720, 480, 360, 240];

/** A rung has at most this share of the pixels of the one above: less of a difference is not worth an encoder. */
const MOST_OF_THE_ONE_ABOVE = 0.7;

/** Rungs below the source's own size. */
const MOST_RUNGS = 5;

/** Small pictures need more bits per pixel: the rate falls with the pixels to the power of 3/4. */
const EXPONENT = 0.75;

/** One rendition of the ladder. */
export interface Rung extends Size {
  /** Share of the first rendition's bitrate. */
  readonly share: number;
}

/**
 * The rungs below a size: at most five, each with at most 70 % of the pixels of the one above, the shape kept, both sides even.
 *
 * @param whole - Of the first rendition, the source's own.
 * @returns none when the source is small already.
 */
export function autoLadder(whole: Size): Rung[] {
  const short = Math.min(whole.width, whole.height);
  const rungs: Rung[] = [];
  let above = whole.width * whole.height;
  for (const side of RUNGS) {
    const scale = side / short;
    const size = { width: even(whole.width * scale), height: even(whole.height * scale) };
    const pixels = size.width * size.height;
    if (pixels > above * MOST_OF_THE_ONE_ABOVE || rungs.length === MOST_RUNGS) continue;
    rungs.push({ ...size, share: (pixels / (whole.width * whole.height)) ** EXPONENT });
    above = pixels;
  }
  return rungs;
}

/** Of the options, what a ladder is made from. */
type LadderOptions = Pick<CheckedOptions, 'ladder' | 'renditions' | 'video'>;

/**
 * The renditions with those that `ladder` adds: the first as it was asked for, and the rungs below its size, at rates that follow from its own.
 *
 * @param input - What the pictures are like.
 * @param issues - Takes a filter chain that fails, and other renditions beside the ladder.
 */
export function withLadder<Options extends LadderOptions>(
  options: Options,
  input: CheckedOptions['input'],
  libav: Libav,
  issues: Issues,
): Options {
  if (options.ladder === undefined) return options;
  checkLadder(options, issues);
  const { video = {}, renditions: [first = {}] = [] } = options;
  const source = sourceOf({ input, video }, libav, issues);
  const whole = wholeOf(first, source);
  const rate = toNumber(first.frameRate ?? source.frameRate);
  const bitrate =
    first.bitrate ??
    bitrateKind.parse(first.options?.get('b') ?? video.options?.get('b')) ??
    automaticBitrate(whole, video.bitsPerPixel ?? DEFAULT_BITS_PER_PIXEL, rate);
  const rungs = autoLadder(whole).map(({ width, height, share }): CheckedRendition => {
    const kilobits = Math.max(1, Math.round((bitrate * share) / 1000));
    return { ...first, width, height, bitrate: kilobits * 1000 };
  });
  return { ...options, renditions: [first, ...rungs] };
}

/** What lies below the first rendition is the ladder's. */
export function checkLadder({ ladder, renditions = [] }: LadderOptions, issues: Issues): void {
  if (ladder === undefined || renditions.length <= 1) return;
  issues.expected(
    'one rendition at most, as the ladder makes the others,',
    'renditions',
    renditions.length,
  );
}

/** The size of the first rendition; where it has one side, the other follows from the pictures' shape. */
function wholeOf({ width, height }: CheckedRendition, source: Size): Size {
  if (width !== undefined && height !== undefined) return { width, height };
  if (width !== undefined) return { width, height: (width / source.width) * source.height };
  if (height !== undefined) return { width: (height / source.height) * source.width, height };
  return { width: source.width, height: source.height };
}

function even(value: number): number {
  return Math.max(2, Math.round(value / 2) * 2);
}
