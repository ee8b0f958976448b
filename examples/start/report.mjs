// @ts-check
// The table at the end of the main job.

/** @typedef {import('streamgear').StreamSummary} StreamSummary */
/** @typedef {StreamSummary['renditions'][number]} RenditionStats */

/** Bitrates in kbit/s, size in MB, latency in ms. */
const HEADER = [
  'rendition',
  'codec',
  'declared',
  'real',
  'peak',
  'frames',
  'segments',
  'size',
  'fps',
  'latency',
];
/** Text columns; the numbers that follow are aligned to the right. */
const TEXT_COLUMNS = 2;

/** @param {number} bitsPerSecond */
const kilobits = (bitsPerSecond) => (bitsPerSecond / 1000).toFixed(0);

/**
 * @param {RenditionStats} rendition
 * @param {number} elapsed seconds
 */
function row({ width, height, codecs, bitrate, ...rest }, elapsed) {
  return [
    `${width}x${height}`,
    codecs,
    kilobits(bitrate.declared),
    kilobits(bitrate.average),
    kilobits(bitrate.peak),
    String(rest.framesEncoded),
    String(rest.segments),
    (rest.bytes / 1e6).toFixed(2),
    (rest.framesEncoded / elapsed).toFixed(1),
    `${rest.latency.p50.toFixed(0)} / ${rest.latency.p99.toFixed(0)}`,
  ];
}

/** @param {string[][]} rows of equal length, the header first */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const line = (/** @type {string[]} */ cells) =>
    cells
      .map((cell, column) =>
        column < TEXT_COLUMNS ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join('  ');
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].map((text) => `  ${text}`).join('\n');
}

/**
 * Prints one table per presentation, and where its manifest is.
 * @param {readonly StreamSummary[]} summaries
 */
export function printReport(summaries) {
  for (const { format, manifest, renditions, elapsed, duration } of summaries) {
    const title = format === 'dash' ? 'MPEG-DASH' : 'HLS';
    console.log(`\n${title}, ${duration.toFixed(2)} s encoded in ${elapsed.toFixed(1)} s\n`);
    console.log(table([HEADER, ...renditions.map((rendition) => row(rendition, elapsed))]));
    console.log(`\n  ${manifest}`);
  }
  console.log(
    '\n  Bitrates in kbit/s (peak: the highest segment), size in MB, latency from push to packet' +
      '\n  in ms (half of the frames / 99 % of them were faster).',
  );
}
