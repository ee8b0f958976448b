// Logging: what StreamGear prints to stderr by itself.

import process from 'node:process';
import type { Logging } from '../report/events.js';
import type { StreamEmitter } from './stream-emitter.js';

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
