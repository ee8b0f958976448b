// Habits of ffmpeg's command line: its options in front of "--" get an answer that says where they go here.

import type { Command } from 'commander';
import type { OptionIssue } from '../report/errors.js';
import { isName } from './words.js';

/** Where an option of ffmpeg goes. */
type Place =
  | { readonly kind: 'input' }
  | { readonly kind: 'flag'; readonly flag: string; readonly isBare?: boolean }
  | { readonly kind: 'needless'; readonly why: string };

const input: Place = { kind: 'input' };
const flag = (name: string): Place => ({ kind: 'flag', flag: name });
const bareFlag = (name: string): Place => ({ kind: 'flag', flag: name, isBare: true });
const needless = (why: string): Place => ({ kind: 'needless', why });

const OVERWRITTEN = 'the files of a presentation are always written anew';
const NO_BANNER = 'there is no banner: --quiet leaves only errors';

/** What is not here goes behind `--` as it is. */
const PLACES: ReadonlyMap<string, Place> = new Map([
  ['-i', input],
  ...['-c:v', '-vcodec', '-codec:v', '-c', '-codec'].map(
    (name) => [name, flag('--codec')] as const,
  ),
  ...['-b:v', '-vb', '-b'].map((name) => [name, flag('--bitrate')] as const),
  ...['-c:a', '-acodec', '-codec:a'].map((name) => [name, flag('--audio-codec')] as const),
  ['-b:a', flag('--audio-bitrate')],
  ['-an', bareFlag('--no-audio')],
  ['-s', flag('--size')],
  ['-g', flag('--gop')],
  ...['-vf', '-filter:v'].map((name) => [name, flag('--filter')] as const),
  ['-preset', flag('--preset')],
  ['-crf', flag('--crf')],
  ['-ss', flag('--start')],
  ['-t', flag('--duration')],
  ['-to', flag('--to')],
  ['-f', flag('--format')],
  ['-metadata', flag('--metadata')],
  ['-re', bareFlag('--realtime')],
  ...['-hls_time', '-seg_duration'].map((name) => [name, flag('--segment-duration')] as const),
  ['-y', needless(OVERWRITTEN)],
  ['-n', needless(OVERWRITTEN)],
  ['-hide_banner', needless(NO_BANNER)],
  ['-nostats', needless(NO_BANNER)],
  ['-nostdin', needless('standard input is read only where the input is "-"')],
]);

/** ffmpeg's options that stand where our flags do, and the command line that was meant. */
export interface Habits {
  /** One per option; empty: there were none. */
  readonly issues: readonly OptionIssue[];
  /** The whole command line, each option in its place. */
  readonly command: string;
}

/**
 * Looks for ffmpeg's options among our flags.
 *
 * @param own - What stands in front of `--`.
 * @param ffmpeg - What stands behind it.
 * @param program - Knows our flags, and which of them take a value.
 */
export function findHabits(
  own: readonly string[],
  ffmpeg: readonly string[],
  program: Command,
): Habits {
  const [first] = own;
  const command = program.commands.find((known) => known.name() === first) ?? program;
  const hasFlag = (long: string): boolean => command.options.some((known) => known.long === long);
  const inputs: string[] = [];
  const rest: string[] = [];
  const behind: string[] = [];
  const issues: OptionIssue[] = [];
  const takesValue = (word: string): boolean =>
    command.options.some(({ long, required }) => required && long === word);
  for (let index = 0; index < own.length; index++) {
    const word = own[index] ?? '';
    const value = own[index + 1];
    if (!isName(word) || word === '-h') {
      rest.push(word);
      // The value of a flag is no option, whatever it looks like.
      if (takesValue(word) && value !== undefined) rest.push(own[++index] ?? '');
      continue;
    }
    const place = PLACES.get(word);
    // Only a transcode has a "--" and can do without: what another command has no place for is unknown to it.
    if (
      command !== program &&
      (place?.kind !== 'flag' || !hasFlag(place.flag)) &&
      place !== input
    ) {
      rest.push(word);
      continue;
    }
    const isBare = place?.kind === 'needless' || (place?.kind === 'flag' && place.isBare === true);
    const hasValue = !isBare && value !== undefined && !isName(value) && !value.startsWith('--');
    const words = hasValue ? [value] : [];
    if (place === undefined) behind.push(word, ...words);
    else if (place.kind === 'input') inputs.push(...words);
    else if (place.kind === 'flag') rest.push(place.flag, ...words);
    if (hasValue) index++;
    issues.push({ path: word, message: `${word} is an option of ffmpeg: ${adviceOf(place)}` });
  }
  const options = [...behind, ...ffmpeg];
  const name = command === program ? [] : rest.splice(0, 1);
  const words = [...name, ...inputs, ...rest, ...(options.length === 0 ? [] : ['--', ...options])];
  return { issues, command: ['streamgear', ...words.map(quoted)].join(' ') };
}

function adviceOf(place: Place | undefined): string {
  switch (place?.kind) {
    case undefined:
      return 'it goes behind --';
    case 'input':
      return 'the input is the first word, without it';
    case 'flag':
      return `here it is ${place.flag}`;
    case 'needless':
      return `leave it out, as ${place.why}`;
  }
}

/** As a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
