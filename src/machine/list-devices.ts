// List devices: what can be captured on this machine.

import { defer } from '../base/deferred.js';
import { checkObject, strict } from '../check/check-object.js';
import { signal as abortSignal } from '../check/common-schema.js';
import { Issues } from '../check/issues.js';
import { failureError, mustNotBeAborted } from '../native/failure.js';
import { mustEndSoon } from '../native/left-behind.js';
import { nativeBinding } from '../native/native.js';
import { AbortError } from '../report/errors.js';

/**
 * A capture device.
 *
 * @category This machine
 */
export interface Device {
  /** libavdevice's name, `v4l2`: what goes after `-f`, or into `format`. */
  readonly format: string;
  /** What to open, `/dev/video0`: what goes after `-i`. */
  readonly name: string;
  /** For people. */
  readonly description: string;
  /** What it captures. */
  readonly kind: 'audio' | 'video';
  /** Marked as the default one of its `format`. */
  readonly isDefault: boolean;
}

const schema = strict({ signal: abortSignal.optional() });

/**
 * Capture devices of this machine, as far as libavdevice can list them: those of v4l2, PulseAudio, ALSA, dshow …
 * They are asked on a thread of their own. A driver or a sound server that hangs makes it last as long, but holds nothing
 * else: neither Node's thread pool, nor the end of the process. Screens (`x11grab`,
 * `avfoundation`) and generators (`lavfi`) are devices too, but cannot be listed.
 *
 * @param options - `signal`: ends the wait, with `ABORTED`. A thread that a driver still holds a while later is left
 *   behind, and a warning of the process says so.
 * @throws {@link InvalidOptionsError} listing every wrong value.
 * @throws {@link StreamError} `ABORTED` by the signal; `ADDON_NOT_FOUND` or `ADDON_LOAD_FAILED`.
 * @example
 * ```ts
 * const [microphone] = (await listDevices()).filter(({ kind }) => kind === 'audio');
 * const audio = { source: ['-f', microphone.format, '-i', microphone.name] };
 * ```
 *
 * @category This machine
 */
export async function listDevices(
  options: { readonly signal?: AbortSignal } = {},
): Promise<Device[]> {
  const issues = new Issues();
  const { signal } = checkObject(schema, options, issues) ?? {};
  issues.throwIfAny();
  mustNotBeAborted(signal);
  const listed = defer<Device[]>();
  let stopWaiting: (() => void) | undefined;
  const lister = new (nativeBinding().DeviceLister)((events) => {
    for (const event of events) {
      if (event.type === 'listed') listed.resolve(event.devices);
      else if (event.type === 'failed') listed.reject(failureError(event.failure));
      else stopWaiting?.();
    }
  });
  const onAbort = (): void => {
    lister.close();
    stopWaiting = mustEndSoon(lister, 'the list of devices');
    listed.reject(new AbortError('Listing devices was aborted', signal?.reason));
  };
  try {
    lister.ref();
    lister.start();
    signal?.addEventListener('abort', onAbort, { once: true });
    return await listed.promise;
  } finally {
    lister.unref();
    signal?.removeEventListener('abort', onAbort);
  }
}
