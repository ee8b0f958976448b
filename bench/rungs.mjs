// Rungs: the sizes of renditions with their bitrates, bit/s, and ladders of them.

/**
 * @typedef {object} Rendition
 * @property {number} width
 * @property {number} height
 * @property {number} bitrate The average, or the cap of the constant quality; bit/s.
 */

/** @type {Readonly<Record<number, Rendition>>} */
const RUNGS = {
  2160: { width: 3840, height: 2160, bitrate: 16_000_000 },
  1440: { width: 2560, height: 1440, bitrate: 10_000_000 },
  1080: { width: 1920, height: 1080, bitrate: 5_000_000 },
  720: { width: 1280, height: 720, bitrate: 2_800_000 },
  540: { width: 960, height: 540, bitrate: 1_600_000 },
  450: { width: 800, height: 450, bitrate: 1_200_000 },
  360: { width: 640, height: 360, bitrate: 800_000 },
  270: { width: 480, height: 270, bitrate: 450_000 },
  180: { width: 320, height: 180, bitrate: 250_000 },
  90: { width: 160, height: 90, bitrate: 100_000 },
};

/**
 * @param {readonly number[]} heights
 * @returns {Rendition[]}
 */
export const ladder = (heights) => heights.map((height) => RUNGS[height]);
