// Outline: all that follows from options before the size of the pictures is known. Whatever can be wrong without it is
// found here; resolve.ts makes the rest when the first picture, or the source, tells its size.

import type { Formats } from '../base/formats.js';
import type { Issues } from '../check/issues.js';
import type { OptionPath } from '../check/option-path.js';
import { bitrate as bitrateKind } from '../check/values.js';
import type { Output } from '../files/output.js';
import { mustSpareInputs } from '../files/spared-sources.js';
import { firstKeptTime } from '../frames/timeline.js';
import type { Trim } from '../frames/timeline.js';
import { libavOf } from '../native/libav.js';
import type { Libav } from '../native/libav.js';
import type { NativeBinding, NativeEncoderInfo } from '../native/native-binding.js';
import type {
  NativeHardwareConfig,
  NativePackagingConfig,
  NativePipelineConfig,
} from '../native/native-config.js';
import { colorProblem, isRgbLayout } from '../options/color-flags.js';
import type {
  CheckedOptions,
  CheckedRendition,
  CheckedSourceInput,
  CheckedVideo,
} from '../options/option-schema.js';
import { InvalidOptionsError } from '../report/errors.js';
import type { WarningEvent } from '../report/events.js';
import { COPY } from './copy.js';
import { inMemory, resolveFallback, resolveHardware } from './hardware.js';
import type { Fallback } from './hardware.js';
import { resolvePackaging } from './packaging.js';
import { checkRates, checkSizes } from './renditions.js';
import { resolveAudio } from './resolve-audio.js';
import type { AudioPlan } from './resolve-audio.js';
import { gridOf, rateOf, trimOf } from './resolve-input.js';
import type { SourcePart } from './source-part.js';
import { tellWithoutEffect } from './without-effect.js';

/** The encoder that is used when none is asked for. */
export const DEFAULT_CODEC = 'libx264';

/** Checked options; of the input whatever is known already. */
export type OutlineOptions = Omit<CheckedOptions, 'input' | 'output'> & {
  readonly input: Partial<CheckedOptions['input']>;
};

/** Where the pictures come from: pushed frames, a source that is not open yet, or one that is. */
export type Origin = 'frames' | 'unopened' | SourcePart;

/** What an outline is made from beside the options. */
export interface OutlineContext {
  /** Undefined: that is an issue already. */
  readonly output: Output | undefined;
  /** Which manifests there are. */
  readonly formats: Formats;
  /** Where the pictures come from. */
  readonly origin: Origin;
  /** How a source is read, where the pictures come from one. */
  readonly sourceInput?: CheckedSourceInput | undefined;
  /** False: audio that cannot be opened is left out. */
  readonly isStrict: boolean;
  /** Wrong values go here. */
  readonly issues: Issues;
  /** The addon. */
  readonly getBinding: () => NativeBinding;
}

/** How pictures are encoded. */
export interface Encoding {
  /** One for all renditions. */
  readonly encoder: NativeEncoderInfo;
  /** What was asked of each rendition. */
  readonly renditions: readonly CheckedRendition[];
  /** The caller's encoder options of each. */
  readonly users: readonly ReadonlyMap<string, string>[];
  /** Where each of those was given. */
  readonly userPaths: readonly ReadonlyMap<string, OptionPath>[];
  /** The encoder that takes over where the hardware is missing. */
  readonly fallback: Fallback | undefined;
  /** The device of a hardware encoder. */
  readonly hardware: NativeHardwareConfig;
}

/** Everything but what depends on the pictures. */
export interface StreamOutline {
  /** What it was made from. */
  readonly options: OutlineOptions;
  /** Where the root manifests go; undefined when that is wrong. */
  readonly output: Output | undefined;
  /** Which manifests there are. */
  readonly formats: Formats;
  /** An open source. */
  readonly source: SourcePart | undefined;
  /** Undefined: nothing is encoded, or that is wrong. */
  readonly encoding: Encoding | undefined;
  /** Of the whole presentation. */
  readonly audio: AudioPlan;
  /** For the addon. */
  readonly packaging: NativePackagingConfig;
  /** Where segments and groups of pictures begin. */
  readonly grid: NativePipelineConfig['grid'];
  /** The part of the input that is kept. */
  readonly trim: Trim;
  /** What libav says of itself. */
  readonly libav: Libav;
  /** What to tell once somebody listens. */
  readonly warnings: readonly WarningEvent[];
}

/** What its parts are made from. */
interface Outlining extends OutlineContext {
  readonly options: OutlineOptions;
  readonly libav: Libav;
  readonly warn: (warning: WarningEvent) => void;
}

/** Options of packaging are checked all the same where the output is wrong; nothing is written there. */
const NOWHERE: Output = {
  roots: [],
  manifest: '',
  target: '',
  folder: undefined,
  protocol: undefined,
};

/** Checks everything that can be checked without a picture, and fills in every default. */
export function outlineStream(given: OutlineOptions, context: OutlineContext): StreamOutline {
  const { output, formats, origin, issues, getBinding } = context;
  const options = { ...given, video: inMemory(given.video ?? {}) };
  if (options.renditions?.length === 0) {
    issues.expected('at least one rendition', 'renditions', options.renditions);
  }
  const source = typeof origin === 'string' ? undefined : origin;
  const isCopied = origin !== 'frames' && options.video.codec === COPY;
  const libav = bindingUnlessIssues(getBinding, issues);
  const warnings: WarningEvent[] = [...(source?.warnings ?? [])];
  const warn = (warning: WarningEvent): void => void warnings.push(warning);
  const outlining = { ...context, options, libav, warn };
  const encoding = isCopied ? undefined : encodingOf(outlining);
  const trim = trimOf(options.trim ?? {}, issues);
  const audio = audioOf(outlining, trim);
  const codec = isCopied ? source?.video.codec : encoding?.encoder.codec;
  const audioRenditions = audio.config?.renditions.length ?? 0;
  const packaging = packagingOf(
    { ...outlining, output: output ?? NOWHERE },
    codec,
    audioRenditions,
  );
  const facts = { options: given, sourceInput: context.sourceInput, output: output ?? NOWHERE };
  tellWithoutEffect(
    { ...facts, encoder: encoding?.encoder, audio: audio.config, packaging },
    issues,
    warn,
  );
  if (output !== undefined && issues.list.length === 0) {
    const clearPrevious = options.packaging?.clearPrevious ?? false;
    const filters = [options.video.filter, options.audio?.filter];
    const plan = { output, packaging, clearPrevious };
    mustSpareInputs({ audio: audio.config, filters }, plan, issues);
  }
  const grid = gridOf(options);
  return {
    ...{ options, output, formats, source, encoding, audio },
    ...{ packaging, grid, trim, libav, warnings },
  };
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

function encodingOf(outlining: Outlining): Encoding | undefined {
  const { options, origin, libav, issues } = outlining;
  const { video = {}, renditions = [{}], input } = options;
  const encoder = findEncoder(video, libav, issues);
  checkSizes(renditions, issues);
  // A filter chain, or the source, may have another rate than the input.
  if (origin === 'frames' && video.filter === undefined) {
    checkRates(renditions, rateOf(input), issues);
  }
  if (encoder === undefined) return undefined;
  const requested = renditions.map((rendition, index) => withUserOptions(rendition, video, index));
  for (const { user, paths } of requested) checkEncoderOptions(user, paths, encoder, outlining);
  const fallback = resolveFallback(video, encoder, libav, issues);
  return {
    encoder,
    renditions: requested.map(({ rendition }) => rendition),
    users: requested.map(({ user }) => user),
    userPaths: requested.map(({ paths }) => paths),
    fallback,
    hardware: resolveHardware(video, encoder, issues),
  };
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
    const known = libav.encoders.keys();
    issues.expected('a video encoder of the local libavcodec', ['video', 'codec'], name, known);
    return undefined;
  }
  const { pixelFormat } = video;
  const { pixelFormats } = found;
  const takesAny = pixelFormats.length === 0;
  if (pixelFormat !== undefined && !takesAny && !pixelFormats.includes(pixelFormat)) {
    const expected = `one of ${pixelFormats.join(', ')}`;
    issues.expected(expected, ['video', 'pixelFormat'], pixelFormat, pixelFormats);
    return found;
  }
  const hasYuv = pixelFormats.some((layout) => layout === 'yuv420p' || layout === 'nv12');
  if (isRgbLayout(pixelFormat ?? (hasYuv ? '' : (pixelFormats[0] ?? '')))) {
    const path = ['video', pixelFormat === undefined ? 'codec' : 'pixelFormat'];
    const expected = 'an encoder and a layout of YUV, which all pictures are,';
    issues.expected(expected, path, pixelFormat ?? name);
  }
  return found;
}

/** The caller's encoder options of one rendition, and where each was given. */
interface UserOptions {
  readonly rendition: CheckedRendition;
  readonly user: ReadonlyMap<string, string>;
  readonly paths: ReadonlyMap<string, OptionPath>;
}

function withUserOptions(
  rendition: CheckedRendition,
  video: CheckedVideo,
  index: number,
): UserOptions {
  const user = new Map<string, string>();
  const paths = new Map<string, OptionPath>();
  const add = (
    values: Iterable<readonly [name: string, value: string | undefined]>,
    path: readonly (string | number)[],
  ): void => {
    for (const [name, value] of values) {
      if (value === undefined) continue;
      user.set(name, value);
      paths.set(name, [...path, name]);
    }
  };
  const { preset, profile, tune, crf } = video;
  const own = { preset, profile, tune, crf: crf === undefined ? undefined : String(crf) };
  add(Object.entries(own), ['video']);
  add(video.options ?? [], ['video', 'options']);
  add(rendition.options ?? [], ['renditions', index, 'options']);
  // A bitrate by its FFmpeg name is a bitrate all the same: manifests must know it.
  const bitrate = rendition.bitrate ?? bitrateKind.parse(user.get('b'));
  if (bitrate === undefined) return { rendition, user, paths };
  user.delete('b');
  return { rendition: { ...rendition, bitrate }, user, paths };
}

function checkEncoderOptions(
  user: ReadonlyMap<string, string>,
  paths: ReadonlyMap<string, OptionPath>,
  encoder: NativeEncoderInfo,
  { libav, issues, options }: Outlining,
): void {
  const known = libav.options('encoder', encoder.name);
  for (const [name, value] of user) {
    const path = paths.get(name) ?? name;
    const option = known.get(name);
    if (option === undefined) {
      const parent = typeof path === 'string' ? [] : path.slice(0, -1);
      issues.unknown(`an option of encoder ${encoder.name}`, parent, name, known.keys());
      continue;
    }
    const problem =
      libav.problem('encoder', encoder.name, option, value) ??
      colorProblem(name, value, options.input.colorSpace);
    if (problem !== undefined) issues.expected(problem.expected, path, value, problem.words);
  }
}

function audioOf(outlining: Outlining, trim: Trim): AudioPlan {
  const { options, origin, isStrict, libav, getBinding, issues, warn } = outlining;
  const source = typeof origin === 'string' ? undefined : origin;
  return resolveAudio(options.audio, {
    segmentType: options.packaging?.segmentType ?? 'fmp4',
    renditions: options.renditions ?? [{}],
    trimStart: firstKeptTime(trim.start, rateOf(options.input)),
    sourceStream: origin === 'unopened' ? -1 : source?.audioStream,
    sourceBitrate: source?.audioBitrate,
    isStrict,
    libav,
    getBinding,
    issues,
    warn,
  });
}

function packagingOf(
  outlining: Outlining & { readonly output: Output },
  codec: string | undefined,
  audioRenditions: number,
): NativePackagingConfig {
  const { options, origin, output, formats, libav, issues, warn } = outlining;
  return resolvePackaging(options.packaging ?? {}, {
    formats,
    output,
    renditions: (options.renditions?.length ?? 1) + audioRenditions,
    codec,
    copied: typeof origin !== 'string' && origin.config.copyVideo,
    frameRate: rateOf(options.input),
    libav,
    issues,
    warn,
  });
}
