// Reader options: what openFrames accepts, and the configuration of the native reader.

import process from 'node:process';
import { checkObject, strict } from '../check/check-object.js';
import { optionValues, signal } from '../check/common-schema.js';
import { Issues } from '../check/issues.js';
import type { OptionValues, Seconds } from '../check/option-types.js';
import * as values from '../check/values.js';
import { LARGEST_SIDE, PIXEL_FORMATS } from '../frames/pixel-layout.js';
import type { PixelFormat } from '../frames/pixel-layout.js';
import type { NativeBinding } from '../native/native-binding.js';
import type { NativeFrameReaderConfig } from '../native/native-config.js';
import { InvalidOptionsError } from '../report/errors.js';
import { resolveMediaSource } from './media-source.js';
import { limitShape } from './source-limits.js';
import type { SourceLimits } from './source-limits.js';

/**
 * Options of {@link openFrames}.
 *
 * @category Sources
 */
export interface OpenFramesOptions extends SourceLimits {
  /** Layout of the frames. Default `bgr24`. */
  readonly pixelFormat?: PixelFormat;
  /** Columns, 2 to 16384. Default: the source's, or what keeps the aspect with `height`. */
  readonly width?: number;
  /** Rows, 2 to 16384. Default: the source's, or what keeps the aspect with `width`. */
  readonly height?: number;
  /** Where to begin, from the first picture that can be shown. Default 0. */
  readonly start?: Seconds;
  /** How much to read. Default: all. */
  readonly duration?: Seconds;
  /** libav's demuxer or device, `v4l2`, `lavfi`. Default: found by itself. */
  readonly format?: string;
  /** Options of the demuxer or device and of the protocol: `{ video_size: '1280x720' }`. */
  readonly options?: OptionValues;
  /** Frames that are decoded before they are asked for, 1 to 64. Default 3. */
  readonly readAhead?: number;
  /** Decoder threads; 0 lets libav decide. Default 0. */
  readonly threads?: number;
  /** Ends reading: pending and later calls reject with `ABORTED`. */
  readonly signal?: AbortSignal;
}

const schema = strict({
  pixelFormat: values.oneOf(PIXEL_FORMATS).schema.optional(),
  width: values.wholeNumber(2, LARGEST_SIDE).schema.optional(),
  height: values.wholeNumber(2, LARGEST_SIDE).schema.optional(),
  start: values.seconds.schema.optional(),
  duration: values.duration.schema.optional(),
  format: values.text.schema.optional(),
  options: optionValues.optional(),
  readAhead: values.wholeNumber(1, 64).schema.optional(),
  threads: values.wholeNumber(0, 64).schema.optional(),
  signal: signal.optional(),
  ...limitShape,
});

/** Everything that a reader needs to begin. */
export interface ReaderPlan {
  /** For the addon. */
  readonly config: NativeFrameReaderConfig;
  /** Frames that are decoded before they are asked for. */
  readonly readAhead: number;
  /** Ends reading. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Checks the options of `openFrames`.
 *
 * @throws {@link InvalidOptionsError}
 */
export function resolveReaderOptions(
  source: unknown,
  options: unknown,
  getBinding: () => NativeBinding,
): ReaderPlan {
  const issues = new Issues();
  const checked = checkObject(schema, options, issues);
  const input = resolveMediaSource(source, {
    path: 'source',
    format: checked?.format,
    options: checked?.options,
    limits: checked,
    issues,
    warn: ({ code, message }) => {
      process.emitWarning(message, { type: 'FrameSourceWarning', code });
    },
    getBinding,
  });
  issues.throwIfAny();
  if (checked === undefined || input === undefined) throw new InvalidOptionsError([...issues.list]);
  return {
    config: {
      source: input.url,
      format: input.format,
      options: input.options,
      limits: input.limits,
      pixelFormat: checked.pixelFormat ?? 'bgr24',
      width: checked.width ?? 0,
      height: checked.height ?? 0,
      start: checked.start ?? -1,
      duration: checked.duration ?? -1,
      threads: checked.threads ?? 0,
    },
    readAhead: checked.readAhead ?? 3,
    signal: checked.signal,
  };
}
