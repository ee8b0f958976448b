// Colour flags: options of encoders that say how colours are to be understood, but convert nothing.

import { COLOR_SPACES } from '../frames/pixel-layout.js';
import type { ColorSpace } from '../frames/pixel-layout.js';
import type { Problem } from '../native/libav.js';

/** What a stream's pictures are, by FFmpeg's names; other names of the same and libav's numbers follow. */
interface Tags {
  readonly matrix: readonly string[];
  readonly primaries: readonly string[];
  readonly transfer: readonly string[];
}

/** As the scaler makes pictures; C++ twin: `ColorTagsOf`. */
const TAGS: Readonly<Record<ColorSpace, Tags>> = {
  bt709: { matrix: ['bt709', '1'], primaries: ['bt709', '1'], transfer: ['bt709', '1'] },
  smpte170m: {
    matrix: ['smpte170m', '6'],
    primaries: ['smpte170m', '6'],
    transfer: ['smpte170m', '6'],
  },
  bt470bg: {
    matrix: ['bt470bg', '5'],
    primaries: ['bt470bg', '5'],
    transfer: ['smpte170m', '6'],
  },
  bt2020nc: {
    matrix: ['bt2020nc', 'bt2020_ncl', '9'],
    primaries: ['bt2020', '9'],
    transfer: ['bt2020-10', 'bt2020_10bit', '14'],
  },
};

/** Every picture is of limited range. */
const LIMITED = ['tv', 'mpeg', 'limited', 'studio', 'off', '0'];

/** The range of libavcodec's own options: there 1 is limited, in the lists of encoders it is full. */
const LIMITED_OPTION = [...LIMITED, '1'];

/** Options of libavcodec, and keys inside of `-x264-params` and its kin, by what they tag. */
const FLAGS: ReadonlyMap<string, keyof Tags | 'range' | 'other'> = new Map([
  ...['colorspace', 'colormatrix', 'matrix-coefficients'].map((name) => [name, 'matrix'] as const),
  ...['color_primaries', 'colorprim', 'color-primaries'].map(
    (name) => [name, 'primaries'] as const,
  ),
  ...['color_trc', 'transfer', 'transfer-characteristics'].map(
    (name) => [name, 'transfer'] as const,
  ),
  ...['color_range', 'range', 'fullrange', 'color-range', 'input-range'].map(
    (name) => [name, 'range'] as const,
  ),
  ...['videoformat', 'video-signal-type-preset', 'input-csp', 'output-csp'].map(
    (name) => [name, 'other'] as const,
  ),
]);

/** Options that hold a list of the encoder's own, `key=value:key=value`. */
const LISTS = /^(?:x26[45]-params|x264opts|svtav1-params|aom-params|rav1e-params|kvazaar-params)$/;

/**
 * What a value of an encoder's option should be instead, when it would only call the pictures' colours something else.
 *
 * @param space - The matrix of the pictures; undefined where nobody knows it yet.
 */
export function colorProblem(
  name: string,
  value: string,
  space: ColorSpace | undefined,
): Problem | undefined {
  if (LISTS.test(name)) {
    for (const item of value.split(':')) {
      const [key = '', text = ''] = item.split('=');
      const problem = flagProblem(key.trim().toLowerCase(), text.trim(), space, LIMITED);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  return flagProblem(name, value, space, LIMITED_OPTION);
}

const ADVICE =
  'only tags, it converts nothing (frames say their own with colorSpace and colorRange; -vf changes them)';

function flagProblem(
  name: string,
  value: string,
  space: ColorSpace | undefined,
  limited: readonly string[],
): Problem | undefined {
  const what = FLAGS.get(name);
  if (what === undefined) return undefined;
  if (what === 'other') return { expected: `no ${name}, which ${ADVICE},`, words: [] };
  const spaces = space === undefined ? COLOR_SPACES : [space];
  const words = what === 'range' ? limited : spaces.flatMap((one) => TAGS[one][what]);
  if (words.includes(value.toLowerCase())) return undefined;
  return { expected: `${String(words[0])} of ${name}, which ${ADVICE},`, words: [] };
}

/** Layouts whose samples are red, green and blue: pictures are made in YUV, and a tag would not change that. */
export function isRgbLayout(pixelFormat: string): boolean {
  return /^(?:[0x]?2?(?:rgb|bgr)|gbr|argb|abgr|rgba|bgra|pal8)/.test(pixelFormat);
}
