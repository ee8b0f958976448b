// Errors: every failure has a class to catch, a code to switch on and a sentence for a person.

import { withoutSecrets } from '../base/secrets.js';
import type { StreamErrorCode } from './codes.js';
import type { StreamSummary } from './stats.js';

/**
 * The part of the pipeline in which a {@link StreamError} happened.
 *
 * @category Errors
 */
export type Stage = 'ingest' | 'filter' | 'scaler' | 'encoder' | 'audio' | 'packager' | 'reader';

/**
 * What is wrong with one pushed frame, or with samples; see {@link InvalidFrameError}.
 *
 * @category Errors
 */
export type InvalidFrameCode =
  | 'INVALID_FRAME'
  | 'INVALID_SAMPLES'
  | 'FRAME_SIZE_CHANGED'
  | 'FRAME_FORMAT_CHANGED'
  | 'FRAME_NOT_8_BIT'
  | 'FRAME_NOT_DECODED'
  | 'FRAME_INCOMPLETE'
  | 'BUFFER_TOO_SHORT'
  | 'BUFFER_TOO_LONG'
  | 'BUFFER_DETACHED'
  | 'BUFFER_RESIZABLE';

/**
 * What a {@link StreamError} may carry beside its message.
 *
 * @category Errors
 */
export interface StreamErrorDetails {
  /** Stable identifier. */
  readonly code: StreamErrorCode;
  /** Where in the pipeline it happened, when it happened there. */
  readonly stage?: Stage;
  /** Index of the rendition, from 0, when one rendition is to blame. */
  readonly rendition?: number;
  /** libav's error code (negative), when libav reported one. */
  readonly averror?: number;
  /** libav's last warning or error line before the failure. */
  readonly log?: string;
  /** What led to it: the reason of an abort, or another error. */
  readonly cause?: unknown;
  /** What came out all the same: with `SOURCE_TRUNCATED`. */
  readonly summary?: StreamSummary;
}

/**
 * The base class of everything that this library throws or rejects with. `error instanceof StreamError` makes it a
 * {@link StreamGearError}, of which `code` tells the class.
 *
 * @category Errors
 */
export class StreamError extends Error {
  /** For TypeScript: an instance is of one of the classes below, by its code. At run time it is `instanceof` as ever. */
  declare static readonly [Symbol.hasInstance]: (value: unknown) => value is StreamGearError;
  /** Stable identifier; `docs/errors.md` tells what each one means. */
  readonly code: StreamErrorCode;
  /** Where in the pipeline it happened, when it happened there. */
  declare readonly stage?: Stage;
  /** Index of the rendition, from 0, when one rendition is to blame. */
  declare readonly rendition?: number;
  /** libav's error code (negative), when libav reported one. */
  declare readonly averror?: number;
  /** libav's last warning or error line before the failure. */
  declare readonly log?: string;
  /** What came out all the same: with `SOURCE_TRUNCATED` the presentation is whole as far as the source went. */
  declare readonly summary?: StreamSummary;

  /**
   * Made by this library; of use to code that wraps it.
   *
   * @param message - One sentence for a person.
   * @param details - The code, and where it came from.
   */
  constructor(message: string, details: StreamErrorDetails) {
    super(withoutSecrets(message), 'cause' in details ? { cause: details.cause } : undefined);
    this.name = new.target.name;
    this.code = details.code;
    if (details.stage !== undefined) this.stage = details.stage;
    if (details.rendition !== undefined) this.rendition = details.rendition;
    if (details.averror !== undefined) this.averror = details.averror;
    if (details.log !== undefined) this.log = withoutSecrets(details.log);
    if (details.summary !== undefined) this.summary = details.summary;
  }
}

/**
 * The work was stopped: by `abort()`, an `AbortSignal`, or the end of the process. Its name is `AbortError`, as that of
 * other aborts in JavaScript, its code `ABORTED`.
 *
 * @category Errors
 */
export class AbortError extends StreamError {
  declare static readonly [Symbol.hasInstance]: (value: unknown) => value is AbortError;
  declare readonly code: 'ABORTED';

  /**
   * Its `cause` is the reason.
   *
   * @param message - What was stopped.
   * @param reason - What `abort()` was given, or `signal.reason`.
   */
  constructor(message: string, reason?: unknown) {
    super(message, { code: 'ABORTED', ...(reason === undefined ? {} : { cause: reason }) });
  }
}

/**
 * One wrong value of an options object.
 *
 * @category Errors
 */
export interface OptionIssue {
  /** Where it is, as the caller wrote it: `-streams[1].-video_bitrate`, `packaging.live.window`. */
  readonly path: string;
  /** What was expected and what was received, in one sentence. */
  readonly message: string;
}

/**
 * Options were wrong. Lists every wrong value, not only the first.
 *
 * @category Errors
 */
export class InvalidOptionsError extends StreamError {
  declare static readonly [Symbol.hasInstance]: (value: unknown) => value is InvalidOptionsError;
  declare readonly code: 'INVALID_OPTIONS';
  /** Every wrong value; never empty. */
  readonly issues: readonly OptionIssue[];

  /**
   * Makes one message of all issues.
   *
   * @param issues - Every wrong value; at least one.
   */
  constructor(issues: readonly OptionIssue[]) {
    const lines = issues.map((issue) => issue.message);
    super(
      lines.length === 1
        ? String(lines[0])
        : `${lines.length} options are wrong:\n${lines.map((line) => `- ${line}`).join('\n')}`,
      { code: 'INVALID_OPTIONS' },
    );
    this.issues = issues;
  }
}

/**
 * The call does not fit what the object is doing: after the end, or in the other mode.
 *
 * @category Errors
 */
export class InvalidStateError extends StreamError {
  declare static readonly [Symbol.hasInstance]: (value: unknown) => value is InvalidStateError;
  declare readonly code: 'INVALID_STATE';

  /**
   * Its code is `INVALID_STATE`.
   *
   * @param message - One sentence that says what to do instead.
   */
  constructor(message: string) {
    super(message, { code: 'INVALID_STATE' });
  }
}

/**
 * One pushed frame, or one chunk of samples, was wrong. Only this call fails: the stream goes on.
 *
 * @category Errors
 */
export class InvalidFrameError extends StreamError {
  declare static readonly [Symbol.hasInstance]: (value: unknown) => value is InvalidFrameError;
  declare readonly code: InvalidFrameCode;

  /**
   * Says which rule was broken.
   *
   * @param code - What is wrong with it.
   * @param message - One sentence for a person.
   * @param cause - What a foreign object threw when it was read.
   */
  constructor(code: InvalidFrameCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? { code } : { code, cause });
  }
}

/**
 * A failure that is of none of the classes above: of the source, an encoder, the output …
 *
 * @category Errors
 */
export type PipelineError = StreamError & {
  /** Any code but those of the other classes. */
  readonly code: Exclude<
    StreamErrorCode,
    (AbortError | InvalidFrameError | InvalidOptionsError | InvalidStateError)['code']
  >;
};

/**
 * Everything that this library throws or rejects with; `code` tells which class it is of.
 *
 * @category Errors
 */
export type StreamGearError =
  AbortError | InvalidFrameError | InvalidOptionsError | InvalidStateError | PipelineError;
