// Quality: PSNR and SSIM of every rendition against the source, scaled by the same filter for all.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { loadFrames, pictureAt } from './frames.mjs';

/** The pictures in the order in which they were pushed. @param {import('./cases.mjs').Case} item */
function source(item, folder) {
  const file = path.join(folder, 'source.raw');
  const pictures = loadFrames(item);
  const parts = Array.from(
    { length: item.frames },
    (_, i) => /** @type {Buffer} */ (pictures[pictureAt(i, pictures.length)]),
  );
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

/**
 * @param {import('./cases.mjs').Case} item
 * @param {string} folder Of the manifest.
 * @param {'bt601' | 'bt709'} matrix With which the contender converted RGB.
 */
export function qualityOf(item, folder, matrix) {
  const raw = source(item, folder);
  const extension = item.format === 'dash' ? 'mpd' : 'm3u8';
  const results = item.renditions.map(({ width, height }, index) => {
    const reference = `scale=${width}:${height}:flags=bicubic:out_color_matrix=${matrix}:out_range=tv,format=yuv420p`;
    const count = `settb=1/${item.fps},setpts=N`;
    const graph =
      `[0:v:${index}]${count},format=yuv420p,split[a][b];[1:v]${reference},${count},split[c][d];` +
      `[a][c]psnr=stats_file=-[p];[b][d]ssim[s]`;
    const run = spawnSync(
      'ffmpeg',
      [
        ...['-v', 'info', '-hide_banner', '-nostats', '-i', path.join(folder, `manifest.${extension}`)],
        ...['-f', 'rawvideo', '-pix_fmt', item.pixelFormat, '-s', `${item.width}x${item.height}`],
        ...['-framerate', String(item.fps), '-i', raw, '-filter_complex', graph],
        ...['-map', '[p]', '-f', 'null', '-', '-map', '[s]', '-f', 'null', '-'],
      ],
      { encoding: 'utf8', maxBuffer: 1 << 28 },
    );
    const psnr = /PSNR.* y:([\d.]+)/.exec(run.stderr)?.[1];
    const ssim = /SSIM.* All:([\d.]+)/.exec(run.stderr)?.[1];
    if (psnr === undefined || ssim === undefined) {
      throw new Error(`no quality of rendition ${index}: ${run.stderr.slice(-800)}`);
    }
    return { psnr: Number(psnr), ssim: Number(ssim) };
  });
  rmSync(raw);
  return results;
}
