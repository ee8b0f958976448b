// Name patterns: all names that a template can become, and whether two templates can become the same.

import type { NamePart } from './name-template.js';

/** One character, or one of a kind; `many`: or none, or more of them. */
interface Item {
  readonly takes: string;
  readonly many?: boolean;
}

const DIGIT = 'digit';
const ANY = 'any';

/** What names have in common. */
export type NamePattern = readonly Item[];

/** As file systems compare names that take upper and lower case, and composed characters, for the same. */
export function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** The pattern of one name. */
export function literalPattern(name: string): NamePattern {
  return Array.from(folded(name), (takes) => ({ takes }));
}

/** Some number of at least so many digits. One that is filled up with zeros outgrows them late: `isShort` leaves that out. */
export function numberPattern(width: number, isShort = false): NamePattern {
  const digits = Array.from({ length: Math.max(1, width) }, (): Item => ({ takes: DIGIT }));
  return isShort && width > 1 ? digits : [...digits, { takes: DIGIT, many: true }];
}

/** Whatever it is. */
export const anyPattern: NamePattern = [{ takes: ANY, many: true }];

/**
 * All names of a template.
 *
 * @param id - Of the rendition; undefined: of any.
 * @param isShort - Without numbers that have outgrown their digits.
 */
export function patternOf(parts: readonly NamePart[], id?: string, isShort?: boolean): NamePattern {
  return parts.flatMap((part) => {
    if (typeof part === 'string') return literalPattern(part);
    const isFixed = part.identifier === 'RepresentationID' && id !== undefined;
    return isFixed ? literalPattern(id) : numberPattern(part.width, isShort);
  });
}

const isDigit = (character: string): boolean => character >= '0' && character <= '9';

function agree({ takes: a }: Item, { takes: b }: Item): boolean {
  if (a === ANY || b === ANY || a === b) return true;
  return (
    (a === DIGIT && b.length === 1 && isDigit(b)) || (b === DIGIT && a.length === 1 && isDigit(a))
  );
}

/** True when there is a name that both patterns take. */
export function overlap(a: NamePattern, b: NamePattern): boolean {
  const width = b.length + 1;
  const seen = new Set<number>();
  const pending = [0];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const i = Math.floor(at / width);
    const j = at % width;
    const [one, other] = [a[i], b[j]];
    if (one === undefined && other === undefined) return true;
    if (one?.many === true) pending.push(at + width);
    if (other?.many === true) pending.push(at + 1);
    if (one === undefined || other === undefined || !agree(one, other)) continue;
    pending.push(at + (one.many === true ? 0 : width) + (other.many === true ? 0 : 1));
  }
  return false;
}
