// Held tags: which tags of a presentation its segments have a place for; libavformat leaves out the others without a word.

import type { NativePackagingConfig } from '../native/native-config.js';

/** Of iTunes' list in mp4, and what has boxes of its own (libavformat's movenc.c). */
const MP4 = new Set([
  ...['album', 'album_artist', 'artist', 'comment', 'compilation', 'composer', 'copyright'],
  ...['creation_time', 'date', 'description', 'disc', 'encoder', 'episode_id', 'episode_sort'],
  ...['gapless_playback', 'genre', 'grouping', 'hd_video', 'keywords', 'location', 'lyrics'],
  ...['media_type', 'network', 'season_number', 'show', 'synopsis', 'title', 'tmpo', 'track'],
]);

/** Of the service description table (libavformat's mpegtsenc.c). */
const MPEGTS = new Set(['service_name', 'service_provider', 'title']);

/** With this of its `movflags`, mp4 holds any tag. */
const ANY_TAG = 'use_metadata_tags';

/** True when the segments hold a tag. */
export function isHeld(
  tag: string,
  { segmentType, muxerOptions }: Pick<NativePackagingConfig, 'segmentType' | 'muxerOptions'>,
): boolean {
  // "title-eng" is the title in English.
  const name = tag.toLowerCase().replace(/-[a-z]{3}$/, '');
  if (segmentType === 'mpegts') return MPEGTS.has(name);
  const isFlag = ([option, value]: readonly [string, string]): boolean =>
    option === 'movflags' && value.includes(ANY_TAG);
  return MP4.has(name) || muxerOptions.some(isFlag);
}
