// Pictures of four quarters of different brightness: one byte off, or one row, and they are other pictures.
import { expect } from 'chai';

import { decodeFrames } from './psnr.js';

/** Brightness of the quarters, row by row, of picture number `index`. */
export function quarterLumas(index: number): readonly [number, number, number, number] {
  const base = (index * 17) % 80;
  return [30 + base, 200 - base, 120 + base, 60 + base];
}

/** Gray bytes of picture number `index`, rows `stride` bytes apart; what is between them is 255. */
export function quarters(
  index: number,
  { width, height }: { readonly width: number; readonly height: number },
  stride = width,
): Uint8Array {
  const lumas = quarterLumas(index);
  const data = new Uint8Array(stride * (height - 1) + width).fill(255);
  for (let y = 0; y < height; y++) {
    const [left, right] = y < height / 2 ? lumas.slice(0, 2) : lumas.slice(2);
    const start = y * stride;
    data.fill(left ?? 0, start, start + Math.floor(width / 2));
    data.fill(right ?? 0, start + Math.floor(width / 2), start + width);
  }
  return data;
}

/** Decodes a presentation and expects pictures 0, 1, 2 … `count` - 1 of {@link quarters}, right to their corners. */
export async function expectQuarters(manifest: string, count: number): Promise<void> {
  const { frames, width, height } = await decodeFrames(manifest, { pixelFormat: 'gray' });
  expect(frames, manifest).to.have.length(count);
  const [x, y] = [Math.floor(width / 2), Math.floor(height / 2)];
  const areas = [
    [0, 0],
    [width - x, 0],
    [0, height - y],
    [width - x, height - y],
  ] as const;
  for (const [index, picture] of frames.entries()) {
    for (const [quarter, [left, top]] of areas.entries()) {
      const expected = quarterLumas(index)[quarter] ?? NaN;
      let worst = expected;
      // Four pixels from the border to the neighbours there is ringing; at the edge of the picture there is none.
      for (let row = top + (top && 4); row < top + y - (top ? 0 : 4); row++) {
        for (let column = left + (left && 4); column < left + x - (left ? 0 : 4); column++) {
          const value = picture[row * width + column] ?? NaN;
          if (!(Math.abs(value - expected) <= Math.abs(worst - expected))) worst = value;
        }
      }
      expect(worst, `picture ${index}, quarter ${quarter}`).to.be.closeTo(expected, 10);
    }
  }
}
