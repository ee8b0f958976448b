// HLS flags: `-hls_flags` by the names of libavformat's hls muxer.

import type { Draft } from './draft.js';

/** Flags that are options of ours. */
const OPTIONS: Readonly<Record<string, string>> = {
  delete_segments: 'packaging.live.deleteSegments',
  discont_start: 'packaging.hls.discontinuityStart',
  omit_endlist: 'packaging.hls.omitEndlist',
  program_date_time: 'packaging.hls.programDateTime',
  round_durations: 'packaging.hls.roundDurations',
};

/** Flags that are always on. */
const ALWAYS = ['independent_segments', 'temp_file'];

const SPLIT_BY_TIME = 'split_by_time';

/** What a live stream has unless the caller says otherwise. */
export const LIVE_HLS_FLAGS = 'delete_segments+discont_start';

/** Applies `a+b-c`. Flags replace the defaults. */
export function applyHlsFlags(draft: Draft, text: string, attribute: string): void {
  if (draft.live) draft.set('packaging.live.deleteSegments', false, attribute);
  for (const [, sign, rawName = ''] of text.matchAll(/([+-]?)([^+-]+)/g)) {
    const name = rawName.trim();
    const isOn = sign !== '-';
    const option = OPTIONS[name];
    if (option !== undefined) setFlag(draft, name, option, isOn, attribute);
    else if (name === SPLIT_BY_TIME) {
      draft.warn('IGNORED_OPTION', 'split_by_time has no effect: key frames are never cut off');
    } else if (ALWAYS.includes(name)) {
      if (!isOn) draft.warn('IGNORED_OPTION', `${name} cannot be switched off`);
    } else {
      draft.issues.expected(
        `flags of ${[...Object.keys(OPTIONS), ...ALWAYS].join(', ')}`,
        attribute,
        name,
        [...Object.keys(OPTIONS), ...ALWAYS],
      );
    }
  }
}

function setFlag(
  draft: Draft,
  name: string,
  option: string,
  isOn: boolean,
  attribute: string,
): void {
  if (name === 'delete_segments' && !draft.live) {
    draft.warn('IGNORED_OPTION', 'delete_segments has no effect without -livestream');
    return;
  }
  draft.set(option, isOn, attribute);
}
