// Logging: what StreamGear prints to stderr by itself.

import process from 'node:process';
import type { StreamEmitter } from './stream-emitter.js';

/**
 * What is printed to stderr: `true`: warnings and log lines; `'warning'`: warnings only; `'debug'`: warnings and all that
 * libav says, debug lines included, which `log` events then carry too; `false`: nothing.
 *
 * @category Events and figures
 */
export type Logging = boolean | 'warning' | 'debug';

/** Prints as long as the stream tells anything. */
export function printTo(events: StreamEmitter, logging: Logging): void {
  if (logging === false) return;
  events.on('warning', ({ code, message }) => {
    process.stderr.write(`[streamgear] warning ${code}: ${message}\n`);
  });
  if (logging === 'warning') return;
  events.on('log', ({ level, message }) => {
    process.stderr.write(`[streamgear] ${level}: ${message}\n`);
  });
}
