// Try encoders: encodes some pictures with each, on this machine's own hardware.

import { defer } from '../base/deferred.js';
import { mustEndSoon } from '../native/left-behind.js';
import type { NativeTrialConfig } from '../native/native-config.js';
import type { NativeFailure } from '../native/native-events.js';
import { nativeBinding } from '../native/native.js';
import { AbortError } from '../report/errors.js';

/** What came of one trial; undefined: it works. */
export type Outcome = NativeFailure | undefined;

/**
 * Tries one after the other on a native thread.
 *
 * @returns what came of each, in their order.
 * @throws {@link AbortError} by the signal, at once: a thread that a driver holds is left behind.
 */
export async function tryEncoders(
  trials: readonly NativeTrialConfig[],
  signal: AbortSignal | undefined,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const done = defer<undefined>();
  let stopWaiting: (() => void) | undefined;
  const trial = new (nativeBinding().EncoderTrial)(trials, (events) => {
    for (const event of events) {
      if (event.type === 'tried') outcomes.push(event.works ? undefined : event.failure);
      else {
        stopWaiting?.();
        done.resolve(undefined);
      }
    }
  });
  const onAbort = (): void => {
    trial.close();
    stopWaiting = mustEndSoon(trial, 'a trial of encoders');
    const cause: unknown = signal?.reason;
    done.reject(new AbortError('Listing encoders was aborted', cause));
  };
  try {
    trial.ref();
    trial.start();
    signal?.addEventListener('abort', onAbort, { once: true });
    await done.promise;
  } finally {
    trial.unref();
    signal?.removeEventListener('abort', onAbort);
  }
  return outcomes;
}
