// Output: where the manifest goes.

import { accessSync, constants, lstatSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { FILE_URL, isFileUrl, pathOfFileUrl } from './file-url.js';
import type { Issues } from './issues.js';
import { unfitText } from './name-template.js';
import type { OptionPath } from './option-path.js';
import { newRunName } from './run-name.js';

/** Manifest formats. */
export type ManifestFormat = 'dash' | 'hls';

/** Of root manifests, and of playlists. */
export const EXTENSIONS: Readonly<Record<ManifestFormat, string>> = {
  dash: '.mpd',
  hls: '.m3u8',
};

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
  // People see neither the user nor the query, and nobody meant another one.
  const given = pathOf(withoutUser(output));
  issues.expected(found, path, given, [given.replace(/\.\w+$/, EXTENSIONS[format])]);
  return undefined;
}

function withoutUser(output: string): string {
  return output.replace(/^([a-z][a-z0-9+.-]+:\/\/)[^/?#]*@/i, '$1');
}

/** The manifest of an output, or what was expected instead. */
function locate(output: string, format: ManifestFormat): Output | string {
  if (/[\p{Cc}\p{Cs}]/u.test(output)) return 'a path or URL without control and half characters';
  const protocol = URL_SCHEME.exec(output)?.[1]?.toLowerCase();
  if (protocol !== undefined && protocol !== 'file') return locateUrl(output, protocol, format);
  const extension = EXTENSIONS[format];
  const file = isFileUrl(output) ? pathOfFileUrl(output) : resolve(output);
  if (file === undefined || /\p{Cc}/u.test(file)) return FILE_URL;
  const isFolder = /[/\\]$/.test(output) || kindOf(file) === 'folder';
  const manifest = isFolder ? join(file, `${newRunName(file, format)}${extension}`) : file;
  if (extname(manifest).toLowerCase() !== extension) return expectedManifest(format);
  const folder = dirname(manifest);
  // While it is written it has a longer name.
  if (isTooLong(folder, `${basename(manifest)}.tmp`)) {
    return 'a path that is short enough for its file system';
  }
  const obstacle = whyNotWritable(manifest);
  if (obstacle !== undefined) return `a writable path (${obstacle})`;
  return { manifest, target: manifest, folder, protocol: undefined };
}

function expectedManifest(format: ManifestFormat): string {
  return `a manifest with the extension "${EXTENSIONS[format]}" (format "${format}")`;
}

function locateUrl(output: string, protocol: string, format: ManifestFormat): Output | string {
  if (!PROTOCOLS.includes(protocol)) {
    return `a path, or a URL that stores files by name (${PROTOCOLS.join(', ')}),`;
  }
  const manifest = pathOf(withoutUser(output));
  const located = { manifest, target: output, folder: undefined, protocol };
  if (formatOfExtension(output) !== format && formatOfExtension(output) !== undefined) {
    return expectedManifest(format);
  }
  const hasName = /^[^:]+:\/\/[^/]+\/(?:.*\/)?[^/]+$/.test(manifest);
  if (!hasName || unfitText(rootName(located)) !== undefined) {
    return "a URL that ends in the manifest's name";
  }
  return located;
}

/** The manifest's own name, as it is told the server: `a%20b.mpd` is stored as "a b.mpd". */
export function rootName({ manifest, protocol }: Output): string {
  const name = protocol === undefined ? basename(manifest) : manifest.replace(/^.*\//s, '');
  if (protocol?.startsWith('http') !== true) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** What makes a file or folder the same under all its names; undefined when it is not there. */
export function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined; // not there, below a file, or out of sight
  }
}

/** True when a file system has no such long names or paths: looking one up tells, whatever its limits are. */
export function isTooLong(folder: string, name: string): boolean {
  const missing: string[] = [name];
  let existing = folder;
  for (; kindOf(existing) === 'nothing'; existing = dirname(existing)) {
    if (dirname(existing) === existing) break;
    missing.push(basename(existing));
  }
  const paths = [join(folder, name), ...missing.map((each) => join(existing, each))];
  return paths.some((path) => {
    try {
      lstatSync(path);
      return false;
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'ENAMETOOLONG';
    }
  });
}

function kindOf(path: string): 'file' | 'folder' | 'nothing' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'nothing'; // or below a file, or out of sight: whoever writes there will say
  }
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

/** True when a path's folder is the output's; its last part is then a name beside the manifest. */
export function nameBeside(path: string, output: Output): string | undefined {
  if (!path.includes('/') && !path.includes(sep)) return path;
  const { folder } = output;
  const isThere = folder !== undefined && resolve(dirname(path)) === resolve(folder);
  return isThere && !/[/\\]$/.test(path) ? basename(path) : undefined;
}
