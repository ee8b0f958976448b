// Run name: of an output that is a folder, the manifest's and all other names begin with the time, so that no run of one format
// writes over the files of another.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { literalPattern, overlap, patternOf } from './name-pattern.js';
import type { NamePart } from './name-template.js';

/** `dash-YYYYmmdd-HHMMSS`, of runs that began in the same second `dash-YYYYmmdd-HHMMSS-2` and so on. */
const RUN_NAME = /^(?:dash|hls)-\d{8}-\d{6}(?:-\d+)?(?=\.(?:mpd|m3u8)$)/i;

/** The begin of all names of a run, from the name of its manifest; '' when that was chosen by the caller. */
export function runPrefix(manifestName: string): string {
  const [name] = RUN_NAME.exec(manifestName) ?? [];
  return name === undefined ? '' : `${name}-`;
}

/** Names of this second that were given out, and whose files may not be there yet. */
let given = { time: '', names: new Set<string>() };

/** A name for a run that begins now, which no run in the folder has. */
export function newRunName(folder: string, format: string): string {
  const time = `${format}-${timestamp(new Date())}`;
  if (given.time !== time) given = { time, names: new Set() };
  const present = entriesOf(folder).filter((entry) => entry.startsWith(time));
  for (let number = 1; ; number++) {
    const name = number === 1 ? time : `${time}-${number}`;
    const path = join(folder, name);
    const isTaken = present.some(
      (entry) => entry.startsWith(`${name}.`) || entry.startsWith(`${name}-`),
    );
    if (isTaken || given.names.has(path)) continue;
    given.names.add(path);
    return name;
  }
}

/** The first file in a folder that has a name of a template; undefined when there is none. */
export function existingName(folder: string, parts: readonly NamePart[]): string | undefined {
  const names = patternOf(parts);
  return entriesOf(folder).find((entry) => overlap(literalPattern(entry), names));
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not there yet
  }
}

/** Local time as `YYYYmmdd-HHMMSS`. */
function timestamp(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${String(now.getFullYear())}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}
