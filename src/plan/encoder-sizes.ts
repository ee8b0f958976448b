// Encoder sizes: pictures that an encoder cannot encode, though it opens for them.

import type { Issues } from '../check/issues.js';
import type { OptionPath } from '../check/option-path.js';
import type { Size } from '../check/values.js';

/** Columns of the narrowest picture, where an encoder opens for narrower ones. */
const LEAST_WIDTH: ReadonlyMap<string, number> = new Map([
  // x265 3.5 writes behind its own buffers with pictures of up to 48 columns, whatever their height and its options: it may
  // end the process at once, later, or never.
  ['libx265', 50],
]);

/**
 * Refuses a size that an encoder opens for, but cannot encode without harm to the process.
 *
 * @param encoder - libavcodec encoder.
 * @param path - Where the rendition was asked for, `renditions[0]`.
 */
export function checkEncoderSize(
  encoder: string,
  size: Size,
  path: OptionPath,
  issues: Issues,
): void {
  const least = LEAST_WIDTH.get(encoder) ?? 0;
  if (size.width >= least) return;
  issues.add(
    path,
    `Expected a width of at least ${least} pixels, as ${encoder} writes behind its memory with narrower pictures, ` +
      `for ${issues.nameOf(path)} but received ${size.width}x${size.height}. Choose another size or encoder, such as libx264`,
  );
}
