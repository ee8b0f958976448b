// Hostile and harmless values, to be made into options, frames and calls.

import * as fc from 'fast-check';

/** Keys that mean something to objects of JavaScript, and such as a parser of paths would take apart. */
export const hostileKey: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty'],
    ...['__defineGetter__', '__lookupSetter__', 'isPrototypeOf', 'toJSON', 'then', 'length'],
    ...['__proto__.polluted', 'constructor.prototype.polluted', 'a.b', '[0]', 'a[0].b', '', '.'],
    ...['0', '-1', 'NaN', '\0', '\n', '\u{FFFE}', '\u{D800}', '%s', '%n', '$&', ':', '='],
  ),
  fc.string({ maxLength: 12 }),
);

/** A number that is hardly ever meant. */
export const oddNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(
    ...[0, -0, 1, -1, 0.5, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 31 - 1, -(2 ** 31), 2 ** 32],
    ...[Number.MAX_SAFE_INTEGER, 2 ** 53, 2 ** 63, 1e300, 5e-324, 16384, 16385],
  ),
  fc.integer(),
  fc.double(),
);

/** An object that refers to itself. */
function cyclic(): object {
  const value: Record<string, unknown> = { name: 'cyclic' };
  value['self'] = value;
  return value;
}

/** Is no value but a trap. */
export const throws = (): never => {
  throw new Error('a trap of the caller');
};

/** Something that cannot pass through fast-check, which looks at values: it is made by {@link realize}. */
class Later {
  readonly make: () => unknown;

  constructor(make: () => unknown) {
    this.make = make;
  }

  /** What a counterexample shows. */
  [fc.toStringMethod](): string {
    return String(this.make);
  }
}

/** What is made by {@link realize}, each time anew. */
export function later(make: () => unknown): object {
  return new Later(make);
}

/** Makes what is to be made later, inside of lists and objects too. */
export function realize(value: unknown): unknown {
  if (value instanceof Later) return value.make();
  if (Array.isArray(value)) return value.map(realize);
  const isPlain =
    typeof value === 'object' &&
    value !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value) as typeof Object.prototype);
  if (!isPlain) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, realize(item)]));
}

/** Objects that are no options, and no plain objects. */
const ODD_OBJECTS: readonly (() => unknown)[] = [
  () => new Date(Number.NaN),
  () => new Map([['a', 1]]),
  () => new Uint8Array(3),
  () => /x/,
  () => new URL('file:///nowhere/at-all.mp4'),
  () => Promise.resolve(1),
  () => new Error('an error'),
];

/** Objects that do something when they are looked at. */
const trap: fc.Arbitrary<unknown> = fc
  .constantFrom<(() => unknown)[]>(
    () => cyclic(),
    () => {
      const list: unknown[] = [1];
      list.push(list);
      return list;
    },
    () => Object.defineProperty({}, 'output', { get: throws, enumerable: true }),
    () => Object.defineProperty([], 0, { get: throws, enumerable: true }),
    () => new Proxy({}, { get: throws, has: throws, ownKeys: throws, getPrototypeOf: throws }),
    () => new Proxy([], { get: throws }),
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
    () => ({ toString: throws, valueOf: throws, toJSON: throws }),
    () => ({ toString: 1, constructor: undefined }),
    () => ({ [Symbol.toPrimitive]: throws, [Symbol.iterator]: throws }),
    () => JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"x": 1}}}'),
    () => Object.create(null),
    () => Object.assign(Object.create({ inherited: 1 }) as object, { own: 1 }),
    () => Object.assign(new Uint8Array(2), { constructor: undefined }),
    ...ODD_OBJECTS,
    () => throws,
  )
  .map((make) => new Later(make));

/** A value of some other kind than is asked for; see {@link realize}. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { maxDepth: 2 },
  fc.constantFrom<unknown[]>(undefined, null, true, false, '', ' ', 'toString', '__proto__'),
  oddNumber,
  hostileKey,
  fc.bigInt(),
  fc.constantFrom<unknown[]>(Symbol('any'), Symbol.iterator, () => undefined),
  fc.constant('x').map((letter) => letter.repeat(20_000)),
  fc.constantFrom<(() => unknown)[]>(...ODD_OBJECTS).map((make) => make()),
  trap,
  fc.array(fc.oneof(hostileKey, oddNumber), { maxLength: 3 }),
  fc.dictionary(hostileKey, fc.oneof(hostileKey, oddNumber), { maxKeys: 3 }),
);
