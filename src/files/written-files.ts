// Written files: the names of all files that a presentation writes. No two may have the same, or one would write over
// the other.

import { templateSyntax } from '../base/formats.js';
import type { StreamFormat } from '../base/formats.js';
import type { Issues } from '../check/issues.js';
import type { NativePackagingConfig, NativePipelineConfig } from '../native/native-config.js';
import { literalPattern, overlap, patternOf } from './name-pattern.js';
import type { NamePattern } from './name-pattern.js';
import { parseName } from './name-template.js';
import type { NamePart } from './name-template.js';
import type { Output } from './output.js';

/** What a file has while it is written, behind its name (`native/output/output_sink.cc`). */
const TEMPORARY = '.tmp';

/** The part of a configuration that tells the names. */
type Named = Pick<
  NativePackagingConfig,
  'segmentType' | 'initName' | 'segmentName' | 'playlistName'
> & { readonly manifests: readonly { readonly format: StreamFormat }[] };

/** Files of one kind. */
export interface WrittenFile {
  /** Its option; undefined: of the root manifest. */
  readonly option: 'init' | 'segment' | 'playlist' | undefined;
  /** As it is shown. */
  readonly template: string;
  /** The same, taken apart. */
  readonly parts: readonly NamePart[];
}

/** All kinds of files that are written: MPEG-TS has no initialisation, and one rendition no playlist of its own. */
export function writtenFiles(output: Output, packaging: Named): WrittenFile[] {
  const { manifests, segmentType, initName, segmentName, playlistName } = packaging;
  const syntax = templateSyntax(manifests.map(({ format }) => format));
  const templates = [
    ['playlist', playlistName],
    ['init', segmentType === 'mpegts' ? '' : initName],
    ['segment', segmentName],
  ] as const;
  return [
    ...output.roots.map(({ name }) => ({ option: undefined, template: name, parts: [name] })),
    ...templates
      .filter(([, template]) => template !== '')
      .map(([option, template]) => {
        const parts = parseName(template, syntax);
        return { option, template, parts: typeof parts === 'string' ? [template] : parts };
      }),
  ];
}

/** How many renditions have files: video and audio. */
export function renditionsOf({ renditions, audio }: NativePipelineConfig): number {
  return renditions.length + (audio?.renditions.length ?? 0);
}

/** The names of each rendition. */
function namesOf({ parts }: WrittenFile, renditions: number, isShort = false): NamePattern[] {
  const isOfEach = parts.some(
    (part) => typeof part !== 'string' && part.identifier === 'RepresentationID',
  );
  const ids = Array.from({ length: isOfEach ? renditions : 1 }, (_, index) => String(index));
  return ids.map((id) => patternOf(parts, id, isShort));
}

/** True when a file of one kind and one of another may have the same name; `isShort`: within their first segments. */
export function shareName(
  a: { readonly file: WrittenFile; readonly renditions: number },
  b: { readonly file: WrittenFile; readonly renditions: number },
  isShort = false,
): boolean {
  // Few are like any of the other's, whatever the rendition: only those are compared one by one.
  if (!overlap(patternOf(a.file.parts), patternOf(b.file.parts))) return false;
  const others = namesOf(b.file, b.renditions, isShort);
  return namesOf(a.file, a.renditions, isShort).some((name) =>
    others.some((other) => overlap(name, other)),
  );
}

/** True when two renditions may have files of the same name: 1 and 11 of `s%v%d.ts` both have an s110.ts. */
function isAmbiguous(file: WrittenFile, renditions: number): boolean {
  const names = namesOf(file, renditions);
  return names.some((name, index) => names.slice(index + 1).some((other) => overlap(name, other)));
}

/**
 * Refuses a manifest, an initialisation or a segment that has the name of another.
 *
 * @param given - The names that the caller chose, by their option.
 */
export function mustHaveOwnNames(
  files: readonly WrittenFile[],
  given: Readonly<Record<string, string | undefined>>,
  { output, renditions, issues }: { output: Output; renditions: number; issues: Issues },
): void {
  for (const [index, file] of files.entries()) {
    const others = files.slice(0, index).map((other) => ({ file: other, renditions }));
    const own = file.option === undefined ? undefined : given[file.option];
    const isShared = others.some((other) => shareName(other, { file, renditions }));
    if (!isShared && (own === undefined || !isAmbiguous(file, renditions))) continue;
    const expected = 'a name that no other file of the presentation has';
    if (own !== undefined) {
      issues.expected(expected, ['packaging', 'names', String(file.option)], own);
    } else issues.expected(`${expected} (${file.template})`, 'output', output.roots[0]?.name);
  }
}

/** Every name that is written in the folder of the manifest, for a moment at least. */
export function writtenNames(files: readonly WrittenFile[]): NamePattern[] {
  return files.flatMap(({ parts }) => {
    const name = patternOf(parts);
    return [name, [...name, ...literalPattern(TEMPORARY)]];
  });
}

/** A number has at most so many digits in a name of a stream that runs for years. */
const DIGITS = { RepresentationID: 3, Number: 10, Time: 16, Bandwidth: 10 };

/** The longest name that a template becomes, while it is written. */
export function longestName(parts: readonly NamePart[]): string {
  const values = parts.map((part) =>
    typeof part === 'string' ? part : '0'.repeat(Math.max(part.width, DIGITS[part.identifier])),
  );
  return values.join('') + TEMPORARY;
}
