// Event queue: what lies between an emitter, which does not wait, and a `for await` loop, which may be slow.

import { defer } from '../base/deferred.js';
import type { Deferred } from '../base/deferred.js';

/** Events that wait for a loop at most; of more, the oldest are left out. */
export const MAX_WAITING_EVENTS = 65_536;

/** Whom a queue tells what happens to it. */
export interface EventQueueHooks {
  /** One `next()` more (1) or less (-1) is pending. */
  readonly onWait: (change: 1 | -1) => void;
  /** An event is left out; told once. */
  readonly onLost: () => void;
  /** The loop was left. */
  readonly onReturn: () => void;
}

/** An async iterator over what is pushed into it. */
export class EventQueue<Event> implements AsyncIterableIterator<Event, undefined> {
  readonly #hooks: EventQueueHooks;
  #ready: Event[] = [];
  #next = 0; // index in #ready
  #waiters: Deferred<IteratorResult<Event, undefined>>[] = [];
  #ending: { readonly error: unknown } | undefined;
  #toldLost = false;

  constructor(hooks: EventQueueHooks) {
    this.#hooks = hooks;
  }

  /** Hands an event to the loop, or keeps it until the loop asks. */
  push(event: Event): void {
    if (this.#ending !== undefined) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: event });
      this.#hooks.onWait(-1);
      return;
    }
    this.#ready.push(event);
    if (this.#ready.length - this.#next <= MAX_WAITING_EVENTS) return;
    this.#take();
    if (this.#toldLost) return;
    this.#toldLost = true;
    this.#hooks.onLost();
  }

  /** No event comes any more; what waits can still be had. */
  end(error?: unknown): void {
    if (this.#ending !== undefined) return;
    this.#ending = { error };
    for (const waiter of this.#waiters.splice(0)) {
      this.#settle(waiter);
      this.#hooks.onWait(-1);
    }
  }

  /** The next event. Rejects once with the error of the end. */
  next(): Promise<IteratorResult<Event, undefined>> {
    if (this.#next < this.#ready.length) {
      return Promise.resolve({ done: false, value: this.#take() });
    }
    const waiter = defer<IteratorResult<Event, undefined>>();
    if (this.#ending === undefined) {
      this.#waiters.push(waiter);
      this.#hooks.onWait(1);
    } else {
      this.#settle(waiter);
    }
    return waiter.promise;
  }

  /** Leaves the loop. */
  return(): Promise<IteratorResult<Event, undefined>> {
    this.#ready = [];
    this.#next = 0;
    this.#hooks.onReturn();
    this.end();
    this.#ending = { error: undefined }; // whoever has left is not told of a failure
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #settle(waiter: Deferred<IteratorResult<Event, undefined>>): void {
    const error = this.#ending?.error;
    this.#ending = { error: undefined };
    if (error === undefined) waiter.resolve({ done: true, value: undefined });
    else waiter.reject(error);
  }

  /** Takes the oldest that waits. Taken places are given up by the thousand: moving up the rest each time is slow. */
  #take(): Event {
    const event = this.#ready[this.#next] as Event;
    this.#next += 1;
    if (this.#next === this.#ready.length || this.#next === 1024) {
      this.#ready.splice(0, this.#next);
      this.#next = 0;
    }
    return event;
  }
}
