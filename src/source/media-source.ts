// Media source: what names a file, a URL or a device, and what libav is given for it.

import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod';
import { FILE_URL, isFileUrl, pathOfFileUrl } from '../base/file-url.js';
import { unfitHeaderText } from '../base/header-text.js';
import type { Issues } from '../check/issues.js';
import { keysOf } from '../check/option-path.js';
import type { OptionPath } from '../check/option-path.js';
import { copyOptions } from '../check/options-copy.js';
import * as values from '../check/values.js';
import { libavOf } from '../native/libav.js';
import type { NativeBinding } from '../native/native-binding.js';
import type { NativeMediaInputConfig } from '../native/native-config.js';
import type { WarningEvent } from '../report/events.js';
import { LIMIT_OPTIONS, limitShape, limitsOf } from './source-limits.js';
import type { GivenLimits } from './source-limits.js';

/**
 * A file, a URL, or a device as ffmpeg's command line names it: `['-f', 'alsa', '-i', 'hw:1']`. Options
 * of the demuxer, device or protocol come before `-i`: `['-f', 'v4l2', '-framerate', 60, '-i', '/dev/video0']`.
 *
 * @category Sources
 */
export type MediaSource = string | URL | readonly (string | number)[];

const EXPECTED = 'a path, a URL, or a list such as ["-f", "alsa", "-i", "hw:1"]';

/** The schema of a {@link MediaSource}; {@link resolveMediaSource} looks closer. */
export const mediaSource = z.custom<MediaSource>(
  (value) => typeof value === 'string' || value instanceof URL || Array.isArray(value),
  EXPECTED,
);

/** Where a source was given, and what else was said of it. */
export interface SourceContext {
  /** Path of the source among the options, `audio.source`. */
  readonly path: OptionPath;
  /** Path of what holds `format` and `options`. Default: the top. */
  readonly inputPath?: OptionPath;
  /** libav's demuxer or device, given beside the source. */
  readonly format?: string | undefined;
  /** Of the demuxer, the device or the protocol, given beside the source. */
  readonly options?: ReadonlyMap<string, string> | undefined;
  /** What it may reach and take, given beside the source. */
  readonly limits?: GivenLimits | undefined;
  /** Takes wrong values. */
  readonly issues: Issues;
  /** Collects what to tell. */
  readonly warn: (warning: WarningEvent) => void;
  /** The addon; only asked for when a demuxer's options have to be checked. */
  readonly getBinding: () => NativeBinding;
}

/** A source taken apart. */
interface Parts {
  readonly url: unknown;
  /** Where the URL was given. */
  readonly urlPath: OptionPath;
  readonly format: string | undefined;
  readonly formatPath: OptionPath;
  readonly options: readonly GivenOption[];
}

interface GivenOption {
  readonly name: string;
  readonly value: string;
  readonly path: OptionPath;
}

/**
 * Checks a source as far as that goes without opening it: the list's form, plain paths, and the options of a
 * demuxer that is named.
 *
 * @returns what libav opens; undefined when there are issues.
 */
export function resolveMediaSource(
  given: unknown,
  context: SourceContext,
): NativeMediaInputConfig | undefined {
  const before = context.issues.list.length;
  const source = copyOptions(given, context.issues, context.path);
  if (context.issues.list.length > before) return undefined;
  const beside = partsBeside(source, context);
  const parts = Array.isArray(source) ? partsOfList(source, beside, context) : beside;
  const isMissing = Array.isArray(source) && parts.url === undefined; // that is an issue already
  const url = isMissing
    ? undefined
    : locate(parts.url, parts.urlPath, parts.format !== undefined, context.issues);
  const { limits: among, options: others } = limitsAmong(parts.options, context.issues);
  const options = optionsOf({ ...parts, options: others }, context);
  if (url === undefined || context.issues.list.length > before) return undefined;
  const limits = limitsOf(
    { ...context.limits, ...among },
    { url, path: parts.urlPath, format: parts.format, issues: context.issues },
  );
  if (context.issues.list.length > before) return undefined;
  return { url, format: parts.format ?? '', options, limits };
}

/** A source that is not a list, with `format` and `options` as they were given beside it. */
function partsBeside(
  url: unknown,
  { path, inputPath = [], format, options }: SourceContext,
): Parts {
  const input = keysOf(inputPath);
  return {
    url,
    urlPath: path,
    format,
    formatPath: [...input, 'format'],
    options: [...(options ?? [])].map(([name, value]) => ({
      name,
      value,
      path: [...input, 'options', name],
    })),
  };
}

/** Options of the ffmpeg program for inputs, and what demuxers call the same. */
const ALIASES: ReadonlyMap<string, readonly string[]> = new Map([
  ['ar', ['sample_rate']],
  ['ac', ['channels', 'ch_layout']],
  ['r', ['framerate']],
  ['s', ['video_size']],
  ['pix_fmt', ['pixel_format']],
]);

/** Options of the program that change nothing here: a source has a thread and a queue of its own. */
const NEEDLESS = ['thread_queue_size'];

/** `['-f', 'alsa', '-i', 'hw:1']`: pairs, of which `-i` is the last. */
function partsOfList(list: readonly unknown[], beside: Parts, context: SourceContext): Parts {
  const { path, issues, warn, getBinding } = context;
  const before = issues.list.length;
  const options = [...beside.options];
  let { format, formatPath } = beside;
  let url: unknown;
  let urlPath: OptionPath = path;
  const at = (index: number): OptionPath => [...keysOf(path), index];
  for (let index = 0; index < list.length; index += 2) {
    const name = nameOf(list[index]);
    const value = values.scalar.parse(list[index + 1]);
    const valuePath = at(index + 1);
    if (name === undefined) {
      issues.expected('an option such as "-f" or "-i"', at(index), list[index]);
    } else if (value === undefined) {
      issues.expected(`a value of -${name}`, valuePath, list[index + 1]);
    } else if (name === 'i') {
      [url, urlPath] = [value, valuePath];
      if (index + 2 < list.length) {
        issues.expected('nothing after -i', at(index + 2), list[index + 2]);
      }
      break;
    } else if (name === 'f') {
      [format, formatPath] = [value, valuePath];
    } else if (NEEDLESS.includes(name)) {
      const message = `-${name} has no effect: no ffmpeg program is used`;
      warn({ code: 'IGNORED_OPTION', message });
    } else {
      options.push({ name, value, path: valuePath });
    }
  }
  if (url === undefined && issues.list.length === before) {
    issues.expected('a list that ends in "-i" and a name', path, list);
  }
  const demuxer = format ?? '';
  const named = options.map((option) => ({
    ...option,
    name: demuxersName(option.name, demuxer, getBinding),
  }));
  return { url, urlPath, format, formatPath, options: named };
}

function nameOf(item: unknown): string | undefined {
  return typeof item === 'string' ? /^-([a-z]\w*)$/i.exec(item.trim())?.[1] : undefined;
}

function demuxersName(name: string, demuxer: string, getBinding: () => NativeBinding): string {
  const aliases = ALIASES.get(name);
  if (aliases === undefined || demuxer === '') return name;
  const known = libavOf(getBinding()).options('demuxer', demuxer);
  return known.has(name) ? name : (aliases.find((alias) => known.has(alias)) ?? name);
}

/** Only plain paths are looked up: libav knows URLs, devices and numbered pictures better. */
function locate(
  source: unknown,
  path: OptionPath,
  hasFormat: boolean,
  issues: Issues,
): string | undefined {
  const text = source instanceof URL ? source.href : values.text.parse(source);
  if (text === undefined) {
    issues.expected(EXPECTED, path, source);
    return undefined;
  }
  if (isFileUrl(text)) {
    const file = pathOfFileUrl(text);
    if (file !== undefined) return existing(file, path, issues);
    issues.expected(FILE_URL, path, text);
    return undefined;
  }
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(text);
  // libavformat writes it into its requests as it is.
  if (isUrl && /\p{Cc}/u.test(text)) {
    issues.expected('a URL without line breaks and other controls', path, text);
    return undefined;
  }
  if (hasFormat) return text;
  const isPattern = /%0?\d*d/.test(text);
  return (isUrl || isPattern) && !existsSync(text) ? text : existing(text, path, issues);
}

/** Absolute: libav would take what is in front of a colon for a protocol. */
function existing(file: string, path: OptionPath, issues: Issues): string {
  if (!existsSync(file)) issues.expected('an existing file', path, file);
  else if (statSync(file).isDirectory()) issues.expected('a file, not a folder,', path, file);
  return resolve(file);
}

/** Limits may be among the options of a source, by the names that ffmpeg has for them. */
function limitsAmong(
  options: readonly GivenOption[],
  issues: Issues,
): { limits: GivenLimits; options: GivenOption[] } {
  const isLimit = ({ name }: GivenOption): boolean => LIMIT_OPTIONS.some((known) => known === name);
  const limits: { -readonly [Key in keyof GivenLimits]: GivenLimits[Key] } = {};
  for (const { name, value, path } of options.filter(isLimit)) {
    if (name === 'protocol_whitelist') {
      limits.protocols = value.split(',').map((word) => word.trim());
      continue;
    }
    const key = name === 'max_pixels' ? 'maxPixels' : 'openTimeout';
    const parsed = limitShape[key].safeParse(value);
    if (parsed.success) limits[key] = parsed.data;
    else issues.expected(parsed.error.issues[0]?.message ?? 'a number', path, value);
  }
  return { limits, options: options.filter((option) => !isLimit(option)) };
}

function optionsOf(
  { format, formatPath, options }: Parts,
  { issues, getBinding }: SourceContext,
): NativeMediaInputConfig['options'] {
  if (format !== undefined && options.length > 0) {
    const libav = libavOf(getBinding());
    const known = libav.options('demuxer', format);
    if (known.size === 0) {
      issues.expected('a demuxer or device of the local libavformat', formatPath, format);
    }
    for (const { name, value, path } of options) {
      const option = known.get(name);
      // A name that the demuxer does not know may be its protocol's: libav decides when it opens.
      const problem = option && libav.problem('demuxer', format, option, value);
      if (problem !== undefined) issues.expected(problem.expected, path, value, problem.words);
    }
  }
  for (const { name, value, path } of options) {
    const expected = unfitHeaderText(name, value);
    if (expected !== undefined) issues.expected(expected, path, value);
  }
  return options.map(({ name, value }) => [name, value]);
}
