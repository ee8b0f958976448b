// Resolve: from checked options to the configuration of the native pipeline.

import { availableParallelism } from 'node:os';
import { copiedRendition, nativeCopiedRendition } from './copy.js';
import { declaredPeak, encoderSettings, shareThreads } from './encoder-defaults.js';
import type { EncoderSettings } from './encoder-defaults.js';
import { InvalidOptionsError } from './errors.js';
import type { LogEvent, WarningEvent } from './events.js';
import { inMemory, resolveFallback, resolveHardware, withFallback } from './hardware.js';
import type { Issues } from './issues.js';
import { libavOf } from './libav.js';
import type { Libav } from './libav.js';
import type { NativeBinding, NativeEncoderInfo } from './native-binding.js';
import type {
  NativeHardwareConfig,
  NativePipelineConfig,
  NativeRenditionConfig,
} from './native-config.js';
import { checkShape } from './option-schema.js';
import type { CheckedOptions, CheckedRendition, CheckedVideo } from './option-schema.js';
import { formatOfExtension, resolveOutput } from './output.js';
import type { ManifestFormat, Output } from './output.js';
import { resolvePackaging, segmentSeconds } from './packaging.js';
import type { Rational } from './rational.js';
import { toNumber } from './rational.js';
import { resolveAudio } from './resolve-audio.js';
import { DEFAULT_BITS_PER_PIXEL, resolveRenditions } from './renditions.js';
import type { Rendition } from './renditions.js';
import { gridOf, nativeInput, rateOf, sourceOf, trimOf } from './resolve-input.js';
import type { SourcePart } from './source-part.js';
import { firstKeptTime, ticksPerSecond } from './timeline.js';
import type { Trim } from './timeline.js';
import { bitrate as bitrateKind } from './values.js';

/** Frames that wait for the scaler, pictures per encoder, packets for the packager. */
const QUEUES = { ingest: 3, encoder: 4, packets: 64 };

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
  /** Seconds that a source is to give; undefined: nobody knows, or frames are pushed. */
  readonly total: number | undefined;
  /** What happens while the encoders are behind. */
  readonly whenFull: 'wait' | 'drop';
  /** Aborts the stream. */
  readonly signal: AbortSignal | undefined;
  /** Delete what an earlier run left. */
  readonly clearPrevious: boolean;
  /** What to tell once somebody listens. */
  readonly warnings: readonly WarningEvent[];
  /** What to log. */
  readonly log: readonly LogEvent[];
}

/**
 * Checks options of `AdaptiveStream.open` and fills in every default.
 *
 * @param value - What the caller gave.
 * @param issues - Takes every wrong value.
 * @param getBinding - The addon; only asked for when libav has to be.
 * @returns the plan; undefined when there are issues.
 * @throws what `getBinding` throws.
 */
export function resolveOptions(
  value: unknown,
  issues: Issues,
  getBinding: () => NativeBinding,
): StreamPlan | undefined {
  const options = checkShape(value, issues);
  if (options === undefined) return undefined;
  return resolveChecked(options, undefined, issues, getBinding);
}

/**
 * The same for options whose shape has been checked.
 *
 * @param source - What Single-Source Mode adds; undefined when frames are pushed.
 */
export function resolveChecked(
  checked: CheckedOptions,
  source: SourcePart | undefined,
  issues: Issues,
  getBinding: () => NativeBinding,
): StreamPlan | undefined {
  const options = { ...checked, video: inMemory(checked.video ?? {}) };
  const { packaging = {} } = options;
  const format = packaging.format ?? formatOfExtension(options.output) ?? 'dash';
  const output = resolveOutput(options.output, format, 'output', issues);
  if (options.renditions?.length === 0) {
    issues.expected('at least one rendition', 'renditions', options.renditions);
  }
  const libav = bindingUnlessIssues(getBinding, issues);
  const warnings: WarningEvent[] = [...(source?.warnings ?? [])];
  const warn = (warning: WarningEvent): void => void warnings.push(warning);
  const planning = { options, source, format, libav, issues, warn, getBinding };
  const ladder = source?.config.copyVideo === true ? copiedLadder(source) : encodedLadder(planning);
  if (output === undefined || ladder === undefined) return undefined;
  return planOf({ ...planning, output, ladder, warnings });
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
  readonly source: SourcePart | undefined;
  readonly format: ManifestFormat;
  readonly libav: Libav;
  readonly issues: Issues;
  readonly warn: (warning: WarningEvent) => void;
  readonly getBinding: () => NativeBinding;
}

/** The renditions, and how they come to be. */
interface Ladder {
  readonly renditions: readonly Rendition[];
  /** Of all of them, `h264`. */
  readonly codec: string;
  /** Of what reaches the encoders. */
  readonly pictureRate: Rational;
  /** The device of a hardware encoder. */
  readonly hardware: NativeHardwareConfig;
  /** Without issues only; takes the audio rendition that each is watched with. */
  readonly native: (audioOf: readonly number[]) => NativeRenditionConfig[];
}

function copiedLadder({ video, media }: SourcePart): Ladder {
  const rendition = copiedRendition(video, media);
  return {
    renditions: [rendition],
    codec: video.codec,
    pictureRate: rendition.frameRate,
    hardware: { type: '', device: '', options: [] },
    native: ([audio = 0]) => [{ ...nativeCopiedRendition(rendition), audio }],
  };
}

function encodedLadder(planning: Planning): Ladder | undefined {
  const { options, libav, issues, warn } = planning;
  const { video = {} } = options;
  const encoder = findEncoder(video, libav, issues);
  if (encoder === undefined) return undefined;
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
  for (const { user, paths } of requested) checkEncoderOptions(user, paths, encoder, planning);
  const users = requested.map(({ user }) => user);
  const fallback = resolveFallback(video, encoder, libav, planning);
  return {
    renditions,
    codec: encoder.codec,
    pictureRate: source.frameRate,
    hardware: resolveHardware(video, encoder, planning),
    native: (audioOf) =>
      withFallback(fallback, users, { ...planning, encoder }, (given, part) =>
        nativeRenditions(renditions, { users: given, audioOf, encoder: part.encoder }, planning),
      ),
  };
}

function planOf(
  planning: Planning & {
    readonly output: Output;
    readonly ladder: Ladder;
    readonly warnings: readonly WarningEvent[];
  },
): StreamPlan | undefined {
  const { options, source, format, output, ladder, libav, issues, warn, getBinding } = planning;
  const { packaging = {}, video = {}, trim = {} } = options;
  const frameRate = rateOf(options.input);
  const kept = trimOf(trim, issues);
  const audio = resolveAudio(options.audio, {
    segmentType: packaging.segmentType ?? 'fmp4',
    renditions: options.renditions ?? [{}],
    trimStart: firstKeptTime(kept.start, frameRate),
    sourceStream: source?.audioStream,
    sourceBitrate: source?.audioBitrate,
    libav,
    getBinding,
    issues,
    warn,
  });
  const native = resolvePackaging(packaging, {
    format,
    output,
    renditions: ladder.renditions.length + (audio.config?.renditions.length ?? 0),
    codec: ladder.codec,
    copied: source?.config.copyVideo ?? false,
    frameRate,
    libav,
    issues,
    warn,
  });
  if (issues.list.length > 0) return undefined;
  return {
    config: {
      input: nativeInput(options),
      pictureRate: ladder.pictureRate,
      filter: video.filter ?? '',
      scaling: video.scaling ?? 'balanced',
      renditions: ladder.native(audio.ofRendition),
      grid: gridOf(options),
      packaging: native,
      source: source?.config ?? null,
      audio: audio.config,
      hardware: ladder.hardware,
      queues: QUEUES,
    },
    output,
    format,
    renditions: ladder.renditions,
    trim: kept,
    total: source?.total,
    whenFull: options.whenFull ?? 'wait',
    signal: options.signal,
    clearPrevious: packaging.clearPrevious ?? false,
    warnings: planning.warnings,
    log: source?.log ?? [],
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
  encoder: NativeEncoderInfo,
  { libav, issues }: Planning,
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

/** What encodes the renditions. */
interface Encoding {
  readonly encoder: NativeEncoderInfo;
  /** Options of the caller, per rendition. */
  readonly users: readonly Readonly<Record<string, string>>[];
  /** Index of the audio rendition that each is watched with. */
  readonly audioOf: readonly number[];
}

function nativeRenditions(
  renditions: readonly Rendition[],
  { users, audioOf, encoder }: Encoding,
  { options, format, libav }: Planning,
): NativeRenditionConfig[] {
  const known = libav.options('encoder', encoder.name);
  const { packaging = {}, video = {} } = options;
  const threads = shareThreads(renditions, availableParallelism());
  const { segmentDuration, gopDuration } = gridOf(options);
  const gopTicks = gopDuration === 0 ? segmentDuration : Math.min(gopDuration, segmentDuration);
  const gopSeconds = gopTicks / ticksPerSecond(rateOf(options.input));
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
      audio: audioOf[index] ?? 0,
      fallbackCodec: '',
      fallbackOptions: [],
    };
  });
}
