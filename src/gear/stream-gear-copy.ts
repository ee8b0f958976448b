// StreamGear copy: `-vcodec copy`, as far as nothing needs an encoder.

import { COPY } from '../plan/copy.js';
import type { Draft } from './draft.js';

/** Attributes of what only an encoder can do; a rendition's size and rate are those of the first, `-s` and `-r`. */
function encoderNeeds(draft: Draft): string[] {
  const { video } = draft;
  const { values: rendition } = draft.rendition(0);
  const inVideo = (['filter', 'pixelFormat', 'aspectRatio'] as const)
    .filter((key) => video.get(key) !== undefined)
    .map((key) => video.nameOf(key));
  const inRendition = (['width', 'frameRate'] as const)
    .filter((key) => rendition.get(key) !== undefined)
    .map((key) => rendition.nameOf(key));
  return [...inVideo, ...inRendition];
}

/**
 * As in the original, what needs an encoder gets one, with a warning. Comes before the options of the encoder
 * are sorted.
 *
 * @param renditions - How many there are.
 */
export function replaceCopy(draft: Draft, renditions: number): void {
  const { video } = draft;
  if (video.get('codec') !== COPY) return;
  const hasLadder = renditions > 1 || draft.ladder !== undefined;
  const [reason] = hasLadder ? ['-streams'] : encoderNeeds(draft);
  if (reason === undefined) return;
  const message = `${video.nameOf('codec')} "copy" has no effect: ${reason} needs an encoder`;
  draft.warn('COPY_REPLACED', message);
  video.delete('codec');
}

/** Settings of an encoder have no effect on packets. Comes last. */
export function ignoreEncoding(draft: Draft): void {
  const { video } = draft;
  if (video.get('codec') !== COPY) return;
  const rendition = draft.rendition(0);
  const ignored = new Set([...draft.videoOptions.attributes, ...rendition.options.attributes]);
  draft.videoOptions.clear();
  rendition.options.clear();
  for (const key of video.keys) {
    if (key === 'codec') continue;
    ignored.add(video.nameOf(key));
    video.delete(key);
  }
  for (const key of rendition.values.keys) {
    if (key === 'audioBitrate') continue;
    ignored.add(rendition.values.nameOf(key));
    rendition.values.delete(key);
  }
  if (draft.hardware !== undefined) {
    ignored.add(draft.names.nameOf(['video', 'hardware']));
    draft.hardware = undefined;
  }
  for (const attribute of ignored) {
    draft.warn('IGNORED_OPTION', `${attribute} has no effect: the video is copied`);
  }
}
