// Stream emitter: the events of one stream, for StreamGear and AdaptiveStream alike.

import process from 'node:process';
import type { WarningCode } from '../report/codes.js';
import type { StreamError, StreamGearError } from '../report/errors.js';
import type { EndEvent, StreamEvents, WarningEvent } from '../report/events.js';
import { Emitter } from './emitter.js';
import type { Listener } from './emitter.js';

const NAMES = Object.keys({
  segment: true,
  manifest: true,
  file: true,
  progress: true,
  drop: true,
  warning: true,
  log: true,
  error: true,
  end: true,
} satisfies Record<keyof StreamEvents, true>) as (keyof StreamEvents)[];

/** Codes that this thread has told already. */
const told = new Set<WarningCode>();

/** Tells a warning to which no stream has a listener: each code once, as Node tells a deprecation. */
function tellProcess({ code, message }: WarningEvent): void {
  if (told.has(code)) return;
  told.add(code);
  process.emitWarning(message, {
    type: 'StreamGearWarning',
    code,
    detail: `Further warnings ${code} go to listeners of "warning" only.`,
  });
}

/** The events of a stream: unheard warnings go to the process, and the end of the stream ends all loops. */
export class StreamEmitter extends Emitter<StreamEvents> {
  constructor() {
    super(NAMES, {
      unheard: new Map([['warning', tellProcess]]),
      onLost: (name) => {
        const message = `A loop over events('${name}') is too slow: its oldest events are left out`;
        this.emit('warning', { code: 'EVENTS_LOST', message });
      },
    });
  }

  /** The last events: of a stream that has not finished `error`, then `end`. */
  tellEnd(error: StreamError | undefined): void {
    if (error === undefined) {
      this.emit('end', { reason: 'finished' });
    } else {
      const reason: EndEvent['reason'] = error.code === 'ABORTED' ? 'aborted' : 'failed';
      const known = error as StreamGearError; // of whose classes every error is
      this.emit('error', known);
      this.emit('end', { reason, error: known });
    }
    this.end(error);
  }
}

/**
 * What StreamGear and AdaptiveStream have in common: their events.
 *
 * @category Events and figures
 */
export abstract class StreamEventSource {
  readonly #emitter: StreamEmitter;

  protected constructor(emitter: StreamEmitter) {
    this.#emitter = emitter;
  }

  /**
   * Listens to events; see {@link StreamEvents}. A listener that throws, or returns a promise that rejects, is
   * reported as a process warning `StreamListenerWarning` and does not stop the stream.
   *
   * @returns a function that removes the listener.
   * @throws {@link InvalidOptionsError} for a name that is no event.
   */
  on<Name extends keyof StreamEvents>(
    name: Name,
    listener: Listener<StreamEvents[Name]>,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Listens to the next event only; see {@link StreamEventSource.on}. */
  once<Name extends keyof StreamEvents>(
    name: Name,
    listener: Listener<StreamEvents[Name]>,
  ): () => void {
    return this.#emitter.once(name, listener);
  }

  /** As {@link StreamEventSource.on}. */
  addListener<Name extends keyof StreamEvents>(
    name: Name,
    listener: Listener<StreamEvents[Name]>,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Removes a listener; of one that was added several times, the last. Without effect when it was not added. */
  off<Name extends keyof StreamEvents>(name: Name, listener: Listener<StreamEvents[Name]>): this {
    this.#emitter.off(name, listener);
    return this;
  }

  /** As {@link StreamEventSource.off}. */
  removeListener<Name extends keyof StreamEvents>(
    name: Name,
    listener: Listener<StreamEvents[Name]>,
  ): this {
    return this.off(name, listener);
  }

  /**
   * The events of one name from now on, for a `for await` loop, which ends with the stream. Of a stream that failed or was
   * aborted the loop throws its error, behind the events that came before. Leaving the loop stops listening.
   *
   * The stream does not wait for the loop: up to 65536 events are kept for it, then the oldest are left out, with a
   * `warning` `EVENTS_LOST`. A loop that waits keeps the process alive while a source is transcoded, which ends by itself;
   * pushed frames do that themselves.
   *
   * @throws {@link InvalidOptionsError} for a name that is no event.
   * @example
   * ```ts
   * for await (const { path } of stream.events('segment')) await upload(path);
   * ```
   */
  events<Name extends keyof StreamEvents>(
    name: Name,
  ): AsyncIterableIterator<StreamEvents[Name], undefined> {
    return this.#emitter.events(name);
  }
}
