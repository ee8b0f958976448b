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

/** @param {import('streamgear').AudioRenditionStats} track */
function audioRow({ channels, sampleRate, codecs, bitrate, segments, bytes }) {
  return [
    `${channels} ch, ${sampleRate / 1000} kHz`,
    codecs,
    kilobits(bitrate.declared ?? bitrate.average),
    kilobits(bitrate.average),
    kilobits(bitrate.peak),
    '',
    String(segments),
    (bytes / 1e6).toFixed(2),
    '',
    '',
  ];
}

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
 * What the page shows beside each player: the numbers of the table, in bit/s.
 * @param {StreamSummary} summary
 */
export function figuresOf({ manifests, renditions }) {
  return manifests.map(({ format }) => ({
    format,
    renditions: renditions.map(({ width, height, bitrate }) => ({ width, height, ...bitrate })),
  }));
}

/**
 * Prints the table of the renditions, and where the manifests are that name their segments.
 * @param {StreamSummary} summary
 */
export function printReport({ manifests, renditions, audio, elapsed, duration }) {
  console.log(
    `\nMPEG-DASH and HLS of one encoding and one set of segments: ${duration.toFixed(2)} s in ` +
      `${elapsed.toFixed(1)} s\n`,
  );
  const video = renditions.map((rendition) => row(rendition, elapsed));
  const sound = (audio?.renditions ?? []).map(audioRow);
  console.log(table([HEADER, ...video, ...sound]));
  console.log(`\n${manifests.map(({ path }) => `  ${path}`).join('\n')}`);
  console.log(
    '\n  Bitrates in kbit/s (peak: the highest segment), size in MB, latency from push to packet' +
      '\n  in ms (half of the frames / 99 % of them were faster).',
  );
}
