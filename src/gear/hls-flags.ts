// HLS flags: `-hls_flags` by the names of libavformat's hls muxer.

import type { Draft } from './draft.js';

type Switch = (draft: Draft, isOn: boolean, attribute: string) => void;

const hls =
  (key: 'discontinuityStart' | 'omitEndlist' | 'programDateTime' | 'roundDurations'): Switch =>
  (draft, isOn, attribute) => {
    draft.hls.set(key, isOn, attribute);
  };

const deleteSegments: Switch = (draft, isOn, attribute) => {
  if (draft.live) draft.window.set('deleteSegments', isOn, attribute);
  else draft.warn('IGNORED_OPTION', 'delete_segments has no effect without -livestream');
};

/** Flags that are options of ours. */
const SWITCHES: ReadonlyMap<string, Switch> = new Map([
  ['delete_segments', deleteSegments],
  ['discont_start', hls('discontinuityStart')],
  ['omit_endlist', hls('omitEndlist')],
  ['program_date_time', hls('programDateTime')],
  ['round_durations', hls('roundDurations')],
]);

/** Flags that are always on. */
const ALWAYS = ['independent_segments', 'temp_file'];

const SPLIT_BY_TIME = 'split_by_time';

/** `delete_segments+discont_start` is what a live stream has unless the caller says otherwise; the first is a default of all. */
export function setLiveFlags({ hls: section }: Draft): void {
  section.setDefault('discontinuityStart', true, '-hls_flags discont_start');
}

/** Applies `a+b-c`. Flags replace the defaults. */
export function applyHlsFlags(draft: Draft, text: string, attribute: string): void {
  if (draft.live) draft.window.setDefault('deleteSegments', false, attribute);
  for (const [, sign, rawName = ''] of text.matchAll(/([+-]?)([^+-]+)/g)) {
    const name = rawName.trim();
    const isOn = sign !== '-';
    const apply = SWITCHES.get(name);
    if (apply !== undefined) apply(draft, isOn, `${attribute} ${name}`);
    else if (name === SPLIT_BY_TIME) {
      draft.warn('IGNORED_OPTION', 'split_by_time has no effect: key frames are never cut off');
    } else if (ALWAYS.includes(name)) {
      if (!isOn) draft.warn('IGNORED_OPTION', `${name} cannot be switched off`);
    } else {
      const known = [...SWITCHES.keys(), ...ALWAYS];
      draft.issues.expected(`flags of ${known.join(', ')}`, attribute, name, known);
    }
  }
}
