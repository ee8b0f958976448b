// Pixel layout: where the planes of a picture lie in its bytes. C++ twin: native/pixels/pixel_format.cc.

/**
 * Layouts of a pushed frame, by FFmpeg's names.
 *
 * | name | bytes |
 * |---|---|
 * | `gray` | one byte per pixel, 0 to 255 |
 * | `ya8` | gray, alpha; alpha is ignored |
 * | `bgr24`, `rgb24` | three bytes per pixel |
 * | `bgra`, `rgba` | four bytes per pixel; alpha is ignored |
 * | `yuv420p` | three planes: Y, U, V; chroma of odd sizes is rounded up |
 * | `nv12` | two planes: Y, interleaved U and V |
 * | `yuyv422`, `uyvy422` | packed 4:2:2, as webcams give it |
 *
 * @category Frames
 */
export type PixelFormat =
  'gray' | 'ya8' | 'bgr24' | 'rgb24' | 'bgra' | 'rgba' | 'yuv420p' | 'nv12' | 'yuyv422' | 'uyvy422';

/** Columns or rows of the largest picture: what libx264 and libavcodec's own decoders take. */
export const LARGEST_SIDE = 16_384;

/**
 * Matrices of YUV frames, by FFmpeg's names.
 *
 * @category Frames
 */
export type ColorSpace = 'bt709' | 'smpte170m' | 'bt470bg' | 'bt2020nc';

/**
 * Range of YUV frames: `tv` is 16 to 235, `pc` is 0 to 255.
 *
 * @category Frames
 */
export type ColorRange = 'tv' | 'pc';

/** Every {@link PixelFormat}. */
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
] as const satisfies readonly PixelFormat[];

/** Those whose matrix and range the caller must tell. */
export const YUV_FORMATS: ReadonlySet<PixelFormat> = new Set([
  'yuv420p',
  'nv12',
  'yuyv422',
  'uyvy422',
]);

/** Every {@link ColorSpace}. */
export const COLOR_SPACES = [
  'bt709',
  'smpte170m',
  'bt470bg',
  'bt2020nc',
] as const satisfies readonly ColorSpace[];

/** One plane: bytes of a row without padding, and rows. */
export interface PlaneSize {
  /** Bytes of one row. */
  readonly rowBytes: number;
  /** Rows. */
  readonly rows: number;
}

/** The planes of a picture, in the order in which they follow each other. */
export function planesOf(format: PixelFormat, width: number, height: number): PlaneSize[] {
  const chromaWidth = Math.ceil(width / 2);
  const chromaRows = Math.ceil(height / 2);
  const luma = { rowBytes: width, rows: height };
  switch (format) {
    case 'yuv420p': {
      const chroma = { rowBytes: chromaWidth, rows: chromaRows };
      return [luma, chroma, chroma];
    }
    case 'nv12':
      return [luma, { rowBytes: chromaWidth * 2, rows: chromaRows }];
    case 'yuyv422':
    case 'uyvy422':
      return [{ rowBytes: chromaWidth * 4, rows: height }];
    case 'gray':
      return [luma];
    case 'ya8':
      return [{ rowBytes: width * 2, rows: height }];
    case 'bgr24':
    case 'rgb24':
      return [{ rowBytes: width * 3, rows: height }];
    case 'bgra':
    case 'rgba':
      return [{ rowBytes: width * 4, rows: height }];
  }
}

/** Bytes that a plane needs; the padding of its last row may be missing. 0 = a tight stride. */
export function planeBytes({ rowBytes, rows }: PlaneSize, stride: number): number {
  return stride === 0 ? rowBytes * rows : stride * (rows - 1) + rowBytes;
}

/** Bytes of a picture without padding. */
export function pictureBytes(format: PixelFormat, width: number, height: number): number {
  return planesOf(format, width, height).reduce((sum, plane) => sum + planeBytes(plane, 0), 0);
}
