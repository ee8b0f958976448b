// Option schema: the shape of AdaptiveStreamOptions, checked once, at opening.

import * as z from 'zod';
import { checkCopy, checkObject, mapOf, strict } from '../check/check-object.js';
import { optionValues, signal } from '../check/common-schema.js';
import type { Issues } from '../check/issues.js';
import * as values from '../check/values.js';
import { COLOR_SPACES, LARGEST_SIDE, PIXEL_FORMATS } from '../frames/pixel-layout.js';
import { SCALINGS } from '../frames/scaling.js';
import { mediaSource } from '../source/media-source.js';
import { limitShape } from '../source/source-limits.js';
import type {
  AdaptiveStreamOptions,
  AudioOptions,
  AudioPushOptions,
  HardwareOptions,
  InputOptions,
  RenditionOptions,
  SourceInputOptions,
  SourceOptions,
  TrimOptions,
  VideoOptions,
} from './options.js';
import type {
  DashOptions,
  HlsOptions,
  LiveOptions,
  NameOptions,
  PackagingOptions,
} from './packaging-options.js';

const side = values.wholeNumber(2, LARGEST_SIDE);
const count = values.wholeNumber(0).schema;
const segments = values.wholeNumber(0, 1_000_000).schema;
const on = values.flag.schema;
const text = values.text.schema;
const scalar = values.scalar.schema;

const input = strict({
  width: side.schema,
  height: side.schema,
  pixelFormat: values.oneOf(PIXEL_FORMATS).schema.optional(),
  frameRate: values.frameRate.schema.optional(),
  sampleAspectRatio: values.aspect.schema.optional(),
  colorSpace: values.oneOf(COLOR_SPACES).schema.optional(),
  colorRange: values.oneOf(['tv', 'pc']).schema.optional(),
});

const rendition = strict({
  width: side.schema.optional(),
  height: side.schema.optional(),
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
  protocols: limitShape.protocols,
  maxPixels: limitShape.maxPixels,
  openTimeout: limitShape.openTimeout,
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
  name: values.line.schema.optional(),
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
  window: segments.optional(),
  extraWindow: segments.optional(),
  timeline: on.optional(),
  template: on.optional(),
  utcTimingUrl: values.line.schema.optional(),
});

const hls = strict({
  window: segments.optional(),
  extraWindow: segments.optional(),
  baseUrl: values.line.schema.optional(),
  playlistType: values.oneOf(['vod', 'event']).schema.optional(),
  programDateTime: on.optional(),
  discontinuityStart: on.optional(),
  omitEndlist: on.optional(),
  roundDurations: on.optional(),
});

/** A schema that takes one more kind of value. */
function orElse<Schema extends z.ZodType, Out, In>(
  schema: Schema,
  isOther: (value: unknown) => boolean,
  convert: (value: unknown) => Out,
  expected: string,
): z.ZodType<z.output<Schema> | Out, z.input<Schema> | In> {
  return z.unknown().transform((value, context) => {
    if (isOther(value)) return convert(value);
    if (typeof value !== 'object' || value === null) {
      context.issues.push({ code: 'custom', message: expected, input: value });
      return z.NEVER;
    }
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    context.issues.push(...(result.error.issues as typeof context.issues));
    return z.NEVER;
  }) as z.ZodType as z.ZodType<z.output<Schema> | Out, z.input<Schema> | In>;
}

const isFlag = (value: unknown): boolean => values.flag.parse(value) !== undefined;

/** `true` is a live stream with every default, `false` is none. */
const liveOrNot = orElse<typeof live, z.output<typeof live> | undefined, boolean>(
  live,
  isFlag,
  (value) => (values.flag.parse(value) === true ? {} : undefined),
  'true, false or an object such as { window: 5 }',
);

const packaging = strict({
  format: values.formats.schema.optional(),
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
  metadata: mapOf(values.string, 'an object').optional(),
  options: optionValues.optional(),
  protocolOptions: optionValues.optional(),
});

const trim = strict({
  start: values.seconds.schema.optional(),
  end: values.duration.schema.optional(),
  duration: values.duration.schema.optional(),
});

/** What pushed frames and a source have in common, but for the output. */
const common = {
  renditions: z.array(rendition, { error: 'an array of renditions' }).readonly().optional(),
  ladder: values.oneOf(['auto']).schema.optional(),
  video: video.optional(),
  packaging: packaging.optional(),
  trim: trim.optional(),
  signal: signal.optional(),
};

const pushed = {
  ...common,
  audio: audio.optional(),
  whenFull: values.oneOf(['wait', 'drop']).schema.optional(),
};

const options = strict({ input, ...pushed, output: text });

/** What attributes of StreamGear say before the first frame; its size, layout and colours are to come. */
const gearOptions = strict({
  ...pushed,
  input: strict({ frameRate: values.frameRate.schema.optional() }).optional(),
});

/** Which pictures are held while a source has only sound. */
export const HOLD_PICTURE = ['none', 'first', 'last', 'both'] as const;

const sourceInput = strict({
  format: text.optional(),
  options: optionValues.optional(),
  videoTrack: count.optional(),
  deinterlace: values.oneOf(['auto', 'off']).schema.optional(),
  threads: values.wholeNumber(0, 64).schema.optional(),
  realtime: values.flag.schema.optional(),
  ...limitShape,
  holdPicture: values.oneOf(HOLD_PICTURE).schema.optional(),
});

/** False is no audio at all. */
const audioOrNone = orElse<typeof audio, false, false>(
  audio,
  (value) => value === false,
  () => false,
  'false or an object such as { codec: "libopus" }',
);

const transcoded = {
  ...common,
  input: sourceInput.optional(),
  audio: audioOrNone.optional(),
};

/** What attributes of StreamGear say of a source. */
const gearSourceOptions = strict(transcoded);

const sourceOptions = strict({
  ...transcoded,
  output: text,
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
/** LiveOptions after the check. */
export type CheckedLive = z.output<typeof live>;
/** SourceInputOptions after the check. */
export type CheckedSourceInput = z.output<typeof sourceInput>;
/** Options from attributes of StreamGear after the check. */
export type CheckedGearOptions = z.output<typeof gearOptions>;
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

/** Checks the shape of AdaptiveStreamOptions; see {@link checkObject}. */
export function checkShape(value: unknown, issues: Issues): CheckedOptions | undefined {
  return checkObject(options, value, issues);
}

/**
 * What the first frame says of the input, which is checked but for what only encoders want of its sides. By hand: the
 * event loop waits for the first frame, and a schema costs most when it is used for the first time.
 */
export function checkInput(
  input: CheckedOptions['input'],
  issues: Issues,
): CheckedOptions['input'] | undefined {
  const before = issues.list.length;
  for (const key of ['width', 'height'] as const) {
    if (side.parse(input[key]) === undefined) {
      issues.expected(side.expected, ['input', key], input[key]);
    }
  }
  return issues.list.length > before ? undefined : input;
}

/** Checks options that were made from attributes of StreamGear; see {@link checkObject}. */
export function checkGearShape(value: unknown, issues: Issues): CheckedGearOptions | undefined {
  return checkCopy(gearOptions, value, issues);
}

/** The same for those with a `-video_source`. */
export function checkGearSourceShape(
  value: unknown,
  issues: Issues,
): z.output<typeof gearSourceOptions> | undefined {
  return checkCopy(gearSourceOptions, value, issues);
}

/** Checks the shape of SourceOptions; see {@link checkObject}. */
export function checkSourceShape(value: unknown, issues: Issues): CheckedSourceOptions | undefined {
  return checkObject(sourceOptions, value, issues);
}
