// Spared sources: a stream never writes over, and never deletes, what it reads.

import { readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Issues } from '../check/issues.js';
import type {
  NativeAudioConfig,
  NativeMediaInputConfig,
  NativePackagingConfig,
} from '../native/native-config.js';
import { anyPattern, folded, literalPattern, overlap } from './name-pattern.js';
import type { NamePattern } from './name-pattern.js';
import { identityOf } from './output.js';
import type { Output } from './output.js';
import { isClearedName } from './previous-names.js';
import { filesOfFilter, filesOfSource } from './source-files.js';
import type { SourceFiles } from './source-files.js';
import { writtenFiles, writtenNames } from './written-files.js';

/** One folder, in which some names are written or deleted. */
export interface Danger {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** True for a name that is not safe there. */
  readonly takes: (name: string) => boolean;
  /** True when one of many names is not safe there. */
  readonly takesSome: (names: NamePattern) => boolean;
}

/** The danger of names that are written. */
export function dangerOf(folder: string, names: readonly NamePattern[]): Danger {
  const takesSome = (pattern: NamePattern): boolean => names.some((name) => overlap(name, pattern));
  // Most files of a folder are like none of them, which their first letter tells.
  const firsts = new Set(names.map(([first]) => first?.takes ?? ''));
  const isAnyFirst = [...firsts].some((first) => first.length !== 1);
  return {
    folder,
    takes: (name) =>
      (isAnyFirst || firsts.has(folded(name).charAt(0))) && takesSome(literalPattern(name)),
    takesSome,
  };
}

/** A link may lead to a link. */
const MOST_LINKS = 40;

/** A path, and those that it leads to. */
function placesOf(path: string): string[] {
  const places = [path];
  for (let link = path; places.length < MOST_LINKS; places.push(link)) {
    try {
      link = resolve(realpathSync(dirname(link)), readlinkSync(link));
    } catch {
      break; // no link
    }
  }
  return places;
}

const statOf = (path: string): BigIntStats | undefined => {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined; // out of sight, or below a file
  }
};

/** Finds the first file of a source that is in danger; undefined when all are safe. */
export function inDanger(source: SourceFiles, dangers: readonly Danger[]): string | undefined {
  for (const danger of dangers) {
    const folder = identityOf(danger.folder);
    if (folder === undefined) continue; // not there yet, and so nothing in it
    const isThere = (path: string): boolean => identityOf(dirname(path)) === folder;
    const byName = source.paths.find((path) =>
      placesOf(path).some((place) => danger.takes(basename(place)) && isThere(place)),
    );
    if (byName !== undefined) return byName;
    const numbered = source.patterns.find(
      ({ folder: place, names }) => danger.takesSome(names) && identityOf(place) === folder,
    );
    if (numbered !== undefined) return numbered.folder;
    const byFile = otherName(source.paths, danger);
    if (byFile !== undefined) return byFile;
  }
  return undefined;
}

/** A file of the source that has another name too, in danger: a hard link, or what a link leads to. */
function otherName(paths: readonly string[], { folder, takes }: Danger): string | undefined {
  const files = new Map<string, string>();
  let hasHardLinks = false;
  for (const path of paths) {
    const stat = statOf(path);
    if (stat?.isFile() !== true) continue;
    files.set(`${stat.dev}:${stat.ino}`, path);
    hasHardLinks ||= stat.nlink > 1n;
  }
  if (files.size === 0) return undefined;
  for (const entry of entriesOf(folder)) {
    if (!(hasHardLinks || entry.isSymbolicLink()) || !takes(entry.name)) continue;
    const path = files.get(identityOf(join(folder, entry.name)) ?? '');
    if (path !== undefined) return path;
  }
  return undefined;
}

function entriesOf(folder: string): { name: string; isSymbolicLink: () => boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** The part of a plan that tells what it writes, and what it reads beside a source. */
interface Spared {
  readonly output: Output;
  readonly packaging: NativePackagingConfig;
  readonly clearPrevious: boolean;
}

/** What a stream writes, and what it deletes before. */
function dangersOf({ packaging, output, clearPrevious }: Spared): Danger[] {
  const { folder } = output;
  if (folder === undefined) return [];
  const written = dangerOf(folder, writtenNames(writtenFiles(output, packaging)));
  if (!clearPrevious) return [written];
  const formats = output.roots.map(({ format }) => format);
  const cleared = {
    folder,
    takes: (name: string) => isClearedName(name, formats),
    takesSome: (names: NamePattern) => CLEARED.some((pattern) => overlap(pattern, names)),
  };
  return [written, cleared];
}

/** Numbered names of ours, roughly. */
const CLEARED: readonly NamePattern[] = ['.m4s', '.ts', '.mp4', '.m3u8', '.mpd'].map((end) => [
  ...anyPattern,
  ...literalPattern(end),
]);

function refuseUnlessSafe(source: SourceFiles, what: string, plan: Spared, issues: Issues): void {
  if (inDanger(source, dangersOf(plan)) === undefined) return;
  const expected = `a place where ${what} is not overwritten`;
  issues.expected(expected, 'output', plan.output.manifest);
}

/** Refuses an output that would cost a file of the source. */
export function mustSpare(source: NativeMediaInputConfig, plan: Spared, issues: Issues): void {
  refuseUnlessSafe(filesOfSource(source), 'the source', plan, issues);
}

/** The same for what is read beside the source: an audio of its own, and the files of filters. */
export function mustSpareInputs(
  {
    audio,
    filters,
  }: {
    readonly audio: NativeAudioConfig | null;
    readonly filters: readonly (string | undefined)[];
  },
  plan: Spared,
  issues: Issues,
): void {
  if (audio?.origin === 'input') {
    refuseUnlessSafe(filesOfSource(audio.input), 'the audio', plan, issues);
  }
  for (const chain of filters) {
    if (chain?.includes('movie') === true) {
      refuseUnlessSafe(filesOfFilter(chain), 'what the filter reads', plan, issues);
    }
  }
}

/** What is needed of a folder: names that must not be deleted there. */
export function neededIn(
  folder: string,
  sources: readonly (NativeMediaInputConfig | undefined)[],
): (name: string) => boolean {
  const read = sources.filter((source) => source !== undefined).map(filesOfSource);
  const files = new Set(read.flatMap(({ paths }) => paths.map(identityOf)));
  const place = identityOf(folder);
  const numbered = read
    .flatMap(({ patterns }) => patterns)
    .filter((pattern) => identityOf(pattern.folder) === place);
  return (name) =>
    files.has(identityOf(join(folder, name))) ||
    numbered.some(({ names }) => overlap(names, literalPattern(name)));
}
