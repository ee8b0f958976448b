// StreamGear plan: from the original's attributes to options of AdaptiveStream, all wrong values at once.

import * as z from 'zod';
import { hasDash, hasHls } from '../base/formats.js';
import type { Formats } from '../base/formats.js';
import { checkObject, strict } from '../check/check-object.js';
import { signal } from '../check/common-schema.js';
import { Issues } from '../check/issues.js';
import type { OptionNames, OptionPath } from '../check/option-path.js';
import * as values from '../check/values.js';
import { chooseFormats, resolveOutput, type Output } from '../files/output.js';
import { libavOf } from '../native/libav.js';
import type { Libav } from '../native/libav.js';
import type { NativeBinding } from '../native/native-binding.js';
import { checkGearShape, checkGearSourceShape } from '../options/option-schema.js';
import { inMemory } from '../plan/hardware.js';
import { outlineStream } from '../plan/outline.js';
import type { OutlineContext, StreamOutline } from '../plan/outline.js';
import { checkSource } from '../plan/resolve-source.js';
import type { SourceToOpen } from '../plan/resolve-source.js';
import { InvalidOptionsError } from '../report/errors.js';
import type { OptionIssue } from '../report/errors.js';
import type { Logging, WarningEvent } from '../report/events.js';
import { resolveMediaSource } from '../source/media-source.js';
import type { MediaSource } from '../source/media-source.js';
import { Draft } from './draft.js';
import { applyFfmpegOptions } from './ffmpeg-options.js';
import type { GivenOption } from './ffmpeg-options.js';
import { setLiveFlags } from './hls-flags.js';
import { ignoreEncoding } from './stream-gear-copy.js';
import type { StreamGearOptions } from './stream-gear-options.js';
import { SPECIAL_PARAMS, STREAM_PARAMS, applyStreamParam } from './stream-params.js';
import { applyStreams } from './streams-attribute.js';

/** What a StreamGear is going to do; the size of the pictures is still to come. */
export interface GearPlan {
  /** `single-source` with `-video_source`. */
  readonly mode: 'real-time' | 'single-source';
  /** Which manifests there are. */
  readonly formats: Formats;
  /** Where the root manifests go. */
  readonly output: Output;
  /** What `transcodeSource()` opens; undefined in Real-time Frames Mode. */
  readonly source: SourceToOpen | undefined;
  /** What the first frame completes; undefined in Single-Source Mode. */
  readonly outline: StreamOutline | undefined;
  /** Options → attributes. */
  readonly names: OptionNames;
  /** What to tell once somebody listens. */
  readonly warnings: readonly WarningEvent[];
  /** What to print. */
  readonly logging: Logging;
  /** Aborts the stream. */
  readonly signal: AbortSignal | undefined;
  /** `-clear_prev_assets`. */
  readonly clearPrevious: boolean;
}

const schema = strict({
  output: values.text.schema,
  format: z.unknown().optional(),
  logging: values.logging.schema.optional(),
  strict: values.flag.schema.optional(),
  customFfmpeg: z.unknown().optional(),
  custom_ffmpeg: z.unknown().optional(),
  streamParams: z.unknown().optional(),
  signal: signal.optional(),
  fallback: values.flag.schema.optional(),
  whenFull: values.oneOf(['wait', 'drop']).schema.optional(),
});

/** Sizes of which a filter chain should like one. */
const FILTER_SIZES = [
  { width: 1280, height: 720 },
  { width: 7680, height: 4320 },
  { width: 64, height: 64 },
];

/** Options whose attribute is known even when it was not given. */
const ATTRIBUTES: readonly (readonly [path: OptionPath, attribute: string])[] = [
  [['video', 'codec'], '-vcodec'],
  [['video', 'filter'], '-vf'],
  [['video', 'options'], 'streamParams'],
  [['packaging', 'options'], 'streamParams'],
  [['packaging', 'protocolOptions'], 'streamParams'],
  [['packaging', 'segmentType'], '-hls_segment_type'],
  [['packaging', 'live'], '-livestream'],
  [['input', 'frameRate'], '-input_framerate'],
  ['source', '-video_source'],
  ['audio', '-audio'],
  [['audio', 'codec'], '-acodec'],
  [['audio', 'options'], 'streamParams'],
];

type Top = NonNullable<ReturnType<typeof checkObject<typeof schema>>>;

/**
 * Checks what `new StreamGear()` was given, and touches nothing.
 *
 * @throws {@link InvalidOptionsError} listing every wrong value; with `strict: false` only a wrong format or
 *   output, and what cannot be encoded at all.
 * @throws {@link StreamError} `ADDON_NOT_FOUND`.
 */
export function planStreamGear(
  given: StreamGearOptions,
  getBinding: () => NativeBinding,
): GearPlan {
  const top = new Issues();
  const checked = checkObject(schema, given, top);
  const formats = formatsOf(checked?.format, checked?.output ?? '', top);
  const output = checked && resolveOutput(checked.output, formats, 'output', top);
  const draft = new Draft(formats, checked?.strict ?? true);
  for (const [path, attribute] of ATTRIBUTES) draft.names.set(path, attribute);
  draft.hasOutput = output !== undefined;
  draft.protocol = output?.protocol;
  draft.playlistName = output?.roots.find(({ format }) => format === 'hls')?.name;
  const params = trimmedParams(checked?.streamParams, top);
  applyTop(checked, draft);
  applyModes(params, draft, getBinding);
  applyAudio(params, draft, getBinding);
  applyParams(params, draft, output, () => libavUnlessIssues(getBinding, top, draft));
  applyWhenFull(checked?.whenFull, draft, top);
  const issues = new Issues(draft.names);
  const { isStrict } = draft;
  const context = { output, formats, isStrict, issues, getBinding };
  const planned = draft.isSource
    ? planSourceOf(params.get('-video_source'), draft, context)
    : planFrames(draft, checked?.signal, context);
  const wrong = [...top.list, ...(draft.isStrict ? draft.issues.list : []), ...issues.list];
  if (wrong.length > 0 || checked === undefined || output === undefined) {
    throw new InvalidOptionsError(withoutRepeats(wrong));
  }
  for (const { message } of draft.issues.list) draft.warn('INVALID_OPTION', message);
  return {
    mode: draft.isSource ? 'single-source' : 'real-time',
    formats,
    output,
    ...planned,
    names: draft.names,
    warnings: draft.warnings,
    logging: checked.logging ?? false,
    signal: checked.signal,
    clearPrevious: draft.packaging.get('clearPrevious') ?? false,
  };
}

/** What is wrong in an attribute and, by the same name, in the option that it is. */
function withoutRepeats(issues: readonly OptionIssue[]): OptionIssue[] {
  return [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()];
}

/** A wrong format is wrong in both modes; then, and without one, the output's extension tells what was meant. */
function formatsOf(value: unknown, output: string, issues: Issues): Formats {
  const given = values.formats.parse(value);
  if (given === undefined && value !== undefined) {
    issues.expected(values.formats.expected, 'format', value, values.formats.words);
  }
  return chooseFormats(given, output);
}

/** What is no attribute. */
function applyTop(checked: Top | undefined, draft: Draft): void {
  const { fallback, customFfmpeg = checked?.custom_ffmpeg } = checked ?? {};
  if (fallback !== undefined) draft.video.set('fallback', fallback, 'fallback');
  if (customFfmpeg !== undefined) {
    draft.warn('NO_PROGRAM', 'customFfmpeg has no effect: no ffmpeg program is used');
  }
}

/** When there are wrong values already, a missing addon must not hide them. */
function libavUnlessIssues(getBinding: () => NativeBinding, top: Issues, draft: Draft): Libav {
  try {
    return libavOf(getBinding());
  } catch (error) {
    const wrong = [...top.list, ...draft.issues.list];
    if (wrong.length > 0) throw new InvalidOptionsError(wrong);
    throw error;
  }
}

function trimmed(value: unknown): unknown {
  if (typeof value === 'string') return value.trim();
  return Array.isArray(value) ? value.map((item: unknown) => trimmed(item)) : value;
}

/** Attributes with keys and strings trimmed; values that are undefined are as good as absent. */
function trimmedParams(params: unknown, issues: Issues): Map<string, unknown> {
  const result = new Map<string, unknown>();
  if (params === undefined) return result;
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    issues.expected('an object such as { "-livestream": true }', 'streamParams', params);
    return result;
  }
  for (const [key, value] of Object.entries(params)) {
    const attribute = key.trim();
    if (value === undefined) continue;
    if (result.has(attribute)) issues.expected('each attribute once', attribute, value);
    result.set(attribute, trimmed(value));
  }
  return result;
}

function applyParams(
  params: ReadonlyMap<string, unknown>,
  draft: Draft,
  output: Output | undefined,
  getLibav: () => Libav,
): void {
  for (const [name, value] of params) applyStreamParam(draft, name, value);
  const renditions = 1 + applyStreams(params, draft);
  draft.rendition(renditions - 1);
  const others = [...params].filter(
    ([name]) => !STREAM_PARAMS.has(name) && !SPECIAL_PARAMS.has(name),
  );
  const options: GivenOption[] = others.map(([attribute, value]) => ({ attribute, value }));
  applyFfmpegOptions([...options, ...clonesOf(params.get('-clones'), draft)], {
    draft,
    libav: getLibav(),
    renditions,
    protocol: output?.protocol,
  });
  ignoreEncoding(draft);
  tellNoMaster(draft, renditions);
  // Its work is done where every rendition has a bitrate by now.
  const hasBitrates = Array.from({ length: renditions }, (_, index) =>
    draft.rendition(index).values.get('bitrate'),
  ).every((bitrate) => bitrate !== undefined);
  if (draft.usesBitsPerPixel && hasBitrates) draft.video.delete('bitsPerPixel');
}

/** One rendition without audio has one playlist; a source may have some. */
function tellNoMaster(draft: Draft, renditions: number): void {
  if (!draft.namesMaster || renditions > 1 || draft.hasAudio) return;
  const message = '-master_pl_name has no effect: one rendition needs no multivariant playlist';
  draft.warn('IGNORED_OPTION', message);
}

/** A source is read no faster than it is encoded. */
function applyWhenFull(whenFull: 'wait' | 'drop' | undefined, draft: Draft, top: Issues): void {
  if (whenFull === undefined) return;
  if (!draft.isSource) draft.whenFull = whenFull;
  else if (whenFull === 'drop') {
    top.expected('"wait", as a source waits for the encoders,', 'whenFull', whenFull);
  }
}

/** The attributes that decide what the others mean. As in the original, wrong ones leave the mode as it is. */
function applyModes(
  params: ReadonlyMap<string, unknown>,
  draft: Draft,
  getBinding: () => NativeBinding,
): void {
  const { issues } = draft;
  const source = params.get('-video_source');
  const live = params.get('-livestream');
  draft.live = live !== undefined && draft.parse(values.flag, '-livestream', live) === true;
  draft.isSource = source !== undefined;
  draft.withoutAudio = params.has('-an') && params.get('-an') !== false;
  const protocols = protocolsOf(params);
  if (draft.isSource && !isSource(source, '-video_source', draft, getBinding, protocols)) {
    draft.isSource = draft.isStrict;
  }
  const isPaced = params.has('-re') && params.get('-re') !== false;
  if (draft.isSource && draft.live && isFile(source) && !isPaced) {
    const expected =
      'no -livestream, as a file is transcoded as a whole (-re reads it as it plays),';
    issues.expected(expected, '-livestream', live);
    draft.live = false;
  }
  if (!hasDash(draft.formats)) {
    draft.packaging.setDefault('segmentType', 'mpegts', '-hls_segment_type');
  }
  if (hasHls(draft.formats) && draft.live) setLiveFlags(draft);
}

/** Checks the form of a source; what is wrong with it is an issue of its attribute. */
function isSource(
  source: unknown,
  attribute: string,
  { issues }: Draft,
  getBinding: () => NativeBinding,
  protocols: readonly string[] | undefined,
): source is MediaSource {
  const warn = (): void => undefined; // told when it is opened
  const limits = protocols && { protocols };
  const context = { path: attribute, issues, warn, getBinding, limits };
  return resolveMediaSource(source, context) !== undefined;
}

/** What `-protocol_whitelist` allows; a wrong one is told where the attribute is applied. */
function protocolsOf(params: ReadonlyMap<string, unknown>): readonly string[] | undefined {
  const given = params.get('-protocol_whitelist');
  return typeof given === 'string' ? given.split(',').map((word) => word.trim()) : undefined;
}

/** A device, or a URL without an end, may be live: that is known when it is open. */
function isFile(source: unknown): boolean {
  const text = source instanceof URL ? source.href : source;
  return typeof text === 'string' && !/^(?!file:)[a-z][a-z0-9+.-]+:/i.test(text);
}

/** `-audio`: a wrong one is left out, so that with `strict: false` the video comes alone. */
function applyAudio(
  params: ReadonlyMap<string, unknown>,
  draft: Draft,
  getBinding: () => NativeBinding,
): void {
  const audio = params.get('-audio');
  if (audio === undefined) return;
  if (draft.withoutAudio) {
    draft.warn('IGNORED_OPTION', '-audio has no effect: -an leaves audio out');
    return;
  }
  if (isPush(audio)) {
    draft.pushedAudio = audio;
    return;
  }
  if (!isSource(audio, '-audio', draft, getBinding, protocolsOf(params))) return;
  draft.ownAudio = audio;
  draft.names.set(['audio', 'source'], '-audio');
}

function isPush(audio: unknown): audio is object {
  return (
    typeof audio === 'object' && audio !== null && !Array.isArray(audio) && !(audio instanceof URL)
  );
}

/** `['-map', '0:v:0', '-an']` as pairs; a name that another name follows has no value. */
function clonesOf(clones: unknown, draft: Draft): GivenOption[] {
  if (clones === undefined) return [];
  if (!Array.isArray(clones)) {
    draft.issues.expected('a list such as ["-map", "0:v:0"]', '-clones', clones);
    return [];
  }
  const isName = (item: unknown): item is string =>
    typeof item === 'string' && /^-[a-z]/i.test(item);
  const options: GivenOption[] = [];
  for (let index = 0; index < clones.length; index++) {
    const attribute: unknown = clones[index];
    if (!isName(attribute)) {
      draft.issues.expected('the name of an option', `-clones[${index}]`, attribute);
      continue;
    }
    const value: unknown = clones[index + 1];
    const hasValue = value !== undefined && !isName(value);
    options.push({ attribute, value: hasValue ? value : '' });
    if (hasValue) index++;
  }
  return options;
}

/** Single-Source Mode. */
function planSourceOf(
  source: unknown,
  draft: Draft,
  context: Omit<OutlineContext, 'origin'>,
): Pick<GearPlan, 'source' | 'outline'> {
  const { output, formats, issues, getBinding } = context;
  const options = checkGearSourceShape(draft.toOptions(), issues);
  const request = options && { options, output, formats, isStrict: draft.isStrict };
  const toOpen = checkSource(source, request, issues, getBinding);
  checkFilter(options?.video?.filter, 'yuv420p', context);
  return { source: toOpen, outline: undefined };
}

/** Real-time Frames Mode. */
function planFrames(
  draft: Draft,
  signal: AbortSignal | undefined,
  context: Omit<OutlineContext, 'origin'>,
): Pick<GearPlan, 'source' | 'outline'> {
  const options = checkGearShape(draft.toOptions(), context.issues);
  if (options === undefined) return { source: undefined, outline: undefined };
  const { input = {}, ...rest } = options;
  const outline = outlineStream({ ...rest, input, signal }, { ...context, origin: 'frames' });
  checkFilter(outline.options.video?.filter, 'bgr24', context);
  // Told at once, not with the first frame.
  draft.warnings.push(...outline.warnings);
  return { source: undefined, outline: { ...outline, warnings: [] } };
}

/** A chain that fails with every size is wrong; one that fails with some may need the real size. */
function checkFilter(
  given: string | undefined,
  pixelFormat: string,
  { issues, getBinding }: Pick<OutlineContext, 'issues' | 'getBinding'>,
): void {
  const { filter } = inMemory({ filter: given });
  if (filter === undefined) return;
  const libav = libavOf(getBinding());
  const one = { num: 1, den: 1 };
  const rest = { pixelFormat, frameRate: { num: 25, den: 1 }, sampleAspectRatio: one };
  const results = FILTER_SIZES.map((size) => libav.probeFilter(filter, { ...size, ...rest }));
  const errors = results.flatMap((result) => ('error' in result ? [result.error] : []));
  if (errors.length < results.length) return;
  const reason = errors[0] ?? '';
  issues.expected(`a filter chain that libavfilter takes (${reason})`, ['video', 'filter'], filter);
}
