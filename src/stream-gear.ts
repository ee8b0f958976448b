// StreamGear: the original's class, a thin facade over AdaptiveStream.

import process from 'node:process';
import type { Writable } from 'node:stream';
import { startStream } from './adaptive-stream.js';
import type { AdaptiveStream } from './adaptive-stream.js';
import { InvalidOptionsError, InvalidStateError, StreamError } from './errors.js';
import { Emitter } from './events.js';
import type { Listener, StreamEvents } from './events.js';
import { abortedError, mustNotBeAborted } from './failure.js';
import type { Frame } from './frame-types.js';
import { checkFrame } from './frames.js';
import { Issues } from './issues.js';
import { abortWith } from './lifetime.js';
import { nativeBinding } from './native.js';
import type { WriteOptions } from './options.js';
import { clearPrevious } from './output.js';
import { resolveOptions } from './resolve.js';
import { emptySummary } from './stats.js';
import type { StreamStats, StreamSummary } from './stats.js';
import { planStreamGear } from './stream-gear-plan.js';
import type { GearPlan } from './stream-gear-plan.js';
import type { StreamGearOptions } from './stream-gear-options.js';
import { frameWritable } from './writable.js';

/** Options of one {@link StreamGear.stream}. */
export type StreamOptions = WriteOptions;

/** Options of {@link StreamGear.transcodeSource}. */
export interface TranscodeOptions {
  /** Aborts. */
  readonly signal?: AbortSignal;
  /** Called with the share that is done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

/**
 * The API of VidGear's StreamGear: frames are pushed one by one with `stream()`, and come out as DASH or HLS
 * with rendition 0 in the frames' own size and one more per entry of `-streams`.
 *
 * @example
 * ```ts
 * const gear = new StreamGear({
 *   output: 'out/live.m3u8',
 *   format: 'hls',
 *   streamParams: { '-input_framerate': 30, '-streams': [{ '-resolution': '640x360', '-video_bitrate': '900k' }] },
 * });
 * await gear.stream({ data, width: 1280, height: 720, channels: 3 });
 * await gear.close();
 * ```
 */
export class StreamGear {
  readonly #plan: GearPlan;
  readonly #events = new Emitter<StreamEvents>();
  #stream: AdaptiveStream | undefined;
  #summary: Promise<StreamSummary> | undefined;
  #aborted: StreamError | undefined;

  /**
   * Checks everything at once, creates the output's folder, and with `-clear_prev_assets` clears it. The
   * encoders open with the first frame, whose size they need.
   *
   * @param options - See {@link StreamGearOptions}. Never changed.
   * @throws {@link InvalidOptionsError} listing every wrong value with its path.
   * @throws {@link StreamError} `NOT_YET` with `-audio`; `ADDON_NOT_FOUND`.
   */
  constructor(options: StreamGearOptions) {
    this.#plan = planStreamGear(options, nativeBinding);
    if (this.#plan.logging) this.#logToStderr();
    const { warnings } = this.#plan;
    const cleared = this.#plan.clearPrevious
      ? clearPrevious(this.#plan.output, this.#plan.format)
      : [];
    abortWith(this.#plan.signal, new WeakRef(this));
    // Later, so that a listener that is added right after construction hears them.
    queueMicrotask(() => {
      if (this.#plan.signal?.aborted === true) void this.abort(this.#plan.signal.reason);
      for (const warning of warnings) this.#events.emit('warning', warning);
      if (cleared.length > 0) {
        const message = `Deleted ${cleared.length} files of an earlier run`;
        this.#events.emit('log', { level: 'info', message });
      }
    });
  }

  /** Absolute path or URL of the root manifest. */
  get output(): string {
    return this.#plan.output.manifest;
  }

  /** Manifest format. */
  get format(): 'dash' | 'hls' {
    return this.#plan.format;
  }

  /** `single-source` with `-video_source`, else `real-time`. */
  get mode(): 'real-time' | 'single-source' {
    return this.#plan.mode;
  }

  /**
   * Pushes one frame (Real-time Frames Mode). Its bytes are read in place: leave them alone until the
   * promise settles. The first frame decides size and layout.
   *
   * @param frame - Any {@link Frame}; null and undefined are ignored.
   * @param options - `rgbMode`: 3 and 4 channels are RGB and RGBA, not BGR and BGRA.
   * @returns true when the frame was taken; false when it was ignored, dropped (`whenFull: 'drop'`) or
   *   outside of `-ss`, `-t` and `-to`.
   * @throws {@link InvalidFrameError} when this frame is wrong; the stream goes on.
   * @throws {@link InvalidOptionsError} at the first frame, for options that its size makes wrong.
   * @throws {@link StreamError} the first failure of the stream, from then on always.
   * @throws {@link InvalidStateError} in Single-Source Mode, and after `close()`.
   */
  async stream(frame: Frame | null | undefined, options: StreamOptions = {}): Promise<boolean> {
    if (this.#plan.mode === 'single-source') {
      throw new InvalidStateError(
        'stream() belongs to Real-time Frames Mode: leave out -video_source to push frames',
      );
    }
    if (this.#aborted !== undefined) throw this.#aborted;
    if (this.#summary !== undefined) {
      throw new InvalidStateError('stream() came after close(): make a new StreamGear');
    }
    if (frame === null || frame === undefined) return false;
    this.#stream ??= this.#open(frame, options.rgbMode ?? false);
    return this.#stream.write(frame, options);
  }

  /**
   * Transcodes the whole of `-video_source` (Single-Source Mode).
   *
   * @throws {@link InvalidStateError} in Real-time Frames Mode, at once.
   * @throws {@link StreamError} `NOT_YET`: a later version transcodes.
   */
  transcodeSource(options: TranscodeOptions = {}): Promise<StreamSummary> {
    if (this.#plan.mode === 'real-time') {
      return Promise.reject(
        new InvalidStateError(
          'transcodeSource() belongs to Single-Source Mode: give a -video_source, or push frames ' +
            'with stream()',
        ),
      );
    }
    const message = 'Single-Source Mode is not supported yet: push frames with stream()';
    return Promise.reject(
      options.signal?.aborted === true
        ? abortedError(options.signal)
        : new StreamError(message, { code: 'NOT_YET' }),
    );
  }

  /** Makes the next frame a key frame in all renditions. */
  forceKeyFrame(): void {
    this.#stream?.forceKeyFrame();
  }

  /** Counters of this moment; see {@link StreamStats}. */
  stats(): StreamStats {
    return this.#stream?.stats() ?? emptySummary(this.output, this.format);
  }

  /**
   * Listens to events; see {@link StreamEvents}.
   *
   * @returns a function that removes the listener.
   */
  on<Name extends keyof StreamEvents>(
    name: Name,
    listener: Listener<StreamEvents[Name]>,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /** Listens to the next event only; see {@link StreamGear.on}. */
  once<Name extends keyof StreamEvents>(
    name: Name,
    listener: Listener<StreamEvents[Name]>,
  ): () => void {
    return this.#events.once(name, listener);
  }

  /** A Writable in object mode whose chunks are frames: `end()` closes, `destroy()` aborts. */
  writable(options: StreamOptions = {}): Writable {
    return frameWritable({
      write: (frame) => this.stream(frame as Frame, options),
      finish: () => this.close(),
      abort: (reason) => this.abort(reason),
    });
  }

  /**
   * Ends the stream well: everything that was pushed is encoded and the manifests are made final.
   * Every call returns the same promise. Without any frame nothing is written and the summary is empty.
   *
   * @throws {@link StreamError} the first failure, or `ABORTED`.
   */
  close(): Promise<StreamSummary> {
    this.#summary ??= this.#close();
    return this.#summary;
  }

  /**
   * As {@link StreamGear.close}.
   *
   * @deprecated The original's old name.
   */
  terminate(): Promise<StreamSummary> {
    return this.close();
  }

  /**
   * Ends the stream now, without final manifests. Pending calls reject with `ABORTED` and `reason` as
   * their cause. Never rejects; without effect after the end.
   */
  async abort(reason?: unknown): Promise<void> {
    if (this.#stream !== undefined) return this.#stream.abort(reason);
    if (this.#summary !== undefined || this.#aborted !== undefined) return;
    this.#aborted = new StreamError('The stream was aborted', { code: 'ABORTED', cause: reason });
    this.#events.emit('end', { reason: 'aborted', error: this.#aborted });
  }

  /** `await using`: closes the stream, unless it has failed or was aborted. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stream !== undefined) {
      await this.#stream[Symbol.asyncDispose]();
    } else if (this.#aborted === undefined) {
      await this.close();
    }
  }

  async #close(): Promise<StreamSummary> {
    if (this.#stream !== undefined) return this.#stream.finish();
    if (this.#aborted !== undefined) throw this.#aborted;
    this.#events.emit('end', { reason: 'finished' });
    return emptySummary(this.output, this.format);
  }

  #open(frame: Frame, rgb: boolean): AdaptiveStream {
    mustNotBeAborted(this.#plan.signal);
    const { width, height, pixelFormat, ...tags } = checkFrame(frame, rgb);
    const { colorSpace, colorRange, sampleAspectRatio } = tags;
    const shape = { width, height, pixelFormat, colorSpace, colorRange, sampleAspectRatio };
    const { input, ...options } = this.#plan.options;
    const issues = new Issues(this.#plan.names);
    const plan = resolveOptions(
      {
        ...options,
        input: { ...(input as object | undefined), ...shape },
        ...(this.#plan.signal === undefined ? {} : { signal: this.#plan.signal }),
      },
      issues,
      nativeBinding,
    );
    if (plan === undefined) throw new InvalidOptionsError(issues.list);
    return startStream(plan, this.#events);
  }

  #logToStderr(): void {
    this.#events.on('warning', ({ code, message }) => {
      process.stderr.write(`[streamgear] warning ${code}: ${message}\n`);
    });
    this.#events.on('log', ({ level, message }) => {
      process.stderr.write(`[streamgear] ${level}: ${message}\n`);
    });
  }
}
