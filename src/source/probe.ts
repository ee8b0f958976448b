// Probe: what a file, URL or device holds.

import { checkObject, strict } from '../check/check-object.js';
import { optionValues, signal } from '../check/common-schema.js';
import { Issues } from '../check/issues.js';
import type { OptionValues } from '../check/option-types.js';
import * as values from '../check/values.js';
import { nativeBinding } from '../native/native.js';
import { InvalidOptionsError } from '../report/errors.js';
import { mediaInfoOf } from './media-info.js';
import type { MediaInfo } from './media-info.js';
import { openMediaInput } from './media-input.js';
import { resolveMediaSource } from './media-source.js';
import type { MediaSource } from './media-source.js';
import { limitShape } from './source-limits.js';
import type { SourceLimits } from './source-limits.js';

/**
 * Options of {@link probe}.
 *
 * @category Sources
 */
export interface ProbeOptions extends SourceLimits {
  /** libav's demuxer or device, `v4l2`, `lavfi`. Default: found by itself. */
  readonly format?: string;
  /** Options of the demuxer or device and of the protocol. */
  readonly options?: OptionValues;
  /** Ends the opening: it rejects with `ABORTED`. */
  readonly signal?: AbortSignal;
}

const schema = strict({
  format: values.text.schema.optional(),
  options: optionValues.optional(),
  signal: signal.optional(),
  ...limitShape,
});

/**
 * Opens a file, URL or capture device on a thread of its own, reads what it holds, and closes it.
 *
 * @param source - See {@link MediaSource}.
 * @param options - See {@link ProbeOptions}.
 * @throws {@link InvalidOptionsError} listing every wrong value.
 * @throws {@link StreamError} `SOURCE_OPEN_FAILED` when it cannot be read or is no media, `ABORTED`.
 * @example
 * ```ts
 * const { duration, video, audio } = await probe('in.mp4');
 * ```
 *
 * @category Sources
 */
export async function probe(source: MediaSource, options: ProbeOptions = {}): Promise<MediaInfo> {
  const issues = new Issues();
  const checked = checkObject(schema, options, issues);
  const config = resolveMediaSource(source, {
    path: 'source',
    format: checked?.format,
    options: checked?.options,
    limits: checked,
    issues,
    warn: () => undefined, // who only looks needs no advice
    getBinding: nativeBinding,
  });
  issues.throwIfAny();
  if (config === undefined) throw new InvalidOptionsError([...issues.list]);
  const { info, close } = await openMediaInput(config, checked?.signal);
  await close();
  return mediaInfoOf(info);
}
