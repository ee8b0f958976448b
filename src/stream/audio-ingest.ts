// Audio ingest: the entrance of one stream's samples. Gives each chunk its time, keeps chunks that come before
// the first frame, and the promises of those that the audio thread has not taken.

import { defer } from '../base/deferred.js';
import type { Deferred } from '../base/deferred.js';
import { show } from '../check/issues.js';
import type { Timeline } from '../frames/timeline.js';
import type { NativePipeline } from '../native/native-binding.js';
import type { NativeAudioConfig } from '../native/native-config.js';
import { InvalidFrameError, InvalidStateError } from '../report/errors.js';
import type { WarningEvent } from '../report/events.js';
import { copyOf, checkSamples, withoutFirst } from './audio-samples.js';
import type { CheckedSamples, PushFormat } from './audio-samples.js';
import type { StreamEmitter } from './stream-emitter.js';

/** How far audio may be ahead before calls stay pending; the audio thread has the same rule. */
const LEAD_SECONDS = 10;

/** Samples so many seconds ahead of all that came, or before the first frame, are not meant to be there. */
const FAR = 3600;

/** Goes on where the chunk before it ended. */
const GOES_ON = -1;

/** Where samples go once there is a stream. */
interface Target {
  readonly pipeline: Pick<NativePipeline, 'writeAudio'>;
  /** Of the frames: it knows when the presentation begins. */
  readonly timeline: Timeline;
}

/** What waits for the first frame. */
interface HeldChunk {
  readonly samples: CheckedSamples;
  readonly timestamp: number | undefined;
  readonly write: Deferred<boolean>;
  /** Its promise is settled already. */
  readonly isSettled: boolean;
}

/** A chunk that has its place. */
interface PlacedChunk {
  readonly samples: CheckedSamples;
  /** Seconds of presentation, or {@link GOES_ON}. */
  readonly timestamp: number;
}

/** The error of samples that nobody asked for. */
export function noPush(option: string): InvalidStateError {
  return new InvalidStateError(`writeAudio() needs ${option}: no samples are expected here`);
}

function farAway(timestamp: number, newest: number): InvalidFrameError {
  return new InvalidFrameError(
    'INVALID_SAMPLES',
    `Expected a timestamp near ${String(Number(newest.toFixed(3)))} s, as what came last has it, for the ` +
      `samples but received ${show(timestamp)}: it is on the clock of the frames' timestamps, in seconds. ` +
      'Is it in epoch seconds, or in milliseconds?',
  );
}

/** The samples' counterpart of {@link Ingest}. */
export class AudioIngest {
  readonly #format: PushFormat;
  readonly #warn: (warning: WarningEvent) => void;
  readonly #writes = new Map<number, { write: Deferred<boolean>; seconds: number }>();
  #target: Target | undefined;
  #held: HeldChunk[] = [];
  #heldSeconds = 0;
  #pendingSeconds = 0;
  #nextId = 0;
  #next = 0; // seconds after the first frame that was pushed: where a chunk without a time lies
  #toldManyPending = false;
  /** Samples that lie before the first frame. */
  dropped = 0;

  private constructor(format: PushFormat, warn: (warning: WarningEvent) => void) {
    this.#format = format;
    this.#warn = warn;
  }

  /** The entrance that a configuration asks for. */
  static of(audio: NativeAudioConfig | null, events: StreamEmitter): AudioIngest | undefined {
    if (audio?.origin !== 'push') return undefined;
    return new AudioIngest(audio, (warning) => {
      events.emit('warning', warning);
    });
  }

  /** Calls that have not settled. */
  get pending(): number {
    return this.#writes.size + this.#held.filter(({ isSettled }) => !isSettled).length;
  }

  /** There is a stream: what was held goes there as soon as its time is known. */
  attach(target: Target): void {
    this.#target = target;
    this.release();
  }

  /**
   * Takes one chunk.
   *
   * @param timestamp - On the clock of the frames' timestamps; undefined: goes on.
   * @returns false when all of it lies outside of the presentation.
   * @throws {@link InvalidFrameError}
   */
  write(samples: unknown, timestamp: unknown): Promise<boolean> {
    const checked = checkSamples(samples, this.#format);
    if (timestamp !== undefined && !Number.isFinite(timestamp)) {
      throw new InvalidFrameError(
        'INVALID_SAMPLES',
        `Expected a timestamp in seconds for the samples but received ${show(timestamp)}`,
      );
    }
    const time = timestamp as number | undefined;
    const placed = this.#held.length > 0 ? 'hold' : this.#place(checked, time);
    if (placed === 'hold') return this.#hold(checked, time);
    return placed === undefined ? Promise.resolve(false) : this.#send(placed);
  }

  /** Lets go of what was held, as far as the frames have come. */
  release(): void {
    while (this.#held.length > 0) {
      const [chunk] = this.#held as [HeldChunk];
      const placed = this.#placeHeld(chunk);
      if (placed === 'hold') return;
      const { samples, write } = chunk;
      this.#held.shift();
      this.#heldSeconds -= this.#secondsOf(samples);
      if (placed === undefined) write.resolve(false);
      else this.#send(placed).then(write.resolve, write.reject);
    }
  }

  /** Who was promised that they were taken is warned instead. */
  #placeHeld({
    samples,
    timestamp,
    write,
    isSettled,
  }: HeldChunk): PlacedChunk | 'hold' | undefined {
    try {
      return this.#place(samples, timestamp);
    } catch (error) {
      if (!(error instanceof InvalidFrameError)) throw error;
      if (isSettled) this.#warn({ code: 'SAMPLES_LEFT_OUT', message: error.message });
      else write.reject(error);
      return undefined;
    }
  }

  /** The audio thread has taken a chunk. */
  taken(id: number): void {
    const call = this.#writes.get(id);
    if (call === undefined) return;
    this.#writes.delete(id);
    this.#pendingSeconds -= call.seconds;
    call.write.resolve(true);
  }

  /** The end of the stream: what is still pending lies behind it. */
  end(error: unknown): void {
    const pending = [...this.#writes.values(), ...this.#held].map(({ write }) => write);
    this.#writes.clear();
    this.#held = [];
    for (const write of pending) {
      if (error === undefined) write.resolve(false);
      else write.reject(error);
    }
  }

  #secondsOf({ count }: CheckedSamples): number {
    return count / this.#format.pushSampleRate;
  }

  /** Where a chunk goes: undefined when it lies before the first frame, `hold` when nobody knows yet. */
  #place(samples: CheckedSamples, timestamp: number | undefined): PlacedChunk | 'hold' | undefined {
    if (this.#target === undefined) return 'hold';
    const { origin, firstKept, trimStart } = this.#target.timeline;
    if (timestamp !== undefined && origin === undefined) return 'hold';
    const start = timestamp === undefined ? this.#next : timestamp - (origin ?? 0);
    const end = start + this.#secondsOf(samples);
    const newest = Math.max(this.#next, this.#target.timeline.newest);
    if (timestamp !== undefined && (start > newest + FAR || end < -FAR)) {
      throw farAway(timestamp, (origin ?? 0) + newest);
    }
    const zero = firstKept ?? (trimStart === 0 ? 0 : undefined);
    if (zero === undefined && end > trimStart) return 'hold';
    this.#next = end;
    const early = ((zero ?? trimStart) - start) * this.#format.pushSampleRate;
    const cut = Math.min(samples.count, Math.max(0, Math.round(early)));
    this.dropped += cut;
    if (cut === samples.count) return undefined;
    return {
      samples: cut === 0 ? samples : withoutFirst(samples, cut),
      timestamp: timestamp === undefined ? GOES_ON : Math.max(0, start - (zero ?? 0)),
    };
  }

  /** Settled at once up to the lead, so that audio may come before the first frame. */
  #hold(samples: CheckedSamples, timestamp: number | undefined): Promise<boolean> {
    const write = defer<boolean>();
    const isSettled = this.#heldSeconds < LEAD_SECONDS;
    if (isSettled) write.resolve(true);
    this.#held.push({ samples: copyOf(samples), timestamp, write, isSettled });
    this.#heldSeconds += this.#secondsOf(samples);
    return write.promise;
  }

  async #send({ samples, timestamp }: PlacedChunk): Promise<boolean> {
    const { planes, count } = samples;
    const id = this.#nextId++;
    if (this.#target?.pipeline.writeAudio(id, planes, count, timestamp) !== true) return false;
    this.#tellManyPending();
    const seconds = this.#secondsOf(samples);
    const write = defer<boolean>();
    this.#writes.set(id, { write, seconds });
    this.#pendingSeconds += seconds;
    return write.promise;
  }

  #tellManyPending(): void {
    if (this.#pendingSeconds <= LEAD_SECONDS || this.#toldManyPending) return;
    this.#toldManyPending = true;
    this.#warn({
      code: 'MANY_PENDING_SAMPLES',
      message:
        `More than ${LEAD_SECONDS} s of audio are pending, and their memory with them: await each ` +
        'writeAudio() before the next',
    });
  }
}
