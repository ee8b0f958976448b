// Output: where the manifest goes, and what an earlier run left there.

import { accessSync, constants, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Issues } from './issues.js';
import type { OptionPath } from './option-path.js';
import { mustNotBeRunning } from './running-outputs.js';

/** Manifest formats. */
export type ManifestFormat = 'dash' | 'hls';

const EXTENSIONS: Readonly<Record<ManifestFormat, string>> = { dash: '.mpd', hls: '.m3u8' };

/** Where the root manifest goes. */
export interface Output {
  /** Absolute path, or URL, for people: a URL without user, password and query. */
  readonly manifest: string;
  /** Absolute path, or URL, as it is opened. */
  readonly target: string;
  /** Absolute path of the manifest's folder; undefined for a URL. */
  readonly folder: string | undefined;
  /** `http`, `https` …; undefined for a file. */
  readonly protocol: string | undefined;
}

/** The format that an output's extension means; undefined when it means none. */
export function formatOfExtension(output: string): ManifestFormat | undefined {
  const extension = extname(pathOf(output)).toLowerCase();
  return (['dash', 'hls'] as const).find((format) => EXTENSIONS[format] === extension);
}

/** Protocols of libavformat that store files by name. */
const PROTOCOLS = ['http', 'https', 'ftp', 'sftp', 'smb'];

const URL_SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;

/** The part of a URL in which a file name is; a path is itself. */
function pathOf(output: string): string {
  return URL_SCHEME.test(output) ? output.replace(/[?#].*$/, '') : output;
}

/**
 * Finds the manifest of an output: a file, a folder (existing, or ending in a slash), or a URL. Adds an
 * issue when it cannot be written. Nothing is created yet.
 */
export function resolveOutput(
  output: string,
  format: ManifestFormat,
  path: OptionPath,
  issues: Issues,
): Output | undefined {
  const found = locate(output, format);
  if (typeof found !== 'string') return found;
  const given = withoutUser(output);
  issues.expected(found, path, given, [given.replace(/\.\w+$/, EXTENSIONS[format])]);
  return undefined;
}

function withoutUser(output: string): string {
  return output.replace(/^([a-z][a-z0-9+.-]+:\/\/)[^/?#]*@/i, '$1');
}

/** The manifest of an output, or what was expected instead. */
function locate(output: string, format: ManifestFormat): Output | string {
  const extension = EXTENSIONS[format];
  const expected = `a manifest with the extension "${extension}" (format "${format}")`;
  const protocol = URL_SCHEME.exec(output)?.[1]?.toLowerCase();
  if (protocol !== undefined && protocol !== 'file') {
    if (!PROTOCOLS.includes(protocol)) {
      return `a path, or a URL that stores files by name (${PROTOCOLS.join(', ')}),`;
    }
    const meant = formatOfExtension(output) ?? format;
    const manifest = pathOf(withoutUser(output));
    return meant === format ? { manifest, target: output, folder: undefined, protocol } : expected;
  }
  const file = localPath(output);
  if (file === undefined) return 'a path, or a URL such as "file:///tmp/out.mpd"';
  const isFolder = /[/\\]$/.test(output) || kindOf(file) === 'folder';
  const manifest = isFolder ? join(file, `${format}-${timestamp(new Date())}${extension}`) : file;
  if (extname(manifest).toLowerCase() !== extension) return expected;
  const obstacle = whyNotWritable(manifest);
  if (obstacle !== undefined) return `a writable path (${obstacle})`;
  return { manifest, target: manifest, folder: dirname(manifest), protocol: undefined };
}

function localPath(output: string): string | undefined {
  if (!output.toLowerCase().startsWith('file:')) return resolve(output);
  try {
    return resolve(fileURLToPath(output));
  } catch {
    return undefined;
  }
}

function kindOf(path: string): 'file' | 'folder' | 'nothing' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'nothing'; // or below a file, or out of sight: whoever writes there will say
  }
}

/** Local time as `YYYYmmdd-HHMMSS`. */
function timestamp(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${String(now.getFullYear())}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

/** Why a manifest cannot be written; undefined when it can. */
function whyNotWritable(manifest: string): string | undefined {
  let folder = dirname(manifest);
  try {
    if (kindOf(manifest) === 'file') accessSync(manifest, constants.W_OK);
    while (kindOf(folder) === 'nothing' && dirname(folder) !== folder) folder = dirname(folder);
    if (kindOf(folder) === 'file') return `${folder} is not a folder`;
    accessSync(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Creates the folder of a local output. One level at a time: with `recursive` Node never returns from
 * places that refuse new folders with ENOENT, such as /proc.
 */
export function createFolder({ manifest, folder }: Output, path: OptionPath, issues: Issues): void {
  if (folder === undefined) return;
  const missing: string[] = [];
  for (let level = folder; kindOf(level) === 'nothing'; level = dirname(level)) missing.push(level);
  try {
    for (const level of missing.reverse()) {
      if (kindOf(level) === 'nothing') mkdirSync(level);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    issues.expected(`a writable path (${reason})`, path, manifest);
  }
}

/** The names that we give to segments and playlists; nothing else may ever match. */
const OUR_NAMES: readonly RegExp[] = [
  /^chunk-stream[\d-]*\.(m4s|ts)$/,
  /^init-stream\d*\.m4s$/,
  /^init(_\d+)?\.mp4$/,
  /^stream_\d+\.m3u8$/,
];

/** True when a file is the manifest itself, or has the name of what is written beside it. */
export function isOverwritten(file: string, { manifest, folder }: Output): boolean {
  if (file === manifest) return true;
  return dirname(file) === folder && OUR_NAMES.some((pattern) => pattern.test(basename(file)));
}

/**
 * Deletes what an earlier run left beside a local output: segments, initialisations and media playlists
 * by our names, and manifests of this format.
 *
 * @param source - A file that is still needed.
 * @returns names of the deleted files.
 * @throws {@link InvalidOptionsError} when a stream that has not ended writes into the folder.
 */
export function clearPrevious(output: Output, format: ManifestFormat, source?: string): string[] {
  if (output.folder === undefined || kindOf(output.folder) !== 'folder') return [];
  mustNotBeRunning(output);
  const folder = output.folder;
  const ours = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) =>
      entry.isFile() &&
      join(folder, entry.name) !== source &&
      (extname(entry.name) === EXTENSIONS[format] ||
        OUR_NAMES.some((pattern) => pattern.test(entry.name))),
  );
  for (const { name } of ours) rmSync(join(folder, name), { force: true });
  return ours.map(({ name }) => name);
}

/** True when a path's folder is the output's; its last part is then a name beside the manifest. */
export function nameBeside(path: string, output: Output): string | undefined {
  if (!path.includes('/') && !path.includes(sep)) return path;
  return output.folder !== undefined && resolve(dirname(path)) === output.folder
    ? basename(path)
    : undefined;
}
