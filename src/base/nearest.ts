// Nearest name: what a mistyped word probably meant.

/**
 * Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`: the optimal string
 * alignment distance.
 */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

/** No name has more letters: what is longer is no slip of a finger, and comparing costs the square of the length. */
const LONGEST_NAME = 64;

/**
 * The candidate that is nearest to `word`, or undefined when none is near: at most a third of the
 * longer word's letters may differ. Upper and lower case, `-` and `_` count as equal.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST_NAME) return undefined;
  const plain = (text: string): string => text.toLowerCase().replaceAll('-', '_');
  const wanted = plain(word);
  let found: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const name = plain(candidate);
    const limit = Math.max(1, Math.floor(Math.max(wanted.length, name.length) / 3));
    // A difference of length is a lower bound of the distance.
    if (Math.abs(name.length - wanted.length) > Math.min(limit, least)) continue;
    const edits = distance(wanted, name);
    if (edits <= limit && edits < least) {
      least = edits;
      found = candidate;
    }
  }
  return found;
}
