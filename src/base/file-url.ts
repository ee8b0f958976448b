// File URL: the path that one means.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a path may be given as. */
export const FILE_URL =
  'a path, or a URL such as "file:///tmp/name", with "%23" and "%3F" for "#" and "?"';

/** True for `file:///a/b`, `file:/a/b`, and `file:a/b`, which ffmpeg has for paths that look like a URL. */
export function isFileUrl(text: string): boolean {
  return /^file:/i.test(text);
}

/**
 * The absolute path of a file URL. As with ffmpeg, `file:` before a relative path is only that: nothing in it is
 * decoded. All others are URLs (RFC 8089).
 *
 * @returns undefined when it is none, such as one with a host, a query or a fragment.
 */
export function pathOfFileUrl(text: string): string | undefined {
  const rest = text.slice('file:'.length);
  if (!rest.startsWith('/')) return rest === '' ? undefined : resolve(rest);
  try {
    const url = new URL(text);
    // Both would be cut off in silence: file:///tmp/take #2.mpd would mean "/tmp/take ".
    return url.search === '' && url.hash === '' && !/[?#]/.test(text)
      ? resolve(fileURLToPath(url))
      : undefined;
  } catch {
    return undefined;
  }
}
