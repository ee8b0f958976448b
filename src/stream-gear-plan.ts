// StreamGear plan: from the original's attributes to options of AdaptiveStream, all wrong values at once.

import { tmpdir } from 'node:os';
import { sep } from 'node:path';
import * as z from 'zod';
import { Draft } from './draft.js';
import { InvalidOptionsError } from './errors.js';
import type { OptionIssue } from './errors.js';
import type { WarningEvent } from './events.js';
import { applyFfmpegOptions } from './ffmpeg-options.js';
import type { GivenOption } from './ffmpeg-options.js';
import { inMemory } from './hardware.js';
import { LIVE_HLS_FLAGS, applyHlsFlags } from './hls-flags.js';
import { Issues } from './issues.js';
import { libavOf } from './libav.js';
import type { Libav } from './libav.js';
import { resolveMediaSource } from './media-source.js';
import type { NativeBinding } from './native-binding.js';
import type { NativeAudioConfig } from './native-config.js';
import { checkObject, signal, strict } from './option-schema.js';
import { createFolder, formatOfExtension, resolveOutput } from './output.js';
import type { ManifestFormat, Output } from './output.js';
import { resolveOptions } from './resolve.js';
import type { StreamPlan } from './resolve.js';
import { rehearseSource } from './resolve-source.js';
import type { SourceToOpen } from './resolve-source.js';
import { ignoreEncoding } from './stream-gear-copy.js';
import { SPECIAL_PARAMS, STREAM_PARAMS, applyStreamParam } from './stream-params.js';
import { applyStreams } from './streams-attribute.js';
import type { StreamGearOptions } from './stream-gear-options.js';
import * as values from './values.js';

/** What a StreamGear is going to do; the size of the pictures is still to come. */
export interface GearPlan {
  /** `single-source` with `-video_source`. */
  readonly mode: 'real-time' | 'single-source';
  /** DASH or HLS. */
  readonly format: ManifestFormat;
  /** Where the root manifest goes. */
  readonly output: Output;
  /** What `transcodeSource()` opens; undefined in Real-time Frames Mode. */
  readonly source: SourceToOpen | undefined;
  /** Options of `AdaptiveStream.open` without `input.width` and `input.height`, or of `transcode`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Paths of these options → attributes. */
  readonly names: ReadonlyMap<string, string>;
  /** What to tell once somebody listens. */
  readonly warnings: readonly WarningEvent[];
  /** Print log lines and warnings. */
  readonly logging: boolean;
  /** Aborts the stream. */
  readonly signal: AbortSignal | undefined;
  /** `-audio`, for samples that come before the first frame. */
  readonly audio: NativeAudioConfig | null;
  /** `-clear_prev_assets`. */
  readonly clearPrevious: boolean;
}

const schema = strict({
  output: values.text.schema,
  format: z.unknown().optional(),
  logging: values.flag.schema.optional(),
  strict: values.flag.schema.optional(),
  customFfmpeg: z.unknown().optional(),
  custom_ffmpeg: z.unknown().optional(),
  streamParams: z.unknown().optional(),
  signal: signal.optional(),
  fallback: values.flag.schema.optional(),
  whenFull: values.oneOf(['wait', 'drop']).schema.optional(),
});

/** A frame that stands in for the first one, to find every mistake before it comes. */
const REHEARSAL = { width: 1280, height: 720 };

/** Sizes of which a filter chain should like one. */
const FILTER_SIZES = [
  { width: 1280, height: 720 },
  { width: 7680, height: 4320 },
  { width: 64, height: 64 },
];

/** Options whose attribute is known even when it was not given. */
const ATTRIBUTES: readonly (readonly [path: string, attribute: string])[] = [
  ['video.codec', '-vcodec'],
  ['video.filter', '-vf'],
  ['video.options', 'streamParams'],
  ['packaging.options', 'streamParams'],
  ['packaging.protocolOptions', 'streamParams'],
  ['packaging.segmentType', '-hls_segment_type'],
  ['input.frameRate', '-input_framerate'],
  ['source', '-video_source'],
  ['audio', '-audio'],
  ['audio.codec', '-acodec'],
  ['audio.options', 'streamParams'],
];

/**
 * Checks what `new StreamGear()` was given.
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
  const format = formatOf(checked?.format, checked?.output ?? '', top);
  const output =
    checked === undefined ? undefined : resolveOutput(checked.output, format, 'output', top);
  const draft = new Draft(format);
  for (const [path, attribute] of ATTRIBUTES) draft.names.set(path, attribute);
  draft.set('output', output?.target ?? '', 'output');
  draft.set('packaging.format', format, 'format');
  if (checked?.fallback !== undefined) draft.set('video.fallback', checked.fallback, 'fallback');
  if (checked?.customFfmpeg !== undefined || checked?.custom_ffmpeg !== undefined) {
    draft.warn('NO_PROGRAM', 'customFfmpeg has no effect: no ffmpeg program is used');
  }
  const params = trimmedParams(checked?.streamParams, top);
  applyModes(params, draft);
  applyAudio(params, draft, getBinding);
  applyParams(params, draft, output, () => libavUnlessIssues(getBinding, top, draft));
  applyWhenFull(checked?.whenFull, draft, top);
  const isStrict = checked?.strict ?? true;
  const rehearsed = rehearse(draft, params.get('-video_source'), getBinding);
  const wrong = [...top.list, ...(isStrict ? draft.issues.list : []), ...rehearsed.issues];
  if (wrong.length > 0 || checked === undefined || output === undefined) {
    throw new InvalidOptionsError(wrong);
  }
  for (const { message } of draft.issues.list) draft.warn('INVALID_OPTION', message);
  createFolder(output, 'output', top);
  top.throwIfAny();
  return {
    mode: draft.isSource ? 'single-source' : 'real-time',
    format,
    output,
    source: rehearsed.source,
    options: draft.options,
    names: draft.names,
    warnings: draft.warnings,
    logging: checked.logging ?? false,
    signal: checked.signal,
    audio: rehearsed.audio,
    clearPrevious: draft.get('packaging.clearPrevious') === true,
  };
}

/** Wrong formats are wrong in both modes; then the output's extension tells what was meant. */
function formatOf(value: unknown, output: string, issues: Issues): ManifestFormat {
  if (value === undefined) return 'dash';
  const kind = values.oneOf(['dash', 'hls']);
  const format = kind.parse(value);
  if (format !== undefined) return format;
  issues.expected(kind.expected, 'format', value, kind.words);
  return formatOfExtension(output) ?? 'dash';
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

/** A copy with keys and strings trimmed; values that are undefined are as good as absent. */
function trimmedParams(params: unknown, issues: Issues): Map<string, unknown> {
  const result = new Map<string, unknown>();
  if (params === undefined) return result;
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    issues.expected('an object such as { "-livestream": true }', 'streamParams', params);
    return result;
  }
  for (const [key, value] of Object.entries(params)) {
    if (value !== undefined) result.set(key.trim(), trimmed(value));
  }
  return result;
}

function applyParams(
  params: ReadonlyMap<string, unknown>,
  draft: Draft,
  output: Output | undefined,
  getLibav: () => Libav,
): void {
  const names = [...params.keys()];
  const own = names.filter((name) => STREAM_PARAMS[name] !== undefined);
  for (const name of own) applyStreamParam(draft, name, params.get(name));
  const renditions = 1 + applyStreams(params, draft);
  const ladder = Array.from(
    { length: renditions },
    (_, index) => draft.get(`renditions[${index}]`) ?? {},
  );
  draft.set('renditions', ladder, '-streams');
  const special = new Set<string>(SPECIAL_PARAMS);
  const others = names.filter((name) => STREAM_PARAMS[name] === undefined && !special.has(name));
  const options: GivenOption[] = others.map((name) => ({
    attribute: name,
    value: params.get(name),
  }));
  applyFfmpegOptions([...options, ...clonesOf(params.get('-clones'), draft)], {
    draft,
    libav: getLibav(),
    renditions,
    protocol: output?.protocol,
  });
  ignoreEncoding(draft);
  if (draft.isSource && draft.withoutAudio) draft.set('audio', false, '-an');
}

/** A source is read no faster than it is encoded. */
function applyWhenFull(whenFull: 'wait' | 'drop' | undefined, draft: Draft, top: Issues): void {
  if (whenFull === undefined) return;
  if (!draft.isSource) draft.set('whenFull', whenFull, 'whenFull');
  else if (whenFull === 'drop') {
    top.expected('"wait", as a source waits for the encoders,', 'whenFull', whenFull);
  }
}

/** The attributes that decide what the others mean. */
function applyModes(params: ReadonlyMap<string, unknown>, draft: Draft): void {
  const live = params.get('-livestream');
  draft.live = live !== undefined && draft.parse(values.flag, '-livestream', live) === true;
  draft.isSource = params.has('-video_source');
  draft.withoutAudio = params.has('-an') && params.get('-an') !== false;
  if (draft.isSource && draft.live && isFile(params.get('-video_source'))) {
    draft.issues.expected(
      'no -livestream, as a file is transcoded as a whole,',
      '-livestream',
      live,
    );
  }
  if (draft.live) draft.set('packaging.live', {}, '-livestream');
  if (draft.format === 'hls') {
    draft.set('packaging.segmentType', 'mpegts', '-hls_segment_type');
    if (draft.live) applyHlsFlags(draft, LIVE_HLS_FLAGS, '-hls_flags');
  }
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
    draft.set('audio', { ...(audio as object) }, '-audio');
    return;
  }
  const { issues } = draft;
  const warn = (): void => undefined; // told when it is opened
  const source = resolveMediaSource(audio, { path: '-audio', issues, warn, getBinding });
  if (source !== undefined) draft.set('audio.source', audio, '-audio');
}

function isPush(audio: unknown): boolean {
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

/** What a stand-in shows. */
interface Rehearsal {
  readonly issues: readonly OptionIssue[];
  readonly source: SourceToOpen | undefined;
  readonly audio: NativeAudioConfig | null;
}

/**
 * Resolves with a stand-in for the first frame or the source, and gives the issues that shows. The filter
 * waits for the real pictures, unless it fits no size at all.
 */
function rehearse(draft: Draft, source: unknown, getBinding: () => NativeBinding): Rehearsal {
  const issues = new Issues(draft.names);
  const { video, input, output, ...rest } = draft.options;
  const { filter, ...others } = { filter: undefined, ...(video as object | undefined) };
  const options = {
    ...rest,
    video: others,
    input: { ...(input as object | undefined), ...(draft.isSource ? {} : REHEARSAL) },
    // A wrong output is an issue already: nothing is written to this one.
    output: output === '' ? `${tmpdir()}${sep}` : output,
  };
  let plan: StreamPlan | undefined;
  let toOpen: SourceToOpen | undefined;
  if (draft.isSource) toOpen = rehearseSource(source, options, issues, getBinding);
  else plan = resolveOptions(options, issues, getBinding);
  const inPlace = typeof filter === 'string' ? inMemory({ filter }).filter : undefined;
  if (inPlace !== undefined) {
    const pixelFormat = draft.isSource ? 'yuv420p' : 'bgr24';
    checkFilter(inPlace, pixelFormat, libavOf(getBinding()), issues);
  }
  return { issues: issues.list, source: toOpen, audio: plan?.config.audio ?? null };
}

/** A chain that fails with every size is wrong; one that fails with some may need the real size. */
function checkFilter(filter: string, pixelFormat: string, libav: Libav, issues: Issues): void {
  const one = { num: 1, den: 1 };
  const rest = { pixelFormat, frameRate: { num: 25, den: 1 }, sampleAspectRatio: one };
  const results = FILTER_SIZES.map((size) => libav.probeFilter(filter, { ...size, ...rest }));
  const errors = results.flatMap((result) => ('error' in result ? [result.error] : []));
  if (errors.length < results.length) return;
  const reason = errors[0] ?? '';
  issues.expected(`a filter chain that libavfilter takes (${reason})`, 'video.filter', filter);
}
