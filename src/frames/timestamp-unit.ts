// Timestamp unit: whether timestamps are seconds, as they must be, or look like milliseconds or microseconds. Whoever is
// wrong by a thousand gets pictures that stand for a minute, and no error.

import { toNumber } from '../base/rational.js';
import type { Rational } from '../base/rational.js';

/** Seconds that no clock shows: since 1970 it is the year 5138 then, but Date.now() is beyond it. */
const NO_SECONDS = 1e11;

/** Steps that are looked at together, and how often. */
const STEPS = 5;
const BLOCKS = 6;

/** The shortest and the longest step of steady frames, as parts of their mean; a slide show varies more. */
const STEADY = 0.3;

/** How near the mean comes to the interval of the frame rate. */
const NEAR_RATE = 0.05;

/** How near it comes to the interval of a camera whose rate is not the declared one. */
const NEAR_CAMERA = 0.015;

/** Rates whose interval is no whole number of milliseconds. Nobody shows a picture for 33.3 s by chance. */
const CAMERAS = [15, 24, 30, 60, 120];

const UNITS = [
  { name: 'milliseconds', perSecond: 1e3 },
  { name: 'microseconds', perSecond: 1e6 },
] as const;

type Unit = (typeof UNITS)[number];

/** What wrong timestamps look like. */
export interface WrongUnit {
  /** "milliseconds". */
  readonly unit: Unit['name'];
  /** How many of them make a second. */
  readonly perSecond: number;
  /** From one frame to the next, or the timestamp itself, as given. */
  readonly seen: { readonly step: number } | { readonly timestamp: number };
}

/** Looks at the first timestamps of a stream, each once, and finds at most one thing. */
export class TimestampUnit {
  readonly #rate: number;
  readonly #now: () => number;
  #blocks = 0;
  #begin: { readonly timestamp: number; readonly at: number } | undefined;
  #last = 0;
  #steps: number[] = [];

  /**
   * @param frameRate - That frames have without timestamps.
   * @param now - A clock, seconds: timestamps that go as fast as it are right, however far apart.
   */
  constructor(frameRate: Rational, now: () => number) {
    this.#rate = toNumber(frameRate);
    this.#now = now;
  }

  /** Takes the timestamp of the next frame; undefined when it has none. */
  look(timestamp: number | undefined): WrongUnit | undefined {
    if (this.#blocks >= BLOCKS) return undefined;
    if (timestamp === undefined) {
      this.#begin = undefined;
      return undefined;
    }
    if (timestamp > NO_SECONDS) {
      const unit = UNITS[timestamp > NO_SECONDS * 1e3 ? 1 : 0];
      return this.#found(unit, { timestamp });
    }
    if (this.#begin === undefined) this.#restart(timestamp);
    else this.#steps.push(timestamp - this.#last);
    this.#last = timestamp;
    return this.#steps.length < STEPS ? undefined : this.#judge(timestamp);
  }

  #judge(timestamp: number): WrongUnit | undefined {
    const { timestamp: begin, at } = this.#begin ?? { timestamp, at: 0 };
    const step = (timestamp - begin) / this.#steps.length;
    const shortest = Math.min(...this.#steps);
    const longest = Math.max(...this.#steps);
    const isSteady = shortest >= step * (1 - STEADY) && longest <= step * (1 + STEADY);
    const isReal = this.#now() - at > (timestamp - begin) / 10;
    const isEven = shortest === longest && Number.isInteger(step);
    this.#blocks++;
    this.#restart(timestamp);
    if (!isSteady || isReal) return undefined;
    const unit = UNITS.find(({ perSecond }) => this.#fits(step / perSecond, isEven));
    return unit === undefined ? undefined : this.#found(unit, { step });
  }

  /** Whether frames come at such an interval, in seconds. */
  #fits(interval: number, isEven: boolean): boolean {
    const isNear = (rate: number, tolerance: number): boolean =>
      Math.abs(interval * rate - 1) <= tolerance;
    return (
      isNear(this.#rate, NEAR_RATE) ||
      (!isEven && CAMERAS.some((rate) => isNear(rate, NEAR_CAMERA)))
    );
  }

  #restart(timestamp: number): void {
    this.#begin = { timestamp, at: this.#now() };
    this.#steps = [];
  }

  #found({ name, perSecond }: Unit, seen: WrongUnit['seen']): WrongUnit {
    this.#blocks = BLOCKS;
    return { unit: name, perSecond, seen };
  }
}
