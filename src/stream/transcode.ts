// Transcode: opens a source and plans its pipeline; what AdaptiveStream and StreamGear have in common.

import { Issues } from '../check/issues.js';
import type { OptionNames } from '../check/option-path.js';
import { createFolder } from '../files/output.js';
import { mustSpare } from '../files/spared-sources.js';
import { mustNotBeAborted } from '../native/failure.js';
import type { NativeMediaInput } from '../native/native-binding.js';
import { nativeBinding } from '../native/native.js';
import { planSource } from '../plan/resolve-source.js';
import type { SourceToOpen } from '../plan/resolve-source.js';
import type { StreamPlan } from '../plan/resolve.js';
import { InvalidOptionsError } from '../report/errors.js';
import { openMediaInput } from '../source/media-input.js';

/** A source that is open, and what is to be done with it. */
export interface OpenTranscode {
  /** Everything that the stream needs to begin. */
  readonly plan: StreamPlan;
  /** The source, for the pipeline. */
  readonly input: NativeMediaInput;
  /** Gives it up. */
  readonly close: () => Promise<void>;
}

/** Begins with what is open; gives it up when that fails. */
export async function beginTranscode<Stream>(
  opened: OpenTranscode,
  begin: (opened: OpenTranscode) => Stream | Promise<Stream>,
): Promise<Stream> {
  try {
    return await begin(opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Opens a source, plans by what it holds, and creates the output's folder; see {@link openPlanned}. */
export async function openTranscode(
  source: SourceToOpen,
  names: OptionNames,
  signal: AbortSignal | undefined,
): Promise<OpenTranscode> {
  const opened = await openPlanned(source, names, signal);
  return beginTranscode(opened, () => {
    const issues = new Issues(names);
    createFolder(opened.plan.output, 'output', issues);
    issues.throwIfAny();
    return opened;
  });
}

/**
 * Opens a source, and plans by what it holds. Nothing is written.
 *
 * @param source - What was checked.
 * @param names - Options that the caller knows by other names.
 * @param signal - Ends the opening.
 * @throws {@link InvalidOptionsError} for options that do not fit the source.
 * @throws {@link StreamError} `SOURCE_OPEN_FAILED`, `NO_VIDEO`, `ABORTED`.
 */
export async function openPlanned(
  source: SourceToOpen,
  names: OptionNames,
  signal: AbortSignal | undefined,
): Promise<OpenTranscode> {
  mustNotBeAborted(signal);
  const { native, info, warnings, close } = await openMediaInput(source.config, signal);
  try {
    const issues = new Issues(names);
    const plan = planSource(source.request, info, issues, nativeBinding);
    // Only now it is known whether there is audio, and with it the names of all files.
    if (plan !== undefined) {
      mustSpare(source.config, { ...plan, packaging: plan.config.packaging }, issues);
    }
    issues.throwIfAny();
    if (plan === undefined) throw new InvalidOptionsError([...issues.list]);
    const told = [...source.warnings, ...warnings, ...plan.warnings];
    return { plan: { ...plan, warnings: told }, input: native, close };
  } catch (error) {
    await close();
    throw error;
  }
}
