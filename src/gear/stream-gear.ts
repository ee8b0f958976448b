// StreamGear: the original's class, a thin facade over AdaptiveStream.

import type { Writable } from 'node:stream';
import type { StreamFormat } from '../base/formats.js';
import { abortWith } from '../base/lifetime.js';
import { Issues } from '../check/issues.js';
import { createFolder, manifestsOf } from '../files/output.js';
import { clearPrevious } from '../files/previous-files.js';
import type { Frame } from '../frames/frame-types.js';
import { checkFrame } from '../frames/frames.js';
import { mustNotBeAborted } from '../native/failure.js';
import { nativeBinding } from '../native/native.js';
import { checkInput } from '../options/option-schema.js';
import type { AudioSamples, TranscodeOptions, WriteOptions } from '../options/options.js';
import type { SourceToOpen } from '../plan/resolve-source.js';
import { planStream } from '../plan/resolve.js';
import { AbortError, InvalidOptionsError, InvalidStateError } from '../report/errors.js';
import type { StreamError } from '../report/errors.js';
import type { RootManifest, StreamStats, StreamSummary } from '../report/stats.js';
import { startStream, writeChecked } from '../stream/adaptive-stream.js';
import type { AdaptiveStream } from '../stream/adaptive-stream.js';
import { AudioIngest, noPush } from '../stream/audio-ingest.js';
import {
  checkTranscodeOptions,
  checkWriteOptions,
  refusalOfOptions,
} from '../stream/call-options.js';
import { clearedEventOf } from '../stream/file-events.js';
import { printTo } from '../stream/logging.js';
import { emptySummary } from '../stream/stats-of.js';
import { StreamEmitter, StreamEventSource } from '../stream/stream-emitter.js';
import { beginTranscode, openTranscode } from '../stream/transcode.js';
import { frameWritable } from '../stream/writable.js';
import type { StreamGearOptions } from './stream-gear-options.js';
import { planStreamGear } from './stream-gear-plan.js';
import type { GearPlan } from './stream-gear-plan.js';

/**
 * Options of one {@link StreamGear.stream}.
 *
 * @category StreamGear
 */
export type StreamOptions = WriteOptions;

/**
 * The API of VidGear's StreamGear: frames are pushed one by one with `stream()` (Real-time Frames Mode), or
 * a `-video_source` is transcoded with `transcodeSource()` (Single-Source Mode). They come out as DASH or HLS with
 * rendition 0 in their own size and one more per entry of `-streams`.
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
 *
 * @category StreamGear
 */
export class StreamGear extends StreamEventSource {
  readonly #plan: GearPlan;
  readonly #events: StreamEmitter;
  readonly #audio: AudioIngest | undefined;
  #stream: AdaptiveStream | undefined;
  #summary: Promise<StreamSummary> | undefined;
  #error: StreamError | undefined; // what ended it before there was a stream
  #opening: AbortController | undefined; // ends the opening of the source; set by transcodeSource()

  /**
   * Checks everything at once, creates the output's folder, and with `-clear_prev_assets` clears it. The
   * encoders open with the first frame or the source, whose size they need.
   *
   * @param options - See {@link StreamGearOptions}. Never changed.
   * @throws {@link InvalidOptionsError} listing every wrong value with its path.
   * @throws {@link StreamError} `ADDON_NOT_FOUND`.
   */
  constructor(options: StreamGearOptions) {
    const events = new StreamEmitter();
    super(events);
    this.#events = events;
    this.#plan = planStreamGear(options, nativeBinding);
    const issues = new Issues();
    createFolder(this.#plan.output, 'output', issues);
    issues.throwIfAny();
    this.#audio = AudioIngest.of(this.#plan.outline?.audio.config ?? null, events);
    printTo(events, this.#plan.logging);
    const { warnings } = this.#plan;
    const cleared = this.#plan.clearPrevious
      ? clearPrevious(this.#plan.output, [
          this.#plan.source?.config,
          this.#plan.outline?.audio.config?.input,
        ])
      : [];
    this.#events.once('end', abortWith(this.#plan.signal, new WeakRef(this)));
    // Later, so that a listener that is added right after construction hears them.
    queueMicrotask(() => {
      if (this.#plan.signal?.aborted === true) void this.abort(this.#plan.signal.reason);
      for (const warning of warnings) this.#events.emit('warning', warning);
      for (const file of cleared) this.#events.emit('file', clearedEventOf(file));
      if (cleared.length > 0) {
        const message = `Deleted ${cleared.length} files of an earlier run`;
        this.#events.emit('log', { level: 'info', message });
      }
    });
  }

  /** Absolute path or URL of the root manifest; of several, of the one that `output` named, or the first. */
  get output(): string {
    return this.#plan.output.manifest;
  }

  /** Format of {@link StreamGear.output}. */
  get format(): StreamFormat {
    return this.#plan.formats[0];
  }

  /** All root manifests, the one of {@link StreamGear.output} in front. */
  get manifests(): readonly RootManifest[] {
    return manifestsOf(this.#plan.output);
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
   * @throws {@link InvalidOptionsError} for wrong options of this call; at the first frame, for options of the stream that
   *   its size makes wrong.
   * @throws {@link StreamError} the first failure of the stream, from then on always.
   * @throws {@link InvalidStateError} in Single-Source Mode, and after `close()`.
   */
  async stream(frame: Frame | null | undefined, options?: StreamOptions): Promise<boolean> {
    this.#mustPush('stream()');
    this.#mustBeOpen('stream()');
    const checked = checkWriteOptions(options);
    if (frame === null || frame === undefined) return false;
    this.#stream ??= this.#open(frame, checked.rgbMode ?? false);
    return writeChecked(this.#stream, frame, checked);
  }

  /**
   * Transcodes the whole of `-video_source` (Single-Source Mode): it is demuxed, decoded and encoded on native
   * threads, and no frame passes through JavaScript. `close()` meanwhile waits for the same end.
   *
   * @returns the last stats and the manifest's path, when all files are closed.
   * @throws {@link InvalidStateError} in Real-time Frames Mode, the second time, and after `close()`.
   * @throws {@link InvalidOptionsError} for options that do not fit the source.
   * @throws {@link StreamError} the first failure: `SOURCE_OPEN_FAILED`, `NO_VIDEO`, `ABORTED` … With
   *   `SOURCE_TRUNCATED` the source ended early: what it had is packaged, and `summary` tells of it.
   */
  async transcodeSource(options?: TranscodeOptions): Promise<StreamSummary> {
    const checked = checkTranscodeOptions(options);
    const { source } = this.#plan;
    if (source === undefined) {
      throw new InvalidStateError(
        'transcodeSource() belongs to Single-Source Mode: give a -video_source, or push frames with stream()',
      );
    }
    if (this.#summary !== undefined) {
      const before = this.#opening === undefined ? 'close()' : 'another transcodeSource()';
      throw new InvalidStateError(`transcodeSource() came after ${before}: make a new StreamGear`);
    }
    if (this.#error !== undefined) throw this.#error;
    mustNotBeAborted(checked.signal);
    this.#opening = new AbortController();
    this.#summary = this.#transcode(source, checked, this.#opening.signal);
    return this.#summary;
  }

  /**
   * Pushes samples, with `"-audio": { push: { sampleRate: 48000 } }`; see {@link AdaptiveStream.writeAudio}.
   * They may come before the first frame.
   *
   * @param samples - See {@link AudioSamples}.
   * @param timestamp - Seconds on the clock of the frames' timestamps. Default: goes on.
   * @returns true when they were taken; false when nothing of them will be heard.
   * @throws as {@link AdaptiveStream.writeAudio}, and {@link InvalidStateError} in Single-Source Mode.
   */
  async writeAudio(samples: AudioSamples, timestamp?: number): Promise<boolean> {
    this.#mustPush('writeAudio()');
    this.#mustBeOpen('writeAudio()');
    if (this.#audio === undefined) throw noPush('"-audio": { push: { sampleRate: 48000 } }');
    return this.#stream === undefined
      ? this.#audio.write(samples, timestamp)
      : this.#stream.writeAudio(samples, timestamp);
  }

  /**
   * Makes the next frame a key frame in all renditions.
   *
   * @throws {@link InvalidStateError} in Single-Source Mode.
   */
  forceKeyFrame(): void {
    this.#mustPush('forceKeyFrame()');
    this.#stream?.forceKeyFrame();
  }

  /** Counters of this moment; see {@link StreamStats}. */
  stats(): StreamStats {
    return this.#stream?.stats() ?? emptySummary(this.#plan.output, this.format);
  }

  /** A Writable in object mode whose chunks are frames: `end()` closes, `destroy()` aborts. */
  writable(options?: StreamOptions): Writable {
    const checked = checkWriteOptions(options);
    return frameWritable({
      write: (frame) => this.stream(frame as Frame, checked),
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
  close(): Promise<StreamSummary>;
  close(...given: readonly unknown[]): Promise<StreamSummary> {
    const refusal = refusalOfOptions('close()', given);
    if (refusal !== undefined) return refusal;
    this.#summary ??= this.#close();
    return this.#summary;
  }

  /**
   * As {@link StreamGear.close}.
   *
   * @deprecated The original's old name.
   */
  terminate(): Promise<StreamSummary>;
  terminate(...given: readonly unknown[]): Promise<StreamSummary> {
    return refusalOfOptions('terminate()', given) ?? this.close();
  }

  /**
   * Single-Source Mode: ends the source here, as if its end had been reached; see {@link AdaptiveStream.stop}.
   * While it is still being opened there is nothing to keep: that is aborted.
   *
   * @returns the same as `transcodeSource()`.
   * @throws as `transcodeSource()`, and {@link InvalidStateError} in Real-time Frames Mode.
   */
  stop(): Promise<StreamSummary>;
  async stop(...given: readonly unknown[]): Promise<StreamSummary> {
    await refusalOfOptions('stop()', given);
    if (this.#plan.mode === 'real-time') {
      throw new InvalidStateError(
        'stop() belongs to Single-Source Mode: pushed frames end with close()',
      );
    }
    if (this.#stream !== undefined) return this.#stream.stop();
    this.#opening?.abort('stopped');
    return this.close();
  }

  /**
   * Ends the stream now, without final manifests. Pending calls reject with `ABORTED` and `reason` as
   * their cause. Never rejects; without effect after the end.
   */
  async abort(reason?: unknown): Promise<void> {
    if (this.#stream !== undefined) return this.#stream.abort(reason);
    if (this.#opening !== undefined) {
      this.#opening.abort(reason);
      await this.#summary?.catch(() => undefined);
    }
    if (this.#summary !== undefined || this.#error !== undefined) return;
    this.#end(new AbortError('The stream was aborted', reason));
  }

  /** `await using`: closes the stream, unless it has failed or was aborted. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stream !== undefined) {
      await this.#stream[Symbol.asyncDispose]();
    } else if (this.#error === undefined) {
      await this.close();
    }
  }

  async #close(): Promise<StreamSummary> {
    if (this.#stream !== undefined) return this.#stream.finish();
    if (this.#error !== undefined) throw this.#error;
    this.#audio?.end(undefined);
    this.#events.tellEnd(undefined);
    return emptySummary(this.#plan.output, this.format);
  }

  #mustPush(call: string): void {
    if (this.#plan.mode === 'real-time') return;
    throw new InvalidStateError(
      `${call} belongs to Real-time Frames Mode: leave out -video_source to push frames`,
    );
  }

  #mustBeOpen(call: string): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#summary !== undefined) {
      throw new InvalidStateError(`${call} came after close(): make a new StreamGear`);
    }
  }

  /** The end without a stream. */
  #end(error: StreamError): void {
    this.#error = error;
    this.#audio?.end(error);
    this.#events.tellEnd(error);
  }

  async #transcode(
    source: SourceToOpen,
    { signal, onProgress }: TranscodeOptions,
    opening: AbortSignal,
  ): Promise<StreamSummary> {
    if (onProgress !== undefined) this.#events.on('progress', onProgress);
    const stopListening = abortWith(signal, new WeakRef(this));
    try {
      const opened = await openTranscode(source, this.#plan.names, opening);
      this.#stream = await beginTranscode(opened, ({ plan, input }) =>
        startStream(plan, this.#events, {
          source: input,
          debugLog: this.#plan.logging === 'debug',
        }),
      );
      if (opening.aborted) void this.#stream.abort(opening.reason);
      return await this.#stream.finish();
    } catch (error) {
      if (this.#stream === undefined) this.#end(error as StreamError);
      throw error;
    } finally {
      stopListening();
    }
  }

  #open(frame: Frame, rgb: boolean): AdaptiveStream {
    const { outline, names, signal } = this.#plan;
    mustNotBeAborted(signal);
    const { width, height, pixelFormat, ...tags } = checkFrame(frame, rgb);
    const { colorSpace, colorRange, sampleAspectRatio } = tags;
    const shape = { width, height, pixelFormat, colorSpace, colorRange, sampleAspectRatio };
    const issues = new Issues(names);
    const input = checkInput({ ...outline?.options.input, ...shape }, issues);
    const plan = outline && input && planStream(outline, input, issues);
    if (plan === undefined) throw new InvalidOptionsError(issues.list);
    const debugLog = this.#plan.logging === 'debug';
    return startStream(plan, this.#events, { audio: this.#audio, debugLog });
  }
}
