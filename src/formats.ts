// Formats: which manifests a presentation has. All of them name the same segments.

import { extname } from 'node:path';
import * as values from './values.js';
import type { Kind } from './values.js';

/**
 * The format of a manifest.
 *
 * @category AdaptiveStream
 */
export type StreamFormat = 'dash' | 'hls';

/** The formats of a presentation, each once; the first one is that of `output`. */
export type Formats = readonly [StreamFormat, ...StreamFormat[]];

/** The end of a manifest's name. */
export const MANIFEST_EXTENSIONS: Readonly<Record<StreamFormat, string>> = {
  dash: '.mpd',
  hls: '.m3u8',
};

const one = values.oneOf(['dash', 'hls']);

function parseFormats(value: unknown): Formats | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const [first, ...others] = list.map((item) => one.parse(item));
  if (first === undefined) return undefined;
  const formats: [StreamFormat, ...StreamFormat[]] = [first];
  for (const format of others) {
    if (format === undefined) return undefined;
    if (!formats.includes(format)) formats.push(format);
  }
  return formats;
}

/** One format, or a list of them, in which each counts once. */
export const formatsKind: Kind<Formats, StreamFormat | readonly StreamFormat[]> = values.kind(
  one.expected,
  parseFormats,
  one.words,
);

/** The format that a name's extension means; undefined when it means none. */
export function formatOfName(name: string): StreamFormat | undefined {
  const extension = extname(name).toLowerCase();
  return (['dash', 'hls'] as const).find((format) => MANIFEST_EXTENSIONS[format] === extension);
}

/** Has a segment index that clients count by numbers. */
export function hasDash(formats: readonly StreamFormat[]): boolean {
  return formats.includes('dash');
}

/** Has playlists. */
export function hasHls(formats: readonly StreamFormat[]): boolean {
  return formats.includes('hls');
}

/** How templates of names are written natively: where there is an MPD, as it has them. */
export function templateSyntax(formats: readonly StreamFormat[]): StreamFormat {
  return hasDash(formats) ? 'dash' : 'hls';
}

const TITLES: Readonly<Record<StreamFormat, string>> = { dash: 'MPEG-DASH', hls: 'HLS' };

/** For people: `MPEG-DASH and HLS`. */
export function titleOf(formats: readonly StreamFormat[]): string {
  return formats.map((format) => TITLES[format]).join(' and ');
}
