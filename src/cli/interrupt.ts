// Interrupt: signals of the system, and a reader of our output that went away, as an AbortSignal.

import process from 'node:process';
import { EXIT_FAILURE } from './failure.js';

/** What a shell is told of a program that a signal ended: 128 and the signal's number. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Why a command ended before its time. */
export interface Interruption {
  /** Exit code of the process. */
  readonly exitCode: number;
  /** What is said of it; '' when there is nobody left to say it to. */
  readonly message: string;
}

/** Ends a running command. */
export interface Interrupt {
  /** Aborted by the first signal, or by the second one when the first stops. */
  readonly signal: AbortSignal;
  /** From now on the first signal calls this, for an end in good order. */
  readonly stopFirst: (stop: () => void) => void;
  /** What that signal was; undefined as long as there was none. */
  readonly cause: () => Interruption | undefined;
}

/**
 * A signal aborts, so that threads end and files are closed; from then on signals do what they do to any
 * process, so the next one kills. What can end in good order is stopped by the first signal instead.
 */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  let cause: Interruption | undefined;
  let stopFirst: (() => void) | undefined;
  const abort = (exitCode: number, message: string): void => {
    for (const name of SIGNALS) process.off(name, onSignal);
    cause ??= { exitCode, message };
    controller.abort(message);
  };
  const onSignal = (name: (typeof SIGNALS)[number]): void => {
    const stop = stopFirst;
    stopFirst = undefined;
    if (stop === undefined) {
      abort(EXIT_CODES[name], 'interrupted');
    } else {
      cause = { exitCode: EXIT_CODES[name], message: 'interrupted' };
      stop();
    }
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  // Node ignores SIGPIPE: `streamgear … | head -1` shows as an error of the stream instead.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') abort(EXIT_CODES.SIGPIPE, '');
    else abort(EXIT_FAILURE, `standard output: ${error.message}`);
  });
  return {
    signal: controller.signal,
    stopFirst: (stop) => {
      stopFirst = stop;
    },
    cause: () => cause,
  };
}
