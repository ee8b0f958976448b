// Session: one running pipeline, from its opening to its end. The state machine is here; what a caller sees of
// it is AdaptiveStream.

import process from 'node:process';
import { defer } from '../base/deferred.js';
import type { Deferred } from '../base/deferred.js';
import { abortWith, keepAlive } from '../base/lifetime.js';
import { manifestsOf } from '../files/output.js';
import type { ClearedFile } from '../files/previous-files.js';
import { startWriting } from '../files/running-outputs.js';
import { failureError } from '../native/failure.js';
import { mustEndSoon } from '../native/left-behind.js';
import type { NativeMediaInput, NativePipeline } from '../native/native-binding.js';
import type { NativeEvent, NativeFailure, NativeStats } from '../native/native-events.js';
import { nativeBinding } from '../native/native.js';
import type { StreamPlan } from '../plan/resolve.js';
import { AbortError, InvalidStateError } from '../report/errors.js';
import type { StreamError } from '../report/errors.js';
import type { StreamStats, StreamSummary } from '../report/stats.js';
import { AudioIngest } from './audio-ingest.js';
import { clearedEventOf, fileEventOf } from './file-events.js';
import { Ingest } from './ingest.js';
import { Progress } from './progress.js';
import { progressOf, statsOf } from './stats-of.js';
import type { Opened } from './stats-of.js';
import type { StreamEmitter } from './stream-emitter.js';

type State = 'opening' | 'open' | 'finishing' | 'aborting' | 'failed' | 'closed';

/** Milliseconds: a stream that failed still closes its files, and its disk may be slow. */
const CLOSING_PATIENCE = 10_000;

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

/** What a session may begin with. */
export interface Beginning {
  /** The open source of Single-Source Mode. */
  readonly source?: NativeMediaInput;
  /** What was pushed before there was a stream. */
  readonly audio?: AudioIngest | undefined;
  /** What was deleted before it begins. */
  readonly cleared?: readonly ClearedFile[];
  /** `log` events carry libav's debug lines too. */
  readonly debugLog?: boolean;
}

/** The one owner of a native pipeline. */
export class Session {
  /** What it does. */
  readonly plan: StreamPlan;
  /** What it tells. */
  readonly events: StreamEmitter;
  /** The entrance of frames. */
  readonly frames: Ingest;
  /** The entrance of samples, when they are pushed. */
  readonly audio: AudioIngest | undefined;
  readonly #pipeline: NativePipeline;
  readonly #progress: Progress;
  readonly #stopListening: () => void;
  readonly #opened = defer<undefined>();
  #state: State = 'opening';
  #error: StreamError | undefined;
  #summary: Deferred<StreamSummary> | undefined;
  #closing: Deferred<undefined> | undefined;
  #isOpening = true;
  #stopWaiting: (() => void) | undefined;
  #heldBack: (() => void)[] | undefined = []; // what was told natively before anybody could listen
  #finished = false;
  #truncated: NativeFailure | undefined; // why the source ended early
  #final: NativeStats | undefined;
  readonly #cleared: readonly ClearedFile[];
  #tracks: Opened = { codecs: [], audio: [] };
  readonly #startedAt: number | undefined; // performance.now() when the source was open
  #endedAt: number | undefined;

  /**
   * Starts the threads.
   *
   * @throws {@link InvalidOptionsError} when another stream, that has not ended, writes the same files.
   */
  constructor(plan: StreamPlan, events: StreamEmitter, beginning: Beginning) {
    const { source, audio, debugLog = false } = beginning;
    this.plan = plan;
    this.#cleared = beginning.cleared ?? [];
    this.events = events;
    startWriting(this);
    const { Pipeline } = nativeBinding();
    const weak = new WeakRef(this);
    this.#pipeline = new Pipeline({ ...plan.config, debugLog }, Session.#deliverTo(weak), source);
    this.#progress = new Progress(Session.#tellOf(weak));
    this.frames = new Ingest(plan, events, this.#pipeline);
    this.audio = audio ?? AudioIngest.of(plan.config.audio, events);
    this.audio?.attach({ pipeline: this.#pipeline, timeline: this.frames.timeline });
    forgotten.register(this, { pipeline: this.#pipeline, manifest: plan.output.manifest }, this);
    this.#stopListening = abortWith(plan.signal, weak);
    // Whoever does not wait for the opening learns of a failure from the next call.
    this.#opened.promise.catch(() => undefined);
    this.#pipeline.start();
    this.keepAlive();
    if (source === undefined) return;
    this.#startedAt = performance.now();
    this.#progress.start();
    events.onAwaited = () => {
      this.keepAlive();
    };
  }

  /**
   * Native threads hold the session only weakly, so that a forgotten one is collected. Made outside of the
   * constructor: closures of one scope share what any of them captures, `this` too.
   */
  static #deliverTo(weak: WeakRef<Session>): (batch: readonly NativeEvent[]) => void {
    return (batch) => {
      const session = weak.deref();
      if (session !== undefined) session.#onEvents(batch);
    };
  }

  /** As weak as {@link Session.#deliverTo}: a timer calls it. */
  static #tellOf(weak: WeakRef<Session>): () => boolean {
    return () => {
      const session = weak.deref();
      if (session === undefined) return false;
      session.#tellProgress();
      return true;
    };
  }

  /** Settles when every encoder is open. */
  get opened(): Promise<undefined> {
    return this.#opened.promise;
  }

  /** The threads have ended and the files are closed. */
  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** What it ended with, or is about to. */
  get error(): StreamError | undefined {
    return this.#error;
  }

  /** What opening found, told when whoever awaits the stream has had the time to listen. */
  tellWarnings(): void {
    setImmediate(() => {
      for (const warning of this.plan.warnings) this.events.emit('warning', warning);
      for (const line of this.plan.log) this.events.emit('log', line);
      for (const file of this.#cleared) this.events.emit('file', clearedEventOf(file));
      this.#release();
    });
  }

  /** Tells it, once somebody may listen. */
  #tell(tell: () => void): void {
    if (this.#heldBack === undefined) tell();
    else this.#heldBack.push(tell);
  }

  #release(): void {
    const heldBack = this.#heldBack ?? [];
    this.#heldBack = undefined;
    for (const tell of heldBack) tell();
  }

  /** @throws {@link InvalidStateError} when a source is transcoded: nothing is pushed. */
  mustBePushed(call: string): void {
    if (!this.#isTranscoding) return;
    throw new InvalidStateError(
      `${call} belongs to pushed frames: this stream encodes its source by itself, await finish()`,
    );
  }

  /** @throws {@link StreamError} what it ended with, or {@link InvalidStateError} after `finish()`. */
  mustBeOpen(call: string): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#summary !== undefined) {
      throw new InvalidStateError(`${call} came after the end: the stream was finished`);
    }
  }

  /** Counters of this moment; after the end, the last ones. */
  stats(): StreamStats {
    const start = this.#startedAt ?? this.frames.startedAt;
    const end = this.#endedAt ?? performance.now();
    const native = this.#final ?? this.#pipeline.stats();
    return statsOf(this.plan, native, this.#tracks, {
      framesIn: this.#isTranscoding ? native.framesIn : this.frames.taken,
      dropped: this.frames.dropped,
      trimmed: this.frames.trimmed,
      pending: this.frames.pending,
      pendingAudio: this.audio?.pending ?? 0,
      droppedSamples: this.audio?.dropped ?? 0,
      elapsed: start === undefined ? 0 : (end - start) / 1000,
    });
  }

  /** See {@link AdaptiveStream.finish}. */
  finish(): Promise<StreamSummary> {
    if (this.#summary === undefined) {
      this.#summary = defer();
      if (this.#state === 'closed') {
        this.#settleSummary();
      } else if (this.#error !== undefined) {
        this.keepAlive(); // rejects when the threads have ended and the files are closed
      } else {
        this.#state = 'finishing';
        this.#pipeline.finish();
        this.keepAlive();
        this.#progress.start();
      }
    }
    return this.#summary.promise;
  }

  /** See {@link AdaptiveStream.stop}. */
  stop(): Promise<StreamSummary> {
    if (!this.#isTranscoding) {
      throw new InvalidStateError('stop() belongs to a source: pushed frames end with finish()');
    }
    this.#pipeline.stop();
    return this.finish();
  }

  /** See {@link AdaptiveStream.abort}. */
  abort(reason?: unknown): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    if (this.#state !== 'failed' && this.#state !== 'aborting') {
      this.#state = 'aborting';
      this.#error = new AbortError('The stream was aborted', reason);
      this.#pipeline.abort();
    }
    // Also of what has failed: whoever aborts has waited enough for its files.
    if (this.#closing === undefined) this.#mustEndSoon();
    this.#closing ??= defer();
    this.keepAlive();
    return this.#closing.promise;
  }

  /** Something pending keeps both the event loop and this object alive: to be called when that changes. */
  keepAlive(): void {
    const pending =
      this.#state !== 'closed' &&
      (this.#isOpening ||
        this.frames.pending > 0 ||
        (this.audio?.pending ?? 0) > 0 ||
        this.#summary !== undefined ||
        (this.#isTranscoding && this.events.isAwaited) ||
        this.#closing !== undefined);
    keepAlive(this, this.#pipeline, pending);
  }

  get #isTranscoding(): boolean {
    return this.plan.config.source !== null;
  }

  #onEvents(batch: readonly NativeEvent[]): void {
    for (const event of batch) this.#onEvent(event);
    this.keepAlive();
    if (this.#state !== 'closed') this.#progress.pulse();
  }

  #onEvent(event: NativeEvent): void {
    switch (event.type) {
      case 'read':
        this.frames.read(event.id);
        break;
      case 'opened':
        this.#tracks = { codecs: event.renditions.map(({ codecs }) => codecs), audio: event.audio };
        if (this.#error !== undefined) break; // aborted while this was on its way: open() rejects when closed
        if (this.#state === 'opening') this.#state = 'open';
        this.#isOpening = false;
        this.#opened.resolve(undefined);
        break;
      case 'failed':
        this.#error ??= failureError(event.failure);
        if (this.#state === 'aborting') break;
        this.#state = 'failed';
        this.#mustEndSoon(CLOSING_PATIENCE);
        break;
      case 'audioRead':
        // A stream that has failed or is aborted takes nothing: what it drops on its way out stays pending.
        if (this.#error === undefined) this.audio?.taken(event.id);
        break;
      case 'sourceEnd':
        if (!event.complete) this.#truncated = event.failure;
        break;
      case 'finished':
        this.#finished = true;
        break;
      case 'closed':
        // Of a stream that has opened the end is heard, too. One that has not is handed to nobody.
        if (this.#isOpening) this.#onClosed();
        else {
          this.#tell(() => {
            this.#onClosed();
          });
        }
        break;
      case 'segment': {
        const { type, ...rest } = event;
        const isVideo = event.rendition < this.plan.renditions.length;
        this.#tell(() => {
          this.events.emit(type, { ...rest, media: isVideo ? 'video' : 'audio' });
        });
        break;
      }
      case 'file': {
        const file = fileEventOf(event, this.plan);
        this.#tell(() => {
          this.events.emit('file', file);
        });
        break;
      }
      case 'manifest':
      case 'warning':
      case 'log': {
        const { type, ...rest } = event;
        this.#tell(() => {
          this.events.emit(type, rest);
        });
      }
    }
  }

  /** The last native event: threads are joined, every buffer is the caller's again. */
  #onClosed(): void {
    this.#final = this.#pipeline.stats();
    this.#endedAt = performance.now();
    this.#stopListening();
    this.#stopWaiting?.();
    forgotten.unregister(this);
    this.#progress.end();
    if (this.#error === undefined && !this.#finished) {
      this.#error = new AbortError('The environment of the stream has ended');
    } else if (this.#error === undefined && this.#truncated !== undefined) {
      this.#error = failureError(this.#truncated, this.#summaryOf());
    }
    this.#state = 'closed';
    const error = this.#error;
    this.#release();
    this.events.tellEnd(error);
    this.frames.end(error);
    this.audio?.end(error);
    if (error === undefined) this.#opened.resolve(undefined);
    else this.#opened.reject(error);
    this.#settleSummary();
    this.#closing?.resolve(undefined);
    this.keepAlive();
  }

  #mustEndSoon(patience?: number): void {
    this.#stopWaiting?.();
    this.#stopWaiting = mustEndSoon(
      this.#pipeline,
      `a stream to ${this.plan.output.manifest}`,
      patience,
    );
  }

  #summaryOf(): StreamSummary {
    const { output, formats } = this.plan;
    return {
      ...this.stats(),
      manifest: output.manifest,
      format: formats[0],
      manifests: manifestsOf(output),
    };
  }

  #settleSummary(): void {
    if (this.#error === undefined) this.#summary?.resolve(this.#summaryOf());
    else this.#summary?.reject(this.#error);
  }

  #tellProgress(): void {
    const hasBegun = (this.#startedAt ?? this.frames.startedAt) !== undefined;
    if (!hasBegun || !this.events.has('progress')) return;
    const isFinished = this.#final !== undefined && this.#finished && this.#truncated === undefined;
    this.events.emit('progress', progressOf(this.stats(), this.plan.total, isFinished));
  }
}
