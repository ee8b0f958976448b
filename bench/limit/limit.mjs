// Limit: builds and runs limit.cc.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

import { clip, loadFrames } from '../frames.mjs';

const FOLDER = path.join(import.meta.dirname, '..', '.cache');
const PROGRAM = path.join(FOLDER, 'limit');
const SOURCE = path.join(import.meta.dirname, 'limit.cc');

function build() {
  if (existsSync(PROGRAM) && statSync(PROGRAM).mtimeMs > statSync(SOURCE).mtimeMs) return;
  mkdirSync(FOLDER, { recursive: true });
  const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'libavcodec', 'libavutil'], {
    encoding: 'utf8',
  });
  const args = ['-O2', '-std=c++20', '-pthread', '-o', PROGRAM, SOURCE, ...flags.trim().split(/\s+/)];
  execFileSync('g++', args, { stdio: 'inherit' });
}

/**
 * The case's pictures at the size of one rendition.
 *
 * @param {{ width: number, height: number }} rendition
 * @param {number} count
 */
function scaled({ width, height }, count) {
  const file = path.join(FOLDER, `${width}x${height}-limit-${count}.yuv`);
  if (existsSync(file)) return file;
  const half = `${file}.tmp`;
  const filter = `scale=${width}:${height}:flags=bicubic`;
  const args = ['-v', 'error', '-y', '-ss', '5', '-i', clip(), '-frames:v', String(count)];
  const run = spawnSync('ffmpeg', [...args, '-vf', filter, '-pix_fmt', 'yuv420p', '-f', 'rawvideo', half], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (run.status !== 0) throw new Error('ffmpeg could not decode the clip');
  renameSync(half, file);
  return file;
}

/**
 * @param {import('../cases.mjs').Case} item
 * @param {string} folder
 */
export function runLimit(item, folder) {
  build();
  const count = loadFrames(item).length;
  mkdirSync(folder, { recursive: true });
  const jobs = item.renditions.map(
    (rendition) => `${rendition.width}x${rendition.height}:${rendition.bitrate}:${scaled(rendition, count)}`,
  );
  const gop = item.fps * item.segmentSeconds;
  const args = [item.frames, item.fps, item.preset, 20, gop, 1, folder, ...jobs].map(String);
  const { seconds, cpuSeconds } = JSON.parse(execFileSync(PROGRAM, args, { encoding: 'utf8' }));
  return {
    seconds,
    fps: item.frames / seconds,
    cpuSeconds,
    cpuPerFrame: cpuSeconds / item.frames,
  };
}
