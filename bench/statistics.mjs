// Statistics: quantiles, medians, spreads, and ratios pair by pair of rounds.

/**
 * @param {readonly number[]} values
 * @param {number} share From 0 to 1.
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/**
 * Half of the distance between the lowest and the highest, as a share of the median.
 *
 * @param {readonly number[]} values
 */
export function spread(values) {
  return (Math.max(...values) - Math.min(...values)) / 2 / median(values);
}

/**
 * Median of the ratios of the rounds that both have: what disturbs one round disturbs both.
 *
 * @param {ReadonlyMap<number, number>} ours Figure by round.
 * @param {ReadonlyMap<number, number>} theirs
 * @returns {number} NaN when they have no round in common.
 */
export function ratio(ours, theirs) {
  const pairs = [...ours].flatMap(([round, value]) => {
    const other = theirs.get(round);
    return other === undefined ? [] : [value / other];
  });
  return median(pairs);
}
