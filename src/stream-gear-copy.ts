// StreamGear copy: `-vcodec copy`, as far as nothing needs an encoder.

import { COPY } from './copy.js';
import type { Draft } from './draft.js';

/** What only an encoder can do; a rendition's size and rate are those of the first, `-s` and `-r`. */
const NEEDS_ENCODER = [
  'video.filter',
  'video.pixelFormat',
  'video.aspectRatio',
  'renditions[0].width',
  'renditions[0].frameRate',
];

/**
 * As in the original, what needs an encoder gets one, with a warning. Comes before the options of the encoder
 * are sorted.
 *
 * @param renditions - How many there are.
 */
export function replaceCopy(draft: Draft, renditions: number): void {
  if (draft.get('video.codec') !== COPY) return;
  const path = NEEDS_ENCODER.find((option) => draft.get(option) !== undefined);
  const reason = renditions > 1 ? '-streams' : path && draft.nameOf(path);
  if (reason === undefined) return;
  const attribute = draft.nameOf('video.codec');
  draft.warn('COPY_REPLACED', `${attribute} "copy" has no effect: ${reason} needs an encoder`);
  draft.set('video.codec', undefined, attribute);
}

/** Settings of an encoder have no effect on packets. Comes last. */
export function ignoreEncoding(draft: Draft): void {
  if (draft.get('video.codec') !== COPY) return;
  for (const parent of ['video.options', 'renditions[0].options', 'video', 'renditions[0]']) {
    for (const [name, value] of Object.entries(draft.get(parent) ?? {})) {
      const path = `${parent}.${name}`;
      if (value === undefined || path === 'video.codec' || name === 'audioBitrate') continue;
      if (name !== 'options') {
        draft.warn('IGNORED_OPTION', `${draft.nameOf(path)} has no effect: the video is copied`);
      }
      draft.set(path, undefined, draft.nameOf(path));
    }
  }
}
