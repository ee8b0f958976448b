// Statistics: medians, spreads, and ratios pair by pair of rounds.

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return Number.NaN;
  const upper = /** @type {number} */ (sorted[middle]);
  return sorted.length % 2 === 1 ? upper : (upper + /** @type {number} */ (sorted[middle - 1])) / 2;
}

/** Half of the distance between the lowest and the highest, as a share of the median. @param {readonly number[]} values */
export function spread(values) {
  return (Math.max(...values) - Math.min(...values)) / 2 / median(values);
}

/**
 * Median of the ratios of the rounds: what disturbs one round disturbs both.
 *
 * @param {readonly number[]} ours
 * @param {readonly number[]} theirs
 */
export function ratio(ours, theirs) {
  const pairs = ours.slice(0, theirs.length).map((value, i) => value / /** @type {number} */ (theirs[i]));
  return median(pairs);
}
