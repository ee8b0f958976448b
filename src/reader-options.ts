// Reader options: what openFrames accepts, and the configuration of the native reader.

import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { InvalidOptionsError } from './errors.js';
import { Issues } from './issues.js';
import { libavOf } from './libav.js';
import type { NativeBinding, NativeFrameReaderConfig } from './native.js';
import type { OptionValues, Seconds } from './options.js';
import { checkObject, signal, strict } from './option-schema.js';
import { PIXEL_FORMATS } from './pixel-layout.js';
import type { PixelFormat } from './pixel-layout.js';
import * as values from './values.js';

/** Options of {@link openFrames}. */
export interface OpenFramesOptions {
  /** Layout of the frames. Default `bgr24`. */
  readonly pixelFormat?: PixelFormat;
  /** Columns, 2 to 16384. Default: the source's, or what keeps the aspect with `height`. */
  readonly width?: number;
  /** Rows, 2 to 16384. Default: the source's, or what keeps the aspect with `width`. */
  readonly height?: number;
  /** Where to begin in the source. Default 0. */
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
  width: values.wholeNumber(2, 16384).schema.optional(),
  height: values.wholeNumber(2, 16384).schema.optional(),
  start: values.seconds.schema.optional(),
  duration: values.duration.schema.optional(),
  format: values.text.schema.optional(),
  options: z.record(z.string(), values.scalar.schema, { error: 'an object of options' }).optional(),
  readAhead: values.wholeNumber(1, 64).schema.optional(),
  threads: values.wholeNumber(0, 64).schema.optional(),
  signal: signal.optional(),
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
  const path = sourcePath(source, checked?.format !== undefined, issues);
  if (checked?.options !== undefined && checked.format !== undefined) {
    checkDemuxerOptions(checked.format, checked.options, getBinding, issues);
  }
  issues.throwIfAny();
  if (checked === undefined || path === undefined) throw new InvalidOptionsError([...issues.list]);
  return {
    config: {
      source: path,
      format: checked.format ?? '',
      options: Object.entries(checked.options ?? {}),
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

/** The source as libav takes it. Only plain paths are looked up: libav knows URLs and devices better. */
function sourcePath(source: unknown, isDevice: boolean, issues: Issues): string | undefined {
  const text = source instanceof URL ? source.href : values.text.parse(source);
  if (text === undefined) {
    issues.expected('a path or a URL', 'source', source);
    return undefined;
  }
  if (text.toLowerCase().startsWith('file:')) {
    try {
      return existing(fileURLToPath(text), issues);
    } catch {
      issues.expected('a file URL such as "file:///tmp/in.mp4"', 'source', text);
      return undefined;
    }
  }
  return isDevice || /^[a-z][a-z0-9+.-]+:/i.test(text) ? text : existing(text, issues);
}

function existing(path: string, issues: Issues): string {
  if (!existsSync(path)) issues.expected('an existing file', 'source', path);
  else if (statSync(path).isDirectory()) issues.expected('a file, not a folder,', 'source', path);
  return path;
}

function checkDemuxerOptions(
  format: string,
  options: Readonly<Record<string, string>>,
  getBinding: () => NativeBinding,
  issues: Issues,
): void {
  const libav = libavOf(getBinding());
  const known = libav.options('demuxer', format);
  if (known.size === 0) {
    issues.expected('a demuxer or device of the local libavformat', 'format', format);
    return;
  }
  for (const [name, value] of Object.entries(options)) {
    const option = known.get(name);
    // A name that the demuxer does not know may be its protocol's: libav decides when it opens.
    const problem = option && libav.problem('demuxer', format, option, value);
    if (problem !== undefined) {
      issues.expected(problem.expected, `options.${name}`, value, problem.words);
    }
  }
}
