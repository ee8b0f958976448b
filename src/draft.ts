// Draft: AdaptiveStream options in the making, with the attribute that each value came from.

import type { WarningCode } from './codes.js';
import type { WarningEvent } from './events.js';
import type { NamedDevice } from './named-device.js';
import { Issues } from './issues.js';
import type { ManifestFormat } from './output.js';
import type { Kind } from './values.js';

type Container = Record<string, unknown>;

/** Options are put in by path: `renditions[1].bitrate`. */
export class Draft {
  /** DASH or HLS. */
  readonly format: ManifestFormat;
  /** Wrong values; they name attributes. */
  readonly issues = new Issues();
  /** What to tell once somebody listens. */
  readonly warnings: WarningEvent[] = [];
  /** Option path → attribute. */
  readonly names = new Map<string, string>();
  /** `-livestream`. */
  live = false;
  /** Single-Source Mode: there is a `-video_source`. */
  isSource = false;
  /** `-an`. */
  withoutAudio = false;
  /** Hardware devices by name, each with the attribute that gave it. */
  readonly devices = new Map<string, NamedDevice & { readonly attribute: string }>();
  /** `-filter_hw_device`. */
  filterDevice: { readonly name: string; readonly attribute: string } | undefined;
  readonly #options: Container = {};

  constructor(format: ManifestFormat) {
    this.format = format;
  }

  /** The options so far; later changes do not show in it. */
  get options(): Readonly<Container> {
    return copyOf(this.#options);
  }

  /** There is audio, so that its options have an effect; a source may have some. */
  get hasAudio(): boolean {
    return !this.withoutAudio && (this.isSource || this.get('audio') !== undefined);
  }

  /** Parses a value. A wrong one is an issue, and undefined. */
  parse<Out>(kind: Kind<Out>, attribute: string, value: unknown): Out | undefined {
    const parsed = kind.parse(value);
    if (parsed === undefined) this.issues.expected(kind.expected, attribute, value, kind.words);
    return parsed;
  }

  /** Puts in an option and remembers by which attribute the caller knows it. */
  set(path: string, value: unknown, attribute: string): void {
    const dot = path.lastIndexOf('.');
    this.put(path.slice(0, Math.max(0, dot)), path.slice(dot + 1), value, attribute);
  }

  /** The same for a key that is taken as it is, such as the name of a tag. */
  put(parent: string, key: string, value: unknown, attribute: string): void {
    let container = this.#options;
    for (const step of keysOf(parent)) {
      container[step] ??= {};
      container = container[step] as Container;
    }
    container[key] = value;
    this.names.set(parent === '' ? key : `${parent}.${key}`, attribute);
  }

  /** The attribute of an option, or its path when there is none. */
  nameOf(path: string): string {
    return this.names.get(path) ?? path;
  }

  /** What was put in. */
  get(path: string): unknown {
    let value: unknown = this.#options;
    for (const key of keysOf(path)) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = (value as Container)[key];
    }
    return value;
  }

  /** Puts in an option that is a list in one string; what is there stays in front. */
  append(path: string, value: string, separator: string, attribute: string): void {
    const before = this.get(path);
    this.set(path, typeof before === 'string' ? before + separator + value : value, attribute);
  }

  /** Collects something to tell. */
  warn(code: WarningCode, message: string): void {
    this.warnings.push({ code, message });
  }
}

/** Containers are copied, what is in them is not. */
function copyOf<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map((item: unknown) => copyOf(item)) as Value;
  const isContainer = typeof value === 'object' && value?.constructor === Object;
  if (!isContainer) return value;
  const entries = Object.entries(value as Container).map(([key, item]) => [key, copyOf(item)]);
  return Object.fromEntries(entries) as Value;
}

/** `renditions[1].options.b` → its keys. Option names may hold dashes, never dots. */
function keysOf(path: string): string[] {
  return path === '' ? [] : path.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
}
