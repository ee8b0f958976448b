// Emitter: calls listeners by the name of an event, and hands events to `for await` loops.

import process from 'node:process';
import { sentence } from '../check/issues.js';
import { InvalidOptionsError } from '../report/errors.js';
import { EventQueue } from './event-queue.js';

/**
 * A function that is called for each event of one name.
 *
 * @category Events and figures
 */
export type Listener<Event> = (event: Event) => void;

interface Entry {
  /** What was given, by which it is removed. */
  readonly listener: unknown;
  /** What is called. */
  readonly call: Listener<never>;
}

/** How an emitter is told to behave where nobody listens, loops or waits. */
export interface EmitterHooks<Events extends object> {
  /** Hears the events of a name while it has no listener. */
  readonly unheard?: ReadonlyMap<keyof Events, Listener<never>>;
  /** A loop could not follow: events of this name are left out of it. */
  readonly onLost?: (name: keyof Events & string) => void;
}

/** Calls listeners in the order in which they were added. */
export class Emitter<Events extends object> {
  readonly #names: readonly (keyof Events & string)[];
  readonly #hooks: EmitterHooks<Events>;
  readonly #entries = new Map<keyof Events, Entry[]>();
  readonly #loops = new Set<{ end(error?: unknown): void }>();
  #ending: { readonly error: unknown } | undefined;
  #awaited = 0;
  /** Called when a loop begins to wait for an event, or no longer does. */
  onAwaited: (() => void) | undefined;

  /** @param names - Every event that there is. */
  constructor(names: readonly (keyof Events & string)[], hooks: EmitterHooks<Events> = {}) {
    this.#names = names;
    this.#hooks = hooks;
  }

  /** A loop waits for an event. */
  get isAwaited(): boolean {
    return this.#awaited > 0;
  }

  /**
   * Adds a listener; the returned function removes it.
   *
   * @throws {@link InvalidOptionsError} for a name that is no event, and for what is no function.
   */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    this.#mustBeListener('on', name, listener);
    return this.#add(name, listener, listener);
  }

  /** Adds a listener for the next event only; the returned function removes it. */
  once<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    this.#mustBeListener('once', name, listener);
    const off = this.#add(name, listener, (event: Events[Name]): unknown => {
      off();
      return (listener as (event: Events[Name]) => unknown)(event);
    });
    return off;
  }

  /** Removes a listener: of one that was added several times, the last. Without effect when it was not added. */
  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): void {
    this.#mustBeListener('off', name, listener);
    const entry = this.#entries.get(name)?.findLast((each) => each.listener === listener);
    if (entry !== undefined) this.#remove(name, entry);
  }

  /** True when somebody listens. */
  has(name: keyof Events): boolean {
    return (this.#entries.get(name)?.length ?? 0) > 0;
  }

  /**
   * The events of one name from now on, for a `for await` loop. It ends with {@link Emitter.end}, when the loop has had
   * what came before, and throws the error of the end, if there is one.
   */
  events<Name extends keyof Events & string>(
    name: Name,
  ): AsyncIterableIterator<Events[Name], undefined> {
    this.#mustBeEvent('events', name);
    const loop = new EventQueue<Events[Name]>({
      onWait: (change) => {
        this.#awaited += change;
        this.onAwaited?.();
      },
      onLost: () => this.#hooks.onLost?.(name),
      onReturn: () => {
        off();
        this.#loops.delete(loop);
      },
    });
    const push: Listener<Events[Name]> = (event) => {
      loop.push(event);
    };
    const off = this.#add(name, push, push);
    if (this.#ending === undefined) this.#loops.add(loop);
    else loop.end(this.#ending.error);
    return loop;
  }

  /** No event comes any more: loops end. */
  end(error?: unknown): void {
    if (this.#ending !== undefined) return;
    this.#ending = { error };
    for (const loop of this.#loops) loop.end(error);
    this.#loops.clear();
  }

  /**
   * Calls the listeners. One that throws, or returns a promise that rejects, is a bug of the caller that must not stop a
   * running stream: it is reported as a process warning `StreamListenerWarning` and the others are called.
   */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const entries = this.#entries.get(name) ?? [];
    if (entries.length === 0) {
      const hear = this.#hooks.unheard?.get(name) as Listener<Events[Name]> | undefined;
      hear?.(event);
    }
    for (const { call } of entries) {
      try {
        const result = (call as (event: Events[Name]) => unknown)(event);
        if (result instanceof Promise) {
          result.catch((error: unknown) => {
            report(name, error);
          });
        }
      } catch (error) {
        report(name, error);
      }
    }
  }

  /** Lists are replaced, never changed: an event goes to those that listened when it came. */
  #add<Name extends keyof Events>(
    name: Name,
    listener: unknown,
    call: (event: Events[Name]) => unknown,
  ): () => void {
    const entry: Entry = { listener, call };
    this.#entries.set(name, [...(this.#entries.get(name) ?? []), entry]);
    return () => {
      this.#remove(name, entry);
    };
  }

  #remove(name: keyof Events, entry: Entry): void {
    const left = this.#entries.get(name)?.filter((each) => each !== entry) ?? [];
    this.#entries.set(name, left);
  }

  #mustBeListener(call: string, name: keyof Events, listener: unknown): void {
    this.#mustBeEvent(call, name);
    if (typeof listener === 'function') return;
    const path = `${call}('${String(name)}')`;
    throw new InvalidOptionsError([{ path, message: sentence('a function', path, listener) }]);
  }

  #mustBeEvent(call: string, name: unknown): void {
    if (this.#names.some((known) => known === name)) return;
    const path = `${call}()`;
    const known = this.#names.map((each) => `"${each}"`).join(', ');
    const message = sentence(`an event (${known})`, path, name, this.#names);
    throw new InvalidOptionsError([{ path, message }]);
  }
}

function report(name: PropertyKey, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.emitWarning(`A "${String(name)}" listener threw: ${text}`, 'StreamListenerWarning');
}
