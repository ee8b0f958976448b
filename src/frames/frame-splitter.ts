// Frame splitter: a stream of bytes, such as a child's stdout or a file of raw video, cut into frames.

import { Buffer } from 'node:buffer';
import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { checkObject, strict } from '../check/check-object.js';
import { Issues } from '../check/issues.js';
import * as values from '../check/values.js';
import { InvalidFrameError, InvalidOptionsError } from '../report/errors.js';
import { certainFormatOf } from './encoded-picture.js';
import { BGR_FORMATS, formatOfChannels, RGB_FORMATS } from './frame-adapters.js';
import { notDecoded } from './frame-bytes.js';
import type { Shape } from './frame-bytes.js';
import { LARGEST_SIDE, PIXEL_FORMATS, pictureBytes } from './pixel-layout.js';
import type { PixelFormat } from './pixel-layout.js';

/**
 * What the bytes of a {@link frameSplitter} are.
 *
 * @category Frames
 */
export interface FrameSplitterOptions {
  /** Columns, 1 to 16384. */
  readonly width: number;
  /** Rows, 1 to 16384. */
  readonly height: number;
  /** Layout, as FFmpeg's `-pix_fmt` names it. This or `channels` is required. */
  readonly pixelFormat?: PixelFormat;
  /** Bytes per pixel where `pixelFormat` is not given: 1 gray, 2 gray + alpha, 3 BGR, 4 BGRA. */
  readonly channels?: 1 | 2 | 3 | 4;
  /** 3 channels are RGB and 4 are RGBA. Default false. */
  readonly rgbMode?: boolean;
}

/**
 * One frame that was cut from a stream of bytes.
 *
 * @category Frames
 */
export interface SplitFrame {
  /** The pixels; planes follow each other without padding. */
  readonly data: Buffer;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Layout. */
  readonly pixelFormat: PixelFormat;
  /**
   * Gives `data` back for a later frame. Optional; do not touch `data` afterwards. `writable()` does it by itself where
   * the splitter is piped right into it.
   */
  readonly release: () => void;
}

const side = values.wholeNumber(1, LARGEST_SIDE).schema;

const schema = strict({
  width: side,
  height: side,
  pixelFormat: values.oneOf(PIXEL_FORMATS).schema.optional(),
  channels: values.wholeNumber(1, 4).schema.optional(),
  rgbMode: values.flag.schema.optional(),
});

/** Frames that wait to be read. */
const FRAMES_AHEAD = 2;

/** Buffers that wait to be used again: no more than frames are on their way. */
const FREE_BUFFERS = 8;

/** See {@link frameSplitter}. */
export class FrameSplitter extends Transform {
  readonly #shape: Shape;
  readonly #frameBytes: number;
  readonly #free: Buffer[] = [];
  #frame: Buffer | undefined; // that is being filled
  #filled = 0;
  #frames = 0;
  #goOn: (() => void) | undefined; // the rest of a chunk that waits for a reader

  /** @internal */
  constructor(shape: Shape) {
    super({ readableObjectMode: true, readableHighWaterMark: FRAMES_AHEAD, decodeStrings: false });
    this.#shape = shape;
    this.#frameBytes = pictureBytes(shape.pixelFormat, shape.width, shape.height);
  }

  /** Nobody but one reader sees the frames. */
  get hasOneReader(): boolean {
    return this.listenerCount('data') === 1 && this.listenerCount('readable') === 0;
  }

  override _transform(chunk: Buffer | string, _encoding: string, done: TransformCallback): void {
    if (typeof chunk === 'string') {
      done(
        new InvalidFrameError(
          'INVALID_FRAME',
          'Expected bytes in the stream of frames but received text: leave out setEncoding()',
        ),
      );
      return;
    }
    this.#cut(chunk, 0, done);
  }

  override _flush(done: TransformCallback): void {
    done(this.#filled === 0 ? null : this.#incomplete());
  }

  override _read(size: number): void {
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.();
    // Where the rest of the chunk was no whole frame, this call is still for the next chunk: there is no other.
    if (!this.#isWaiting()) super._read(size);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#free.length = 0;
    this.#frame = undefined;
    this.#goOn = undefined;
    super._destroy(error, done);
  }

  #isWaiting(): boolean {
    return this.#goOn !== undefined;
  }

  /** Cuts a chunk from `start` on, as far as somebody reads. */
  #cut(chunk: Buffer, start: number, done: TransformCallback): void {
    let from = start;
    while (from < chunk.length) {
      this.#frame ??= this.#takeBuffer();
      const taken = chunk.copy(this.#frame, this.#filled, from);
      const begins = this.#frames === 0 && this.#filled < FIRST_BYTES;
      from += taken;
      this.#filled += taken;
      const file = begins ? certainFormatOf(this.#frame.subarray(0, this.#filled)) : undefined;
      if (file !== undefined) {
        done(notDecoded('the stream of frames', file));
        return;
      }
      if (this.#filled < this.#frameBytes) break;
      if (!this.#pushFrame(this.#frame) && from < chunk.length) {
        this.#goOn = () => {
          this.#cut(chunk, from, done);
        };
        return;
      }
    }
    done();
  }

  #pushFrame(data: Buffer): boolean {
    this.#frame = undefined;
    this.#filled = 0;
    this.#frames++;
    let isHeld = true;
    const release = (): void => {
      if (isHeld && this.#free.length < FREE_BUFFERS && !this.destroyed) this.#free.push(data);
      isHeld = false;
    };
    return this.push({ data, ...this.#shape, release } satisfies SplitFrame);
  }

  /** Memory for a frame: that of one that was given back, unless it was transferred away. */
  #takeBuffer(): Buffer {
    for (;;) {
      const free = this.#free.pop();
      if (free === undefined) return Buffer.allocUnsafeSlow(this.#frameBytes);
      if (free.byteLength === this.#frameBytes) return free;
    }
  }

  #incomplete(): InvalidFrameError {
    const { width, height, pixelFormat } = this.#shape;
    return new InvalidFrameError(
      'FRAME_INCOMPLETE',
      `Expected frames of ${this.#frameBytes} bytes (${width}x${height} ${pixelFormat}) in the stream of ` +
        `bytes but it ended ${this.#frameBytes - this.#filled} bytes short of the end of frame ` +
        `${this.#frames}: it has ${this.#frames} whole frames, or frames of another size or layout`,
    );
  }
}

/** As far as the first bytes are looked at: they may come one by one. */
const FIRST_BYTES = 16;

/**
 * Cuts a stream of bytes into frames: raw video as `ffmpeg … -f rawvideo -pix_fmt bgr24 -` writes it, a file or a socket.
 * It is a node:stream between that and `writable()`, and carries errors and backpressure in both directions.
 *
 * The frames' memory is used again as far as they are released. Bytes behind the last whole frame are an error of the
 * stream, `FRAME_INCOMPLETE`, that says how many are missing; so are the bytes of a picture file or of a container
 * (`FRAME_NOT_DECODED`).
 *
 * @param options - Size and layout; see {@link FrameSplitterOptions}.
 * @returns a Transform: bytes in, {@link SplitFrame}s out.
 * @throws {@link InvalidOptionsError} listing every wrong value.
 * @example
 * ```ts
 * const camera = spawn('rpicam-vid', ['-t', '0', '--codec', 'yuv420', '--width', '1280', '--height', '720', '-o', '-']);
 * const frames = frameSplitter({ width: 1280, height: 720, pixelFormat: 'yuv420p' });
 * await pipeline(camera.stdout, frames, gear.writable());
 * ```
 *
 * @category Frames
 */
export function frameSplitter(options: FrameSplitterOptions): Transform {
  const issues = new Issues();
  const checked = checkObject(schema, options, issues);
  const { pixelFormat, channels, rgbMode = false } = checked ?? {};
  if (issues.list.length === 0 && (pixelFormat === undefined) === (channels === undefined)) {
    issues.expected('either a pixelFormat or channels', 'options', options);
  }
  if (checked === undefined || issues.list.length > 0) throw new InvalidOptionsError(issues.list);
  const { width, height } = checked;
  const formats = rgbMode ? RGB_FORMATS : BGR_FORMATS;
  return new FrameSplitter({
    width,
    height,
    pixelFormat: pixelFormat ?? formatOfChannels(channels, formats),
  });
}
