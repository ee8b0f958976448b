// Failure on the command line: errors in the words of its flags, and their exit codes.

import { InvalidOptionsError, StreamError } from '../report/errors.js';
import type { OptionIssue } from '../report/errors.js';

/** Everything went well. */
export const EXIT_OK = 0;
/** Something that may fail has failed. */
export const EXIT_FAILURE = 1;
/** The command line itself was wrong. */
export const EXIT_USAGE = 2;

/** An error as it is shown. */
export interface CliFailure {
  /** Stable identifier, `INVALID_OPTIONS`. */
  readonly code: string;
  /** One sentence, or one line per wrong option. */
  readonly message: string;
  /** Every wrong option. */
  readonly issues?: readonly OptionIssue[];
  /** Where in the pipeline it happened. */
  readonly stage?: string;
  /** Index of the rendition, from 0. */
  readonly rendition?: number;
  /** libav's last line before it. */
  readonly log?: string;
}

/** What a caller in JavaScript would do, and what it is on the command line. */
const PHRASES: readonly (readonly [code: string, command: string])[] = [
  [' for streamParams but', ' behind -- but'],
  ['(-re reads', '(--realtime reads'],
  ['listEncoders()', '"streamgear encoders"'],
  ['fallback: true', '--fallback'],
  ['"pipe:0"', 'standard input'],
  ['"/dev/stdin"', 'standard input'],
];

/** Puts the flags that were given in the place of the attributes that they stand for. */
export function inFlags(text: string, names: ReadonlyMap<string, string>): string {
  let translated = text;
  for (const [code, command] of PHRASES) translated = translated.replace(code, command);
  if (names.size === 0) return translated;
  // The longest first: -b:v:0 is not -b.
  const attributes = [...names.keys()].sort((a, b) => b.length - a.length);
  const words = attributes.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const pattern = new RegExp(`(?<![\\w"-])(?:${words})(?![\\w:-])`, 'g');
  return translated.replaceAll(pattern, (attribute) => names.get(attribute) ?? attribute);
}

/** What is shown of an error. */
export function failureOf(error: unknown, names: ReadonlyMap<string, string>): CliFailure {
  if (error instanceof InvalidOptionsError) {
    const issues = error.issues.map(({ path, message }) => ({
      path: inFlags(path, names),
      message: inFlags(message, names),
    }));
    const { code, message } = new InvalidOptionsError(issues);
    return { code, message, issues };
  }
  if (error instanceof StreamError) {
    const { code, stage, rendition, log } = error;
    return {
      code,
      message: inFlags(error.message, names),
      ...(stage === undefined ? {} : { stage }),
      ...(rendition === undefined ? {} : { rendition }),
      ...(log === undefined ? {} : { log }),
    };
  }
  // Anything else is a mistake of ours, and where it was made helps.
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'UNEXPECTED', message };
}

/** An error in one line, or one per wrong option; libav's own words are often the reason. */
export function failureText({ message, log }: CliFailure): string {
  return log === undefined || message.includes(log) ? message : `${message} (${log})`;
}

/** The exit code of an error. */
export function exitCodeOf(error: unknown): number {
  return error instanceof InvalidOptionsError ? EXIT_USAGE : EXIT_FAILURE;
}
