// Resolve input: the pictures that are encoded, which part of them, and the grid on which they are cut.

import { toNumber } from '../base/rational.js';
import type { Rational } from '../base/rational.js';
import type { Issues } from '../check/issues.js';
import type { ColorSpace } from '../frames/pixel-layout.js';
import { durationInTicks, ticksPerSecond } from '../frames/timeline.js';
import type { Trim } from '../frames/timeline.js';
import type { Libav } from '../native/libav.js';
import type { NativePipelineConfig } from '../native/native-config.js';
import type { CheckedOptions, CheckedTrim } from '../options/option-schema.js';
import { segmentSeconds } from './packaging.js';
import type { Source } from './renditions.js';

/** Greatest distance of key frames unless `gop` says otherwise, seconds. */
const GOP_SECONDS = 2;

const DEFAULT_RATE: Rational = { num: 25, den: 1 };
const SQUARE: Rational = { num: 1, den: 1 };

/** Frames per second of the input. */
export function rateOf({ frameRate }: Partial<CheckedOptions['input']>): Rational {
  return frameRate ?? DEFAULT_RATE;
}

/** The part of the input that is kept. */
export function trimOf({ start = 0, end, duration }: CheckedTrim, issues: Issues): Trim {
  if (end !== undefined && duration === undefined && end <= start) {
    issues.expected(`a time after the start (${start} s)`, ['trim', 'end'], end);
  }
  const last = duration === undefined ? end : start + duration;
  return { start, end: last ?? Number.POSITIVE_INFINITY };
}

function isPositive({ num, den }: Rational): boolean {
  return num > 0 && den > 0;
}

/** The pictures that reach the scaler: the input, or what the filter chain makes of it. */
export function sourceOf(
  { input, video = {} }: Pick<CheckedOptions, 'input' | 'video'>,
  libav: Libav,
  issues: Issues,
): Source {
  const source: Source = {
    width: input.width,
    height: input.height,
    frameRate: rateOf(input),
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
      ['video', 'filter'],
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

/** Standard definition ends at 576 lines: BT.601 below, BT.709 above. */
function defaultColorSpace(height: number): ColorSpace {
  return height > 576 ? 'bt709' : 'smpte170m';
}

/** The input as the addon takes it. */
export function nativeInput({ input }: CheckedOptions): NativePipelineConfig['input'] {
  const frameRate = rateOf(input);
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

/** Where segments and GOPs begin. */
export function gridOf({
  input,
  packaging = {},
  video = {},
}: {
  readonly input: Partial<CheckedOptions['input']>;
} & Pick<CheckedOptions, 'packaging' | 'video'>): NativePipelineConfig['grid'] {
  const frameRate = rateOf(input);
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
