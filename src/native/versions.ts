// Versions: what the local libav is.

import type { Versions } from './native-binding.js';
import { nativeBinding } from './native.js';

/**
 * Versions of the libav libraries in use, and their licence: it becomes that of the whole program.
 *
 * @throws {@link StreamError} `ADDON_NOT_FOUND` or `ADDON_LOAD_FAILED`.
 *
 * @category This machine
 */
export function versions(): Versions {
  return nativeBinding().versions();
}
