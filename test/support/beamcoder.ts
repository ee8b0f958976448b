// beamcoder is an optional peer that builds only with FFmpeg 5: scripts/beamcoder.mjs puts it into a cache of ours.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Path of beamcoder's main file: where this project, or its cache, has it. Undefined when it is not there. */
export function findBeamcoder(): string | undefined {
  const cache = new URL('../../node_modules/.cache/beamcoder/', import.meta.url);
  for (const base of [import.meta.url, fileURLToPath(cache)]) {
    try {
      return createRequire(base).resolve('beamcoder');
    } catch {
      // not here
    }
  }
  return undefined;
}
