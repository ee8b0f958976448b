// Input of the command line: what "-" stands for.

import { fstatSync } from 'node:fs';
import process from 'node:process';
import { isatty } from 'node:tty';
import { Issues } from '../check/issues.js';

const STDIN = 0;

/**
 * The input as libav takes it: `-` is standard input.
 *
 * @throws {@link InvalidOptionsError} when standard input is a terminal, on which nobody types media.
 */
export function inputOf(given: string): string {
  if (given !== '-') return given;
  const issues = new Issues();
  if (isatty(STDIN)) issues.expected('media on standard input, not a terminal,', 'input', given);
  issues.throwIfAny();
  // A file that is redirected can be sought in, which a pipe cannot.
  if (process.platform !== 'win32' && fstatSync(STDIN).isFile()) return '/dev/stdin';
  // To have it opened makes a pipe non-blocking, without which no signal could end libav's reading.
  process.stdin.pause();
  return 'pipe:0';
}
