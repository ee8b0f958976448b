// Running outputs: two streams that write the same files would leave neither whole. Those of this thread are known.

import { dirname } from 'node:path';
import { InvalidOptionsError } from './errors.js';
import { writtenNames } from './file-names.js';
import { Issues } from './issues.js';
import type { NativePackagingConfig } from './native-config.js';

/** Where a root manifest goes. */
interface Place {
  /** Absolute path, or URL, of the manifest. */
  readonly manifest: string;
  /** Absolute path of its folder; undefined for a URL. */
  readonly folder: string | undefined;
}

/** What writes into a folder, until its files are closed. */
export interface Writer {
  /** Where to, and under which names. */
  readonly plan: { readonly output: Place; readonly config: { packaging: NativePackagingConfig } };
  /** Nothing of it is written any more. */
  readonly isClosed: boolean;
}

/** Weak: a forgotten stream is collected, and ends by that. */
const writers = new Set<WeakRef<Writer>>();

function* runningIn(folder: string): Generator<Writer> {
  for (const weak of writers) {
    const writer = weak.deref();
    if (writer === undefined || writer.isClosed) writers.delete(weak);
    else if (folderOf(writer.plan.output) === folder) yield writer;
  }
}

/** The folder of a path; for a URL, all before its last name. */
function folderOf({ folder, manifest }: Place): string {
  return folder ?? dirname(manifest);
}

/** Templates of names: the same template means the same files. */
function namesOf({ output, config }: Writer['plan']): string[] {
  const names = Object.values(writtenNames(config.packaging));
  return [output.manifest, ...names].filter((name) => name !== '');
}

/**
 * Counts a writer as running.
 *
 * @throws {@link InvalidOptionsError} when another one, that has not ended, writes files of the same names.
 */
export function startWriting(writer: Writer): void {
  const names = new Set(namesOf(writer.plan));
  for (const other of runningIn(folderOf(writer.plan.output))) {
    const shared = namesOf(other.plan).find((name) => names.has(name));
    if (shared === undefined) continue;
    refuse(
      `a folder or names of its own, as a stream that has not ended writes ${shared} there,`,
      writer.plan.output,
    );
  }
  writers.add(new WeakRef(writer));
}

/**
 * To be called before files of an earlier run are deleted.
 *
 * @throws {@link InvalidOptionsError} when a stream that has not ended writes into that folder.
 */
export function mustNotBeRunning(output: Place): void {
  for (const { plan } of runningIn(folderOf(output))) {
    refuse(
      `a folder of its own to clear, as a stream that has not ended writes ${plan.output.manifest},`,
      output,
    );
  }
}

function refuse(what: string, { manifest }: Place): never {
  const issues = new Issues();
  issues.expected(what, 'output', manifest);
  throw new InvalidOptionsError(issues.list);
}
