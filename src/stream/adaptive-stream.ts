// AdaptiveStream: the idiomatic core. What it does is in Session; pixels and packets are in C++.

import type { Writable } from 'node:stream';
import type { StreamFormat } from '../base/formats.js';
import { Issues } from '../check/issues.js';
import { OptionNames } from '../check/option-path.js';
import { createFolder, manifestsOf } from '../files/output.js';
import { clearPrevious } from '../files/previous-files.js';
import type { Frame, FrameBytes } from '../frames/frame-types.js';
import { mustNotBeAborted } from '../native/failure.js';
import { nativeBinding } from '../native/native.js';
import type {
  AdaptiveStreamOptions,
  AudioSamples,
  SourceOptions,
  WriteOptions,
} from '../options/options.js';
import { checkSource, sourceRequest } from '../plan/resolve-source.js';
import { resolveOptions } from '../plan/resolve.js';
import type { StreamPlan } from '../plan/resolve.js';
import { InvalidOptionsError } from '../report/errors.js';
import type { RootManifest, StreamStats, StreamSummary } from '../report/stats.js';
import type { MediaSource } from '../source/media-source.js';
import { noPush } from './audio-ingest.js';
import { checkWriteOptions, refusalOfOptions } from './call-options.js';
import { Session } from './session.js';
import type { Beginning } from './session.js';
import { StreamEmitter, StreamEventSource } from './stream-emitter.js';
import { beginTranscode, openTranscode } from './transcode.js';
import { frameWritable } from './writable.js';

/** Begins a stream without waiting for its encoders to open. */
export let startStream: (
  plan: StreamPlan,
  events: StreamEmitter,
  beginning: Beginning,
) => AdaptiveStream;

/** {@link AdaptiveStream.write} with options that were checked before: that would be done for every frame again. */
export let writeChecked: (
  stream: AdaptiveStream,
  frame: Frame | FrameBytes,
  options: WriteOptions,
) => Promise<boolean>;

/**
 * Raw frames in, a multi-rendition DASH or HLS presentation out.
 *
 * Frames are read in place by a native thread; encoding and packaging run on native threads too. A stream that
 * is neither finished nor aborted does not keep the process alive; one with pending calls does.
 *
 * @example
 * ```ts
 * await using stream = await AdaptiveStream.open({
 *   input: { width: 1280, height: 720, frameRate: 30 },
 *   renditions: [{ height: 720 }, { height: 360 }],
 *   output: 'out/manifest.mpd',
 * });
 * for await (const frame of frames) await stream.write(frame);
 * ```
 *
 * @category AdaptiveStream
 */
export class AdaptiveStream extends StreamEventSource {
  static {
    startStream = (plan, events, beginning) => {
      const session = new Session(plan, events, beginning);
      session.tellWarnings();
      return new AdaptiveStream(session);
    };
    writeChecked = (stream, frame, options) => stream.#write(frame, options);
  }

  readonly #session: Session;

  private constructor(session: Session) {
    super(session.events);
    this.#session = session;
  }

  /**
   * Opens a stream: checks the options, creates the output's folder, starts the threads and opens the
   * encoders.
   *
   * @param options - See {@link AdaptiveStreamOptions}.
   * @returns the stream, once every encoder is open.
   * @throws {@link InvalidOptionsError} listing every wrong value.
   * @throws {@link StreamError} when an encoder or the output cannot be opened, the `signal` is aborted
   *   (`ABORTED`), or the addon is missing (`ADDON_NOT_FOUND`).
   */
  static async open(options: AdaptiveStreamOptions): Promise<AdaptiveStream> {
    const issues = new Issues();
    const plan = resolveOptions(options, issues, nativeBinding);
    if (plan !== undefined) createFolder(plan.output, 'output', issues);
    issues.throwIfAny();
    if (plan === undefined) throw new InvalidOptionsError([...issues.list]);
    mustNotBeAborted(plan.signal);
    const { audio } = plan.config;
    const cleared = plan.clearPrevious ? clearPrevious(plan.output, [audio?.input]) : [];
    return AdaptiveStream.#begin(plan, new StreamEmitter(), { cleared });
  }

  /**
   * Transcodes a file, a URL or a device (Single-Source Mode): it is demuxed and decoded on native threads,
   * and no frame passes through JavaScript. The stream encodes by itself: await
   * {@link AdaptiveStream.finish}, which waits for the end of the source.
   *
   * @param source - See {@link MediaSource}.
   * @param options - See {@link SourceOptions}.
   * @returns the stream, once the source and every encoder are open.
   * @throws {@link InvalidOptionsError} listing every wrong value.
   * @throws {@link StreamError} when the source (`SOURCE_OPEN_FAILED`, `NO_VIDEO`), an encoder or the output
   *   cannot be opened, or the `signal` is aborted (`ABORTED`).
   * @example
   * ```ts
   * const stream = await AdaptiveStream.transcode('in.mp4', {
   *   renditions: [{ height: 1080 }, { height: 720 }],
   *   output: 'out/manifest.mpd',
   *   onProgress: ({ done = 0 }) => console.log(`${Math.round(done * 100)} %`),
   * });
   * const summary = await stream.finish();
   * ```
   */
  static async transcode(source: MediaSource, options: SourceOptions): Promise<AdaptiveStream> {
    const issues = new Issues();
    const request = sourceRequest(options, issues);
    const toOpen = checkSource(source, request, issues, nativeBinding);
    issues.throwIfAny();
    if (toOpen === undefined) throw new InvalidOptionsError([...issues.list]);
    const events = new StreamEmitter();
    const { onProgress, signal } = toOpen.request.options;
    if (onProgress !== undefined) events.on('progress', onProgress);
    const opened = await openTranscode(toOpen, new OptionNames(), signal);
    return beginTranscode(opened, ({ plan, input }) => {
      const sources = [toOpen.config, plan.config.audio?.input];
      const cleared = plan.clearPrevious ? clearPrevious(plan.output, sources) : [];
      return AdaptiveStream.#begin(plan, events, { source: input, cleared });
    });
  }

  static async #begin(
    plan: StreamPlan,
    events: StreamEmitter,
    beginning: Beginning,
  ): Promise<AdaptiveStream> {
    const session = new Session(plan, events, beginning);
    // Aborted between the opening of the source and here.
    if (plan.signal?.aborted === true) void session.abort(plan.signal.reason);
    await session.opened;
    session.tellWarnings();
    return new AdaptiveStream(session);
  }

  /** Absolute path or URL of the root manifest; of several, of the one that `output` named, or the first. */
  get output(): string {
    return this.#session.plan.output.manifest;
  }

  /** Format of {@link AdaptiveStream.output}. */
  get format(): StreamFormat {
    return this.#session.plan.formats[0];
  }

  /** All root manifests, the one of {@link AdaptiveStream.output} in front. */
  get manifests(): readonly RootManifest[] {
    return manifestsOf(this.#session.plan.output);
  }

  /**
   * Pushes one frame. Its bytes are read in place: leave them alone until the promise settles.
   *
   * @param frame - Any {@link Frame} of the size and layout that the stream was opened with, or its bytes alone.
   * @param options - See {@link WriteOptions}.
   * @returns true when the frame was taken; false when it was left out: dropped (`whenFull: 'drop'`)
   *   or outside of `trim`.
   * @throws {@link InvalidFrameError} when this frame is wrong; the stream goes on.
   * @throws {@link InvalidOptionsError} for wrong options of this call; the stream goes on.
   * @throws {@link StreamError} `TIMESTAMP_NOT_INCREASING`; the stream goes on. Any other code: the first
   *   failure of the stream, with which all later calls reject too, when its threads have ended and its files
   *   are closed.
   * @throws {@link InvalidStateError} after `finish()`, and when a source is transcoded.
   */
  async write(frame: Frame | FrameBytes, options?: WriteOptions): Promise<boolean> {
    this.#session.mustBePushed('write()');
    return this.#write(frame, checkWriteOptions(options));
  }

  async #write(
    frame: Frame | FrameBytes,
    { forceKeyFrame, rgbMode = false }: WriteOptions,
  ): Promise<boolean> {
    const session = this.#session;
    if (session.error !== undefined) await session.abort(); // what is refused is so when all is closed
    session.mustBeOpen('write()');
    if (forceKeyFrame === true) session.frames.forceKeyFrame = true;
    const written = session.frames.write(frame, rgbMode);
    session.audio?.release();
    session.keepAlive();
    return written;
  }

  /**
   * Pushes samples, with `audio: { push }`. They are copied at once; the promise is for the pace: await it, and
   * no more is pending than the audio may be ahead of the video, 10 s.
   *
   * @param samples - See {@link AudioSamples}; whole samples of all channels.
   * @param timestamp - When the first of them is heard, in seconds on the clock of the frames' timestamps; of
   *   frames without, the first is at 0. Default: where the samples before ended, at first with the first frame.
   * @returns true when they were taken; false when nothing of them will be heard: they lie before the first
   *   frame, or the audio has ended. What lies behind the last frame is cut.
   * @throws {@link InvalidFrameError} when these samples are wrong; the stream goes on.
   * @throws {@link StreamError} the first failure of the stream, with which all later calls reject too.
   * @throws {@link InvalidStateError} without `audio: { push }`, after `finish()`, and when a source is
   *   transcoded.
   */
  async writeAudio(samples: AudioSamples, timestamp?: number): Promise<boolean> {
    const session = this.#session;
    session.mustBePushed('writeAudio()');
    if (session.error !== undefined) await session.abort(); // what is refused is so when all is closed
    session.mustBeOpen('writeAudio()');
    if (session.audio === undefined) throw noPush('audio: { push: { sampleRate: 48000 } }');
    const written = session.audio.write(samples, timestamp);
    session.keepAlive();
    return written;
  }

  /**
   * Makes the next frame that is taken a key frame in all renditions.
   *
   * @throws {@link InvalidStateError} when a source is transcoded.
   */
  forceKeyFrame(): void {
    this.#session.mustBePushed('forceKeyFrame()');
    this.#session.frames.forceKeyFrame = true;
  }

  /** Counters of this moment; after the end, the last ones. */
  stats(): StreamStats {
    return this.#session.stats();
  }

  /**
   * A Writable in object mode whose chunks are frames: `end()` finishes the stream, `destroy()` aborts
   * it.
   *
   * @throws {@link InvalidStateError} when a source is transcoded.
   * @throws {@link InvalidOptionsError} for wrong options.
   */
  writable(options?: WriteOptions): Writable {
    this.#session.mustBePushed('writable()');
    const checked = checkWriteOptions(options);
    return frameWritable({
      write: (frame) => this.#write(frame as Frame, checked),
      finish: () => this.finish(),
      abort: (reason) => this.abort(reason),
    });
  }

  /**
   * Ends the stream well: everything that was pushed is encoded, or the source to its end, and the manifests
   * are made final. Every call returns the same promise.
   *
   * @returns the last stats and the manifest's path, when all files are closed.
   * @throws {@link StreamError} the first failure, or `ABORTED`. `SOURCE_TRUNCATED` when the source ended
   *   early: the manifests are final all the same, and its `summary` tells of what they hold.
   */
  finish(): Promise<StreamSummary>;
  finish(...given: readonly unknown[]): Promise<StreamSummary> {
    return refusalOfOptions('finish()', given) ?? this.#session.finish();
  }

  /**
   * Ends a source that is transcoded here, as if its end had been reached: what was read of it is encoded, and
   * the manifests are made final. For cameras and other sources without an end, and for files too.
   *
   * @returns what {@link AdaptiveStream.finish} returns.
   * @throws {@link StreamError} the first failure, or `ABORTED`; `NO_VIDEO` before the first frame.
   * @throws {@link InvalidStateError} when frames are pushed: `finish()` ends them.
   */
  stop(): Promise<StreamSummary>;
  async stop(...given: readonly unknown[]): Promise<StreamSummary> {
    return refusalOfOptions('stop()', given) ?? this.#session.stop();
  }

  /**
   * Ends the stream now: nothing more is encoded and the manifests stay as they are. Pending calls
   * reject with `ABORTED` and `reason` as their cause. Never rejects; without effect after the end.
   *
   * @param reason - Why; becomes `cause`.
   * @returns when the threads have ended and the files are closed.
   */
  abort(reason?: unknown): Promise<void> {
    return this.#session.abort(reason);
  }

  /** `await using`: finishes the stream, unless it has failed or was aborted. */
  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#session.error === undefined ? this.finish() : this.abort());
  }
}
