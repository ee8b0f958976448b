// What no call may change, whatever it is given: the prototypes of the language, listeners of the process, its folder and
// its environment; and what a call may end in.

import { readdirSync } from 'node:fs';

import { StreamError } from '../../src/index.js';

const PROTOTYPES = {
  Object: Object.prototype,
  Array: Array.prototype,
  Function: Function.prototype,
  String: String.prototype,
  Number: Number.prototype,
  Map: Map.prototype,
  Promise: Promise.prototype,
  Uint8Array: Uint8Array.prototype,
};

/** Everything outside that a call could have changed, as text. */
export function processState(folder: string): string {
  const prototypes = Object.entries(PROTOTYPES).map(([name, prototype]) => [
    name,
    Reflect.ownKeys(prototype).map(String),
  ]);
  const listeners = process.eventNames().map((name) => [String(name), process.listenerCount(name)]);
  return JSON.stringify({
    prototypes,
    listeners,
    folder: process.cwd(),
    environment: Object.keys(process.env),
    files: readdirSync(folder, { recursive: true }).sort(),
  });
}

/** Resolves to the StreamError that a call ended in, or to undefined; any other error is thrown. */
export async function outcome(call: () => unknown): Promise<StreamError | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (error instanceof StreamError && typeof error.code === 'string') return error;
    throw error;
  }
}
