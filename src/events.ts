// Events: what a stream reports while it runs, and the emitter that carries it.

import process from 'node:process';
import type { WarningCode } from './codes.js';
import { InvalidOptionsError } from './errors.js';
import type { StreamError } from './errors.js';
import { sentence } from './issues.js';

/** A finished media segment. */
export interface SegmentEvent {
  /** Index of the rendition, as in the file's name: video from 0, audio behind it. */
  readonly rendition: number;
  /** What is in it. */
  readonly media: 'video' | 'audio';
  /** Absolute path or URL of the segment. */
  readonly path: string;
  /** Presentation time of its first frame or sample, seconds. */
  readonly start: number;
  /** Seconds. */
  readonly duration: number;
  /** Size of the file. */
  readonly bytes: number;
}

/** A manifest was written, or written again. */
export interface ManifestEvent {
  /** Absolute path or URL. */
  readonly path: string;
  /** True for the manifest that a player opens. */
  readonly isRoot: boolean;
}

/** How far a transcode is. */
export interface TranscodeProgress {
  /** Frames taken so far; of copied video, packets. */
  readonly frames: number;
  /** Seconds of presentation so far. */
  readonly time: number;
  /** Seconds that are to come out in all; undefined while nobody knows: pushed frames, a device, a live URL. */
  readonly total?: number;
  /** Share of `total`, 0 to 1; 1 only at the end. */
  readonly done?: number;
  /** Frames encoded per second of wall time, since the first frame. */
  readonly fps: number;
  /** Seconds of presentation per second of wall time: 2 is twice as fast as it plays. */
  readonly speed: number;
  /** Seconds of wall time until the end, at this speed. */
  readonly timeLeft?: number;
}

/**
 * How far the stream is; about four times a second while frames flow or a source is transcoded, and once
 * at the end.
 */
export interface ProgressEvent extends TranscodeProgress {
  /** Frames encoded so far by the slowest rendition. */
  readonly encoded: number;
  /** Frames dropped so far. */
  readonly dropped: number;
  /** Same as `time`. */
  readonly duration: number;
}

/** A frame was dropped (only with `whenFull: 'drop'`). */
export interface DropEvent {
  /** `full`: the encoders are behind. `timestamp`: not later than the frame before it. */
  readonly reason: 'full' | 'timestamp';
  /** Its presentation time, seconds. */
  readonly timestamp: number;
  /** Frames dropped so far. */
  readonly dropped: number;
}

/** Something that the caller should know, though the stream goes on. */
export interface WarningEvent {
  /** Stable identifier, such as `ODD_SIZE`; `docs/errors.md` tells what each one means. */
  readonly code: WarningCode;
  /** One sentence for a person. */
  readonly message: string;
}

/** One line of libav's log. */
export interface LogEvent {
  /** libav's level. */
  readonly level: 'error' | 'warning' | 'info' | 'verbose' | 'debug';
  /** The line. */
  readonly message: string;
}

/** The stream is over: its threads have ended and its files are closed. */
export interface EndEvent {
  /** Why it is over. */
  readonly reason: 'finished' | 'aborted' | 'failed';
  /** What calls were rejected with, unless it finished. */
  readonly error?: StreamError;
}

/** Events by name. There is no `error` event: a failure rejects calls. */
export interface StreamEvents {
  /** A media segment is complete. */
  segment: SegmentEvent;
  /** A manifest was written. */
  manifest: ManifestEvent;
  /** Throttled counters. */
  progress: ProgressEvent;
  /** A frame was dropped. */
  drop: DropEvent;
  /** Something to know. */
  warning: WarningEvent;
  /** A line of libav's log. */
  log: LogEvent;
  /** The last event; comes exactly once. */
  end: EndEvent;
}

/** A function that is called for each event of one name. */
export type Listener<Event> = (event: Event) => void;

/** Calls listeners in the order in which they were added. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<{ call: Listener<never> }>>();

  /** Adds a listener; the returned function removes it. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    if (typeof listener !== 'function') {
      const path = `on('${String(name)}')`;
      throw new InvalidOptionsError([{ path, message: sentence('a function', path, listener) }]);
    }
    // Wrapped, so that a function that was added twice is called, and removed, twice.
    const entry = { call: listener as Listener<never> };
    let entries = this.#listeners.get(name);
    if (entries === undefined) this.#listeners.set(name, (entries = new Set()));
    entries.add(entry);
    return () => void this.#listeners.get(name)?.delete(entry);
  }

  /** Adds a listener for the next event only; the returned function removes it. */
  once<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const off = this.on(name, (event) => {
      off();
      listener(event);
    });
    return off;
  }

  /** True when somebody listens. */
  has(name: keyof Events): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  /**
   * Calls the listeners. One that throws is a bug of the caller that must not stop a running
   * stream: it is reported as a process warning `StreamListenerWarning` and the others are called.
   */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const entry of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (entry.call as Listener<Events[Name]>)(event);
      } catch (error) {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        process.emitWarning(`A "${String(name)}" listener threw: ${text}`, 'StreamListenerWarning');
      }
    }
  }
}
