// Running outputs: two streams that write the same files would leave neither whole. Those of this thread are known.

import { dirname } from 'node:path';
import { Issues } from '../check/issues.js';
import type { NativePipelineConfig } from '../native/native-config.js';
import { InvalidOptionsError } from '../report/errors.js';
import { identityOf } from './output.js';
import type { Output } from './output.js';
import { renditionsOf, shareName, writtenFiles } from './written-files.js';

/** What writes into a folder, until its files are closed. */
export interface Writer {
  /** Where to, and under which names. */
  readonly plan: { readonly output: Output; readonly config: NativePipelineConfig };
  /** Nothing of it is written any more. */
  readonly isClosed: boolean;
}

/** Weak: a forgotten stream is collected, and ends by that. */
const writers = new Set<WeakRef<Writer>>();

/** The writers into the folder of an output. Where nobody writes, the disk is not asked for it. */
function* runningIn(output: Output): Generator<Writer> {
  let place: string | undefined;
  for (const weak of writers) {
    const writer = weak.deref();
    if (writer === undefined || writer.isClosed) {
      writers.delete(weak);
      continue;
    }
    place ??= placeOf(output);
    if (placeOf(writer.plan.output) === place) yield writer;
  }
}

/** What tells a folder, under whatever name; for a URL, all before its last name. */
function placeOf({ folder, manifest }: Output): string {
  if (folder !== undefined) return identityOf(folder) ?? folder;
  try {
    return new URL('.', manifest).href; // hosts in lower case, no default ports, no ".."
  } catch {
    return dirname(manifest);
  }
}

/** The files of a writer, each kind with the number of renditions that have them. */
function filesOf({ output, config }: Writer['plan']): Parameters<typeof shareName>[0][] {
  const renditions = renditionsOf(config);
  return writtenFiles(output, config.packaging).map((file) => ({ file, renditions }));
}

/**
 * Counts a writer as running.
 *
 * @throws {@link InvalidOptionsError} when another one, that has not ended, writes files of the same names.
 */
export function startWriting(writer: Writer): void {
  const others = [...runningIn(writer.plan.output)].flatMap(({ plan }) => filesOf(plan));
  // DASH and HLS go well together in a folder: only after 10,000 segments would a number of three digits have five.
  const shared = others.find((other) =>
    filesOf(writer.plan).some((file) => shareName(file, other, true)),
  );
  if (shared !== undefined) {
    const { template } = shared.file;
    refuse(
      `a folder or names of its own, as a stream that has not ended writes ${template} there,`,
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
export function mustNotBeRunning(output: Output): void {
  for (const { plan } of runningIn(output)) {
    refuse(
      `a folder of its own to clear, as a stream that has not ended writes ${plan.output.manifest},`,
      output,
    );
  }
}

function refuse(what: string, { manifest }: Output): never {
  const issues = new Issues();
  issues.expected(what, 'output', manifest);
  throw new InvalidOptionsError(issues.list);
}
