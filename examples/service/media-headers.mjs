// @ts-check
// Headers of what a player fetches. Whatever serves the files: manifests of a live stream change, segments never do, and a
// player on another site may read both.

import { extname } from 'node:path';

/** Media types; servers know few of them. */
const TYPES = new Map([
  ['.mpd', 'application/dash+xml'],
  ['.m3u8', 'application/vnd.apple.mpegurl'],
  ['.m4s', 'video/iso.segment'],
  ['.mp4', 'video/mp4'],
  ['.ts', 'video/mp2t'],
]);

/**
 * @param {string} path of the file
 * @returns {Record<string, string>}
 */
export function mediaHeaders(path) {
  const extension = extname(path);
  const isManifest = extension === '.mpd' || extension === '.m3u8';
  return {
    'content-type': TYPES.get(extension) ?? 'application/octet-stream',
    'cache-control': isManifest ? 'no-cache' : 'public, max-age=3600',
    'access-control-allow-origin': '*',
  };
}
