// Option schema: the shape of AdaptiveStreamOptions, checked once, at opening.

import * as z from 'zod';
import type { Issues } from './issues.js';
import { mediaSource } from './media-source.js';
import type {
  AdaptiveStreamOptions,
  AudioOptions,
  AudioPushOptions,
  DashOptions,
  HardwareOptions,
  HlsOptions,
  InputOptions,
  LiveOptions,
  NameOptions,
  PackagingOptions,
  RenditionOptions,
  SourceInputOptions,
  SourceOptions,
  TrimOptions,
  VideoOptions,
} from './options.js';
import { COLOR_SPACES, PIXEL_FORMATS } from './pixel-layout.js';
import { SCALINGS } from './scaling.js';
import * as values from './values.js';

const ONE_OF = 'one of ';

/** An object without unknown keys; the message of its issues lists the known ones. */
export function strict<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? ONE_OF + Object.keys(shape).join(', ') : 'an object',
  });
}

const side = values.wholeNumber(2, 16384).schema;
const count = values.wholeNumber(0).schema;
const segments = values.wholeNumber(0, 1_000_000).schema;
const on = values.flag.schema;
const text = values.text.schema;
const scalar = values.scalar.schema;
const optionValues = z.record(z.string(), scalar, { error: 'an object of options' });

const input = strict({
  width: side,
  height: side,
  pixelFormat: values.oneOf(PIXEL_FORMATS).schema.optional(),
  frameRate: values.frameRate.schema.optional(),
  sampleAspectRatio: values.aspect.schema.optional(),
  colorSpace: values.oneOf(COLOR_SPACES).schema.optional(),
  colorRange: values.oneOf(['tv', 'pc']).schema.optional(),
});

const rendition = strict({
  width: side.optional(),
  height: side.optional(),
  bitrate: values.bitrate.schema.optional(),
  frameRate: values.frameRate.schema.optional(),
  audioBitrate: values.bitrate.schema.optional(),
  options: optionValues.optional(),
});

const hardware = strict({
  type: text.optional(),
  device: scalar.optional(),
  options: optionValues.optional(),
});

const video = strict({
  codec: text.optional(),
  hardware: hardware.optional(),
  fallback: on.optional(),
  pixelFormat: text.optional(),
  preset: scalar.optional(),
  profile: scalar.optional(),
  tune: scalar.optional(),
  crf: values.numberFrom(0).schema.optional(),
  gop: count.optional(),
  filter: text.optional(),
  scaling: values.oneOf(SCALINGS).schema.optional(),
  aspectRatio: values.aspect.schema.optional(),
  bitsPerPixel: values.numberFrom(0.001).schema.optional(),
  options: optionValues.optional(),
});

const sampleRate = values.wholeNumber(1000, 384_000).schema;
const channels = values.wholeNumber(1, 8).schema;

const push = strict({
  sampleRate,
  channels: channels.optional(),
  sampleFormat: values.oneOf(['f32', 'f32-planar', 's16']).schema.optional(),
});

const audio = strict({
  source: mediaSource.optional(),
  push: push.optional(),
  codec: text.optional(),
  bitrate: values.bitrate.schema.optional(),
  sampleRate: sampleRate.optional(),
  channels: channels.optional(),
  filter: text.optional(),
  options: optionValues.optional(),
  track: count.optional(),
  start: values.seconds.schema.optional(),
  clock: values.oneOf(['samples', 'wall']).schema.optional(),
  fillGaps: on.optional(),
  language: values.language.schema.optional(),
  name: text.optional(),
});

const live = strict({
  window: segments.optional(),
  extraWindow: segments.optional(),
  deleteSegments: on.optional(),
});

const names = strict({
  init: text.optional(),
  segment: text.optional(),
  playlist: text.optional(),
});

const dash = strict({
  timeline: on.optional(),
  template: on.optional(),
  utcTimingUrl: text.optional(),
});

const hls = strict({
  baseUrl: values.line.schema.optional(),
  playlistType: values.oneOf(['vod', 'event']).schema.optional(),
  programDateTime: on.optional(),
  discontinuityStart: on.optional(),
  omitEndlist: on.optional(),
  roundDurations: on.optional(),
});

/** `true` is a live stream with every default, `false` is none. */
const liveOrNot = z
  .union([on.transform((value) => (value ? {} : undefined)), z.looseObject({})], {
    error: 'true, false or an object such as { window: 5 }',
  })
  .pipe(live.optional()) as z.ZodType<z.output<typeof live> | undefined, boolean | LiveOptions>;

const packaging = strict({
  format: values.oneOf(['dash', 'hls']).schema.optional(),
  segmentDuration: values.duration.schema.optional(),
  segmentType: values.oneOf(['fmp4', 'mpegts']).schema.optional(),
  live: liveOrNot.optional(),
  names: names.optional(),
  startNumber: count.optional(),
  fragmentDuration: values.duration.schema.optional(),
  removeAtExit: on.optional(),
  clearPrevious: on.optional(),
  dash: dash.optional(),
  hls: hls.optional(),
  metadata: z
    .record(z.string(), z.string({ error: 'a string' }), { error: 'an object' })
    .optional(),
  options: optionValues.optional(),
  protocolOptions: optionValues.optional(),
});

const trim = strict({
  start: values.seconds.schema.optional(),
  end: values.duration.schema.optional(),
  duration: values.duration.schema.optional(),
});

/** An AbortSignal, of any realm. */
export const signal = z.custom<AbortSignal>(
  (value) => typeof value === 'object' && value !== null && 'aborted' in value,
  'an AbortSignal',
);

/** What pushed frames and a source have in common. */
const common = {
  renditions: z.array(rendition, { error: 'an array of renditions' }).readonly().optional(),
  video: video.optional(),
  packaging: packaging.optional(),
  output: text,
  trim: trim.optional(),
  signal: signal.optional(),
};

const options = strict({
  input,
  ...common,
  audio: audio.optional(),
  whenFull: values.oneOf(['wait', 'drop']).schema.optional(),
});

const sourceInput = strict({
  format: text.optional(),
  options: optionValues.optional(),
  videoTrack: count.optional(),
  deinterlace: values.oneOf(['auto', 'off']).schema.optional(),
  threads: values.wholeNumber(0, 64).schema.optional(),
  realtime: values.flag.schema.optional(),
});

/** False is no audio at all. */
const audioOrNone = z.unknown().transform((value, context) => {
  if (value === false) return false;
  const result = audio.safeParse(value);
  if (result.success) return result.data;
  context.issues.push(...(result.error.issues as typeof context.issues));
  return z.NEVER;
}) as z.ZodType as z.ZodType<false | z.output<typeof audio>, false | AudioOptions>;

const sourceOptions = strict({
  input: sourceInput.optional(),
  ...common,
  audio: audioOrNone.optional(),
  onProgress: z
    .custom<NonNullable<SourceOptions['onProgress']>>(
      (value) => typeof value === 'function',
      'a function',
    )
    .optional(),
});

/** AdaptiveStreamOptions after the check: numbers are numbers, rates are exact. */
export type CheckedOptions = z.output<typeof options>;
/** SourceOptions after the check. */
export type CheckedSourceOptions = z.output<typeof sourceOptions>;
/** AudioOptions after the check. */
export type CheckedAudio = z.output<typeof audio>;
/** One rendition after the check. */
export type CheckedRendition = z.output<typeof rendition>;
/** PackagingOptions after the check. */
export type CheckedPackaging = z.output<typeof packaging>;
/** TrimOptions after the check. */
export type CheckedTrim = z.output<typeof trim>;
/** VideoOptions after the check. */
export type CheckedVideo = z.output<typeof video>;

/** The schema takes whatever the interface allows, and knows the same keys. */
type Agrees<Schema extends z.ZodType, Interface> = [Interface] extends [z.input<Schema>]
  ? [keyof z.input<Schema>] extends [keyof Interface]
    ? true
    : never
  : never;

// A difference between an interface of options.ts and its schema is an error of the compiler here.
true satisfies Agrees<typeof options, AdaptiveStreamOptions>;
true satisfies Agrees<typeof sourceOptions, SourceOptions>;
true satisfies Agrees<typeof input, InputOptions>;
true satisfies Agrees<typeof sourceInput, SourceInputOptions>;
true satisfies Agrees<typeof rendition, RenditionOptions>;
true satisfies Agrees<typeof hardware, HardwareOptions>;
true satisfies Agrees<typeof video, VideoOptions>;
true satisfies Agrees<typeof audio, AudioOptions>;
true satisfies Agrees<typeof push, AudioPushOptions>;
true satisfies Agrees<typeof live, LiveOptions>;
true satisfies Agrees<typeof names, NameOptions>;
true satisfies Agrees<typeof dash, DashOptions>;
true satisfies Agrees<typeof hls, HlsOptions>;
true satisfies Agrees<typeof packaging, PackagingOptions>;
true satisfies Agrees<typeof trim, TrimOptions>;

/**
 * Checks the shape of a value and adds everything wrong to `issues`. Goes on without the wrong parts, so
 * that later checks can find more; undefined when what is left is not enough.
 */
export function checkObject<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  issues: Issues,
): z.output<Schema> | undefined {
  const first = schema.safeParse(value);
  if (first.success) return first.data;
  for (const issue of first.error.issues) report(issue, value, issues);
  return schema.safeParse(without(value, first.error.issues.flatMap(wrongPaths))).data;
}

/** Checks the shape of AdaptiveStreamOptions; see {@link checkObject}. */
export function checkShape(value: unknown, issues: Issues): CheckedOptions | undefined {
  return checkObject(options, value, issues);
}

/** Checks the shape of SourceOptions; see {@link checkObject}. */
export function checkSourceShape(value: unknown, issues: Issues): CheckedSourceOptions | undefined {
  return checkObject(sourceOptions, value, issues);
}

type Path = readonly PropertyKey[];

function wrongPaths(issue: z.core.$ZodIssue): Path[] {
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => [...issue.path, key])
    : [issue.path];
}

function report(issue: z.core.$ZodIssue, root: unknown, issues: Issues): void {
  const path = pathText(issue.path);
  if (issue.code !== 'unrecognized_keys') {
    const words: unknown = issue.code === 'custom' ? issue.params?.['words'] : undefined;
    const candidates = Array.isArray(words) ? words.map(String) : [];
    issues.expected(issue.message, path, valueAt(root, issue.path), candidates);
    return;
  }
  const known = issue.message.slice(ONE_OF.length).split(', ');
  for (const key of issue.keys) issues.unknown(issue.message, path, key, known);
}

/** `['renditions', 0, 'bitrate']` → `renditions[0].bitrate`. */
function pathText(path: Path): string {
  let out = '';
  for (const key of path) {
    if (typeof key === 'number') out += `[${key}]`;
    else out += out === '' ? String(key) : `.${String(key)}`;
  }
  return out === '' ? 'options' : out;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** A copy of `value` without what lies at the paths; what is not on a way there is shared. */
function without(value: unknown, paths: readonly Path[]): unknown {
  if (paths.length === 0 || typeof value !== 'object' || value === null) return value;
  const inside = (key: string): Path[] =>
    paths.filter((path) => String(path[0]) === key).map((path) => path.slice(1));
  const isWrong = (key: string): boolean => inside(key).some((path) => path.length === 0);
  if (Array.isArray(value)) {
    // An empty object keeps the indexes of the others as the caller wrote them.
    return value.map((item: unknown, index) =>
      isWrong(String(index)) ? {} : without(item, inside(String(index))),
    );
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !isWrong(key))
      .map(([key, item]): [string, unknown] => [key, without(item, inside(key))]),
  );
}
