// Timeline: the presentation time of each frame, in whole ticks.

import { toNumber } from '../base/rational.js';
import type { Rational } from '../base/rational.js';

/** MPEG-TS counts in 1/90000 s: no time base should be coarser. */
const LEAST_TICKS_PER_SECOND = 90_000;

/** Seconds from one frame to the next: nobody waits longer, and a timestamp in another unit is told. */
const MOST_SECONDS_APART = 30 * 86_400;
/**
 * Ticks from one frame to the next inside of a segment: fMP4 has 31 bits for them. A pause that is longer than a segment
 * ends one, and a new one goes on behind it.
 */
const MOST_TICKS_INSIDE = 0.75 * 2 ** 31;

/** Ticks per second of a frame rate: a multiple of its numerator, so that frame i is at an exact tick. */
export function ticksPerSecond({ num }: Rational): number {
  return num * Math.ceil(LEAST_TICKS_PER_SECOND / num);
}

/** The part of the input to keep, in seconds of presentation time. */
export interface Trim {
  /** Frames before it are left out, and times begin anew at the first that is kept. */
  readonly start: number;
  /** Frames from here on are left out. Infinity = none. */
  readonly end: number;
}

/** Where a frame lies. */
export type Placement =
  | { readonly kind: 'keep'; readonly ticks: number }
  /** Outside of the {@link Trim}. */
  | { readonly kind: 'before' | 'after' }
  /** Not later than the frame before it. Seconds. */
  | { readonly kind: 'late'; readonly time: number; readonly previous: number }
  /** Further behind the frame before it than a segment can tell. Seconds. */
  | {
      readonly kind: 'far';
      readonly time: number;
      readonly previous: number;
      readonly most: number;
    };

/** Assigns times: a frame's own timestamp, or one frame after the frame before it. */
export class Timeline {
  /** Ticks per second. */
  readonly ticksPerSecond: number;
  readonly #frameTicks: number;
  readonly #trim: Trim;
  readonly #segmentTicks: number;
  #origin: number | undefined;
  #last: number | undefined; // ticks since the first frame
  #firstKept: number | undefined;

  /** @param segmentTicks - Ticks of a segment. */
  constructor(
    frameRate: Rational,
    trim: Trim = { start: 0, end: Number.POSITIVE_INFINITY },
    segmentTicks = 0,
  ) {
    this.ticksPerSecond = ticksPerSecond(frameRate);
    this.#frameTicks = (this.ticksPerSecond / frameRate.num) * frameRate.den;
    this.#trim = trim;
    this.#segmentTicks = segmentTicks;
  }

  /** The first frame's own timestamp, seconds, 0 if it has none; undefined before it. */
  get origin(): number | undefined {
    return this.#origin;
  }

  /** Seconds from the first frame to the first that is kept; undefined before it. */
  get firstKept(): number | undefined {
    return this.#firstKept === undefined ? undefined : this.seconds(this.#firstKept);
  }

  /** Seconds from the first frame to the newest; 0 before either. */
  get newest(): number {
    return this.seconds(this.#last ?? 0);
  }

  /** Seconds after the first frame from which on frames are kept. */
  get trimStart(): number {
    return this.#trim.start;
  }

  /**
   * Places the next frame. Times are rebased so that the first frame is at 0.
   *
   * @param timestamp - The frame's own time, seconds.
   */
  place(timestamp: number | undefined): Placement {
    this.#origin ??= timestamp ?? 0;
    const next = this.#last === undefined ? 0 : this.#last + this.#frameTicks;
    const ticks =
      timestamp === undefined ? next : Math.round((timestamp - this.#origin) * this.ticksPerSecond);
    if (this.#last !== undefined && ticks <= this.#last) {
      return { kind: 'late', time: this.seconds(ticks), previous: this.seconds(this.#last) };
    }
    const previous = this.#last ?? ticks;
    const margin = marginOf(this.#frameTicks, this.ticksPerSecond);
    const isBefore = ticks + margin < this.#trim.start * this.ticksPerSecond;
    const isAfter = ticks + margin >= this.#trim.end * this.ticksPerSecond;
    const isKept = !isBefore && !isAfter;
    const mostApart = this.#mostApart(ticks - previous);
    if (isKept && this.#firstKept !== undefined && ticks - previous > mostApart) {
      const most = Math.floor(this.seconds(mostApart));
      return { kind: 'far', time: this.seconds(ticks), previous: this.seconds(previous), most };
    }
    this.#last = ticks;
    if (!isKept) return { kind: isBefore ? 'before' : 'after' };
    this.#firstKept ??= ticks;
    return { kind: 'keep', ticks: ticks - this.#firstKept };
  }

  /** What bounds a distance, ticks. One that is as long as a segment has a border in it. */
  #mostApart(apart: number): number {
    const isInside = apart < this.#segmentTicks;
    return isInside ? MOST_TICKS_INSIDE : MOST_SECONDS_APART * this.ticksPerSecond;
  }

  /** Ticks as seconds. */
  seconds(ticks: number): number {
    return ticks / this.ticksPerSecond;
  }
}

/** Half a frame of tolerance, in ticks: a border that falls between two ticks must not move by a frame. */
function marginOf(frameTicks: number, ticks: number): number {
  return Math.min(frameTicks / 2, ticks / 1000);
}

/** When the first frame is that a {@link Trim} from `start` on keeps, if frames come at their rate; seconds. */
export function firstKeptTime(start: number, frameRate: Rational): number {
  const ticks = ticksPerSecond(frameRate);
  const frameTicks = (ticks / frameRate.num) * frameRate.den;
  const frames = Math.ceil((start * ticks - marginOf(frameTicks, ticks)) / frameTicks);
  return (Math.max(0, frames) * frameTicks) / ticks;
}

/** A duration in ticks, at least one frame long. */
export function durationInTicks(seconds: number, frameRate: Rational): number {
  const ticks = ticksPerSecond(frameRate);
  return Math.max(Math.round(seconds * ticks), Math.round(ticks / toNumber(frameRate)));
}
