// FFmpeg options: `-name[:specifier]` that are no attributes of ours, sorted into program, encoder, segment
// muxer and protocol. What none of them knows is an error; nothing is dropped silently.

import type { Draft } from './draft.js';
import { accumulates } from './encoder-defaults.js';
import { chooseDevice } from './hardware.js';
import { show } from './issues.js';
import type { Libav } from './libav.js';
import type { NativeComponent, NativeOption } from './native.js';
import { nearest } from './nearest.js';
import { PROGRAM_OPTIONS } from './program-options.js';
import type { ProgramOption } from './program-options.js';
import { parseKey } from './specifier.js';
import type { OptionKey } from './specifier.js';
import { DEFAULT_CODEC } from './resolve.js';
import { SPECIAL_PARAMS, STREAM_PARAMS } from './stream-params.js';
import { scalar } from './values.js';

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
    const program = PROGRAM_OPTIONS.get(key.name);
    if (!isKnownTarget(option, key, context)) continue;
    if (program === undefined) others.push({ given: option, key });
    else applyProgramOption(program, option, key, context);
  }
  // An unknown encoder is the business of resolveOptions; options are then sorted by the usual one.
  const { libav } = context;
  const encoder = libav.findEncoder(codecOf(context.draft)) ?? libav.findEncoder(DEFAULT_CODEC);
  chooseDevice(context.draft, encoder);
  const known = {
    encoder: context.libav.options('encoder', encoder?.name ?? ''),
    muxer: context.libav.options('muxer', segmentMuxer(context.draft)),
    protocol: context.libav.options('protocol', context.protocol ?? ''),
  };
  for (const option of others) {
    sort(option.given, option.key, { ...context, encoder: encoder?.name ?? '', known });
  }
}

function codecOf(draft: Draft): string {
  const codec = draft.get('video.codec');
  return typeof codec === 'string' ? codec : DEFAULT_CODEC;
}

/** The muxer of segments: mp4, or mpegts as HLS has it unless it is told otherwise. */
function segmentMuxer(draft: Draft): 'mp4' | 'mpegts' {
  return draft.get('packaging.segmentType') === 'mpegts' ? 'mpegts' : 'mp4';
}

function isKnownTarget(
  { attribute }: GivenOption,
  { target, specifier }: OptionKey,
  { draft, renditions }: FfmpegContext,
): boolean {
  if (target.kind === 'audio') {
    draft.warn('NO_AUDIO', `${attribute} has no effect: there is no audio`);
    return false;
  }
  const isFine =
    target.kind === 'all' || (target.kind === 'rendition' && target.index < renditions);
  if (!isFine) {
    const last = renditions === 1 ? 'v:0' : `v:0 to v:${String(renditions - 1)}`;
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

interface SortContext extends FfmpegContext {
  readonly encoder: string;
  readonly known: Readonly<
    Record<'encoder' | 'muxer' | 'protocol', ReadonlyMap<string, NativeOption>>
  >;
}

/** Like ffmpeg, gives an option to every component that knows it. */
function sort({ attribute, value }: GivenOption, key: OptionKey, context: SortContext): void {
  const { draft, known } = context;
  const { name, specifier, target } = key;
  const takers = (['encoder', 'muxer', 'protocol'] as const).filter(
    (kind) => known[kind].has(name) && (kind === 'encoder' || specifier === ''),
  );
  if (takers.length === 0) {
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
  for (const kind of takers) {
    const option = known[kind].get(name);
    if (option === undefined || !isAccepted(option, kind, text, attribute, context)) continue;
    if (kind === 'encoder') setEncoderOption(name, text, attribute, target, draft);
    else if (kind === 'protocol') draft.set(`packaging.protocolOptions.${name}`, text, attribute);
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
  const path = `packaging.options.${name}`;
  if (type === 'flags')
    draft.append(path, /^[+-]/.test(value) ? value : `+${value}`, '', attribute);
  else draft.set(path, value, attribute);
}

function isAccepted(
  option: NativeOption,
  kind: NativeComponent,
  value: string,
  attribute: string,
  { draft, libav, encoder, protocol }: SortContext,
): boolean {
  const component = { encoder, muxer: segmentMuxer(draft), protocol: protocol ?? '', demuxer: '' }[
    kind
  ];
  const problem = libav.problem(kind, component, option, value);
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
  const path =
    target.kind === 'rendition'
      ? `renditions[${target.index}].options.${name}`
      : `video.options.${name}`;
  if (accumulates(name)) draft.append(path, value, ':', attribute);
  else draft.set(path, value, attribute);
}

/** Why an option is refused: the packager does not have it, the output has no protocol, or nobody knows it. */
function unknownOption(attribute: string, key: OptionKey, context: SortContext): string {
  const { draft, libav, known, protocol } = context;
  const received = `received "${attribute}"`;
  if (protocol === undefined && libav.options('protocol', 'http').has(key.name)) {
    return `Expected an output URL for ${attribute}, an option of its protocol, but the output is a file`;
  }
  const format = draft.format;
  const libavNames = new Set(
    [...libav.options('muxer', format).values()]
      .filter((option) => option.private)
      .map(({ name }) => name),
  );
  if (libavNames.has(key.name)) {
    return (
      `Expected an option that the packager has for streamParams but ${received}: libavformat's ` +
      `${format} muxer has it, the packager of StreamGear does not`
    );
  }
  const names = new Set<string>([
    ...Object.keys(STREAM_PARAMS).filter(
      (name) => (STREAM_PARAMS[name]?.format ?? format) === format,
    ),
    ...SPECIAL_PARAMS,
    ...[
      ...PROGRAM_OPTIONS.keys(),
      ...known.encoder.keys(),
      ...known.muxer.keys(),
      ...known.protocol.keys(),
    ].map((name) => `-${name}`),
  ]);
  const near = nearest(`-${key.name}`, names);
  const suffix = key.specifier === '' ? '' : `:${key.specifier}`;
  const hint = near === undefined ? '' : `. Did you mean ${show(near + suffix)}?`;
  const takers = [`encoder ${context.encoder}`, `muxer ${segmentMuxer(draft)}`];
  return (
    `Expected an attribute of StreamGear or an FFmpeg option (of the program, ${takers.join(' or ')}) ` +
    `for streamParams but ${received}${hint}`
  );
}
