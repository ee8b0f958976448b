// @ts-check
// The command line of `npm start`.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const HELP = `Usage: npm start -- [options]

Decodes a real clip, draws an overlay into every frame in JavaScript, and pushes the
frames to a StreamGear, with the clip's own sound. It encodes them once and writes one set
of segments with two manifests, MPEG-DASH and HLS. On a terminal a page then plays both,
until Ctrl-C.

Options:
  --seconds N   how much of the clip to encode, 0 = all of it   (default 10)
  --start N     where in the clip to begin, seconds             (default 12, where
                something happens; 0 where less of the clip is left than is wanted)
  --out DIR     where the presentation goes                     (default out/start)
  --port N      port of the page on 127.0.0.1, 0 = any free one (default 0)
  --help        print this and exit`;

/** Of the clip. */
/** Where the presentation goes by default. */
const OUT = 'out/start';

const CLIP_SECONDS = 30;

/** Where a bird begins to hop and the music is loud, seconds. */
const LIVELY = 12;

/**
 * @param {string} text
 * @param {string} name of the option
 * @param {string} what the option accepts, in words
 * @param {(value: number) => boolean} accepts
 */
function number(text, name, what, accepts) {
  const value = Number(text);
  if (text.trim() === '' || !accepts(value)) {
    throw new Error(`Expected ${what} for --${name} but received "${text}"`);
  }
  return value;
}

/**
 * @param {string[]} argv without node and script
 * @returns {{ help: boolean, start: number, seconds: number, out: string, clears: boolean, port: number }}
 * @throws {Error} on an unknown option or a wrong value
 */
export function parseArguments(argv) {
  const values = readOptions(argv);
  const seconds = number(
    values.seconds ?? '10',
    'seconds',
    'a number of seconds such as 10, or 0 for the whole clip,',
    (value) => Number.isFinite(value) && value >= 0,
  );
  const isLively = seconds > 0 && LIVELY + seconds <= CLIP_SECONDS;
  return {
    help: values.help ?? false,
    start: number(
      values.start ?? (isLively ? String(LIVELY) : '0'),
      'start',
      `a number of seconds below ${CLIP_SECONDS}`,
      (value) => value >= 0 && value < CLIP_SECONDS,
    ),
    seconds,
    out: resolve(values.out ?? OUT),
    // Only what is surely ours is cleared.
    clears: values.out === undefined || resolve(values.out) === resolve(OUT),
    port: number(
      values.port ?? '0',
      'port',
      'a port from 0 to 65535',
      (value) => Number.isInteger(value) && value >= 0 && value <= 65_535,
    ),
  };
}

/** @param {string[]} argv */
function readOptions(argv) {
  try {
    return parseArgs({
      args: argv,
      options: {
        help: { type: 'boolean', short: 'h' },
        seconds: { type: 'string' },
        start: { type: 'string' },
        out: { type: 'string' },
        port: { type: 'string' },
      },
    }).values;
  } catch (error) {
    // parseArgs says what is wrong in its first sentence; the rest is about escaping.
    const [sentence] = String(error instanceof Error ? error.message : error).split(/\.\s/);
    throw new Error(`${sentence}. See npm start -- --help`, { cause: error });
  }
}
