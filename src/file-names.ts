// File names: no two files of one presentation may have the same, or one would write over the other.

import { basename } from 'node:path';
import type { Issues } from './issues.js';
import type { NativePackagingConfig } from './native-config.js';
import type { Output } from './output.js';

/** Templates of names; '' = there is no such file. */
export type FileNames = Pick<NativePackagingConfig, 'initName' | 'segmentName' | 'playlistName'>;

/** Those of files that are written: MPEG-TS has no initialisation. */
export function writtenNames({
  initName,
  segmentName,
  playlistName,
  segmentType,
}: FileNames & Pick<NativePackagingConfig, 'segmentType'>): FileNames {
  return { initName: segmentType === 'mpegts' ? '' : initName, segmentName, playlistName };
}

/** A number as wide as this is no number any more, and no file system takes its name. */
const WIDEST_NUMBER = 99;

/** What the names have to know. */
interface NamedFiles {
  readonly output: Output;
  /** Video and audio renditions. */
  readonly renditions: number;
  /** Of the segment's number, in a template. */
  readonly number: RegExp;
  /** Of the rendition, in a template: `%v`. */
  readonly several: string;
  readonly issues: Issues;
}

/** Why a template can be no name of a file; undefined when it can. */
export function unfitName(template: string): string | undefined {
  if (template.includes('\0')) return 'a name without a null byte';
  const widths = [...template.matchAll(/%0*(\d+)d/g)].map(([, digits]) => Number(digits));
  return widths.some((width) => width > WIDEST_NUMBER)
    ? `a number of at most ${WIDEST_NUMBER} digits`
    : undefined;
}

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/**
 * Refuses a manifest, an initialisation or a segment that has the name of another.
 *
 * @param given - The names that the caller chose, by their option.
 */
export function mustHaveOwnNames(
  names: FileNames,
  given: Readonly<Record<string, string | undefined>>,
  { output, renditions, number, several, issues }: NamedFiles,
): void {
  const root = basename(output.manifest);
  const taken = new Set([root]);
  const ids = Array.from({ length: renditions }, (_, index) => String(index));
  const namesOf = (template: string): Set<string> =>
    new Set(template === '' ? [] : ids.map((id) => template.replaceAll(several, id)));
  const refuse = (option: string, template: string): void => {
    const own = given[option];
    const expected = 'a name that no other file of the presentation has';
    if (own !== undefined) issues.expected(expected, ['packaging', 'names', option], own);
    else issues.expected(`${expected} (${template})`, 'output', root);
  };
  for (const [option, template] of [
    ['playlist', names.playlistName],
    ['init', names.initName],
  ] as const) {
    const mine = namesOf(template);
    if ([...mine].some((name) => taken.has(name))) refuse(option, template);
    for (const name of mine) taken.add(name);
  }
  // No template holds a null byte: it stands for the number meanwhile.
  const numbered = names.segmentName.replaceAll(new RegExp(number, 'g'), '\0');
  for (const name of namesOf(numbered)) {
    const pattern = new RegExp(`^${escapeRegExp(name).replaceAll('\0', '\\d+')}$`);
    if (![...taken].some((other) => pattern.test(other))) continue;
    refuse('segment', names.segmentName);
    return;
  }
}
