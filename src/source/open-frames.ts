// openFrames: decodes a file, URL or device on a thread of its own and yields frames.

import { Buffer } from 'node:buffer';
import process from 'node:process';
import { defer } from '../base/deferred.js';
import type { Deferred } from '../base/deferred.js';
import { abortWith, keepAlive } from '../base/lifetime.js';
import type { Rational } from '../base/rational.js';
import { COLOR_SPACES, pictureBytes, YUV_FORMATS } from '../frames/pixel-layout.js';
import type { ColorRange, ColorSpace, PixelFormat } from '../frames/pixel-layout.js';
import { failureError, mustNotBeAborted } from '../native/failure.js';
import { mustEndSoon } from '../native/left-behind.js';
import type { NativeFrameReader } from '../native/native-binding.js';
import type { NativeReaderEvent, NativeSourceInfo } from '../native/native-events.js';
import { nativeBinding } from '../native/native.js';
import { AbortError, InvalidStateError } from '../report/errors.js';
import type { StreamError } from '../report/errors.js';
import type { MediaSource } from './media-source.js';
import { resolveReaderOptions } from './reader-options.js';
import type { OpenFramesOptions, ReaderPlan } from './reader-options.js';

/**
 * One decoded picture. It can be changed in place and pushed as it is.
 *
 * @category Sources
 */
export interface DecodedFrame {
  /** The pixels; planes follow each other without padding. */
  readonly data: Buffer;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Layout. */
  readonly pixelFormat: PixelFormat;
  /** Seconds; that of the first frame is 0. */
  readonly timestamp: number;
  /** Number of the frame, from 0. */
  readonly index: number;
  /** True when the source has a key frame here. */
  readonly keyFrame: boolean;
  /** Matrix of YUV pixels, when known. */
  readonly colorSpace?: ColorSpace;
  /** Range of YUV pixels. */
  readonly colorRange?: ColorRange;
  /** Shape of one pixel. */
  readonly sampleAspectRatio: Rational;
  /**
   * Gives `data` back for a later frame. Optional: frames that are not released are left to the garbage
   * collector. Do not touch `data` afterwards.
   */
  readonly release: () => void;
}

type Waiter = Deferred<IteratorResult<DecodedFrame, undefined>>;

const forgotten = new FinalizationRegistry<NativeFrameReader>((reader) => {
  reader.close();
});

let open: (plan: ReaderPlan) => Promise<FrameSource>;

/**
 * The frames of a source, in order; usable once. Leaving a `for await` loop, `return()`, `close()` and
 * `await using` all close it.
 *
 * @category Sources
 */
export class FrameSource implements AsyncIterableIterator<DecodedFrame, undefined> {
  static {
    open = async (plan) => {
      const source = new FrameSource(plan);
      await source.#opened.promise;
      return source;
    };
  }

  readonly #plan: ReaderPlan;
  readonly #reader: NativeFrameReader;
  readonly #opened = defer<undefined>();
  readonly #closed = defer<undefined>();
  readonly #stopListening: () => void;
  #info: NativeSourceInfo | undefined;
  readonly #buffers = new Map<number, Buffer>(); // with the reader, by the id of their read
  #free: Buffer[] = [];
  #ready: DecodedFrame[] = [];
  readonly #waiters: Waiter[] = [];
  #error: StreamError | undefined;
  #ended = false;
  #closing = false;
  #stopWaiting: (() => void) | undefined;
  #isClosed = false;
  #iterated = false;
  #nextId = 0;
  #nextIndex = 0;

  private constructor(plan: ReaderPlan) {
    this.#plan = plan;
    const { FrameReader } = nativeBinding();
    const weak = new WeakRef(this);
    this.#reader = new FrameReader(plan.config, FrameSource.#deliverTo(weak));
    forgotten.register(this, this.#reader, this);
    this.#stopListening = abortWith(plan.signal, weak);
    this.#reader.start();
    this.#keepAlive();
  }

  /** The reader's thread holds the source only weakly; see AdaptiveStream. */
  static #deliverTo(weak: WeakRef<FrameSource>): (batch: readonly NativeReaderEvent[]) => void {
    return (batch) => {
      const source = weak.deref();
      if (source === undefined) return;
      for (const event of batch) source.#onEvent(event);
      source.#keepAlive();
    };
  }

  /** Columns of the frames. */
  get width(): number {
    return this.#source.width;
  }

  /** Rows of the frames. */
  get height(): number {
    return this.#source.height;
  }

  /** Layout of the frames. */
  get pixelFormat(): PixelFormat {
    return this.#plan.config.pixelFormat;
  }

  /** Exact rate of the source, frames per second. */
  get frameRate(): Rational {
    return this.#source.frameRate;
  }

  /** Seconds; undefined when the source does not say (a device, a live URL). */
  get duration(): number | undefined {
    return known(this.#source.duration);
  }

  /** Number of frames; undefined when the source does not say. */
  get frameCount(): number | undefined {
    return known(this.#source.frameCount);
  }

  /** Shape of one pixel of the frames. */
  get sampleAspectRatio(): Rational {
    return this.#source.sampleAspectRatio;
  }

  /** Degrees by which the pictures were turned upright. */
  get rotation(): 0 | 90 | 180 | 270 {
    return this.#source.rotation;
  }

  /** libav's name of the source's codec, `h264`. */
  get codec(): string {
    return this.#source.codec;
  }

  /** libav's name of the source's own layout, `yuv420p`. */
  get sourcePixelFormat(): string {
    return this.#source.sourcePixelFormat;
  }

  /**
   * The next frame. Several calls may be pending.
   *
   * @throws {@link StreamError} when the source cannot be decoded any further, or `ABORTED`.
   */
  next(): Promise<IteratorResult<DecodedFrame, undefined>> {
    const frame = this.#ready.shift();
    if (frame !== undefined) {
      this.#readAhead();
      return Promise.resolve({ done: false, value: frame });
    }
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#ended || this.#closing) return Promise.resolve({ done: true, value: undefined });
    const waiter: Waiter = defer();
    this.#waiters.push(waiter);
    this.#readAhead();
    this.#keepAlive();
    return waiter.promise;
  }

  /** Closes the source; what a `for await` loop calls when it is left early. */
  async return(): Promise<IteratorResult<DecodedFrame, undefined>> {
    await this.close();
    return { done: true, value: undefined };
  }

  /**
   * Itself.
   *
   * @throws {@link InvalidStateError} the second time: frames are decoded only once.
   */
  [Symbol.asyncIterator](): this {
    if (this.#iterated) {
      throw new InvalidStateError(
        'The frames of a source can be read once: call openFrames() again for a second pass',
      );
    }
    this.#iterated = true;
    return this;
  }

  /** Closes the source. Idempotent; resolves when its thread has ended. */
  close(): Promise<void> {
    this.#ready = [];
    this.#stopReading();
    return this.#closed.promise;
  }

  /**
   * Ends reading: pending and later calls reject with `ABORTED` and `reason` as their cause. Never
   * rejects; without effect after the end.
   */
  abort(reason?: unknown): Promise<void> {
    this.#fail(new AbortError('Reading frames was aborted', reason));
    return this.close();
  }

  /** `await using`: closes the source. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #source(): NativeSourceInfo {
    // Set before open() hands out the source.
    if (this.#info === undefined) throw new InvalidStateError('The source is not open');
    return this.#info;
  }

  /** Keeps as many buffers with the reader as were asked for. */
  #readAhead(): void {
    if (this.#closing || this.#ended || this.#error !== undefined) return;
    const wanted = Math.max(this.#plan.readAhead, this.#waiters.length);
    while (this.#buffers.size + this.#ready.length < wanted) {
      const buffer = this.#takeFree() ?? Buffer.allocUnsafeSlow(this.#source.bufferBytes);
      const id = this.#nextId++;
      this.#buffers.set(id, buffer);
      this.#reader.read(id, buffer);
    }
  }

  /** A buffer that was given back, unless it was transferred away since. */
  #takeFree(): Buffer | undefined {
    for (;;) {
      const buffer = this.#free.pop();
      if (buffer === undefined || buffer.byteLength > 0) return buffer;
    }
  }

  /** Ends the thread; frames that are ready can still be read. */
  #stopReading(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#reader.close();
    this.#stopWaiting = mustEndSoon(this.#reader, 'a source of frames');
    this.#keepAlive();
  }

  /** Something pending keeps both the event loop and this object alive. */
  #keepAlive(): void {
    const opening = this.#info === undefined;
    const pending = !this.#isClosed && (opening || this.#closing || this.#waiters.length > 0);
    keepAlive(this, this.#reader, pending);
  }

  #onEvent(event: NativeReaderEvent): void {
    switch (event.type) {
      case 'opened':
        if (this.#error !== undefined) break; // aborted while this was on its way: openFrames() rejects when closed
        this.#info = event.info;
        this.#opened.resolve(undefined);
        this.#readAhead();
        break;
      case 'frame':
        this.#onFrame(event.id, event.timestamp, event.keyFrame);
        break;
      case 'warning':
        process.emitWarning(event.message, { type: 'FrameSourceWarning', code: event.code });
        break;
      case 'end':
        this.#ended = true;
        this.#settleWaiters();
        this.#stopReading();
        break;
      case 'failed':
        this.#fail(failureError(event.failure));
        break;
      case 'closed':
        this.#onClosed();
    }
  }

  #onFrame(id: number, timestamp: number, keyFrame: boolean): void {
    const buffer = this.#buffers.get(id);
    if (buffer === undefined) return;
    this.#buffers.delete(id);
    if (this.#closing) return; // a frame that was under way when the source was closed
    const frame = this.#frameOf(buffer, timestamp, keyFrame);
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#ready.push(frame);
    else waiter.resolve({ done: false, value: frame });
    this.#readAhead();
  }

  #frameOf(buffer: Buffer, timestamp: number, keyFrame: boolean): DecodedFrame {
    const { width, height, sampleAspectRatio, colorSpace, colorRange } = this.#source;
    const { pixelFormat } = this;
    const isYuv = YUV_FORMATS.has(pixelFormat);
    const matrix = COLOR_SPACES.find((name) => name === colorSpace);
    const bytes = pictureBytes(pixelFormat, width, height);
    let held = true;
    return {
      data: bytes === buffer.byteLength ? buffer : buffer.subarray(0, bytes),
      width,
      height,
      pixelFormat,
      timestamp,
      index: this.#nextIndex++,
      keyFrame,
      ...(isYuv && matrix !== undefined ? { colorSpace: matrix } : {}),
      ...(isYuv ? { colorRange } : {}),
      sampleAspectRatio,
      release: () => {
        if (held && this.#free.length < this.#plan.readAhead) this.#free.push(buffer);
        held = false;
      },
    };
  }

  /** Ends with an error; the frames that are ready can still be read. */
  #fail(error: StreamError): void {
    if (this.#ended) return;
    this.#error ??= error;
    this.#settleWaiters();
    this.#stopReading();
  }

  #settleWaiters(): void {
    for (const waiter of this.#waiters.splice(0)) {
      if (this.#error === undefined) waiter.resolve({ done: true, value: undefined });
      else waiter.reject(this.#error);
    }
  }

  #onClosed(): void {
    this.#ended = true;
    this.#isClosed = true;
    this.#stopWaiting?.();
    this.#stopListening();
    forgotten.unregister(this);
    this.#buffers.clear();
    this.#free = [];
    this.#settleWaiters();
    // Without effect when it has opened.
    this.#opened.reject(this.#error);
    this.#closed.resolve(undefined);
  }
}

function known(value: number): number | undefined {
  return value < 0 ? undefined : value;
}

/**
 * Opens a file, URL or capture device and decodes it on a thread of its own: what
 * `cv2.VideoCapture` is elsewhere, without blocking the event loop.
 *
 * @param source - Path, URL, or device: its name with `format`, or the list of {@link MediaSource}.
 * @param options - See {@link OpenFramesOptions}.
 * @returns the frames, an async iterable that carries the source's size, rate and duration.
 * @throws {@link InvalidOptionsError} listing every wrong value.
 * @throws {@link StreamError} when the source cannot be opened, or the `signal` is aborted
 *   (`ABORTED`).
 * @example
 * ```ts
 * for await (const frame of await openFrames('in.mp4', { pixelFormat: 'rgb24' })) {
 *   frame.data.fill(255, 0, frame.width * 3); // a white line at the top
 *   await gear.stream(frame);
 *   frame.release();
 * }
 * ```
 *
 * @category Sources
 */
export async function openFrames(
  source: MediaSource,
  options: OpenFramesOptions = {},
): Promise<FrameSource> {
  const plan = resolveReaderOptions(source, options, nativeBinding);
  mustNotBeAborted(plan.signal);
  return open(plan);
}
