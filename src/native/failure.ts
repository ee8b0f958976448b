// Failure: a native failure, or an aborted signal, as a StreamError.

import { AbortError, StreamError } from '../report/errors.js';
import type { StreamSummary } from '../report/stats.js';
import type { NativeFailure } from './native-events.js';

const HARDWARE_ADVICE =
  '; listEncoders() tells what works here, and fallback: true encodes in software instead';

/**
 * The error with which calls reject after a native failure.
 *
 * @param summary - What came out all the same, if anything did.
 */
export function failureError(failure: NativeFailure, summary?: StreamSummary): StreamError {
  const { code, message, stage, rendition, averror, log } = failure;
  const advice = code === 'HARDWARE_UNAVAILABLE' ? HARDWARE_ADVICE : '';
  return new StreamError(message + advice, {
    code,
    stage,
    ...(rendition < 0 ? {} : { rendition }),
    ...(averror === 0 ? {} : { averror }),
    ...(log === '' ? {} : { log }),
    ...(summary === undefined ? {} : { summary }),
  });
}

/**
 * Refuses to begin what is aborted already.
 *
 * @throws {@link AbortError} with the signal's reason as its cause.
 */
export function mustNotBeAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new AbortError('The signal was aborted before the call', signal.reason);
  }
}
