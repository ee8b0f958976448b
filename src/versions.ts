// Versions: what the local libav is, and which encoders it has.

import { nativeBinding } from './native.js';
import type { Versions } from './native.js';

/** One video encoder of the local libavcodec. */
export interface EncoderInfo {
  /** What `codec` and `-vcodec` take, `libx264`. */
  readonly name: string;
  /** Codec that it writes, `h264`. */
  readonly codec: string;
  /** libav's words. */
  readonly description: string;
  /** True when it runs on a graphics card or another device; not supported yet. */
  readonly hardware: boolean;
}

/**
 * Video encoders of the local libavcodec.
 *
 * @throws {@link StreamError} `ADDON_NOT_FOUND` or `ADDON_LOAD_FAILED`.
 */
export function listEncoders(): EncoderInfo[] {
  return nativeBinding()
    .videoEncoders()
    .map(({ name, codec, description, hardware }) => ({ name, codec, description, hardware }));
}

/**
 * Versions of the libav libraries in use, and their licence: it becomes that of the whole program.
 *
 * @throws {@link StreamError} `ADDON_NOT_FOUND` or `ADDON_LOAD_FAILED`.
 */
export function versions(): Versions {
  return nativeBinding().versions();
}
