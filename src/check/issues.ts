// Issues: collects every wrong value of an options object, in one sentence form.

import { nearest } from '../base/nearest.js';
import { isSecretKey, withoutSecrets } from '../base/secrets.js';
import { InvalidOptionsError } from '../report/errors.js';
import type { OptionIssue } from '../report/errors.js';
import { OptionNames, keysOf, pathText } from './option-path.js';
import type { OptionPath } from './option-path.js';

const SHOWN_LENGTH = 80;
const SHOWN_DEPTH = 4;
const SHOWN_ITEMS = 20;
/** What is looked at of a long text before it is cut. */
const READ_LENGTH = 4096;
/** Whoever has more wrong values than this needs no hint for each. */
const MOST_HINTS = 20;

const cut = (text: string): string =>
  text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH - 1)}…` : text;

/** A text without its secrets; the rest of a very long one, which would be cut off, is not even read. */
const shown = (text: string): string => withoutSecrets(text.slice(0, READ_LENGTH));

/** For JSON.stringify: what is in a list or an object, without secrets. */
function masked(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'object' && value !== null) return value;
  // The name of an option comes before its value in a list: ['-headers', 'Authorization: …'].
  const before: unknown = Array.isArray(this) ? this[Number(key) - 1] : key;
  if (typeof before === 'string' && isSecretKey(before.slice(0, SHOWN_LENGTH))) return '***';
  return typeof value === 'string' ? shown(value) : value;
}

/** A received value as a message shows it: strings quoted, long ones cut, objects by their kind, no secrets. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(cut(shown(value)));
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) {
    return String(value);
  }
  try {
    if (ArrayBuffer.isView(value)) return kindOf(value);
    return cut(JSON.stringify(brief(value), masked));
  } catch {
    return isArray(value) ? 'an array' : 'an object'; // that holds itself or a bigint, or throws
  }
}

/** `Buffer`, `Float32Array`. */
function kindOf(view: ArrayBufferView): string {
  const name: unknown = (view as { readonly constructor?: { readonly name?: unknown } }).constructor
    ?.name;
  return typeof name === 'string' ? name : 'bytes';
}

/** Of a Proxy that was revoked nobody can tell. */
function isArray(value: unknown): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** As much of a value as can be shown: what a caller gives may hold a whole film. Throws when it holds itself. */
function brief(value: unknown, around: readonly object[] = []): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return kindOf(value);
  if (value instanceof Map) return brief(Object.fromEntries(value as Map<string, unknown>), around);
  if (around.includes(value)) throw new TypeError('It holds itself');
  if (around.length === SHOWN_DEPTH) return '…';
  if ('toJSON' in value && typeof value.toJSON === 'function') return value;
  const inside = [...around, value];
  if (Array.isArray(value)) {
    return value.slice(0, SHOWN_ITEMS).map((item: unknown) => brief(item, inside));
  }
  const keys = Object.keys(value).slice(0, SHOWN_ITEMS);
  return Object.fromEntries(keys.map((key) => [key, brief(Reflect.get(value, key), inside)]));
}

/** *Expected a bitrate such as "2500k" for -b:v but received "5Q". Did you mean "5G"?* */
export function sentence(
  expected: string,
  path: string,
  received: unknown,
  candidates: Iterable<string> = [],
): string {
  const near = typeof received === 'string' ? nearest(received, candidates) : undefined;
  const hint = near === undefined || near === received ? '' : `. Did you mean "${near}"?`;
  const isSecret = isSecretKey(path.slice(path.lastIndexOf('.') + 1).slice(0, SHOWN_LENGTH));
  const value = isSecret && typeof received === 'string' ? '"***"' : show(received);
  return `Expected ${expected} for ${cut(path)} but received ${value}${hint}`;
}

/** Collects wrong values; see {@link InvalidOptionsError}. */
export class Issues {
  readonly #list: OptionIssue[] = [];
  readonly #messages = new Set<string>();
  readonly #names: OptionNames;

  /** @param names - What the caller knows by other names. */
  constructor(names: OptionNames = new OptionNames()) {
    this.#names = names;
  }

  /** Wrong values so far. */
  get list(): readonly OptionIssue[] {
    return this.#list;
  }

  /** Adds one wrong value in the common sentence form. */
  expected(what: string, path: OptionPath, received: unknown, candidates?: Iterable<string>): void {
    const name = this.nameOf(path);
    this.#push({ path: name, message: sentence(what, name, received, this.#hints(candidates)) });
  }

  /** Adds one wrong value in words of its own. */
  add(path: OptionPath, message: string): void {
    this.#push({ path: this.nameOf(path), message });
  }

  /** Adds an unknown key of an object. */
  unknown(what: string, parent: OptionPath, key: string, candidates: Iterable<string>): void {
    const name = this.nameOf(parent);
    const path = attributeOf([name, key]) ?? pathText([name, key]);
    this.#push({ path, message: sentence(what, name, key, this.#hints(candidates)) });
  }

  #hints(candidates: Iterable<string> = []): Iterable<string> {
    return this.#list.length < MOST_HINTS ? candidates : [];
  }

  /** A value that several renditions share is wrong only once. */
  #push(issue: OptionIssue): void {
    const key = JSON.stringify([issue.path, issue.message]);
    if (this.#messages.has(key)) return;
    this.#messages.add(key);
    this.#list.push(issue);
  }

  /** The path by which the caller knows this value. */
  nameOf(path: OptionPath): string {
    return attributeOf(path) ?? this.#names.nameOf(path);
  }

  /** True when something is known to be wrong with this very value. */
  has(path: OptionPath): boolean {
    const name = this.nameOf(path);
    return this.#list.some((issue) => issue.path === name);
  }

  /** @throws {@link InvalidOptionsError} when there is at least one issue. */
  throwIfAny(): void {
    if (this.#list.length > 0) throw new InvalidOptionsError([...this.#list]);
  }
}

/** An attribute is its own path: nobody wrote "streamParams.-gop". */
function attributeOf(path: OptionPath): string | undefined {
  const [parent, ...below] = keysOf(path);
  return parent === 'streamParams' && typeof below[0] === 'string' ? pathText(below) : undefined;
}
