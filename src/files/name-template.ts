// Name templates: what the names of files are made of, taken apart once. C++ twin, which puts the values in:
// native/manifest/name_template.cc.

import type { StreamFormat } from '../base/formats.js';

/** What stands for a value. Of HLS, `%v` is the representation and `%d` the number. */
export type NameIdentifier = 'RepresentationID' | 'Number' | 'Time' | 'Bandwidth';

/** A piece of a template: text as it is, or what stands for a value with so many digits at least. */
export type NamePart = string | { readonly identifier: NameIdentifier; readonly width: number };

/** Files of one presentation that have a template. */
export type NameKind = 'init' | 'segment' | 'playlist';

/** What the rules of a name depend on. */
export interface NameRules {
  /** How identifiers are written. */
  readonly format: StreamFormat;
  /** Renditions, audio included. */
  readonly renditions: number;
  /** DASH: there is a SegmentTimeline, or a list, that tells the times. */
  readonly timeline: boolean;
}

/** A number as wide as this is no number any more, and no file system takes its name. */
const WIDEST_NUMBER = 99;

/** Identifiers as a template has them. */
const WRITTEN: Readonly<Record<StreamFormat, ReadonlyMap<NameIdentifier, string>>> = {
  dash: new Map([
    ['RepresentationID', '$RepresentationID$'],
    ['Number', '$Number$'],
    ['Time', '$Time$'],
    ['Bandwidth', '$Bandwidth$'],
  ]),
  hls: new Map([
    ['RepresentationID', '%v'],
    ['Number', '%d'],
  ]),
};

const ALLOWED: Readonly<Record<NameKind, readonly NameIdentifier[]>> = {
  init: ['RepresentationID', 'Bandwidth'],
  segment: ['RepresentationID', 'Bandwidth', 'Number', 'Time'],
  playlist: ['RepresentationID'],
};

/** The parts of a template, or what was expected instead. */
export type ParsedName = readonly NamePart[] | string;

/** Takes a template apart; a text is what was expected instead. */
export function parseName(template: string, format: StreamFormat): ParsedName {
  return format === 'dash' ? parseDash(template) : parseHls(template);
}

/** ISO/IEC 23009-1, 5.3.9.4.4, and libavformat's `$ext$`. */
function parseDash(template: string): ParsedName {
  const parts: NamePart[] = [];
  // Every second piece lies between dollar signs.
  const pieces = template.split('$');
  if (pieces.length % 2 === 0) return 'a name with "$$" where a dollar sign is meant';
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 0) {
      if (piece !== '') parts.push(piece);
      continue;
    }
    if (piece === '') parts.push('$');
    else if (piece === 'ext') parts.push('m4s');
    else {
      const [, name, width] = /^(\w+)(?:%0(\d+)d)?$/.exec(piece) ?? [];
      const identifier = [...WRITTEN.dash.keys()].find((known) => known === name);
      if (identifier === undefined || (identifier === 'RepresentationID' && width !== undefined)) {
        const known = [...WRITTEN.dash.values()].join(', ');
        return `a name of text, ${known} and "$$" for a dollar sign`;
      }
      parts.push({ identifier, width: Number(width ?? 0) });
    }
  }
  return unlessTooWide(parts);
}

/** As libavformat's hls muxer has it. */
function parseHls(template: string): ParsedName {
  const parts: NamePart[] = [];
  for (const [piece, width, kind] of template.matchAll(/%(\d*)(.?)|[^%]+/gsu)) {
    if (kind === undefined) parts.push(piece);
    else if (kind === 'd') parts.push({ identifier: 'Number', width: Number(width) });
    else if (kind === 'v' && width === '') parts.push({ identifier: 'RepresentationID', width: 0 });
    else if (kind === '%' && width === '') parts.push('%');
    else return 'a name of text, %v, %d or %03d, and "%%" for a percent sign';
  }
  return unlessTooWide(parts);
}

function unlessTooWide(parts: readonly NamePart[]): ParsedName {
  const isTooWide = parts.some((part) => typeof part !== 'string' && part.width > WIDEST_NUMBER);
  return isTooWide ? `a number of at most ${WIDEST_NUMBER} digits` : parts;
}

/** A template again, with nothing in it that the C++ twin does not know. */
export function templateOf(parts: readonly NamePart[], format: StreamFormat): string {
  const escape = format === 'dash' ? '$' : '%';
  return parts
    .map((part) => {
      if (typeof part === 'string') return part.replaceAll(escape, () => escape + escape);
      const { identifier, width } = part;
      const written = WRITTEN[format].get(identifier) ?? '';
      if (width === 0) return written;
      return format === 'dash' ? `$${identifier}%0${width}d$` : `%0${width}d`;
    })
    .join('');
}

/** What was expected of the name of one kind of file; undefined when it is right. */
export function misfit(
  parts: readonly NamePart[],
  kind: NameKind,
  { format, renditions, timeline }: NameRules,
): string | undefined {
  const written = (identifier: NameIdentifier): string => WRITTEN[format].get(identifier) ?? '';
  const used = parts.flatMap((part) => (typeof part === 'string' ? [] : [part.identifier]));
  const several = written('RepresentationID');
  if (renditions > 1 && !used.includes('RepresentationID')) {
    return `a name with "${several}", as there are several renditions`;
  }
  const other = used.find((identifier) => !ALLOWED[kind].includes(identifier));
  if (other !== undefined) {
    return `a name without "${written(other)}", as the file belongs to all segments,`;
  }
  if (kind !== 'segment') return undefined;
  const isTimed = used.includes('Time');
  if (!isTimed && !used.includes('Number')) {
    const example = format === 'dash' ? '$Number%05d$' : '%03d';
    return `a name with the segment's number, such as "${example}",`;
  }
  if (!isTimed) return undefined;
  if (used.includes('Number')) return 'a name with either "$Number$" or "$Time$"';
  return timeline ? undefined : 'a name with "$Number$", as "$Time$" needs a timeline,';
}

/** What no name of a file may be, whatever it is for; undefined when it is right. */
export function unfitText(name: string): string | undefined {
  if (name.includes('\0')) return 'a name without a null byte';
  if (/[\p{Cc}\p{Cs}]/u.test(name)) return 'a name without control characters and half characters';
  if (/[/\\]/.test(name)) return "a file name in the manifest's own folder";
  if (name === '' || /^\.{1,2}$/.test(name)) return 'the name of a file';
  return /\.tmp$/i.test(name)
    ? 'a name that does not end in ".tmp", as that of a file does while it is written,'
    : undefined;
}
