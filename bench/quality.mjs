// Quality: PSNR and SSIM of every rendition against the pictures that were pushed, VMAF where ffmpeg has it.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';

import { loadFrames, pictureAt } from './frames.mjs';

/** @import { Case } from './cases.mjs' */

/**
 * @typedef {object} Quality
 * @property {number} psnr Of the luma, scaled up (bicubic) to the size of the frames, as a viewer sees it; dB.
 * @property {number} ssim The same pictures, all planes.
 * @property {number} psnrAtSize Of the luma, against the frame scaled (bicubic) to the rendition's size; dB.
 * @property {number | null} vmaf The same pictures as psnr; null when ffmpeg does not have it.
 */

/** Frames that are compared: enough for several segments. */
const MOST_FRAMES = 96;

const hasVmaf = spawnSync('ffmpeg', ['-hide_banner', '-filters'], {
  encoding: 'utf8',
}).stdout.includes(' libvmaf ');

/** Filters that compare, by name and size of what is compared. */
const METRICS = [
  { name: 'psnr', filter: 'psnr', read: /PSNR y:([\d.]+|inf)/ },
  { name: 'ssim', filter: 'ssim', read: /SSIM .*All:([\d.]+)/ },
  ...(hasVmaf ? [{ name: 'vmaf', filter: 'libvmaf', read: /VMAF score: ([\d.]+)/ }] : []),
];

/**
 * swscale's default truncates: its luma is half a level too dark. Rounding, the reference is right within a
 * third of a level.
 */
const EXACT = 'flags=bicubic+accurate_rnd+full_chroma_inp';

/**
 * One graph for all renditions: input 0 is the presentation, input 1 the pictures.
 *
 * @param {Case} item
 * @param {'bt601' | 'bt709'} matrix
 */
function graphOf({ width, height, fps, pixelFormat, renditions }, matrix) {
  const isRgb = pixelFormat === 'bgr24' || pixelFormat === 'rgba';
  const toYuv = isRgb ? `scale=out_color_matrix=${matrix}:out_range=tv:${EXACT},` : '';
  const clock = `settb=1/${fps},setpts=N`;
  const copies = METRICS.length + 1;
  const labels = (/** @type {string} */ name, /** @type {number} */ count) =>
    Array.from({ length: count }, (_, k) => `[${name}${k}]`).join('');
  const source = `[1:v]${toYuv}format=yuv420p,${clock},split=${renditions.length * copies}`;
  const graph = [source + renditions.map((_, i) => labels(`s${i}_`, copies)).join('')];
  renditions.forEach((rendition, i) => {
    graph.push(
      `[0:v:${i}]format=yuv420p,${clock},split[own${i}][small${i}]`,
      `[small${i}]scale=${width}:${height}:${EXACT},split=${METRICS.length}${labels(`d${i}_`, METRICS.length)}`,
      ...METRICS.map(
        ({ name, filter }, k) => `[d${i}_${k}][s${i}_${k}]${filter}@${name}${i}[o${i}_${k}]`,
      ),
      `[s${i}_${copies - 1}]scale=${rendition.width}:${rendition.height}:${EXACT}[ref${i}]`,
      `[own${i}][ref${i}]psnr@size${i}[o${i}_${copies - 1}]`,
    );
  });
  const outputs = renditions.flatMap((_, i) =>
    Array.from({ length: copies }, (_unused, k) => `[o${i}_${k}]`),
  );
  return { graph: graph.join(';'), outputs };
}

/**
 * @param {Case} item
 * @param {string} folder Of the manifest.
 * @param {'bt601' | 'bt709'} matrix With which the contender converted RGB.
 * @returns {Promise<Quality[]>} One for each rendition.
 */
export async function qualityOf(item, folder, matrix) {
  const { graph, outputs } = graphOf(item, matrix);
  const count = Math.min(item.frames, MOST_FRAMES);
  const manifest = path.join(folder, `manifest.${item.format === 'dash' ? 'mpd' : 'm3u8'}`);
  const child = spawn(
    'ffmpeg',
    [
      ...['-v', 'info', '-hide_banner', '-nostats', '-i', manifest],
      ...['-f', 'rawvideo', '-pix_fmt', item.pixelFormat, '-s', `${item.width}x${item.height}`],
      ...['-framerate', String(item.fps), '-i', 'pipe:0', '-filter_complex', graph],
      ...outputs.flatMap((output) => ['-map', output]),
      ...['-frames:v', String(count), '-f', 'null', '-'],
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = new Promise((resolve) => child.on('close', resolve));
  // It may have enough before all are written.
  child.stdin.on('error', () => undefined);
  const pictures = loadFrames(item);
  for (let i = 0; i < count && child.exitCode === null; i++) {
    const picture = pictures[pictureAt(i, pictures.length)];
    await new Promise((resolve) => child.stdin.write(picture, resolve));
  }
  child.stdin.end();
  await ended;
  const find = (/** @type {string} */ filter, /** @type {RegExp} */ read) => {
    const line = said
      .split('\n')
      .find((each) => each.startsWith(`[${filter} @`) && read.test(each));
    const value = line === undefined ? undefined : read.exec(line)?.[1];
    if (value === undefined) throw new Error(`no quality: ${said.slice(-800)}`);
    return value === 'inf' ? Infinity : Number(value);
  };
  return item.renditions.map((_, i) => {
    const values = METRICS.map(({ name, filter, read }) => [
      name,
      find(`${filter}@${name}${i}`, read),
    ]);
    return {
      vmaf: null,
      ...Object.fromEntries(values),
      psnrAtSize: find(`psnr@size${i}`, METRICS[0].read),
    };
  });
}
