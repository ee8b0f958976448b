// Subprocess mode: the original's own ffmpeg command, fed through a pipe, as a drop-in of the same
// interface. With what care this way allows: the pipe's own backpressure, no copy on our side, errors
// with what ffmpeg said last.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

import { encoderOptions, muxerOptions } from '../settings.mjs';

/** @import { Options, Open } from './contender.d.ts' */

/** Kept of what ffmpeg says, characters. */
const TAIL = 2000;

/** ffmpeg converts RGB with BT.601, whatever the size, and does not tag it. */
export const matrix = () => 'bt601';

export const note =
  'the ffmpeg command of VidGear’s StreamGear 0.3, fed through a pipe from Node; ffmpeg chooses the threads.';

export const version = () =>
  /^ffmpeg version \S+/.exec(spawnSync('ffmpeg', ['-version'], { encoding: 'utf8' }).stdout)?.[0] ??
  'no ffmpeg';

/**
 * @param {Readonly<Record<string, string>>} options
 * @param {string} [specifier]
 */
const flags = (options, specifier = '') =>
  Object.entries(options).flatMap(([name, value]) => [`-${name}${specifier}`, value]);

/** @param {Options} options */
export function command({ item, output }) {
  const muxer = muxerOptions(item, output);
  return [
    ...['-y', '-hide_banner', '-loglevel', 'error', '-f', 'rawvideo'],
    ...['-pix_fmt', item.pixelFormat, '-s', `${item.width}x${item.height}`],
    ...['-framerate', String(item.fps), '-i', '-'],
    ...item.renditions.flatMap((rendition, i) => [
      ...['-map', '0:v:0', `-s:v:${i}`, `${rendition.width}x${rendition.height}`],
      ...flags(encoderOptions(item, rendition), `:v:${i}`),
    ]),
    ...['-c:v', 'libx264', '-pix_fmt', 'yuv420p'],
    ...flags(muxer.options),
    ...['-f', item.format, muxer.file],
  ];
}

/** @type {Open} */
export async function open(options) {
  const child = spawn('ffmpeg', command(options), { stdio: ['pipe', 'ignore', 'pipe'] });
  await once(child, 'spawn');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said = (said + text).slice(-TAIL);
  });
  /** @type {Promise<number | null>} */
  const exit = once(child, 'close').then(([code]) => code);
  // EPIPE, when ffmpeg has ended; the callback of write() tells it too.
  child.stdin.on('error', () => undefined);
  const fail = async () => {
    const code = await exit;
    throw new Error(`ffmpeg ended with code ${code}: ${said.trim()}`);
  };
  return {
    // The callback comes when the kernel has taken the last byte.
    push: (data) =>
      new Promise((resolve, reject) => {
        child.stdin.write(data, (error) => {
          if (error) fail().catch(reject);
          else resolve(undefined);
        });
      }),
    close: async () => {
      child.stdin.end();
      if ((await exit) !== 0) await fail();
      return {};
    },
  };
}
