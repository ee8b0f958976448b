// Frame types: the shapes in which pixels may be pushed. Structural: no other library is needed.

import type { Rational } from '../base/rational.js';
import type { ColorRange, ColorSpace, PixelFormat } from './pixel-layout.js';

/**
 * Bytes of a picture. They are read in place and never copied or changed.
 *
 * @category Frames
 */
export type FrameBytes = Uint8Array | Uint8ClampedArray | ArrayBuffer | SharedArrayBuffer;

/**
 * What any pushed frame may say about itself beside its pixels. A stream has one matrix, one range and one shape of
 * pixels, those that it was opened with: a frame that says otherwise is a warning `FRAME_TAGS_DIFFER`.
 *
 * @category Frames
 */
export interface FrameTags {
  /**
   * Presentation time, seconds; the first frame's is taken as 0. Must grow from frame to frame, by some hours at most.
   * Default: one frame (1 / frame rate) after the frame before.
   */
  readonly timestamp?: number;
  /** Matrix of YUV frames. Default: `bt709` above 576 lines, else `smpte170m`. */
  readonly colorSpace?: ColorSpace;
  /** Range of YUV frames. Default `tv`. */
  readonly colorRange?: ColorRange;
  /** Shape of one pixel, width to height. Default 1:1. */
  readonly sampleAspectRatio?: Rational;
}

/**
 * What a {@link RawFrame} says of its pixels.
 *
 * @category Frames
 */
export interface RawFrameShape extends FrameTags {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Layout. */
  readonly pixelFormat?: PixelFormat;
  /**
   * Bytes per pixel where `pixelFormat` is not given: 1 gray, 2 gray + alpha, 3 BGR, 4 BGRA; with
   * `rgbMode` 3 RGB, 4 RGBA.
   */
  readonly channels?: number;
  /** Bytes from one row to the next, per plane. Default: rows follow each other without padding. */
  readonly stride?: number | readonly number[];
}

/**
 * A picture in one piece.
 *
 * @category Frames
 */
export interface WholeFrame extends RawFrameShape {
  /**
   * The bytes of the whole picture; planes follow each other. Exactly as many as the layout has; with a `stride` that is
   * wider than a row there may be more behind the last row, as in a part of a larger picture.
   */
  readonly data: FrameBytes;
  /** Where they are given, too, they are what is taken. */
  readonly planes?: readonly FrameBytes[];
}

/**
 * A picture whose planes lie apart.
 *
 * @category Frames
 */
export interface PlanarFrame extends RawFrameShape {
  /** Leave it out: `planes` are what is taken. */
  readonly data?: FrameBytes;
  /**
   * The bytes of each plane. Exactly as many as the layout has; with a `stride` there may be more, as libav allocates
   * them.
   */
  readonly planes: readonly FrameBytes[];
}

/**
 * A picture with its size.
 *
 * @category Frames
 */
export type RawFrame = WholeFrame | PlanarFrame;

/**
 * An array with a shape, as `ndarray` and numpy have it: rows, columns, and channels if not gray.
 *
 * @category Frames
 */
export interface NdarrayFrame extends FrameTags {
  /** The bytes. */
  readonly data: FrameBytes;
  /** `[height, width]` or `[height, width, channels]`. */
  readonly shape: readonly number[];
  /** Elements from one index to the next, per dimension. Pixels must follow each other in a row. */
  readonly stride?: readonly number[];
  /** Index of the first element. Default 0. */
  readonly offset?: number;
}

/**
 * The browser's, node-canvas' or @napi-rs/canvas' ImageData: RGBA.
 *
 * @category Frames
 */
export interface ImageDataLike {
  /** RGBA bytes. */
  readonly data: Uint8ClampedArray;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/**
 * What `await sharp(…).raw().toBuffer({ resolveWithObject: true })` gives: RGB order.
 *
 * @category Frames
 */
export interface SharpRawLike {
  /** Pixels. */
  readonly data: Uint8Array;
  /** Their shape. */
  readonly info: {
    /** Columns. */
    readonly width: number;
    /** Rows. */
    readonly height: number;
    /** 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA. */
    readonly channels: number;
    /** `raw`; anything else is a file, which is to be decoded first. */
    readonly format?: string;
    /** `uchar`, 8 bits. */
    readonly depth?: string;
  };
}

/**
 * A `Mat` of 8-bit pixels. opencv4nodejs (`getData()`) has BGR order, OpenCV.js (`data`, and methods where the other has
 * properties) RGB order. Any other with `data` is taken as plain channels are: BGR, or RGB with `rgbMode`.
 *
 * @category Frames
 */
export interface MatLike {
  /** Height. */
  readonly rows: number;
  /** Width. */
  readonly cols: number;
  /** Number of channels. */
  readonly channels: number | (() => number);
  /** 0 = 8-bit unsigned. */
  readonly depth?: number | (() => number);
  /** Pixels (OpenCV.js). */
  readonly data?: Uint8Array;
  /** Pixels (opencv4nodejs). */
  readonly getData?: () => Uint8Array;
  /** Bytes per row first (OpenCV.js). */
  readonly step?: number | readonly number[];
  /** OpenCV's number of depth and channels: 16 = CV_8UC3. */
  readonly type?: number | (() => number);
  /** False for a part of a larger Mat (OpenCV.js). */
  readonly isContinuous?: () => boolean;
}

/**
 * Electron's `NativeImage`: BGRA.
 *
 * @category Frames
 */
export interface NativeImageLike {
  /** BGRA bytes. */
  readonly toBitmap: () => Uint8Array;
  /** Size in pixels, or from Electron 46 on in DIP. */
  readonly getSize: () => {
    /** Columns. */
    readonly width: number;
    /** Rows. */
    readonly height: number;
  };
  /** Pixels per DIP. */
  readonly getScaleFactors?: () => readonly number[];
}

/**
 * A decoded `Frame` of beamcoder; its planes are read in place.
 *
 * @category Frames
 */
export interface BeamcoderFrameLike {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** libav's name: one of {@link PixelFormat}, or `yuvj420p`. */
  readonly format: string;
  /** Bytes per row, per plane. */
  readonly linesize: readonly number[];
  /** Planes. */
  readonly data: readonly Uint8Array[];
  /** Presentation time, ticks of the source's time base. */
  readonly pts?: number | null;
  /** libav's name of the matrix. */
  readonly color_space?: string;
  /** `tv` or `pc`. */
  readonly color_range?: string;
  /** Shape of one pixel. */
  readonly sample_aspect_ratio?: readonly number[];
}

/**
 * Everything that can be pushed.
 *
 * @category Frames
 */
export type Frame =
  | RawFrame
  | NdarrayFrame
  | ImageDataLike
  | SharpRawLike
  | MatLike
  | NativeImageLike
  | BeamcoderFrameLike;
