// A terminal for a command, from util-linux.

/**
 * Arguments of `script` that run a command on a terminal and end with its exit code. The shell in between must not
 * stay: a Ctrl-C would end it first, with an exit code of its own.
 */
export const onTerminal = (command: string): string[] => ['-qec', `exec ${command}`, '/dev/null'];

/** What Ctrl-C sends. */
export const CTRL_C = '\x03';
