// Resolve: from an outline and the pictures' size to the configuration of the native pipeline.

import { availableParallelism } from 'node:os';
import { hasHls } from '../base/formats.js';
import type { Formats } from '../base/formats.js';
import { toNumber } from '../base/rational.js';
import type { Rational } from '../base/rational.js';
import type { Issues } from '../check/issues.js';
import { chooseFormats, resolveOutput } from '../files/output.js';
import type { Output } from '../files/output.js';
import { ticksPerSecond } from '../frames/timeline.js';
import type { Trim } from '../frames/timeline.js';
import { libavOf } from '../native/libav.js';
import type { NativeBinding, NativeEncoderInfo } from '../native/native-binding.js';
import type {
  NativeHardwareConfig,
  NativePipelineConfig,
  NativeRenditionConfig,
} from '../native/native-config.js';
import { colorProblem } from '../options/color-flags.js';
import { checkShape } from '../options/option-schema.js';
import type { CheckedOptions } from '../options/option-schema.js';
import type { LogEvent, WarningEvent } from '../report/events.js';
import { withLadder } from './auto-ladder.js';
import { copiedRendition, nativeCopiedRendition } from './copy.js';
import { declaredPeak, encoderSettings, shareThreads } from './encoder-defaults.js';
import type { EncoderSettings } from './encoder-defaults.js';
import { checkEncoderSize } from './encoder-sizes.js';
import { withFallback } from './hardware.js';
import { outlineStream } from './outline.js';
import type { Encoding, StreamOutline } from './outline.js';
import { segmentSeconds } from './packaging.js';
import { DEFAULT_BITS_PER_PIXEL, checkRates, resolveRenditions } from './renditions.js';
import type { Rendition } from './renditions.js';
import { nativeInput, rateOf, sourceOf } from './resolve-input.js';
import type { SourcePart } from './source-part.js';

/** Frames that wait for the scaler, pictures per encoder, packets for the packager. */
const QUEUES = { ingest: 3, encoder: 4, packets: 64 };

/** Everything that a stream needs to begin. */
export interface StreamPlan {
  /** For the addon. */
  readonly config: NativePipelineConfig;
  /** Where the root manifests go. */
  readonly output: Output;
  /** Which manifests there are. */
  readonly formats: Formats;
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
  const formats = chooseFormats(options.packaging?.format, options.output);
  const output = resolveOutput(options.output, formats, 'output', issues);
  const context = {
    output,
    formats,
    origin: 'frames',
    isStrict: true,
    issues,
    getBinding,
  } as const;
  const { input } = options;
  const whole =
    options.ladder === undefined
      ? options
      : withLadder(options, input, libavOf(getBinding()), issues);
  return planStream(outlineStream(whole, context), input, issues);
}

/** What the parts of a plan are made from. */
interface Planning {
  readonly outline: StreamOutline;
  readonly options: CheckedOptions;
  readonly issues: Issues;
  readonly warn: (warning: WarningEvent) => void;
}

/**
 * Adds to an outline what depends on the pictures.
 *
 * @param input - What they are like.
 * @param issues - Takes every wrong value.
 * @returns the plan; undefined when there are issues, also from the outline.
 */
export function planStream(
  outline: StreamOutline,
  input: CheckedOptions['input'],
  issues: Issues,
): StreamPlan | undefined {
  const { output, formats, source, audio, packaging, trim } = outline;
  const options = { ...outline.options, input, output: output?.target ?? '' };
  const warnings = [...outline.warnings];
  const warn = (warning: WarningEvent): void => void warnings.push(warning);
  const planning = { outline, options, issues, warn };
  const ladder = ladderOf(planning);
  if (issues.list.length > 0 || output === undefined || ladder === undefined) return undefined;
  const { video = {} } = options;
  return {
    config: {
      input: nativeInput(options),
      pictureRate: ladder.pictureRate,
      filter: video.filter ?? '',
      scaling: video.scaling ?? 'balanced',
      renditions: ladder.native(audio.ofRendition),
      grid: outline.grid,
      packaging,
      source: source?.config ?? null,
      audio: audio.config,
      hardware: ladder.hardware,
      queues: QUEUES,
    },
    output,
    formats,
    renditions: ladder.renditions,
    trim,
    total: source?.total,
    whenFull: options.whenFull ?? 'wait',
    signal: options.signal,
    clearPrevious: options.packaging?.clearPrevious ?? false,
    warnings,
    log: source?.log ?? [],
  };
}

/** The renditions, and how they come to be. */
interface Ladder {
  readonly renditions: readonly Rendition[];
  /** Of what reaches the encoders. */
  readonly pictureRate: Rational;
  /** The device of a hardware encoder. */
  readonly hardware: NativeHardwareConfig;
  /** Without issues only; takes the audio rendition that each is watched with. */
  readonly native: (audioOf: readonly number[]) => NativeRenditionConfig[];
}

function ladderOf(planning: Planning): Ladder | undefined {
  const { source, encoding } = planning.outline;
  if (source?.config.copyVideo === true) return copiedLadder(source);
  return encoding && encodedLadder(encoding, planning);
}

function copiedLadder({ video, media }: SourcePart): Ladder {
  const rendition = copiedRendition(video, media);
  return {
    renditions: [rendition],
    pictureRate: rendition.frameRate,
    hardware: { type: '', device: '', options: [] },
    native: ([audio = 0]) => [{ ...nativeCopiedRendition(rendition), audio }],
  };
}

/**
 * What the encoder is told of colours must be what the pictures are: that hangs on their size, unless the caller said it,
 * and then the outline has looked.
 */
function checkColors({ users, userPaths }: Encoding, { outline, options, issues }: Planning): void {
  if (outline.options.input.colorSpace !== undefined) return;
  const { colorSpace } = nativeInput(options);
  for (const [index, user] of users.entries()) {
    for (const [name, value] of user) {
      const problem = colorProblem(name, value, colorSpace);
      if (problem === undefined) continue;
      issues.expected(problem.expected, userPaths[index]?.get(name) ?? name, value);
    }
  }
}

function encodedLadder(encoding: Encoding, planning: Planning): Ladder {
  const { options, outline, issues, warn } = planning;
  const { video = {} } = options;
  const { encoder, renditions: requested, users, fallback, hardware } = encoding;
  const source = sourceOf(options, outline.libav, issues);
  checkRates(requested, source.frameRate, issues);
  checkColors(encoding, planning);
  const renditions = resolveRenditions(requested, {
    source,
    aspectRatio: video.aspectRatio,
    bitsPerPixel: video.bitsPerPixel ?? DEFAULT_BITS_PER_PIXEL,
    warn,
  });
  for (const [index, size] of renditions.entries()) {
    const path = ['renditions', index];
    checkEncoderSize(encoder.name, size, path, issues);
    if (fallback !== undefined) checkEncoderSize(fallback.encoder.name, size, path, issues);
  }
  return {
    renditions,
    pictureRate: source.frameRate,
    hardware,
    native: (audioOf) =>
      withFallback(fallback, users, { encoder, warn }, (given, part) =>
        nativeRenditions(renditions, { users: given, audioOf, encoder: part.encoder }, planning),
      ),
  };
}

/** What encodes the renditions. */
interface Encoders {
  readonly encoder: NativeEncoderInfo;
  /** Options of the caller, per rendition. */
  readonly users: readonly ReadonlyMap<string, string>[];
  /** Index of the audio rendition that each is watched with. */
  readonly audioOf: readonly number[];
}

function nativeRenditions(
  renditions: readonly Rendition[],
  { users, audioOf, encoder }: Encoders,
  { options, outline }: Planning,
): NativeRenditionConfig[] {
  const { formats, libav } = outline;
  const known = libav.options('encoder', encoder.name);
  const { packaging = {}, video = {} } = options;
  const threads = shareThreads(renditions, availableParallelism());
  const { segmentDuration, gopDuration } = outline.grid;
  const gopTicks = gopDuration === 0 ? segmentDuration : Math.min(gopDuration, segmentDuration);
  const gopSeconds = gopTicks / ticksPerSecond(rateOf(options.input));
  return renditions.map((rendition, index) => {
    const settings: EncoderSettings = encoderSettings({
      encoder: encoder.name,
      pixelFormat: video.pixelFormat ?? '',
      bitrate: rendition.bitrate,
      live: packaging.live !== undefined,
      segmentDuration: segmentSeconds(packaging),
      withoutReordering: hasHls(formats) && packaging.segmentType !== 'mpegts',
      threads: threads[index] ?? 1,
      gopFrames: Math.ceil(gopSeconds * toNumber(rendition.frameRate)),
      user: users[index] ?? new Map<string, string>(),
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
