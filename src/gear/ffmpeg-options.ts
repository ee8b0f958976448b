// FFmpeg options: `-name[:specifier]` that are no attributes of ours, sorted into program, encoder, segment
// muxer and protocol. What none of them knows is an error; nothing is dropped silently.

import { addedFlags } from '../base/key-values.js';
import { nearest } from '../base/nearest.js';
import { show } from '../check/issues.js';
import { scalar } from '../check/values.js';
import type { Libav } from '../native/libav.js';
import type { NativeComponent, NativeOption } from '../native/native-binding.js';
import { colorProblem } from '../options/color-flags.js';
import { accumulates } from '../plan/encoder-defaults.js';
import { DEFAULT_CODEC } from '../plan/outline.js';
import { DEFAULT_AUDIO_CODEC } from '../plan/resolve-audio.js';
import { AUDIO_PROGRAM_OPTIONS } from './audio-program-options.js';
import type { Draft } from './draft.js';
import { chooseDevice } from './named-device.js';
import { PROGRAM_OPTIONS } from './program-options.js';
import type { ProgramOption } from './program-options.js';
import { parseKey } from './specifier.js';
import type { OptionKey } from './specifier.js';
import { replaceCopy } from './stream-gear-copy.js';
import { SPECIAL_PARAMS, STREAM_PARAMS, needsUrl } from './stream-params.js';

/** What the options are sorted by. */
export interface FfmpegContext {
  /** Takes the result. */
  readonly draft: Draft;
  /** What libav says of itself. */
  readonly libav: Libav;
  /** Number of renditions. */
  readonly renditions: number;
  /** Protocol of the output URL; undefined for a file. */
  readonly protocol: string | undefined;
}

/** One option as it was given. */
export interface GivenOption {
  /** `-b:v:1` */
  readonly attribute: string;
  /** As given. */
  readonly value: unknown;
}

/** Sorts options in their order; a later one wins, lists accumulate. */
export function applyFfmpegOptions(given: readonly GivenOption[], context: FfmpegContext): void {
  const others: { given: GivenOption; key: OptionKey }[] = [];
  // The program's own come first: they say which encoder the others are for.
  for (const option of given) {
    const key = parseKey(option.attribute);
    const program = programOptions(key).get(key.name);
    if (!isKnownTarget(option, key, context)) continue;
    if (program === undefined) others.push({ given: option, key });
    else applyProgramOption(program, option, key, context);
  }
  replaceCopy(context.draft, context.renditions);
  const { draft, libav } = context;
  chooseDevice(draft, libav.findEncoder(draft.video.get('codec') ?? DEFAULT_CODEC));
  const takers = takersOf(context);
  for (const option of others) sort(option.given, option.key, { ...context, takers });
}

function programOptions({ target }: OptionKey): ReadonlyMap<string, ProgramOption> {
  return target.kind === 'audio' ? AUDIO_PROGRAM_OPTIONS : PROGRAM_OPTIONS;
}

/** What takes options that are not the program's. */
function takersOf({ draft, libav, protocol }: FfmpegContext): SortContext['takers'] {
  // An unknown encoder is the business of resolveOptions; options are then sorted by the usual one.
  const video =
    libav.findEncoder(draft.video.get('codec') ?? '') ?? libav.findEncoder(DEFAULT_CODEC);
  const audio =
    libav.findAudioEncoder(draft.audio.get('codec') ?? '') ??
    libav.findAudioEncoder(DEFAULT_AUDIO_CODEC);
  const taker = (kind: NativeComponent, name: string): Taker => {
    return { kind, name, options: libav.options(kind, name) };
  };
  return {
    video: taker('encoder', video?.name ?? ''),
    audio: taker('encoder', draft.hasAudio ? (audio?.name ?? '') : ''),
    muxer: taker('muxer', segmentMuxer(draft)),
    protocol: taker('protocol', protocol ?? ''),
  };
}

/** The muxer of segments: mp4, or mpegts as HLS has it unless it is told otherwise. */
function segmentMuxer(draft: Draft): 'mp4' | 'mpegts' {
  return draft.packaging.get('segmentType') === 'mpegts' ? 'mpegts' : 'mp4';
}

function isKnownTarget(
  { attribute }: GivenOption,
  { target, specifier }: OptionKey,
  { draft, renditions }: FfmpegContext,
): boolean {
  if (target.kind === 'audio' && !draft.hasAudio) {
    draft.warn('NO_AUDIO', `${attribute} has no effect: there is no audio`);
    return false;
  }
  const isFine =
    target.kind === 'all' || (target.kind !== 'unknown' && (target.index ?? 0) < renditions);
  if (!isFine) {
    const kind = target.kind === 'audio' ? 'a' : 'v';
    const last = renditions === 1 ? `${kind}:0` : `${kind}:0 to ${kind}:${renditions - 1}`;
    draft.issues.expected(`the stream specifier v, a, or ${last}`, attribute, specifier);
  }
  return isFine;
}

function applyProgramOption(
  program: ProgramOption,
  { attribute, value }: GivenOption,
  key: OptionKey,
  { draft, renditions }: FfmpegContext,
): void {
  if (program.kind === undefined) {
    program.apply({ draft, attribute, value, target: key.target, renditions });
    return;
  }
  const parsed = draft.parse(program.kind, attribute, value);
  if (parsed === undefined) return;
  program.apply({ draft, attribute, value: parsed, target: key.target, renditions });
}

/** A component of libav, and what it knows. */
interface Taker {
  readonly kind: NativeComponent;
  /** '' = there is none. */
  readonly name: string;
  readonly options: ReadonlyMap<string, NativeOption>;
}

type TakerName = 'video' | 'audio' | 'muxer' | 'protocol';

interface SortContext extends FfmpegContext {
  readonly takers: Readonly<Record<TakerName, Taker>>;
}

/**
 * Like ffmpeg, gives an option to every component that knows it; but without a specifier the video's encoder
 * has it alone, as `-profile high` is never meant for audio.
 */
function meant({ name, specifier, target }: OptionKey, takers: SortContext['takers']): TakerName[] {
  const knows = (taker: TakerName): boolean => takers[taker].options.has(name);
  if (target.kind === 'audio') return knows('audio') ? ['audio'] : [];
  if (specifier !== '') return knows('video') ? ['video'] : [];
  const encoders = knows('video') ? (['video'] as const) : (['audio'] as const);
  return [...encoders, 'muxer' as const, 'protocol' as const].filter(knows);
}

function sort({ attribute, value }: GivenOption, key: OptionKey, context: SortContext): void {
  const { draft, takers } = context;
  const { name, target } = key;
  const found = meant(key, takers);
  if (found.length === 0) {
    if (isOfOtherMuxer(name, context)) {
      const muxer = segmentMuxer(draft);
      draft.warn('IGNORED_OPTION', `${attribute} has no effect on segments of ${muxer}`);
      return;
    }
    draft.issues.add(attribute, unknownOption(attribute, key, context));
    return;
  }
  const text = draft.parse(scalar, attribute, value);
  if (text === undefined) return;
  for (const taker of found) {
    const option = takers[taker].options.get(name);
    if (option === undefined || !isAccepted(option, takers[taker], text, attribute, context)) {
      continue;
    }
    if (taker === 'video') setEncoderOption(name, text, attribute, target, draft);
    else if (taker === 'audio') draft.audioOptions.set(name, text, attribute);
    else if (taker === 'protocol') draft.protocolOptions.set(name, text, attribute);
    else setMuxerOption(option, text, attribute, draft);
  }
}

/** `-movflags` and `-mpegts_flags` are set by habit, whatever the segments are. */
function isOfOtherMuxer(name: string, { draft, libav }: SortContext): boolean {
  const other = segmentMuxer(draft) === 'mp4' ? 'mpegts' : 'mp4';
  return libav.options('muxer', other).get(name)?.private === true;
}

/** Flags are added to those before, as in ffmpeg. */
function setMuxerOption(
  { name, type }: NativeOption,
  value: string,
  attribute: string,
  draft: Draft,
): void {
  const { muxerOptions } = draft;
  if (type === 'flags') muxerOptions.append(name, addedFlags(value), '', attribute);
  else muxerOptions.set(name, value, attribute);
}

function isAccepted(
  option: NativeOption,
  { kind, name }: Taker,
  value: string,
  attribute: string,
  { draft, libav }: SortContext,
): boolean {
  const problem =
    libav.problem(kind, name, option, value) ??
    (kind === 'encoder' ? colorProblem(option.name, value, undefined) : undefined);
  if (problem !== undefined) {
    draft.issues.expected(problem.expected, attribute, value, problem.words);
  }
  return problem === undefined;
}

function setEncoderOption(
  name: string,
  value: string,
  attribute: string,
  target: OptionKey['target'],
  draft: Draft,
): void {
  const options =
    target.kind === 'rendition' ? draft.rendition(target.index).options : draft.videoOptions;
  if (accumulates(name)) options.append(name, value, ':', attribute);
  else options.set(name, value, attribute);
}

/** Why an option is refused: the packager does not have it, the output has no protocol, or nobody knows it. */
function unknownOption(attribute: string, key: OptionKey, context: SortContext): string {
  const { draft, libav, takers, protocol } = context;
  const received = `received "${attribute}"`;
  if (protocol === undefined && libav.options('protocol', 'http').has(key.name)) {
    return needsUrl(attribute);
  }
  const hasIt = (format: string): boolean =>
    libav.options('muxer', format).get(key.name)?.private === true;
  const refusing = draft.formats.find(hasIt);
  if (refusing !== undefined) {
    return (
      `Expected an option that the packager has for streamParams but ${received}: libavformat's ` +
      `${refusing} muxer has it, the packager of StreamGear does not`
    );
  }
  const encoder = key.target.kind === 'audio' ? takers.audio : takers.video;
  const names = new Set<string>([
    ...[...STREAM_PARAMS].flatMap(([name, row]) =>
      row.format === undefined || draft.formats.includes(row.format) ? [name] : [],
    ),
    ...SPECIAL_PARAMS,
    ...[
      ...programOptions(key).keys(),
      ...encoder.options.keys(),
      ...takers.muxer.options.keys(),
      ...takers.protocol.options.keys(),
    ].map((name) => `-${name}`),
  ]);
  const near = nearest(`-${key.name}`, names);
  const suffix = key.specifier === '' ? '' : `:${key.specifier}`;
  const hint = near === undefined ? '' : `. Did you mean ${show(near + suffix)}?`;
  return (
    'Expected an attribute of StreamGear or an FFmpeg option (of the program, encoder ' +
    `${encoder.name} or muxer ${takers.muxer.name}) for streamParams but ${received}${hint}`
  );
}
