// Option path: where a value lies among the options, and by which name the caller knows it. Keys stay apart until a person
// reads them: what a caller wrote as a key is never put into a text that is taken apart again.

/** Keys from the outermost; a text is one key. */
export type OptionPath = string | readonly (string | number)[];

/** The keys of a path. */
export function keysOf(path: OptionPath): readonly (string | number)[] {
  return typeof path === 'string' ? [path] : path;
}

/** For people: `renditions[0].bitrate`. */
export function pathText(path: OptionPath): string {
  const keys = keysOf(path);
  if (keys.length === 0) return 'options';
  const parts = keys.map((key, index) => {
    if (typeof key === 'number') return `[${key}]`;
    const name = key === '' ? '""' : key;
    return index === 0 ? name : `.${name}`;
  });
  return parts.join('');
}

interface Node {
  name: string | undefined;
  readonly below: Map<string | number, Node>;
}

const newNode = (): Node => ({ name: undefined, below: new Map() });

/** Names of options that the caller did not give by their path: `['renditions', 1, 'bitrate']` → `-b:v:1`. */
export class OptionNames {
  readonly #root = newNode();

  /** @param names - Paths, and the names that the caller knows. */
  constructor(names: Iterable<readonly [path: OptionPath, name: string]> = []) {
    for (const [path, name] of names) this.set(path, name);
  }

  /** Names an option; a later name replaces an earlier one. */
  set(path: OptionPath, name: string): void {
    let node = this.#root;
    for (const key of keysOf(path)) {
      let next = node.below.get(key);
      if (next === undefined) node.below.set(key, (next = newNode()));
      node = next;
    }
    node.name = name;
  }

  /** The caller's name of an option, or of what it lies in and the way from there; the path when it has none. */
  nameOf(path: OptionPath): string {
    const keys = keysOf(path);
    let node: Node | undefined = this.#root;
    let found: { readonly name: string; readonly depth: number } | undefined;
    for (let depth = 0; depth <= keys.length && node !== undefined; depth++) {
      if (node.name !== undefined) found = { name: node.name, depth };
      const key = keys[depth];
      node = key === undefined ? undefined : node.below.get(key);
    }
    return found === undefined
      ? pathText(keys)
      : pathText([found.name, ...keys.slice(found.depth)]);
  }
}
