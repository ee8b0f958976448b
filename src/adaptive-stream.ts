// AdaptiveStream: one running pipeline. The state machine is here; pixels and packets are in C++.

import process from 'node:process';
import type { Writable } from 'node:stream';
import { AudioIngest, noPush } from './audio-ingest.js';
import { defer } from './deferred.js';
import type { Deferred } from './deferred.js';
import { InvalidOptionsError, InvalidStateError, StreamError } from './errors.js';
import { Emitter } from './events.js';
import type { EndEvent, Listener, StreamEvents } from './events.js';
import { failureError, mustNotBeAborted } from './failure.js';
import type { Frame } from './frame-types.js';
import { Ingest } from './ingest.js';
import type { AdmittedFrame } from './ingest.js';
import { Issues } from './issues.js';
import { abortWith, keepAlive } from './lifetime.js';
import type { MediaSource } from './media-source.js';
import { nativeBinding } from './native.js';
import type {
  NativeEvent,
  NativeFailure,
  NativeMediaInput,
  NativePipeline,
  NativeStats,
} from './native.js';
import type {
  AdaptiveStreamOptions,
  AudioSamples,
  SourceOptions,
  WriteOptions,
} from './options.js';
import { clearPrevious, createFolder } from './output.js';
import { Progress } from './progress.js';
import { resolveOptions } from './resolve.js';
import type { StreamPlan } from './resolve.js';
import { rehearseSource } from './resolve-source.js';
import { progressOf, statsOf } from './stats.js';
import type { Opened, StreamStats, StreamSummary } from './stats.js';
import { openTranscode } from './transcode.js';
import { frameWritable } from './writable.js';

/** Pending writes from which on a caller is told that it forgot to await. */
const MANY_PENDING = 64;

type State = 'opening' | 'open' | 'finishing' | 'aborting' | 'failed' | 'closed';

/** Native pipelines of streams that were collected before their end. */
const forgotten = new FinalizationRegistry<{ pipeline: NativePipeline; manifest: string }>(
  ({ pipeline, manifest }) => {
    process.emitWarning(
      `A stream to ${manifest} was garbage-collected before finish() or abort(): it is aborted and ` +
        'its output is incomplete',
      'StreamLeakWarning',
    );
    pipeline.abort();
  },
);

/** What a stream may begin with. */
export interface Beginning {
  /** The open source of Single-Source Mode. */
  readonly source?: NativeMediaInput;
  /** What was pushed before there was a stream. */
  readonly audio?: AudioIngest | undefined;
}

/** Begins a stream without waiting for its encoders to open. */
export let startStream: (
  plan: StreamPlan,
  events: Emitter<StreamEvents>,
  beginning: Beginning,
) => AdaptiveStream;

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
 */
export class AdaptiveStream {
  static {
    startStream = (plan, events, beginning) => {
      const stream = new AdaptiveStream(plan, events, beginning);
      stream.#tellWarnings();
      return stream;
    };
  }

  readonly #plan: StreamPlan;
  readonly #events: Emitter<StreamEvents>;
  readonly #pipeline: NativePipeline;
  readonly #ingest: Ingest;
  readonly #audio: AudioIngest | undefined;
  readonly #opened = defer<undefined>();
  readonly #writes = new Map<number, Deferred<boolean>>();
  #state: State = 'opening';
  #error: StreamError | undefined;
  #summary: Deferred<StreamSummary> | undefined;
  #closing: Deferred<undefined> | undefined;
  #isOpening = true;
  #finished = false;
  #final: NativeStats | undefined;
  #tracks: Opened = { codecs: [], audio: [] };
  #nextId = 0;
  #forceKeyFrame = false;
  #framesIn = 0;
  #startedAt: number | undefined; // performance.now() of the first frame, or when the source was open
  #endedAt: number | undefined;
  #truncated: NativeFailure | undefined; // why the source ended early
  readonly #progress: Progress;
  readonly #stopListening: () => void;
  #toldManyPending = false;

  private constructor(plan: StreamPlan, events: Emitter<StreamEvents>, beginning: Beginning) {
    const { source, audio } = beginning;
    this.#plan = plan;
    this.#events = events;
    this.#ingest = new Ingest(plan, events);
    const { Pipeline } = nativeBinding();
    const weak = new WeakRef(this);
    this.#pipeline = new Pipeline(plan.config, AdaptiveStream.#deliverTo(weak), source);
    this.#progress = new Progress(AdaptiveStream.#tellOf(weak));
    this.#audio = audio ?? AudioIngest.of(plan.config.audio, events);
    this.#audio?.attach({ pipeline: this.#pipeline, timeline: this.#ingest.timeline });
    forgotten.register(this, { pipeline: this.#pipeline, manifest: this.output }, this);
    this.#stopListening = abortWith(plan.signal, weak);
    // Whoever does not wait for the opening learns of a failure from the next call.
    this.#opened.promise.catch(() => undefined);
    this.#pipeline.start();
    this.#keepAlive();
    if (source === undefined) return;
    this.#startedAt = performance.now();
    this.#progress.start();
  }

  /** What opening found, told when whoever awaits the stream has had the time to listen. */
  #tellWarnings(): void {
    setImmediate(() => {
      for (const warning of this.#plan.warnings) this.#events.emit('warning', warning);
      for (const line of this.#plan.log) this.#events.emit('log', line);
    });
  }

  /**
   * Native threads hold the stream only weakly, so that a forgotten one is collected. Made outside of the
   * constructor: closures of one scope share what any of them captures, `this` too.
   */
  static #deliverTo(weak: WeakRef<AdaptiveStream>): (batch: readonly NativeEvent[]) => void {
    return (batch) => {
      const stream = weak.deref();
      if (stream !== undefined) stream.#onEvents(batch);
    };
  }

  /** As weak as {@link AdaptiveStream.#deliverTo}: a timer calls it. */
  static #tellOf(weak: WeakRef<AdaptiveStream>): () => boolean {
    return () => {
      const stream = weak.deref();
      if (stream === undefined) return false;
      stream.#tellProgress();
      return true;
    };
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
    if (plan.clearPrevious) clearPrevious(plan.output, plan.format);
    return AdaptiveStream.#begin(plan, new Emitter(), {});
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
    const toOpen = rehearseSource(source, options, issues, nativeBinding);
    issues.throwIfAny();
    if (toOpen === undefined) throw new InvalidOptionsError([...issues.list]);
    const { plan, input } = await openTranscode(toOpen, options, new Map(), options.signal);
    if (plan.clearPrevious) clearPrevious(plan.output, plan.format);
    const events = new Emitter<StreamEvents>();
    if (options.onProgress !== undefined) events.on('progress', options.onProgress);
    return AdaptiveStream.#begin(plan, events, { source: input });
  }

  static async #begin(
    plan: StreamPlan,
    events: Emitter<StreamEvents>,
    beginning: Beginning,
  ): Promise<AdaptiveStream> {
    const stream = new AdaptiveStream(plan, events, beginning);
    // Aborted between the opening of the source and here.
    if (plan.signal?.aborted === true) void stream.abort(plan.signal.reason);
    await stream.#opened.promise;
    stream.#tellWarnings();
    return stream;
  }

  /** Absolute path or URL of the root manifest. */
  get output(): string {
    return this.#plan.output.manifest;
  }

  /** Manifest format. */
  get format(): 'dash' | 'hls' {
    return this.#plan.format;
  }

  /**
   * Pushes one frame. Its bytes are read in place: leave them alone until the promise settles.
   *
   * @param frame - Any {@link Frame} of the size and layout that the stream was opened with.
   * @param options - See {@link WriteOptions}.
   * @returns true when the frame was taken; false when it was left out: dropped (`whenFull: 'drop'`)
   *   or outside of `trim`.
   * @throws {@link InvalidFrameError} when this frame is wrong; the stream goes on.
   * @throws {@link StreamError} `TIMESTAMP_NOT_INCREASING`; the stream goes on. Any other code: the first
   *   failure of the stream, with which all later calls reject too.
   * @throws {@link InvalidStateError} after `finish()`, and when a source is transcoded.
   */
  async write(frame: Frame, options: WriteOptions = {}): Promise<boolean> {
    this.#mustBePushed('write()');
    this.#mustBeOpen('write()');
    if (options.forceKeyFrame === true) this.#forceKeyFrame = true;
    const admitted = this.#ingest.admit(frame, options.rgbMode ?? false, this.#writes.size);
    this.#audio?.release();
    return admitted === undefined ? false : this.#push(admitted);
  }

  /**
   * Pushes samples, with `audio: { push }`. They are copied at once; the promise is for the pace: await it, and
   * no more is pending than the audio may be ahead of the video, 10 s.
   *
   * @param samples - See {@link AudioSamples}; whole samples of all channels.
   * @param timestamp - When the first of them is heard, in seconds on the clock of the frames' timestamps; of
   *   frames without, the first is at 0. Default: where the samples before ended, at first with the first frame.
   * @returns true when they were taken; false when they lie outside of the presentation: before its first frame
   *   or behind its last.
   * @throws {@link InvalidFrameError} when these samples are wrong; the stream goes on.
   * @throws {@link StreamError} the first failure of the stream, with which all later calls reject too.
   * @throws {@link InvalidStateError} without `audio: { push }`, and after `finish()`.
   */
  async writeAudio(samples: AudioSamples, timestamp?: number): Promise<boolean> {
    this.#mustBeOpen('writeAudio()');
    if (this.#audio === undefined) throw noPush('audio: { push: { sampleRate: 48000 } }');
    const written = this.#audio.write(samples, timestamp);
    this.#keepAlive();
    return written;
  }

  /**
   * Makes the next frame that is taken a key frame in all renditions.
   *
   * @throws {@link InvalidStateError} when a source is transcoded.
   */
  forceKeyFrame(): void {
    this.#mustBePushed('forceKeyFrame()');
    this.#forceKeyFrame = true;
  }

  /** Counters of this moment; after the end, the last ones. */
  stats(): StreamStats {
    const end = this.#endedAt ?? performance.now();
    const native = this.#final ?? this.#pipeline.stats();
    return statsOf(this.#plan, native, this.#tracks, {
      framesIn: this.#isTranscoding ? native.framesIn : this.#framesIn,
      dropped: this.#ingest.dropped,
      trimmed: this.#ingest.trimmed,
      pending: this.#writes.size,
      pendingAudio: this.#audio?.pending ?? 0,
      droppedSamples: this.#audio?.dropped ?? 0,
      elapsed: this.#startedAt === undefined ? 0 : (end - this.#startedAt) / 1000,
    });
  }

  /**
   * Listens to events; see {@link StreamEvents}. A listener that throws is reported as a process
   * warning and does not stop the stream.
   *
   * @returns a function that removes the listener.
   */
  on<Name extends keyof StreamEvents>(
    name: Name,
    listener: Listener<StreamEvents[Name]>,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /** Listens to the next event only; see {@link AdaptiveStream.on}. */
  once<Name extends keyof StreamEvents>(
    name: Name,
    listener: Listener<StreamEvents[Name]>,
  ): () => void {
    return this.#events.once(name, listener);
  }

  /**
   * A Writable in object mode whose chunks are frames: `end()` finishes the stream, `destroy()` aborts
   * it.
   *
   * @throws {@link InvalidStateError} when a source is transcoded.
   */
  writable(options: WriteOptions = {}): Writable {
    this.#mustBePushed('writable()');
    return frameWritable({
      write: (frame) => this.write(frame as Frame, options),
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
  finish(): Promise<StreamSummary> {
    if (this.#summary === undefined) {
      this.#summary = defer();
      if (this.#state === 'closed') {
        this.#settleSummary();
      } else if (this.#error !== undefined) {
        this.#keepAlive(); // rejects when the threads have ended and the files are closed
      } else {
        this.#state = 'finishing';
        this.#pipeline.finish();
        this.#keepAlive();
        this.#progress.start();
      }
    }
    return this.#summary.promise;
  }

  /**
   * Ends the stream now: nothing more is encoded and the manifests stay as they are. Pending calls
   * reject with `ABORTED` and `reason` as their cause. Never rejects; without effect after the end.
   *
   * @param reason - Why; becomes `cause`.
   * @returns when the threads have ended and the files are closed.
   */
  abort(reason?: unknown): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    if (this.#state !== 'failed' && this.#state !== 'aborting') {
      this.#state = 'aborting';
      this.#error = new StreamError('The stream was aborted', { code: 'ABORTED', cause: reason });
      this.#pipeline.abort();
    }
    this.#closing ??= defer();
    this.#keepAlive();
    return this.#closing.promise;
  }

  /** `await using`: finishes the stream, unless it has failed or was aborted. */
  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#error === undefined ? this.finish() : this.abort());
  }

  get #isTranscoding(): boolean {
    return this.#plan.config.source !== null;
  }

  #mustBePushed(call: string): void {
    if (!this.#isTranscoding) return;
    throw new InvalidStateError(
      `${call} belongs to pushed frames: this stream encodes its source by itself, await finish()`,
    );
  }

  #mustBeOpen(call: string): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#summary !== undefined) {
      throw new InvalidStateError(`${call} came after the end: the stream was finished`);
    }
  }

  #push({ planes, strides, ticks }: AdmittedFrame): Promise<boolean> {
    const id = this.#nextId++;
    this.#pipeline.write(id, planes, strides, ticks, this.#forceKeyFrame);
    this.#forceKeyFrame = false;
    this.#framesIn++;
    this.#startedAt ??= performance.now();
    const write = defer<boolean>();
    this.#writes.set(id, write);
    this.#keepAlive();
    if (this.#writes.size > MANY_PENDING && !this.#toldManyPending) {
      this.#toldManyPending = true;
      this.#events.emit('warning', {
        code: 'MANY_PENDING_FRAMES',
        message:
          `More than ${MANY_PENDING} frames are pending, and their memory with them: await ` +
          'each write() before the next',
      });
    }
    return write.promise;
  }

  /** Something pending keeps both the event loop and this object alive. */
  #keepAlive(): void {
    const pending =
      this.#state !== 'closed' &&
      (this.#isOpening ||
        this.#writes.size > 0 ||
        (this.#audio?.pending ?? 0) > 0 ||
        this.#summary !== undefined ||
        this.#closing !== undefined);
    keepAlive(this, this.#pipeline, pending);
  }

  #onEvents(batch: readonly NativeEvent[]): void {
    for (const event of batch) this.#onEvent(event);
    this.#keepAlive();
    if (this.#state !== 'closed') this.#progress.pulse();
  }

  #onEvent(event: NativeEvent): void {
    switch (event.type) {
      case 'read':
        this.#writes.get(event.id)?.resolve(true);
        this.#writes.delete(event.id);
        break;
      case 'opened':
        this.#tracks = { codecs: event.renditions.map(({ codecs }) => codecs), audio: event.audio };
        if (this.#state === 'opening') this.#state = 'open';
        this.#isOpening = false;
        this.#opened.resolve(undefined);
        break;
      case 'failed':
        this.#error ??= failureError(event.failure);
        if (this.#state !== 'aborting') this.#state = 'failed';
        break;
      case 'audioRead':
        this.#audio?.taken(event.id);
        break;
      case 'sourceEnd':
        if (!event.complete) this.#truncated = event.failure;
        break;
      case 'finished':
        this.#finished = true;
        break;
      case 'closed':
        this.#onClosed();
        break;
      case 'segment': {
        const { type, ...rest } = event;
        const isVideo = event.rendition < this.#plan.renditions.length;
        this.#events.emit(type, { ...rest, media: isVideo ? 'video' : 'audio' });
        break;
      }
      case 'manifest':
      case 'warning':
      case 'log': {
        const { type, ...rest } = event;
        this.#events.emit(type, rest);
      }
    }
  }

  /** The last native event: threads are joined, every buffer is the caller's again. */
  #onClosed(): void {
    this.#final = this.#pipeline.stats();
    this.#endedAt = performance.now();
    this.#stopListening();
    forgotten.unregister(this);
    this.#progress.end();
    if (this.#error === undefined && !this.#finished) {
      this.#error = new StreamError('The environment of the stream has ended', { code: 'ABORTED' });
    } else if (this.#error === undefined && this.#truncated !== undefined) {
      this.#error = failureError(this.#truncated, this.#summaryOf());
    }
    const reason = this.#endReason();
    this.#state = 'closed';
    const error = this.#error;
    this.#events.emit('end', error === undefined ? { reason } : { reason, error });
    for (const write of this.#writes.values()) {
      if (error === undefined) write.resolve(true);
      else write.reject(error);
    }
    this.#writes.clear();
    this.#audio?.end(error);
    if (error === undefined) this.#opened.resolve(undefined);
    else this.#opened.reject(error);
    this.#settleSummary();
    this.#closing?.resolve(undefined);
  }

  #summaryOf(): StreamSummary {
    return { ...this.stats(), manifest: this.output, format: this.format };
  }

  #settleSummary(): void {
    if (this.#error === undefined) this.#summary?.resolve(this.#summaryOf());
    else this.#summary?.reject(this.#error);
  }

  #endReason(): EndEvent['reason'] {
    if (this.#error === undefined) return 'finished';
    return this.#error.code === 'ABORTED' ? 'aborted' : 'failed';
  }

  #tellProgress(): void {
    if (this.#startedAt === undefined || !this.#events.has('progress')) return;
    const isFinished = this.#finished && this.#truncated === undefined;
    this.#events.emit('progress', progressOf(this.stats(), this.#plan.total, isFinished));
  }
}
