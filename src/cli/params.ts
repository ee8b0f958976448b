// Command-line params: flags, and what stands after "--", as options of StreamGear.

import { basename, extname } from 'node:path';
import { hasDash, hasHls } from '../base/formats.js';
import type { Formats } from '../base/formats.js';
import { Issues } from '../check/issues.js';
import * as values from '../check/values.js';
import { ROOT_NAMES, chooseFormats } from '../files/output.js';
import type {
  StreamGearOptions,
  StreamParamValue,
  StreamParams,
  StreamParamsRendition,
} from '../gear/stream-gear-options.js';
import { SPECIAL_PARAMS, STREAM_PARAMS } from '../gear/stream-params.js';
import { isName } from './words.js';

/** What was given on the command line, unchecked; see cli-program.ts. */
export interface TranscodeFlags {
  format?: string;
  streams?: readonly string[];
  ladder?: string;
  size?: string;
  codec?: string;
  preset?: string;
  crf?: string;
  bitrate?: string;
  gop?: string;
  filter?: string;
  scaling?: string;
  fallback?: boolean;
  /** False with `--no-audio`. */
  audio?: string | false;
  audioFormat?: string;
  audioCodec?: string;
  audioBitrate?: string;
  holdPicture?: string;
  /** False with `--no-fill-gaps`. */
  fillGaps?: boolean;
  inputFormat?: string;
  inputOption?: readonly string[];
  start?: string;
  duration?: string;
  to?: string;
  segmentDuration?: string;
  segmentType?: string;
  live?: boolean;
  realtime?: boolean;
  dryRun?: boolean;
  metadata?: readonly string[];
  clear?: boolean;
  quiet?: boolean;
  json?: boolean;
}

/** Flags that are attributes by another name. */
const ATTRIBUTES = {
  size: '-s:v:0',
  codec: '-vcodec',
  preset: '-preset',
  crf: '-crf',
  bitrate: '-b:v:0',
  gop: '-gop',
  filter: '-vf',
  scaling: '-scaling',
  audioCodec: '-acodec',
  audioBitrate: '-b:a',
  fillGaps: '-fill_gaps',
  holdPicture: '-hold_picture',
  start: '-ss',
  duration: '-t',
  to: '-to',
  live: '-livestream',
  realtime: '-re',
  clear: '-clear_prev_assets',
} as const satisfies Partial<Record<keyof TranscodeFlags, string>>;

/** What a transcode on the command line is. */
export interface CliPlan {
  /** For {@link StreamGear}. */
  readonly options: StreamGearOptions;
  /** Attributes → the flags by which the user knows them. */
  readonly names: ReadonlyMap<string, string>;
}

/** Everything in front of the first `--`, and everything behind it. */
export function splitArguments(argv: readonly string[]): {
  own: readonly string[];
  ffmpeg: readonly string[];
} {
  const at = argv.indexOf('--');
  return at < 0
    ? { own: argv, ffmpeg: [] }
    : { own: argv.slice(0, at), ffmpeg: argv.slice(at + 1) };
}

/**
 * Makes options of StreamGear. Values are checked there; here only what has a form of its own on the command
 * line.
 *
 * @param input - File, URL, device, or what `-` stands for.
 * @param output - As given; undefined: a folder beside, named after the input.
 * @param ffmpeg - What stands after `--`.
 * @throws {@link InvalidOptionsError}
 */
export function planTranscode(
  input: string,
  output: string | undefined,
  flags: TranscodeFlags,
  ffmpeg: readonly string[],
): CliPlan {
  const issues = new Issues();
  const formats = formatsOf(flags.format, output, issues);
  const params = new Params();
  params.set('-video_source', sourceOf(input, flags, issues), 'input');
  applyPackaging(flags, formats, params, issues);
  for (const [flag, attribute] of Object.entries(ATTRIBUTES)) {
    const value = flags[flag as keyof typeof ATTRIBUTES];
    if (value !== undefined) params.set(attribute, value, `--${kebab(flag)}`);
  }
  applyAudio(flags, params, issues);
  for (const tag of flags.metadata ?? []) params.add('-metadata', tag, '--metadata');
  applyLadder(flags, params, issues);
  checkReport(flags, issues);
  applyFfmpeg(ffmpeg, params, issues);
  issues.throwIfAny();
  return {
    options: {
      output: output ?? defaultOutput(input, formats),
      format: formats,
      streamParams: params.all,
      ...(flags.fallback === true ? { fallback: true } : {}),
    },
    names: params.names,
  };
}

/** `segmentType` → `segment-type` */
function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Stream params in the making. */
class Params {
  readonly names = new Map<string, string>();
  readonly #params = new Map<string, StreamParamValue>();
  readonly #clones: (string | number)[] = [];

  /** The attributes so far. */
  get all(): StreamParams {
    const clones = this.#clones.length === 0 ? [] : [['-clones', [...this.#clones]] as const];
    return Object.fromEntries([...this.#params, ...clones]);
  }

  /** Sets an attribute that a flag stands for. */
  set(attribute: string, value: StreamParamValue, flag: string): void {
    this.#params.set(attribute, value);
    this.names.set(attribute, flag);
  }

  /** The same for a flag that may come more than once. */
  add(attribute: string, value: string, flag: string): void {
    this.names.set(attribute, flag);
    this.give(attribute, value);
  }

  /** Sets an attribute as it was written; FFmpeg options may be repeated. */
  give(attribute: string, value: string): void {
    const isRepeated = this.#params.has(attribute) && isFfmpegOption(attribute);
    if (isRepeated) this.#clones.push(attribute, value);
    else this.#params.set(attribute, value);
  }
}

function isFfmpegOption(attribute: string): boolean {
  return !STREAM_PARAMS.has(attribute) && !SPECIAL_PARAMS.has(attribute);
}

/** `dash`, `hls` or `dash,hls`. */
function formatsOf(given: string | undefined, output: string | undefined, issues: Issues): Formats {
  const formats = given === undefined ? undefined : values.formats.parse(given.split(','));
  if (formats === undefined && given !== undefined) {
    issues.expected('"dash", "hls" or "dash,hls"', '--format', given, values.formats.words);
  }
  return chooseFormats(formats, output ?? '');
}

/** `music.mp4` → `music-hls/master.m3u8`; a device or a pipe has no name to give. Both go to a folder. */
function defaultOutput(input: string, formats: Formats): string {
  const path = input.replace(/[?#].*$/, '').replace(/\/+$/, '');
  const name = basename(path, extname(path)).replaceAll(/[^\p{L}\p{N}._-]+/gu, '-');
  const isName = /^[\p{L}\p{N}]/u.test(name) && !input.startsWith('pipe:');
  const manifest = formats.length > 1 ? '' : ROOT_NAMES[formats[0]];
  return `${isName ? name : 'stream'}-${formats.join('-')}/${manifest}`;
}

/** A path or URL as it is; a device, or what needs options, as ffmpeg's command line has it. */
function sourceOf(input: string, flags: TranscodeFlags, issues: Issues): string | string[] {
  const { inputFormat, inputOption = [] } = flags;
  // Whoever writes "-" means it.
  const isPipe = input.startsWith('pipe:');
  const protocols = isPipe ? ['-protocol_whitelist', 'pipe'] : [];
  if (inputFormat === undefined && inputOption.length === 0 && !isPipe) return input;
  const pairs = inputOption.flatMap((text) => {
    const split = text.indexOf('=');
    if (split > 0) return [`-${text.slice(0, split)}`, text.slice(split + 1)];
    issues.expected('an option such as "framerate=30"', '--input-option', text);
    return [];
  });
  return [...deviceFormat(inputFormat), ...protocols, ...pairs, '-i', input];
}

function deviceFormat(format: string | undefined): string[] {
  return format === undefined ? [] : ['-f', format];
}

function applyAudio(flags: TranscodeFlags, params: Params, issues: Issues): void {
  const { audio, audioFormat } = flags;
  if (audio === false) {
    params.set('-an', '', '--no-audio');
  } else if (audio !== undefined) {
    const source = audioFormat === undefined ? audio : [...deviceFormat(audioFormat), '-i', audio];
    params.set('-audio', source, '--audio');
  }
  if (audioFormat !== undefined && typeof audio !== 'string') {
    issues.expected('--audio with the name of the device', '--audio-format', audioFormat);
  }
}

/** What the two formats call by different names. */
function applyPackaging(
  { segmentDuration, segmentType }: TranscodeFlags,
  formats: Formats,
  params: Params,
  issues: Issues,
): void {
  if (segmentDuration !== undefined) {
    const attribute = hasDash(formats) ? '-seg_duration' : '-hls_time';
    params.set(attribute, segmentDuration, '--segment-duration');
  }
  if (segmentType === undefined) return;
  if (hasHls(formats)) params.set('-hls_segment_type', segmentType, '--segment-type');
  else if (segmentType !== 'fmp4') {
    issues.expected('"fmp4", the one that DASH has,', '--segment-type', segmentType);
  }
}

/** Listed, or made from the source's size. */
function applyLadder({ streams, ladder }: TranscodeFlags, params: Params, issues: Issues): void {
  if (streams !== undefined) params.set('-streams', renditionsOf(streams, issues), '--streams');
  if (ladder === undefined) return;
  if (ladder !== 'auto') issues.expected('"auto"', '--ladder', ladder, ['auto']);
  else if (streams !== undefined) issues.expected('no --streams beside it', '--ladder', ladder);
  else params.set('-streams', ladder, '--ladder');
}

/** What is printed: errors alone, or more. */
function checkReport({ quiet, json, dryRun }: TranscodeFlags, issues: Issues): void {
  if (quiet !== true || (json !== true && dryRun !== true)) return;
  const other = json === true ? '--json' : '--dry-run';
  issues.expected(`no ${other} beside it, which prints more than errors,`, '--quiet', true);
}

const RENDITION = /^(\d+x\d+)(?:@(?:([\d./]+)fps|([^+]+)))?(?:\+(.+))?$/i;

/** `1280x720@3000k,640x360@30fps+96k` → entries of `-streams`. */
function renditionsOf(lists: readonly string[], issues: Issues): StreamParamsRendition[] {
  const items = lists.flatMap((list) => list.split(',')).map((item) => item.trim());
  return items.flatMap((item): StreamParamsRendition[] => {
    const [, resolution, rate, video, audio] = RENDITION.exec(item) ?? [];
    if (resolution === undefined) {
      issues.expected('renditions such as "1280x720@3000k,640x360@800k"', '--streams', item);
      return [];
    }
    return [
      {
        '-resolution': resolution,
        ...(video === undefined ? {} : { '-video_bitrate': video }),
        ...(rate === undefined ? {} : { '-framerate': rate }),
        ...(audio === undefined ? {} : { '-audio_bitrate': audio }),
      },
    ];
  });
}

/** Attributes that have another place on the command line. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['-video_source', 'the input in front'],
  ['-streams', '--streams in front'],
  ['-clones', 'repeated options as they are'],
]);

/** `-bf 2 -x264-params aq-mode=3`: names, each with a value unless the next name follows. */
function applyFfmpeg(words: readonly string[], params: Params, issues: Issues): void {
  for (let index = 0; index < words.length; index++) {
    const [word = '', next] = words.slice(index);
    if (!isName(word)) {
      issues.expected('an option such as "-bf 2"', 'what follows --', word);
      return; // from here on nobody can tell names from values
    }
    const advice = ELSEWHERE.get(word);
    if (advice !== undefined) issues.expected(advice, 'what follows --', word);
    const hasValue = next !== undefined && !isName(next);
    params.give(word, hasValue ? next : '');
    if (hasValue) index++;
  }
}
