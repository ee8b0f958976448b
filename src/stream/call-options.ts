// Call options: the options of one call, checked as those of a stream are.

import * as z from 'zod';
import { checkObject, strict } from '../check/check-object.js';
import { signal } from '../check/common-schema.js';
import { Issues, show } from '../check/issues.js';
import * as values from '../check/values.js';
import type { TranscodeOptions, WriteOptions } from '../options/options.js';
import { InvalidOptionsError, StreamError } from '../report/errors.js';

const write = strict({
  forceKeyFrame: values.flag.schema.optional(),
  rgbMode: values.flag.schema.optional(),
});

const transcode = strict({
  signal: signal.optional(),
  onProgress: z
    .custom<NonNullable<TranscodeOptions['onProgress']>>(
      (value) => typeof value === 'function',
      'a function',
    )
    .optional(),
});

const nothing: WriteOptions = {};

/** What was checked already: StreamGear hands its own on to AdaptiveStream. */
const checkedBefore = new WeakSet<object>([nothing]);

/**
 * Checks the options of `stream()`, `write()` and `writable()`. This runs for every frame: without options it costs
 * nothing.
 *
 * @throws {@link InvalidOptionsError} listing every wrong value.
 */
export function checkWriteOptions(options: unknown): WriteOptions {
  if (options === undefined) return nothing;
  if (typeof options === 'object' && options !== null && checkedBefore.has(options)) return options;
  const checked = check(write, options, '{ rgbMode: true }') as WriteOptions;
  checkedBefore.add(checked);
  return checked;
}

/** Checks the options of `transcodeSource()`; see {@link checkWriteOptions}. */
export function checkTranscodeOptions(options: unknown): TranscodeOptions {
  return options === undefined ? {} : (check(transcode, options, '{ signal }') as TranscodeOptions);
}

/**
 * The refusal of options of a call that has none; undefined when there are none. What else it is given is left alone:
 * whoever hands the call to an event or a `finally()` gives it arguments that are not its own.
 */
export function refusalOfOptions(
  call: string,
  [given]: readonly unknown[],
): Promise<never> | undefined {
  if (!isPlainObject(given)) return undefined;
  const message = `Expected no options for ${call} but received ${show(given)}`;
  return Promise.reject(new InvalidOptionsError([{ path: 'options', message }]));
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === Object.prototype || prototype === null;
  } catch {
    return true; // a Proxy that throws: no event and no callback gives one
  }
}

function check<Schema extends z.ZodType>(
  schema: Schema,
  options: unknown,
  example: string,
): z.output<Schema> {
  if (typeof options !== 'object' || options === null) {
    const message = `Expected an object such as ${example} for options but received ${show(options)}`;
    throw new InvalidOptionsError([{ path: 'options', message }]);
  }
  const issues = new Issues();
  const checked = reading(() => checkObject(schema, options, issues));
  issues.throwIfAny();
  return checked as z.output<Schema>;
}

/** A getter or a Proxy may throw anything. */
function reading<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof StreamError) throw error;
    const message = 'Expected an object that can be read for options but reading it threw';
    throw new InvalidOptionsError([{ path: 'options', message }]);
  }
}
