// Kinds of option values: what each accepts, and the words by which a message names it.

import * as z from 'zod';
import type { Formats, StreamFormat } from '../base/formats.js';
import { rateFromNumber, reduce } from '../base/rational.js';
import type { Rational } from '../base/rational.js';
import type { Logging } from '../report/events.js';

/** One kind of value: its name in messages, and its parser. */
export interface Kind<Out, In = unknown> {
  /** Completes "Expected … for": `a bitrate such as "2500k"`. */
  readonly expected: string;
  /** The words that it knows, for *did you mean*. */
  readonly words: readonly string[];
  /** The value, or undefined when it is not of this kind. */
  readonly parse: (value: unknown) => Out | undefined;
  /** The zod schema of the kind, for whole objects. */
  readonly schema: z.ZodType<Out, In>;
}

/** A NUL would end the text in C, and half a surrogate pair is no character in UTF-8. */
const UNFIT = /[\0\p{Cs}]/u;

/** A kind from its parser; strings are trimmed first, and such with NUL or half a character are of no kind. */
export function kind<Out, In = unknown>(
  expected: string,
  parse: (value: unknown) => Out | undefined,
  words: readonly string[] = [],
): Kind<Out, In> {
  const parseTrimmed = (value: unknown): Out | undefined => {
    if (typeof value !== 'string') return parse(value);
    return UNFIT.test(value) ? undefined : parse(value.trim());
  };
  const schema = z.unknown().transform((input, context) => {
    const value = parseTrimmed(input);
    if (value !== undefined) return value;
    const isUnfit = typeof input === 'string' && UNFIT.test(input);
    const message = isUnfit ? `${expected} without a null byte or half a character` : expected;
    context.issues.push({ code: 'custom', message, input, params: { words } });
    return z.NEVER;
  }) as z.ZodType as z.ZodType<Out, In>;
  return { expected, words, parse: parseTrimmed, schema };
}

/** A number that may also be written as text, as FFmpeg's options are. */
function numeric(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) {
    return undefined;
  }
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Whatever it is: for what is accepted and ignored. */
export const anything: Kind<unknown> = kind('any value', (value) => value ?? '');

/** Any text. */
export const string: Kind<string, string> = kind('a string', (value) =>
  typeof value === 'string' ? value : undefined,
);

/** Any text but the empty one. */
export const text: Kind<string, string> = kind('a non-empty string', (value) =>
  typeof value === 'string' && value !== '' ? value : undefined,
);

/** Text without line breaks and other control characters, which would end its line in a playlist. */
export const line: Kind<string, string> = kind('text of one line', (value) =>
  typeof value === 'string' && !/\p{Cc}/u.test(value) ? value : undefined,
);

const TRUE = new Set<unknown>([true, 1, '1', 'true', 'True']);
const FALSE = new Set<unknown>([false, 0, '0', 'false', 'False']);

/** On or off. */
export const flag: Kind<boolean, boolean | 0 | 1 | 'true' | 'false'> = kind(
  'true or false',
  (value) => {
    if (TRUE.has(value)) return true;
    return FALSE.has(value) ? false : undefined;
  },
);

/** What is printed. */
export const logging: Kind<Logging, Logging | 0 | 1 | 'true' | 'false'> = kind(
  'true, false, "warning" or "debug"',
  (value) => (value === 'warning' || value === 'debug' ? value : flag.parse(value)),
  ['warning', 'debug'],
);

/** A string, or a number or boolean as FFmpeg writes it: true is "1". */
export const scalar: Kind<string, string | number | boolean> = kind(
  'a string, a number or a boolean',
  (value) => {
    if (typeof value === 'string') return value;
    if (typeof value === 'boolean') return value ? '1' : '0';
    return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
  },
);

/** A whole number from `least` to `most`. */
export function wholeNumber(
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): Kind<number, number | string> {
  const range =
    most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return kind(`a whole number ${range}`, (value) => {
    const number = numeric(value);
    const fits = number !== undefined && Number.isInteger(number);
    return fits && number >= least && number <= most ? number : undefined;
  });
}

/** A number of at least `least`. */
export function numberFrom(least: number): Kind<number, number | string> {
  return kind(`a number of at least ${least}`, (value) => {
    const number = numeric(value);
    return number !== undefined && number >= least ? number : undefined;
  });
}

/** One of some words; case does not matter. */
export function oneOf<const Word extends string>(words: readonly Word[]): Kind<Word, Word> {
  const names = words.map((word) => `"${word}"`);
  const last = names.at(-1) ?? '';
  return kind(
    names.length > 1 ? `${names.slice(0, -1).join(', ')} or ${last}` : last,
    (value) =>
      typeof value === 'string' ? words.find((word) => word === value.toLowerCase()) : undefined,
    words,
  );
}

const TIME_UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, ms: 1e-3, us: 1e-6 };
const CLOCK = /^(?:(\d+):)?([0-5]?\d):([0-5]?\d(?:\.\d+)?)$/;

function parseSeconds(value: unknown): number | undefined {
  if (typeof value !== 'string') return numeric(value);
  const clock = CLOCK.exec(value);
  if (clock !== null) {
    return Number(clock[1] ?? 0) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
  }
  const [, number, unit] = /^([\d.]+)(s|ms|us|)$/.exec(value) ?? [];
  const amount = numeric(number);
  return amount === undefined ? undefined : amount * (TIME_UNITS[unit ?? ''] ?? 1);
}

/** A time of at least 0 seconds: 4, "0.5", "500ms", "00:01:30". */
export const seconds: Kind<number, number | string> = kind(
  'a time in seconds such as 4, "0.5" or "500ms"',
  (value) => {
    const time = parseSeconds(value);
    return time !== undefined && time >= 0 ? time : undefined;
  },
);

/** A time of more than 0 seconds. */
export const duration: Kind<number, number | string> = kind(
  'a duration in seconds such as 4, "0.5" or "500ms"',
  (value) => {
    const time = parseSeconds(value);
    return time !== undefined && time > 0 ? time : undefined;
  },
);

/** libavcodec counts the bits of a rate control's buffer, which is twice this, in 32 of them. */
export const MAX_BITRATE = 1e9;

const isBitrate = (bits: number): boolean => bits >= 1000 && bits <= MAX_BITRATE;

const SI: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

function parseBitrate(value: unknown, suffixes: RegExp): number | undefined {
  if (typeof value === 'number') {
    return isBitrate(value) ? Math.round(value) : undefined;
  }
  if (typeof value !== 'string') return undefined;
  const [, digits, suffix] = suffixes.exec(value) ?? [];
  if (digits === undefined || suffix === undefined) return undefined;
  const bits = Math.round(Number(digits) * (SI[suffix.toLowerCase()] ?? 1));
  return isBitrate(bits) ? bits : undefined;
}

/** Bit/s as a number, or text with an FFmpeg suffix: 2500000, "2500k", "2.5M". From 1000 to 1 Gbit/s. */
export const bitrate: Kind<number, number | string> = kind('a bitrate such as "2500k"', (value) =>
  parseBitrate(value, /^(\d+(?:\.\d+)?)([kKmMgG]?)$/),
);

/** Text that ends in `k` or `M`, as StreamGear's own attributes want it. At least "1k". */
export const suffixedBitrate: Kind<number, string> = kind('a bitrate such as "2500k"', (value) =>
  typeof value === 'string' ? parseBitrate(value, /^(\d+(?:\.\d+)?)([kM])$/) : undefined,
);

/** Highest frame rate. */
const MAX_RATE = 1000;

function parseRate(value: unknown): Rational | undefined {
  if (typeof value === 'object' && value !== null && 'num' in value && 'den' in value) {
    const { num, den } = value;
    if (!Number.isSafeInteger(num) || !Number.isSafeInteger(den)) return undefined;
    return reduce({ num: num as number, den: den as number });
  }
  if (typeof value === 'string') {
    const [, num, den] = /^(\d+)\s*[/:]\s*(\d+)$/.exec(value) ?? [];
    if (num !== undefined && den !== undefined)
      return reduce({ num: Number(num), den: Number(den) });
  }
  const number = numeric(value);
  return number === undefined || number <= 0 ? undefined : rateFromNumber(number);
}

/** Frames per second: 30, 29.97, "30000/1001", `{ num, den }`; above 0, at most 1000. */
export const frameRate: Kind<Rational, number | string | Rational> = kind(
  'a frame rate such as 30, 29.97 or "30000/1001"',
  (value) => {
    const rate = parseRate(value);
    const fits =
      rate !== undefined &&
      rate.den > 0 &&
      rate.num > 0 &&
      rate.num <= 100_000_000 &&
      rate.num / rate.den <= MAX_RATE;
    return fits ? rate : undefined;
  },
);

/** A size in pixels. */
export interface Size {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** "WxH" in pixels. Whether the numbers are even is the rendition's business. */
export const size: Kind<Size, string> = kind('a size such as "1280x720"', (value) => {
  if (typeof value !== 'string') return undefined;
  const [, width, height] = /^(\d{1,5})\s*x\s*(\d{1,5})$/i.exec(value) ?? [];
  const pixels = { width: Number(width), height: Number(height) };
  return pixels.width >= 1 && pixels.height >= 1 ? pixels : undefined;
});

/** An aspect ratio: "16:9", "16/9", 1.7778, `{ num, den }`. */
export const aspect: Kind<Rational, number | string | Rational> = kind(
  'an aspect ratio such as "16:9"',
  (value) => {
    if (typeof value === 'number' || (typeof value === 'string' && !/[:/]/.test(value))) {
      const number = numeric(value);
      if (number === undefined || number <= 0) return undefined;
      const simple = [16 / 9, 4 / 3, 21 / 9].find((ratio) => Math.abs(ratio / number - 1) < 1e-3);
      return approximateAspect(simple ?? number);
    }
    const ratio = parseRate(value);
    return ratio !== undefined && ratio.num > 0 && ratio.den > 0 ? ratio : undefined;
  },
);

function approximateAspect(value: number): Rational {
  for (let den = 1; den <= 1000; den++) {
    const num = Math.round(value * den);
    if (num > 0 && Math.abs(num / den / value - 1) < 1e-6) return reduce({ num, den });
  }
  return reduce({ num: Math.round(value * 1000), den: 1000 });
}

/** A BCP 47 tag in its canonical form: "eng" is "en". */
export const language: Kind<string, string> = kind(
  'a language tag such as "en" or "pt-BR"',
  (value) => {
    if (typeof value !== 'string') return undefined;
    try {
      return Intl.getCanonicalLocales(value)[0];
    } catch {
      return undefined;
    }
  },
);

const format = oneOf(['dash', 'hls']);

function parseFormats(value: unknown): Formats | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const [first, ...others] = list.map((item) => format.parse(item));
  if (first === undefined) return undefined;
  const found: [StreamFormat, ...StreamFormat[]] = [first];
  for (const other of others) {
    if (other === undefined) return undefined;
    if (!found.includes(other)) found.push(other);
  }
  return found;
}

/** One format, or a list of them, in which each counts once. */
export const formats: Kind<Formats, StreamFormat | readonly StreamFormat[]> = kind(
  format.expected,
  parseFormats,
  format.words,
);
