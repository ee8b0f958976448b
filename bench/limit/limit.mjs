// Limit: builds limit.cc and makes its command.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

import { CACHE, bytesOf, countOf, pictureFile } from '../frames.mjs';
import { encoderOptions, threadsOf } from '../settings.mjs';

/** @import { Case } from '../cases.mjs' */

const PROGRAM = path.join(CACHE, 'limit');
const SOURCE = path.join(import.meta.dirname, 'limit.cc');

export const note =
  'the encoders alone: a C++ program over libavcodec, fed from memory with 4:2:0 pictures of each size, one thread for each rendition, as many encoder threads as ours.';

/** @param {string} name */
const libraryVersion = (name) =>
  execFileSync('pkg-config', ['--modversion', name], { encoding: 'utf8' }).trim();

/** Builds it where it is not there or older than its source. @returns {string} Its version. */
export function buildLimit() {
  if (!existsSync(PROGRAM) || statSync(PROGRAM).mtimeMs < statSync(SOURCE).mtimeMs) {
    mkdirSync(CACHE, { recursive: true });
    const libraries = ['libavcodec', 'libavutil'];
    const flags = execFileSync('pkg-config', ['--cflags', '--libs', ...libraries], {
      encoding: 'utf8',
    });
    const warnings = ['-Wall', '-Wextra', '-Wpedantic'];
    execFileSync(
      process.env.CXX ?? 'c++',
      [
        ...['-O2', '-std=c++20', '-pthread', ...warnings, '-o', PROGRAM, SOURCE],
        ...flags.trim().split(/\s+/),
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
  }
  return `libavcodec ${libraryVersion('libavcodec')}`;
}

/** @param {Case} item */
export function refusal({ paced }) {
  return paced ? 'it has no clock' : undefined;
}

/** The pictures of each rendition. @param {Case} item */
const shapesOf = ({ renditions }) =>
  renditions.map(({ width, height }) => ({
    width,
    height,
    pixelFormat: /** @type {const} */ ('yuv420p'),
  }));

/** What its pictures take, bytes. @param {Case} item */
export function pictureBytes(item) {
  return countOf(item) * shapesOf(item).reduce((sum, shape) => sum + bytesOf(shape), 0);
}

/**
 * The command, as program and arguments.
 *
 * @param {Case} item
 * @param {string} folder
 */
export function limitCommand(item, folder) {
  const threads = threadsOf(item);
  const jobs = shapesOf(item).flatMap((shape, i) => {
    const options = { ...encoderOptions(item, item.renditions[i]), threads: String(threads[i]) };
    const list = Object.entries(options).map(([name, value]) => `${name}=${value}`);
    const file = pictureFile(shape, countOf(item));
    return [String(shape.width), String(shape.height), file, list.join(':')];
  });
  const all = Array.from({ length: item.streams }, () => jobs).flat();
  return [PROGRAM, String(item.frames), String(item.fps), folder, ...all];
}
