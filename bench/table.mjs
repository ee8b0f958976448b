// Table: Markdown tables, and figures with their spread.
import { median, spread } from './statistics.mjs';

/**
 * @param {readonly string[]} header
 * @param {readonly (readonly string[])[]} rows
 */
export function table(header, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/**
 * `34.1 ±2 %`; a dash where nothing was measured.
 *
 * @param {readonly number[]} values
 * @param {number} digits
 */
export function withSpread(values, digits) {
  const found = values.filter((value) => Number.isFinite(value));
  if (found.length === 0) return '–';
  const half = found.length > 1 ? ` ±${(spread(found) * 100).toFixed(0)} %` : '';
  return `${median(found).toFixed(digits)}${half}`;
}

/**
 * Medians of several figures: `1.2 / 3.4`.
 *
 * @param {readonly (readonly (number | undefined)[])[]} runs
 * @param {number} digits
 */
export function medians(runs, digits) {
  const columns = (runs[0] ?? []).map((_, i) =>
    median(runs.flatMap((run) => (run[i] === undefined ? [] : [run[i]]))),
  );
  if (columns.length === 0 || columns.some((value) => !Number.isFinite(value))) return '–';
  return columns.map((value) => value.toFixed(digits)).join(' / ');
}
