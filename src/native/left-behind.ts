// Left behind: threads that do not end when they are told to, because they wait in the kernel.

import process from 'node:process';
import { nativeBinding } from './native.js';

/** Something native that was told to end. */
interface Ending {
  abandon(): boolean;
}

/** Milliseconds. What is told to end takes a fraction of it; two seconds are promised. */
const PATIENCE = 1500;

/** Milliseconds between two looks at threads that were left behind. */
const REAP_INTERVAL = 500;

/** Runs as long as there are such threads: their own end wakes nobody. */
let reaping: NodeJS.Timeout | undefined;

function reapUntilAllReturned(): void {
  reaping ??= setInterval(() => {
    if (nativeBinding().reap() > 0) return;
    clearInterval(reaping);
    reaping = undefined;
  }, REAP_INTERVAL).unref();
}

/**
 * Gives a native object, which was told to end, some time to do so. Then its end is told without it, and its
 * threads are left behind with all that they use: a thread that waits in the kernel, for a disk of the network or
 * a driver, can be woken by nobody.
 *
 * @param patience - Milliseconds.
 * @returns to be called at its end.
 */
export function mustEndSoon(native: Ending, what: string, patience = PATIENCE): () => void {
  const timer = setTimeout(() => {
    if (!native.abandon()) return;
    reapUntilAllReturned();
    process.emitWarning(
      `A thread of ${what} does not return from the system, and is left behind: what it uses is freed when it returns`,
      { type: 'StreamThreadWarning', code: 'THREAD_LEFT_BEHIND' },
    );
  }, patience).unref(); // whoever waits for the end holds the process
  return () => {
    clearTimeout(timer);
  };
}
