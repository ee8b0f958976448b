// Media input: opens a file, URL or device on a native thread and tells what it holds.

import { defer } from '../base/deferred.js';
import { keepAlive } from '../base/lifetime.js';
import { failureError, mustNotBeAborted } from '../native/failure.js';
import { mustEndSoon } from '../native/left-behind.js';
import type { NativeMediaInput } from '../native/native-binding.js';
import type { NativeMediaInputConfig } from '../native/native-config.js';
import type { NativeMediaInfo, NativeMediaInputEvent } from '../native/native-events.js';
import { nativeBinding } from '../native/native.js';
import { AbortError, StreamError } from '../report/errors.js';
import type { WarningEvent } from '../report/events.js';

/** An open container. Whoever has it closes it, or hands it to a pipeline. */
export interface OpenMediaInput {
  /** Holds the container. */
  readonly native: NativeMediaInput;
  /** What is in it. */
  readonly info: NativeMediaInfo;
  /** What opening found. */
  readonly warnings: readonly WarningEvent[];
  /** Gives it up; resolves when a device can be opened again. */
  readonly close: () => Promise<void>;
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
  const closed = defer<undefined>();
  const warnings: WarningEvent[] = [];
  let error: StreamError | undefined;
  const onEvent = (event: NativeMediaInputEvent): void => {
    if (event.type === 'warning') warnings.push({ code: event.code, message: event.message });
    else if (event.type === 'failed') error ??= failureError(event.failure);
    else if (event.type === 'opened') {
      if (error === undefined) opened.resolve(event.info);
    } else {
      stopWaiting?.();
      closed.resolve(undefined);
      opened.reject(error ?? environmentEnded());
    }
  };
  const native = new MediaInput(config, (events) => {
    for (const event of events) onEvent(event);
  });
  let stopWaiting: (() => void) | undefined;
  const end = (): void => {
    native.close();
    stopWaiting ??= mustEndSoon(native, 'a source');
  };
  const close = (): Promise<void> => {
    end();
    return aliveUntil(native, closed.promise);
  };
  const onAbort = (): void => {
    error ??= new AbortError('Opening the source was aborted', signal?.reason);
    end();
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  native.start();
  const { openTimeout } = config.limits;
  const wait = openTimeout * 1000 + GRACE;
  const isLimited = openTimeout > 0 && wait <= LONGEST_TIMER; // 0 is no limit
  const late = isLimited
    ? setTimeout(() => {
        error ??= notOpenInTime(config);
        end();
      }, wait)
    : undefined;
  try {
    return { native, info: await aliveUntil(native, opened.promise), warnings, close };
  } finally {
    clearTimeout(late);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Milliseconds: of a longer wait Node makes one millisecond. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Milliseconds: libav notices by itself that it takes too long, unless it waits in the kernel. */
const GRACE = 1000;

function notOpenInTime({ url, limits }: NativeMediaInputConfig): StreamError {
  const seconds = String(limits.openTimeout);
  return new StreamError(
    `Expected readable media but "${url}" was not open after ${seconds} s (openTimeout)`,
    { code: 'SOURCE_OPEN_FAILED', stage: 'reader' },
  );
}

/** Keeps the process and the input alive while somebody waits for it. */
async function aliveUntil<Value>(
  native: NativeMediaInput,
  promise: Promise<Value>,
): Promise<Value> {
  keepAlive(native, native, true);
  try {
    return await promise;
  } finally {
    keepAlive(native, native, false);
  }
}

function environmentEnded(): StreamError {
  return new AbortError('The environment of the source has ended');
}
