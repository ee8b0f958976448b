// List devices: what can be captured on this machine.

import { defer } from './deferred.js';
import { AbortError } from './errors.js';
import { mustNotBeAborted } from './failure.js';
import { nativeBinding } from './native.js';

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

/**
 * Capture devices of this machine, as far as libavdevice can list them: those of v4l2, PulseAudio, ALSA, dshow …
 * Asked on a thread; a driver or a sound server that hangs can make it take seconds. Screens (`x11grab`,
 * `avfoundation`) and generators (`lavfi`) are devices too, but cannot be listed.
 *
 * @param options - `signal`: ends the wait, with `ABORTED`.
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
  const { signal } = options;
  mustNotBeAborted(signal);
  const aborted = defer<never>();
  const onAbort = (): void => {
    aborted.reject(new AbortError('Listing devices was aborted', signal?.reason));
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([nativeBinding().listDevices(), aborted.promise]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
