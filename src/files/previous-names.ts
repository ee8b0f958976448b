// Previous names: those of what an earlier run left beside an output.

import { extname } from 'node:path';
import { MANIFEST_EXTENSIONS } from '../base/formats.js';
import type { StreamFormat } from '../base/formats.js';

/** In front of the names of a run in a folder; see run-name.ts. */
const RUN = String.raw`(?:(?:dash|hls)-\d{8}-\d{6}-(?:\d+-)?)?`;

/** The names that we give to segments and playlists; nothing else may ever match. */
const OUR_NAMES: readonly RegExp[] = [
  String.raw`chunk-stream[\d-]*\.(m4s|ts)`,
  String.raw`init-stream\d*\.m4s`,
  String.raw`init(_\d+)?\.mp4`,
  String.raw`stream_\d+\.m3u8`,
].map((name) => new RegExp(`^${RUN}${name}$`));

/** True for a name that `-clear_prev_assets` deletes. */
export function isClearedName(name: string, formats: readonly StreamFormat[]): boolean {
  const extension = extname(name);
  const isManifest = formats.some((format) => MANIFEST_EXTENSIONS[format] === extension);
  return isManifest || OUR_NAMES.some((pattern) => pattern.test(name));
}
