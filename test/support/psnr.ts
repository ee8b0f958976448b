// Decoded pictures, compared with their source: PSNR, patches of known colour, raw frames.
import { inputPath, streams } from './ffprobe.js';
import { outputBytes, run } from './run.js';

/** Decibels; Infinity when identical. */
export interface Psnr {
  y: number;
  u: number;
  v: number;
  average: number;
  /** Number of pictures that were compared. */
  frames: number;
}

export interface Distorted {
  /** Manifest or file. */
  input: string;
  /** Index among the video streams. Default 0. */
  stream?: number;
}

export interface PsnrOptions {
  width: number;
  height: number;
  /** Number of pictures to compare. */
  frames: number;
  /** Matrix of the reference when its own tag is missing. Default bt709. */
  referenceMatrix?: 'bt709' | 'bt601';
  /** ffmpeg options before the reference's -i, e.g. of a raw video. */
  referenceOptions?: readonly string[];
  /** Pictures of the reference to skip before the first one that is compared. Default 0. */
  referenceSkip?: number;
}

function scalerMatrix(colorSpace: string, fallback: string): string {
  if (colorSpace === '') return fallback;
  return colorSpace === 'bt709' ? 'bt709' : colorSpace.startsWith('bt2020') ? 'bt2020' : 'bt601';
}

/**
 * PSNR of a decoded rendition against its reference, which is scaled with bicubic to the
 * rendition's size and brought to its matrix. Pictures are paired by index, not by time.
 */
export async function psnr(
  distorted: Distorted,
  reference: string,
  options: PsnrOptions,
): Promise<Psnr> {
  const { width, height, frames, referenceMatrix = 'bt709', referenceSkip = 0 } = options;
  const { input, stream = 0 } = distorted;
  const info = (await streams(input)).filter(({ kind }) => kind === 'video')[stream];
  if (info === undefined) throw new Error(`${input} has no video stream ${stream}`);
  const matrix = scalerMatrix(info.colorSpace, referenceMatrix);
  const byIndex = 'settb=1/25,setpts=N';
  const graph = [
    `[0:v:${stream}]trim=end_frame=${frames},format=yuv420p,${byIndex}[a]`,
    `[1:v:0]trim=start_frame=${referenceSkip}:end_frame=${referenceSkip + frames},` +
      `scale=${width}:${height}:flags=bicubic+accurate_rnd+full_chroma_int:` +
      `in_color_matrix=${referenceMatrix}:out_color_matrix=${matrix}:out_range=tv,` +
      `format=yuv420p,${byIndex}[b]`,
    '[a][b]psnr=eof_action=endall:stats_file=-',
  ].join(';');
  const result = await run('ffmpeg', [
    '-nostdin',
    '-v',
    'info',
    '-i',
    inputPath(input),
    ...(options.referenceOptions ?? []),
    '-i',
    inputPath(reference),
    '-filter_complex',
    graph,
    // The end of a trim does not stop ffmpeg from decoding the rest of its inputs.
    '-frames:v',
    String(frames),
    '-f',
    'null',
    '-',
  ]);
  const found = /PSNR y:(\S+) u:(\S+) v:(\S+) average:(\S+)/.exec(result.stderr);
  if (result.code !== 0 || found === null) {
    throw new Error(`ffmpeg could not compare ${input}: ${result.stderr.slice(-2000)}`);
  }
  const value = (index: number): number => {
    const field = found[index] ?? '';
    return field === 'inf' ? Infinity : Number(field);
  };
  const compared = result.stdout.split('\n').filter((line) => line.startsWith('n:')).length;
  return { y: value(1), u: value(2), v: value(3), average: value(4), frames: compared };
}

export interface DecodeOptions {
  /** Index among the video streams. Default 0. */
  stream?: number;
  /** libav's name. Default rgb24. */
  pixelFormat?: string;
  /** Stop after that many pictures. */
  frames?: number;
}

export interface DecodedFrames {
  width: number;
  height: number;
  pixelFormat: string;
  /** Bytes of each picture, planes one after the other, no padding. */
  frames: Uint8Array[];
}

const BITS_PER_PIXEL: Readonly<Record<string, number>> = {
  gray: 8,
  ya8: 16,
  rgb24: 24,
  bgr24: 24,
  rgba: 32,
  bgra: 32,
  yuv420p: 12,
  nv12: 12,
  yuyv422: 16,
  uyvy422: 16,
};

/**
 * Decodes a rendition to raw pictures, with the matrix and range that its tags say. Even sizes
 * only.
 */
export async function decodeFrames(
  input: string,
  options: DecodeOptions = {},
): Promise<DecodedFrames> {
  const { stream = 0, pixelFormat = 'rgb24', frames } = options;
  const info = (await streams(input)).filter(({ kind }) => kind === 'video')[stream];
  const bits = BITS_PER_PIXEL[pixelFormat];
  if (info === undefined) throw new Error(`${input} has no video stream ${stream}`);
  if (bits === undefined) throw new Error(`Size of a pixel in ${pixelFormat} is not known`);
  // swscale takes an untagged picture for BT.601; saying the tag out loud keeps what is measured
  // independent of that.
  const matrix = scalerMatrix(info.colorSpace, 'bt601');
  const filter = `scale=in_color_matrix=${matrix}:flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp`;
  const limit = frames === undefined ? [] : ['-frames:v', String(frames)];
  const bytes = await outputBytes('ffmpeg', [
    '-nostdin',
    '-v',
    'error',
    '-i',
    inputPath(input),
    '-map',
    `0:v:${stream}`,
    '-vf',
    filter,
    ...limit,
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
    '-pix_fmt',
    pixelFormat,
    'pipe:1',
  ]);
  const size = (info.width * info.height * bits) / 8;
  if (bytes.length % size !== 0) {
    throw new Error(`Expected whole pictures of ${size} bytes but received ${bytes.length} bytes`);
  }
  const list = Array.from({ length: bytes.length / size }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
  return { width: info.width, height: info.height, pixelFormat, frames: list };
}

export interface Patch {
  /** 0 … 1 of the width. */
  x: number;
  /** 0 … 1 of the height. */
  y: number;
  /** Expected red, green, blue, 0 … 255. */
  rgb: readonly [number, number, number];
}

/**
 * Compares patches of one decoded picture with their expected colours: mean over a 9x9
 * neighbourhood, so that coding noise does not matter. A swapped channel, the wrong matrix or the
 * wrong range is far outside a tolerance of 6.
 * @returns one sentence per patch that is wrong.
 */
export async function colorPatches(
  distorted: Distorted,
  patches: readonly Patch[],
  { tolerance = 6, frame = 0 }: { tolerance?: number; frame?: number } = {},
): Promise<string[]> {
  const options = { stream: distorted.stream ?? 0, frames: frame + 1 };
  const { width, height, frames } = await decodeFrames(distorted.input, options);
  const picture = frames[frame];
  if (picture === undefined) throw new Error(`${distorted.input} has no picture ${frame}`);
  const wrong: string[] = [];
  for (const { x, y, rgb } of patches) {
    const mean = meanColor(picture, width, height, Math.round(x * width), Math.round(y * height));
    if (rgb.some((expected, channel) => Math.abs(expected - (mean[channel] ?? NaN)) > tolerance)) {
      const received = mean.map((value) => value.toFixed(1)).join(', ');
      wrong.push(`Expected rgb(${rgb.join(', ')}) at ${x}, ${y} but received rgb(${received})`);
    }
  }
  return wrong;
}

function meanColor(
  picture: Uint8Array,
  width: number,
  height: number,
  x: number,
  y: number,
): number[] {
  const radius = 4;
  const sum = [0, 0, 0];
  let count = 0;
  for (let row = Math.max(0, y - radius); row <= Math.min(height - 1, y + radius); row++) {
    for (
      let column = Math.max(0, x - radius);
      column <= Math.min(width - 1, x + radius);
      column++
    ) {
      for (let channel = 0; channel < 3; channel++) {
        sum[channel] = (sum[channel] ?? 0) + (picture[(row * width + column) * 3 + channel] ?? 0);
      }
      count++;
    }
  }
  return sum.map((value) => value / count);
}
