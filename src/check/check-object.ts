// Check object: a caller's object against a schema, with everything wrong in it in the common sentence form.

import * as z from 'zod';
import type { Issues } from './issues.js';
import { pathText } from './option-path.js';
import { copyOptions } from './options-copy.js';
import type { Kind } from './values.js';

const ONE_OF = 'one of ';

/** An object without unknown keys; the message of its issues lists the known ones. */
export function strict<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? ONE_OF + Object.keys(shape).join(', ') : 'an object',
  });
}

/** An object of values by any name, as a map: a key of the caller's is none of an object of ours. */
export function mapOf<Value, In>(
  kind: Kind<Value, In>,
  expected: string,
): z.ZodType<ReadonlyMap<string, Value>, Readonly<Record<string, In>>> {
  return z.unknown().transform((input, context) => {
    const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
    const entries = input instanceof Map ? input : new Map(isObject ? Object.entries(input) : []);
    if (!isObject) context.issues.push({ code: 'custom', message: expected, input });
    const result = new Map<string, Value>();
    for (const [key, given] of entries as Map<string, unknown>) {
      if (given === undefined) continue;
      const value = kind.parse(given);
      if (value !== undefined) result.set(key, value);
      else
        context.issues.push({ code: 'custom', message: kind.expected, input: given, path: [key] });
    }
    return result;
  }) as z.ZodType as z.ZodType<ReadonlyMap<string, Value>, Readonly<Record<string, In>>>;
}

/**
 * Reads a value once, checks its shape and adds everything wrong to `issues`. Goes on without the wrong parts, so
 * that later checks can find more; undefined when what is left is not enough.
 */
export function checkObject<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  issues: Issues,
): z.output<Schema> | undefined {
  return checkCopy(schema, copyOptions(value, issues), issues);
}

/** The same for a value that is ours. */
export function checkCopy<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  issues: Issues,
): z.output<Schema> | undefined {
  const first = schema.safeParse(value);
  if (first.success) return first.data;
  for (const issue of first.error.issues) report(issue, value, issues);
  return schema.safeParse(without(value, first.error.issues.flatMap(wrongPaths))).data;
}

/** Of JSON: no symbols. */
type Path = readonly (string | number)[];

function pathOf(issue: z.core.$ZodIssue): Path {
  return issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
}

function wrongPaths(issue: z.core.$ZodIssue): Path[] {
  const path = pathOf(issue);
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
}

function report(issue: z.core.$ZodIssue, root: unknown, issues: Issues): void {
  const path = pathOf(issue);
  if (issue.code !== 'unrecognized_keys') {
    if (issues.has(path)) return; // what cannot be read
    const words: unknown = issue.code === 'custom' ? issue.params?.['words'] : undefined;
    const candidates = Array.isArray(words) ? words.map(String) : [];
    issues.expected(issue.message, path, valueAt(root, path), candidates);
    return;
  }
  const known = issue.message.slice(ONE_OF.length).split(', ');
  const parent = path.length === 0 ? pathText(path) : path;
  for (const key of issue.keys) issues.unknown(issue.message, parent, key, known);
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = value instanceof Map ? value.get(key) : (value as Record<string, unknown>)[key];
  }
  return value;
}

/** A copy of `value` without what lies at the paths; what is not on a way there is shared. */
function without(value: unknown, paths: readonly Path[]): unknown {
  if (paths.length === 0 || typeof value !== 'object' || value === null) return value;
  const inside = new Map<string, Path[]>();
  for (const [key, ...below] of paths) {
    if (key === undefined) continue;
    const known = inside.get(String(key));
    if (known === undefined) inside.set(String(key), [below]);
    else known.push(below);
  }
  const isWrong = (key: string): boolean =>
    inside.get(key)?.some((path) => path.length === 0) ?? false;
  const rest = (key: string, item: unknown): unknown => without(item, inside.get(key) ?? []);
  if (Array.isArray(value)) {
    // An empty object keeps the indexes of the others as the caller wrote them.
    return value.map((item: unknown, index) =>
      isWrong(String(index)) ? {} : rest(String(index), item),
    );
  }
  const entries = value instanceof Map ? (value as Map<string, unknown>) : Object.entries(value);
  const right = [...entries].filter(([key]) => !isWrong(key));
  if (value instanceof Map) return new Map(right);
  return Object.assign(
    Object.create(null) as object,
    Object.fromEntries(right.map(([key, item]) => [key, rest(key, item)])),
  );
}
