// Previous files: deletes what an earlier run left beside an output.

import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { NativeMediaInputConfig } from '../native/native-config.js';
import { identityOf } from './output.js';
import type { Output } from './output.js';
import { isClearedName } from './previous-names.js';
import { mustNotBeRunning } from './running-outputs.js';
import { neededIn } from './spared-sources.js';

/** A file of an earlier run that was deleted. */
export interface ClearedFile {
  /** In the output's folder. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
}

/**
 * Deletes what an earlier run left beside a local output: segments, initialisations and media playlists
 * by our names, and manifests of the formats that are written.
 *
 * @param sources - What is still read, and stays under whatever name.
 * @returns the deleted files.
 * @throws {@link InvalidOptionsError} when a stream that has not ended writes into the folder.
 */
export function clearPrevious(
  output: Output,
  sources: readonly (NativeMediaInputConfig | undefined)[] = [],
): ClearedFile[] {
  const { folder } = output;
  if (folder === undefined || identityOf(folder) === undefined) return [];
  mustNotBeRunning(output);
  const formats = output.roots.map(({ format }) => format);
  const isNeeded = neededIn(folder, sources);
  const ours = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && isClearedName(entry.name, formats) && !isNeeded(entry.name),
  );
  return ours.map(({ name }) => {
    const path = join(folder, name);
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    rmSync(path, { force: true });
    return { name, path, bytes };
  });
}
