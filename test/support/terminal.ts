// A terminal for a command, from util-linux.
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';

/**
 * Starts a command on a terminal that has colours, and ends with its exit code. The shell in between must be one, and
 * must not stay: a Ctrl-C would end it first, with an exit code of its own.
 */
export function spawnOnTerminal(
  command: string,
  env: NodeJS.ProcessEnv = {},
): ChildProcessWithoutNullStreams {
  // In CI, Node takes no terminal for one with colours.
  const terminal = { SHELL: '/bin/sh', TERM: 'xterm-256color', CI: undefined };
  return spawn('script', ['-qec', `exec ${command}`, '/dev/null'], {
    env: { ...process.env, ...terminal, ...env },
  });
}

/** What Ctrl-C sends. */
export const CTRL_C = '\x03';
