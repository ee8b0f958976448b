// Option types: what values of options may be, for every interface of options.

import type { Rational } from '../base/rational.js';

/**
 * Options by name, as libav knows them: `{ bf: 1, 'x264-params': 'aq-mode=3' }`.
 *
 * @category AdaptiveStream
 */
export type OptionValues = Readonly<Record<string, string | number | boolean>>;

/**
 * Seconds: 4, "0.5", "500ms", "00:01:30".
 *
 * @category AdaptiveStream
 */
export type Seconds = number | string;

/**
 * Bit/s: 2500000, "2500k", "2.5M". From 1000 to 1 Gbit/s.
 *
 * @category AdaptiveStream
 */
export type Bitrate = number | string;

/**
 * Frames per second: 30, 29.97, "30000/1001", `{ num: 30000, den: 1001 }`. Above 0, at most 1000.
 *
 * @category AdaptiveStream
 */
export type FrameRate = number | string | Rational;
