// @ts-check
// Draws into the pixels of a frame, in place: frame number, time code, and a mark that circles once
// per second. No canvas and no copy, because the point is that a pushed frame is only bytes.

/** 5 x 7 dots per glyph: one number per row, its lowest five bits from left to right. */
const FONT = /** @type {Readonly<Record<string, readonly number[]>>} */ ({
  0: [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e],
  1: [0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e],
  2: [0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f],
  3: [0x0e, 0x11, 0x01, 0x06, 0x01, 0x11, 0x0e],
  4: [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02],
  5: [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e],
  6: [0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e],
  7: [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08],
  8: [0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e],
  9: [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c],
  ':': [0x00, 0x04, 0x04, 0x00, 0x04, 0x04, 0x00],
  '.': [0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x0c],
  '#': [0x0a, 0x0a, 0x1f, 0x0a, 0x1f, 0x0a, 0x0a],
});
const GLYPH_WIDTH = 5;
const GLYPH_HEIGHT = 7;
/** Columns from one glyph to the next: the glyph and an empty column. */
const GLYPH_ADVANCE = GLYPH_WIDTH + 1;

/** Bytes per pixel of bgr24. */
const CHANNELS = 3;
/** B, G, R: warm orange, so that swapped channels would show as blue. */
const MARK_COLOR = /** @type {const} */ ([0x20, 0x8c, 0xff]);

/**
 * A tight bgr24 picture that may be changed.
 * @typedef {{ data: Uint8Array, width: number, height: number }} Picture
 */

/**
 * Presentation time as `mm:ss.mmm`.
 * @param {number} seconds zero or more
 */
export function timeCode(seconds) {
  const milliseconds = Math.round(seconds * 1000);
  const minutes = Math.floor(milliseconds / 60_000);
  const rest = (milliseconds % 60_000) / 1000;
  return `${String(minutes).padStart(2, '0')}:${rest.toFixed(3).padStart(6, '0')}`;
}

/**
 * Halves the brightness of a rectangle, so that white text reads on any picture.
 * @param {Picture} picture
 * @param {number} left @param {number} top @param {number} width @param {number} height in pixels
 */
function darken(picture, left, top, width, height) {
  const { data } = picture;
  for (let y = top; y < top + height; y += 1) {
    const start = (y * picture.width + left) * CHANNELS;
    const end = start + width * CHANNELS;
    for (let i = start; i < end; i += 1) data[i] >>= 1;
  }
}

/**
 * Writes white text; characters that FONT lacks stay empty.
 * @param {Picture} picture
 * @param {string} text
 * @param {number} left @param {number} top in pixels
 * @param {number} dot edge of one dot of a glyph, in pixels
 */
function drawText(picture, text, left, top, dot) {
  for (const [column, character] of [...text].entries()) {
    const rows = FONT[character] ?? [];
    const x = left + column * GLYPH_ADVANCE * dot;
    for (const [row, bits] of rows.entries()) {
      drawDots(picture, bits, x, top + row * dot, dot);
    }
  }
}

/**
 * One row of a glyph, `dot` lines high.
 * @param {Picture} picture
 * @param {number} bits
 * @param {number} left @param {number} top @param {number} dot in pixels
 */
function drawDots(picture, bits, left, top, dot) {
  for (let y = top; y < top + dot; y += 1) {
    for (let bit = 0; bit < GLYPH_WIDTH; bit += 1) {
      if ((bits & (1 << (GLYPH_WIDTH - 1 - bit))) === 0) continue;
      const start = (y * picture.width + left + bit * dot) * CHANNELS;
      picture.data.fill(0xff, start, start + dot * CHANNELS);
    }
  }
}

/**
 * A filled disc with a soft edge of one pixel.
 * @param {Picture} picture
 * @param {number} centerX @param {number} centerY @param {number} radius in pixels
 * @param {readonly number[]} color B, G, R
 * @param {number} opacity 0 to 1
 */
function drawDisc(picture, centerX, centerY, radius, color, opacity) {
  const { data } = picture;
  for (let y = Math.floor(centerY - radius); y <= centerY + radius + 1; y += 1) {
    for (let x = Math.floor(centerX - radius); x <= centerX + radius + 1; x += 1) {
      const edge = radius + 0.5 - Math.hypot(x - centerX, y - centerY);
      if (edge <= 0) continue;
      const alpha = Math.min(1, edge) * opacity;
      const start = (y * picture.width + x) * CHANNELS;
      for (let c = 0; c < CHANNELS; c += 1) {
        const below = data[start + c];
        data[start + c] = below + (color[c] - below) * alpha;
      }
    }
  }
}

/**
 * Draws frame number and time code at the top left and the circling mark at the top right, all in
 * proportion to the picture. One lap of the mark takes one second, so a frame that is lost or comes
 * twice is seen as a jump.
 * @param {Picture} picture at least 320 x 180
 * @param {{ index: number, timestamp: number }} frame number from 0 and time in seconds
 */
export function drawOverlay(picture, { index, timestamp }) {
  const dot = Math.max(1, Math.floor(picture.height / 216));
  const margin = dot * 8;
  const padding = dot * 4;
  const lines = [`#${String(index).padStart(6, '0')}`, timeCode(timestamp)];
  const columns = Math.max(...lines.map((line) => line.length)) * GLYPH_ADVANCE - 1;
  const lineHeight = (GLYPH_HEIGHT + 3) * dot;
  const panelHeight = lines.length * lineHeight - 3 * dot + 2 * padding;

  darken(picture, margin, margin, columns * dot + 2 * padding, panelHeight);
  for (const [row, line] of lines.entries()) {
    drawText(picture, line, margin + padding, margin + padding + row * lineHeight, dot);
  }

  const side = panelHeight;
  const left = picture.width - margin - side;
  darken(picture, left, margin, side, side);
  const [centerX, centerY] = [left + side / 2, margin + side / 2];
  // The trail first, so that the mark itself is on top.
  for (let step = 6; step >= 0; step -= 1) {
    const angle = 2 * Math.PI * (timestamp - step * 0.035) - Math.PI / 2;
    const x = centerX + Math.cos(angle) * side * 0.34;
    const y = centerY + Math.sin(angle) * side * 0.34;
    drawDisc(picture, x, y, dot * 2.6 - step * dot * 0.25, MARK_COLOR, 1 - step / 7);
  }
}
