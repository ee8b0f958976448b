// Failure: a native failure, or an aborted signal, as a StreamError.

import { StreamError } from './errors.js';
import type { NativeFailure } from './native.js';

/** The error with which calls reject after a native failure. */
export function failureError(failure: NativeFailure): StreamError {
  const { code, message, stage, rendition, averror, log } = failure;
  return new StreamError(message, {
    code,
    stage,
    ...(rendition < 0 ? {} : { rendition }),
    ...(averror === 0 ? {} : { averror }),
    ...(log === '' ? {} : { log }),
  });
}

/** The error of a call whose signal was aborted before. */
export function abortedError(signal: AbortSignal): StreamError {
  return new StreamError('The signal was aborted before the call', {
    code: 'ABORTED',
    cause: signal.reason,
  });
}

/**
 * Refuses to begin what is aborted already.
 *
 * @throws {@link StreamError} `ABORTED` with the signal's reason as its cause.
 */
export function mustNotBeAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortedError(signal);
}
