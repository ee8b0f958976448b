// Formats: which manifests a presentation has. All of them name the same segments.

import { extname } from 'node:path';

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
