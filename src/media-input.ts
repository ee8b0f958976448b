// Media input: opens a file, URL or device on a native thread and tells what it holds.

import { defer } from './deferred.js';
import { StreamError } from './errors.js';
import type { WarningEvent } from './events.js';
import { failureError, mustNotBeAborted } from './failure.js';
import { keepAlive } from './lifetime.js';
import { nativeBinding } from './native.js';
import type {
  NativeMediaInfo,
  NativeMediaInput,
  NativeMediaInputConfig,
  NativeMediaInputEvent,
} from './native.js';

/** An open container. Whoever has it closes it, or hands it to a pipeline. */
export interface OpenMediaInput {
  /** Holds the container. */
  readonly native: NativeMediaInput;
  /** What is in it. */
  readonly info: NativeMediaInfo;
  /** What opening found. */
  readonly warnings: readonly WarningEvent[];
}

function environmentEnded(): StreamError {
  return new StreamError('The environment of the source has ended', { code: 'ABORTED' });
}

/**
 * Opens a container. The event loop is free meanwhile, and the process stays alive.
 *
 * @param signal - Ends the opening; without effect afterwards.
 * @throws {@link StreamError} `SOURCE_OPEN_FAILED`, `UNKNOWN_OPTION` or `ABORTED`.
 */
export async function openMediaInput(
  config: NativeMediaInputConfig,
  signal: AbortSignal | undefined,
): Promise<OpenMediaInput> {
  mustNotBeAborted(signal);
  const { MediaInput } = nativeBinding();
  const opened = defer<NativeMediaInfo>();
  const warnings: WarningEvent[] = [];
  let error: StreamError | undefined;
  const onEvent = (event: NativeMediaInputEvent): void => {
    if (event.type === 'warning') warnings.push({ code: event.code, message: event.message });
    else if (event.type === 'failed') error ??= failureError(event.failure);
    else if (event.type === 'closed') opened.reject(error ?? environmentEnded());
    else if (error === undefined) opened.resolve(event.info);
  };
  const native = new MediaInput(config, (events) => {
    for (const event of events) onEvent(event);
  });
  const onAbort = (): void => {
    error ??= new StreamError('Opening the source was aborted', {
      code: 'ABORTED',
      cause: signal?.reason,
    });
    native.close();
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  native.start();
  keepAlive(native, native, true);
  try {
    return { native, info: await opened.promise, warnings };
  } finally {
    keepAlive(native, native, false);
    signal?.removeEventListener('abort', onAbort);
  }
}
