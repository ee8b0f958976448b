// A disk that is soon full.
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from './run.js';

export interface SmallDisk extends AsyncDisposable {
  path: string;
}

/**
 * A folder on a file system of 1 MiB: that holds the first segments, with however many threads they are encoded. Whoever
 * may not mount one gets a folder in which the files that `full` names cannot be written: they lead to /dev/full, which
 * gives the same error of the same system call.
 */
export async function smallDisk(parent: string, full: readonly string[]): Promise<SmallDisk> {
  const path = join(parent, 'small-disk');
  await mkdir(path);
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path]).then(
    ({ code }) => code === 0,
    () => false, // no such program
  );
  if (!mounted) {
    for (const name of full) await symlink('/dev/full', join(path, `${name}.tmp`));
  }
  const unmount = async (): Promise<void> => {
    if (mounted) await run('umount', ['-l', path]);
  };
  return { path, [Symbol.asyncDispose]: unmount };
}
