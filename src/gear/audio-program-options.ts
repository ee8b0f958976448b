// Audio program options: what only the ffmpeg program knows of audio, and what it means here.

import * as values from '../check/values.js';
import type { Kind } from '../check/values.js';
import type { Draft } from './draft.js';
import { instead, option } from './program-options.js';
import type { ProgramOption, ProgramUse } from './program-options.js';

/** Index of the rendition whose audio is meant; undefined: all. */
function indexOf({ target }: ProgramUse): number | undefined {
  return target.kind === 'audio' ? target.index : undefined;
}

/** What all audio renditions have in common. */
function shared<Value>(
  kind: Kind<Value>,
  set: (draft: Draft, value: Value, attribute: string) => void,
): ProgramOption {
  return option(kind, (use) => {
    const { draft, attribute, value, renditions } = use;
    if (indexOf(use) === undefined || renditions === 1) set(draft, value, attribute);
    else {
      const expected = 'no number in the stream specifier, as audio differs only in bitrate,';
      draft.issues.expected(expected, attribute, value);
    }
  });
}

const text = (key: 'codec' | 'filter'): ProgramOption =>
  shared(values.text, (draft, value, attribute) => {
    draft.audio.set(key, value, attribute);
  });

const number = (key: 'sampleRate' | 'channels'): ProgramOption =>
  shared(values.wholeNumber(1), (draft, value, attribute) => {
    draft.audio.set(key, value, attribute);
  });

const bitrate = option(values.bitrate, (use) => {
  const { draft, attribute, value, renditions } = use;
  const index = indexOf(use);
  if (index === undefined || renditions === 1) draft.audio.set('bitrate', value, attribute);
  else draft.rendition(index).values.set('audioBitrate', value, attribute);
});

/** `-metadata:s:a:0 language=eng` */
const metadata = option(values.text, ({ draft, attribute, value }) => {
  const [, tag = '', content = ''] = /^\s*(\w+)\s*=\s*(.*)$/s.exec(value) ?? [];
  if (tag === 'title') {
    const name = draft.parse(values.line, attribute, content);
    if (name !== undefined) draft.audio.set('name', name, attribute);
  } else if (tag === 'language') {
    const language = draft.parse(values.language, attribute, content);
    if (language !== undefined) draft.audio.set('language', language, attribute);
  } else draft.issues.expected('a tag "language=…" or "title=…"', attribute, value);
});

const codec = text('codec');
const filter = text('filter');
const quality = instead('-b:a for a bitrate instead');

/** Every audio option of the ffmpeg program that is known here, without its dash and specifier. */
export const AUDIO_PROGRAM_OPTIONS: ReadonlyMap<string, ProgramOption> = new Map([
  ['c', codec],
  ['codec', codec],
  ['acodec', codec],
  ['b', bitrate],
  ['ab', bitrate],
  ['ar', number('sampleRate')],
  ['ac', number('channels')],
  ['filter', filter],
  ['af', filter],
  ['metadata', metadata],
  ['q', quality],
  ['qscale', quality],
  ['aq', quality],
]);
