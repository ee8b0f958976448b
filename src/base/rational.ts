// Rationals: exact frame rates and aspect ratios.

/**
 * An exact fraction, such as the frame rate 30000/1001.
 *
 * @category AdaptiveStream
 */
export interface Rational {
  /** Numerator. */
  readonly num: number;
  /** Denominator, positive. */
  readonly den: number;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** The same fraction in lowest terms. */
export function reduce({ num, den }: Rational): Rational {
  const divisor = gcd(num, den);
  return divisor > 1 ? { num: num / divisor, den: den / divisor } : { num, den };
}

/** The product in lowest terms. */
export function multiply(a: Rational, b: Rational): Rational {
  // Reducing crosswise first keeps the products exact for every size that video has.
  const first = reduce({ num: a.num, den: b.den });
  const second = reduce({ num: b.num, den: a.den });
  return reduce({ num: first.num * second.num, den: first.den * second.den });
}

/** The fraction as a number. */
export function toNumber({ num, den }: Rational): number {
  return num / den;
}

/** True when both are the same number. */
export function equal(a: Rational, b: Rational): boolean {
  return a.num * b.den === b.num * a.den;
}

/** The best fraction for a positive number whose parts are at most `limit` (continued fractions). */
export function approximate(value: number, limit: number): Rational {
  let [lastNum, lastDen] = [0, 1];
  let [num, den] = [1, 0];
  let rest = value;
  for (;;) {
    const whole = Math.floor(rest);
    const [nextNum, nextDen] = [whole * num + lastNum, whole * den + lastDen];
    // Written so that what is no number ends it too.
    if (!(nextNum <= limit && nextDen <= limit)) break;
    [lastNum, lastDen, num, den] = [num, den, nextNum, nextDen];
    const fraction = rest - whole;
    if (fraction < 1e-9 || Math.abs(num / den - value) < value * 1e-12) break;
    rest = 1 / fraction;
  }
  return den === 0 ? { num: limit, den: 1 } : { num, den };
}

/** The fraction itself in lowest terms, or the nearest whose parts are at most `limit`. */
export function limitTo(ratio: Rational, limit: number): Rational {
  const lowest = reduce(ratio);
  return lowest.num <= limit && lowest.den <= limit ? lowest : approximate(toNumber(lowest), limit);
}

// Rates whose decimals everybody rounds: 23.976 means 24000/1001.
const NTSC_BASES = [12, 15, 24, 30, 48, 60, 72, 90, 120, 240];
const NTSC_TOLERANCE = 1.7e-4; // 23.98 is 1.66e-4 off, 24 is 1e-3 off
const SIMPLE_DENOMINATOR = 12;
const SIMPLE_TOLERANCE = 2e-5; // 33.333 means 100/3
const DECIMALS = 1000;

/**
 * The exact rate behind a decimal: 23.976, 23.98, 29.97, 47.952, 59.94, 119.88 … are x/1001,
 * 33.333 is 100/3, and anything else is itself to three decimals or better.
 */
export function rateFromNumber(value: number): Rational {
  if (Number.isInteger(value)) return { num: value, den: 1 };
  for (const base of NTSC_BASES) {
    const exact = { num: base * 1000, den: 1001 };
    if (Math.abs(value / toNumber(exact) - 1) < NTSC_TOLERANCE) return exact;
  }
  for (let den = 2; den <= SIMPLE_DENOMINATOR; den++) {
    const num = Math.round(value * den);
    if (num > 0 && Math.abs(num / den / value - 1) < SIMPLE_TOLERANCE) return reduce({ num, den });
  }
  const thousandths = Math.round(value * DECIMALS);
  if (thousandths > 0 && Math.abs(thousandths / DECIMALS / value - 1) < 1e-9) {
    return reduce({ num: thousandths, den: DECIMALS });
  }
  return approximate(value, 1_000_000);
}
