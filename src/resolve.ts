// Resolve: from checked options to the configuration of the native pipeline.

import { availableParallelism } from 'node:os';
import { declaredPeak, encoderSettings, shareThreads } from './encoder-defaults.js';
import type { EncoderSettings } from './encoder-defaults.js';
import { InvalidOptionsError, StreamError } from './errors.js';
import type { WarningEvent } from './events.js';
import { inMemory, resolveFallback, resolveHardware, withFallback } from './hardware.js';
import type { Issues } from './issues.js';
import { libavOf } from './libav.js';
import type { Libav } from './libav.js';
import type {
  NativeBinding,
  NativeEncoderInfo,
  NativePipelineConfig,
  NativeRenditionConfig,
} from './native.js';
import { checkShape } from './option-schema.js';
import type {
  CheckedOptions,
  CheckedRendition,
  CheckedTrim,
  CheckedVideo,
} from './option-schema.js';
import { formatOfExtension, resolveOutput } from './output.js';
import type { ManifestFormat, Output } from './output.js';
import { resolvePackaging, segmentSeconds } from './packaging.js';
import type { ColorSpace } from './pixel-layout.js';
import type { Rational } from './rational.js';
import { toNumber } from './rational.js';
import { DEFAULT_BITS_PER_PIXEL, resolveRenditions } from './renditions.js';
import type { Rendition, Source } from './renditions.js';
import { durationInTicks, ticksPerSecond } from './timeline.js';
import type { Trim } from './timeline.js';
import { bitrate as bitrateKind } from './values.js';

/** Frames that wait for the scaler, pictures per encoder, packets for the packager. */
const QUEUES = { ingest: 3, encoder: 4, packets: 64 };

/** Greatest distance of key frames unless `gop` says otherwise, seconds. */
const GOP_SECONDS = 2;

const DEFAULT_RATE: Rational = { num: 25, den: 1 };
const SQUARE: Rational = { num: 1, den: 1 };

/** The encoder that is used when none is asked for. */
export const DEFAULT_CODEC = 'libx264';

/** Everything that a stream needs to begin. */
export interface StreamPlan {
  /** For the addon. */
  readonly config: NativePipelineConfig;
  /** Where the root manifest goes. */
  readonly output: Output;
  /** DASH or HLS. */
  readonly format: ManifestFormat;
  /** Rates and sizes of the renditions. */
  readonly renditions: readonly Rendition[];
  /** The part of the input that is kept. */
  readonly trim: Trim;
  /** What happens while the encoders are behind. */
  readonly whenFull: 'wait' | 'drop';
  /** Aborts the stream. */
  readonly signal: AbortSignal | undefined;
  /** Delete what an earlier run left. */
  readonly clearPrevious: boolean;
  /** What to tell once somebody listens. */
  readonly warnings: readonly WarningEvent[];
}

/**
 * Checks options of `AdaptiveStream.open` and fills in every default.
 *
 * @param value - What the caller gave.
 * @param issues - Takes every wrong value.
 * @param getBinding - The addon; only asked for when libav has to be.
 * @returns the plan; undefined when there are issues.
 * @throws {@link StreamError} `NOT_YET` with `audio`, or what `getBinding` throws.
 */
export function resolveOptions(
  value: unknown,
  issues: Issues,
  getBinding: () => NativeBinding,
): StreamPlan | undefined {
  const options = checkShape(value, issues);
  if (options === undefined) return undefined;
  if (options.audio !== undefined && issues.list.length === 0) {
    throw new StreamError('Audio is not supported yet: leave out "audio"', { code: 'NOT_YET' });
  }
  const { packaging = {} } = options;
  const video = inMemory(options.video ?? {});
  const format = packaging.format ?? formatOfExtension(options.output) ?? 'dash';
  const output = resolveOutput(options.output, format, 'output', issues);
  if (options.renditions?.length === 0) {
    issues.expected('at least one rendition', 'renditions', options.renditions);
  }
  const libav = bindingUnlessIssues(getBinding, issues);
  const encoder = findEncoder(video, libav, issues);
  if (output === undefined || encoder === undefined) return undefined;
  return planOf({ options: { ...options, video }, format, output, libav, encoder, issues });
}

/** When there are wrong values already, a missing addon must not hide them. */
function bindingUnlessIssues(getBinding: () => NativeBinding, issues: Issues): Libav {
  try {
    return libavOf(getBinding());
  } catch (error) {
    if (issues.list.length > 0) throw new InvalidOptionsError([...issues.list]);
    throw error;
  }
}

function findEncoder(
  video: CheckedVideo,
  libav: Libav,
  issues: Issues,
): NativeEncoderInfo | undefined {
  const name = video.codec ?? DEFAULT_CODEC;
  const found =
    libav.findEncoder(name) ?? (video.codec === undefined ? libav.findEncoder('h264') : undefined);
  if (found === undefined) {
    issues.expected(
      'a video encoder of the local libavcodec',
      'video.codec',
      name,
      libav.encoders.keys(),
    );
    return undefined;
  }
  const { pixelFormat } = video;
  const takesAny = found.pixelFormats.length === 0;
  if (pixelFormat !== undefined && !takesAny && !found.pixelFormats.includes(pixelFormat)) {
    issues.expected(
      `one of ${found.pixelFormats.join(', ')}`,
      'video.pixelFormat',
      pixelFormat,
      found.pixelFormats,
    );
  }
  return found;
}

/** What the parts of a plan are made from. */
interface Planning {
  readonly options: CheckedOptions;
  readonly format: ManifestFormat;
  readonly output: Output;
  readonly libav: Libav;
  readonly encoder: NativeEncoderInfo;
  readonly issues: Issues;
}

function planOf(planning: Planning): StreamPlan | undefined {
  const { options, format, output, libav, encoder, issues } = planning;
  const { packaging = {}, video = {}, trim = {} } = options;
  const warnings: WarningEvent[] = [];
  const warn = (warning: WarningEvent): void => void warnings.push(warning);
  const frameRate = options.input.frameRate ?? DEFAULT_RATE;
  const requested = (options.renditions ?? [{}]).map((rendition, index) =>
    withUserOptions(rendition, video, index),
  );
  const source = sourceOf(options, libav, issues);
  const renditions = resolveRenditions(
    requested.map(({ rendition }) => rendition),
    {
      source,
      aspectRatio: video.aspectRatio,
      bitsPerPixel: video.bitsPerPixel ?? DEFAULT_BITS_PER_PIXEL,
      issues,
      warn,
    },
  );
  const native = resolvePackaging(packaging, {
    format,
    output,
    renditions: renditions.length,
    codec: encoder.codec,
    frameRate,
    libav,
    issues,
    warn,
  });
  const hardware = resolveHardware(video, encoder, { issues, warn });
  const fallback = resolveFallback(video, encoder, libav, { issues, warn });
  const kept = trimOf(trim, issues);
  const users = requested.map(({ user }) => user);
  for (const [index, { paths }] of requested.entries()) {
    checkEncoderOptions(users[index] ?? {}, paths, planning);
  }
  if (issues.list.length > 0) return undefined;
  return {
    config: {
      input: nativeInput(options, frameRate),
      pictureRate: source.frameRate,
      filter: video.filter ?? '',
      renditions: withFallback(fallback, users, { ...planning, warn }, (given, part) =>
        nativeRenditions(renditions, given, frameRate, part),
      ),
      grid: gridOf(options, frameRate),
      packaging: native,
      source: null,
      audio: null,
      hardware,
      queues: QUEUES,
    },
    output,
    format,
    renditions,
    trim: kept,
    whenFull: options.whenFull ?? 'wait',
    signal: options.signal,
    clearPrevious: packaging.clearPrevious ?? false,
    warnings,
  };
}

function trimOf({ start = 0, end, duration }: CheckedTrim, issues: Issues): Trim {
  if (end !== undefined && duration === undefined && end <= start) {
    issues.expected(`a time after the start (${start} s)`, 'trim.end', end);
  }
  const last = duration === undefined ? end : start + duration;
  return { start, end: last ?? Number.POSITIVE_INFINITY };
}

function isPositive({ num, den }: Rational): boolean {
  return num > 0 && den > 0;
}

/** The pictures that reach the scaler: the input, or what the filter chain makes of it. */
function sourceOf({ input, video = {} }: CheckedOptions, libav: Libav, issues: Issues): Source {
  const source: Source = {
    width: input.width,
    height: input.height,
    frameRate: input.frameRate ?? DEFAULT_RATE,
    sampleAspectRatio: input.sampleAspectRatio ?? SQUARE,
  };
  if (video.filter === undefined) return source;
  const probed = libav.probeFilter(video.filter, {
    ...source,
    pixelFormat: input.pixelFormat ?? 'bgr24',
  });
  if ('error' in probed) {
    issues.expected(
      `a filter chain that libavfilter takes (${probed.error})`,
      'video.filter',
      video.filter,
    );
    return source;
  }
  const { width, height, sampleAspectRatio, frameRate } = probed;
  return {
    width,
    height,
    sampleAspectRatio: isPositive(sampleAspectRatio) ? sampleAspectRatio : SQUARE,
    frameRate: isPositive(frameRate) ? frameRate : source.frameRate,
  };
}

/** The caller's encoder options of one rendition, and where each was given. */
interface UserOptions {
  readonly rendition: CheckedRendition;
  readonly user: Readonly<Record<string, string>>;
  readonly paths: ReadonlyMap<string, string>;
}

function withUserOptions(
  rendition: CheckedRendition,
  video: CheckedVideo,
  index: number,
): UserOptions {
  const user: Record<string, string> = {};
  const paths = new Map<string, string>();
  const add = (values: Readonly<Record<string, string | undefined>>, path: string): void => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) continue;
      user[name] = value;
      paths.set(name, `${path}.${name}`);
    }
  };
  const { preset, profile, tune, crf } = video;
  add({ preset, profile, tune, crf: crf === undefined ? undefined : String(crf) }, 'video');
  add(video.options ?? {}, 'video.options');
  add(rendition.options ?? {}, `renditions[${index}].options`);
  // A bitrate by its FFmpeg name is a bitrate all the same: manifests must know it.
  const { b, ...rest } = user;
  const bitrate = rendition.bitrate ?? bitrateKind.parse(b);
  return bitrate === undefined
    ? { rendition, user, paths }
    : { rendition: { ...rendition, bitrate }, user: rest, paths };
}

function checkEncoderOptions(
  user: Readonly<Record<string, string>>,
  paths: ReadonlyMap<string, string>,
  { libav, encoder, issues }: Planning,
): void {
  const known = libav.options('encoder', encoder.name);
  for (const [name, value] of Object.entries(user)) {
    const path = paths.get(name) ?? name;
    const option = known.get(name);
    if (option === undefined) {
      const parent = path.slice(0, path.length - name.length - 1);
      issues.unknown(`an option of encoder ${encoder.name}`, parent, name, known.keys());
      continue;
    }
    const problem = libav.problem('encoder', encoder.name, option, value);
    if (problem !== undefined) issues.expected(problem.expected, path, value, problem.words);
  }
}

/** Standard definition ends at 576 lines: BT.601 below, BT.709 above. */
function defaultColorSpace(height: number): ColorSpace {
  return height > 576 ? 'bt709' : 'smpte170m';
}

function nativeInput(
  { input }: CheckedOptions,
  frameRate: Rational,
): NativePipelineConfig['input'] {
  return {
    width: input.width,
    height: input.height,
    pixelFormat: input.pixelFormat ?? 'bgr24',
    frameRate,
    ticksPerSecond: ticksPerSecond(frameRate),
    sampleAspectRatio: input.sampleAspectRatio ?? SQUARE,
    colorSpace: input.colorSpace ?? defaultColorSpace(input.height),
    fullRange: input.colorRange === 'pc',
  };
}

function gridOf(
  { packaging = {}, video = {} }: CheckedOptions,
  frameRate: Rational,
): NativePipelineConfig['grid'] {
  const seconds = segmentSeconds(packaging);
  const segmentDuration = durationInTicks(seconds, frameRate);
  if (video.gop !== undefined) {
    const gopDuration = durationInTicks(Math.max(1, video.gop) / toNumber(frameRate), frameRate);
    return { segmentDuration, gopDuration };
  }
  // Equal parts: a GOP that does not divide the segment would put two key frames close together.
  const parts = Math.max(1, Math.round(seconds / GOP_SECONDS));
  return { segmentDuration, gopDuration: parts === 1 ? 0 : Math.ceil(segmentDuration / parts) };
}

function nativeRenditions(
  renditions: readonly Rendition[],
  users: readonly Readonly<Record<string, string>>[],
  frameRate: Rational,
  { options, format, encoder, libav }: Planning,
): NativeRenditionConfig[] {
  const known = libav.options('encoder', encoder.name);
  const { packaging = {}, video = {} } = options;
  const pixels = renditions.map(({ width, height }) => width * height);
  const threads = shareThreads(pixels, availableParallelism());
  const { segmentDuration, gopDuration } = gridOf(options, frameRate);
  const gopTicks = gopDuration === 0 ? segmentDuration : Math.min(gopDuration, segmentDuration);
  const gopSeconds = gopTicks / ticksPerSecond(frameRate);
  return renditions.map((rendition, index) => {
    const settings: EncoderSettings = encoderSettings({
      encoder: encoder.name,
      pixelFormat: video.pixelFormat ?? '',
      bitrate: rendition.bitrate,
      live: packaging.live !== undefined,
      withoutReordering: format === 'hls' && packaging.segmentType !== 'mpegts',
      threads: threads[index] ?? 1,
      gopFrames: Math.ceil(gopSeconds * toNumber(rendition.frameRate)),
      user: users[index] ?? {},
      knows: (option) => known.has(option),
    });
    return {
      width: rendition.width,
      height: rendition.height,
      sampleAspectRatio: rendition.sampleAspectRatio,
      frameRate: rendition.decimateTo,
      codec: encoder.name,
      pixelFormat: video.pixelFormat ?? '',
      options: settings.options,
      bitrate: rendition.bitrate,
      declaredPeak: declaredPeak(settings, {
        segmentDuration: segmentSeconds(packaging),
        mpegts: packaging.segmentType === 'mpegts',
        fps: toNumber(rendition.frameRate),
      }),
      audio: 0,
      fallbackCodec: '',
      fallbackOptions: [],
    };
  });
}
