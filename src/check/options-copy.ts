// Options copy: what a caller wrote, read once, before anything looks at it. A getter that throws, a proxy, a cycle is a
// wrong value like any other then; and what has been checked cannot be another value later.

import type { Issues } from './issues.js';
import { keysOf } from './option-path.js';
import type { OptionPath } from './option-path.js';

/** Options lie at most half as deep. */
const MAX_DEPTH = 12;

/** Values of one options object, keys and items of lists counted; far more than anybody writes. */
const MAX_VALUES = 20_000;

/** An AbortSignal, of any realm. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  return (
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    typeof value.aborted === 'boolean' &&
    'addEventListener' in value &&
    typeof value.addEventListener === 'function' &&
    'removeEventListener' in value &&
    typeof value.removeEventListener === 'function'
  );
}

/** Objects of options have no class of their own, or one of the caller's. */
function isPlain(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object Object]';
}

/**
 * Copies objects, without a prototype, and lists; a URL is another URL, and signals and functions stay what they are.
 *
 * @param issues - Takes what cannot be read, and what is no data: views, dates, promises, maps …
 * @param path - Where the value lies.
 * @returns the copy; undefined in place of what is wrong.
 */
export function copyOptions(value: unknown, issues: Issues, path: OptionPath = []): unknown {
  return new Copier(issues).copy(value, keysOf(path));
}

type Keys = readonly (string | number)[];

class Copier {
  readonly #issues: Issues;
  #left = MAX_VALUES;

  constructor(issues: Issues) {
    this.#issues = issues;
  }

  copy(value: unknown, keys: Keys): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (keys.length > MAX_DEPTH) return this.#refuse('values without cycles', keys, 2, value);
    try {
      return this.#copyObject(value, keys);
    } catch {
      return this.#refuse('a value that can be read', keys, keys.length, value);
    }
  }

  #copyObject(value: object, keys: Keys): unknown {
    if (Array.isArray(value)) {
      if (!this.#takes(value.length)) return this.#tooMany(keys);
      const { length } = value;
      return Array.from({ length }, (_, index) => this.copy(value[index], [...keys, index]));
    }
    if (value instanceof URL) return new URL(value.href);
    if (isAbortSignal(value)) return value;
    if (!isPlain(value)) return this.#refuse('plain data', keys, keys.length, value);
    const names = Object.keys(value);
    if (!this.#takes(names.length)) return this.#tooMany(keys);
    const result = Object.create(null) as Record<string, unknown>;
    for (const name of names) {
      result[name] = this.copy((value as Record<string, unknown>)[name], [...keys, name]);
    }
    return result;
  }

  #takes(count: number): boolean {
    this.#left -= count;
    return this.#left >= 0;
  }

  #tooMany(keys: Keys): unknown {
    return this.#refuse(`at most ${MAX_VALUES} values`, keys, keys.length, 'more');
  }

  #refuse(expected: string, keys: Keys, depth: number, received: unknown): unknown {
    this.#issues.expected(expected, keys.slice(0, depth), received);
    return undefined;
  }
}
