// Output: where the manifest goes.

import { accessSync, constants, lstatSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { FILE_URL, isFileUrl, pathOfFileUrl } from '../base/file-url.js';
import { MANIFEST_EXTENSIONS, formatOfName } from '../base/formats.js';
import type { Formats, StreamFormat } from '../base/formats.js';
import type { Issues } from '../check/issues.js';
import type { OptionPath } from '../check/option-path.js';
import type { RootManifest } from '../report/stats.js';
import { unfitText } from './name-template.js';
import { newRunName } from './run-name.js';

/** A root manifest. */
export interface OutputRoot {
  /** What it is. */
  readonly format: StreamFormat;
  /** Absolute path, or URL, for people: a URL without user, password and query. */
  readonly path: string;
  /** Its own name, as it is told the server: `a%20b.mpd` is stored as "a b.mpd". */
  readonly name: string;
}

/** Where the root manifests go. */
export interface Output {
  /** One of each format, the first one that of `target`. */
  readonly roots: readonly OutputRoot[];
  /** Absolute path, or URL, of the first root manifest, for people. */
  readonly manifest: string;
  /** Absolute path, or URL, of the first root manifest, as it is opened. */
  readonly target: string;
  /** Absolute path of the manifest's folder; undefined for a URL. */
  readonly folder: string | undefined;
  /** `http`, `https` …; undefined for a file. */
  readonly protocol: string | undefined;
}

/** The format that an output's extension means; undefined when it means none. */
export function formatOfExtension(output: string): StreamFormat | undefined {
  return formatOfName(pathOf(output));
}

/** The formats of a presentation: what was asked for, the one that the output names in front; else what it names. */
export function chooseFormats(given: Formats | undefined, output: string): Formats {
  const named = formatOfExtension(output);
  if (given === undefined) return [named ?? 'dash'];
  if (named === undefined || !given.includes(named)) return given;
  return [named, ...given.filter((format) => format !== named)];
}

/** In a folder, beside each other. */
export const ROOT_NAMES: Readonly<Record<StreamFormat, string>> = {
  dash: 'manifest.mpd',
  hls: 'master.m3u8',
};

/** Protocols of libavformat that store files by name. */
const PROTOCOLS = ['http', 'https', 'ftp', 'sftp', 'smb'];

const URL_SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;

/** The part of a URL in which a file name is; a path is itself. */
function pathOf(output: string): string {
  return URL_SCHEME.test(output) ? output.replace(/[?#].*$/, '') : output;
}

/**
 * Finds the root manifests of an output: a file, a folder (existing, or ending in a slash), or a URL. Two of
 * them share their stem. Adds an issue when one cannot be written. Nothing is created yet.
 */
export function resolveOutput(
  output: string,
  formats: Formats,
  path: OptionPath,
  issues: Issues,
): Output | undefined {
  const found = locate(output, formats);
  if (typeof found !== 'string') return found;
  // People see neither the user nor the query, and nobody meant another one.
  const given = pathOf(withoutUser(output));
  issues.expected(found, path, given, [withExtension(given, formats[0])]);
  return undefined;
}

function withExtension(name: string, format: StreamFormat): string {
  return name.replace(/\.\w+$/, MANIFEST_EXTENSIONS[format]);
}

/** The root manifests beside the first one. */
function rootsOf(first: string, protocol: string | undefined, formats: Formats): OutputRoot[] {
  const name = ownName(first, protocol);
  return formats.map((format, index) =>
    index === 0
      ? { format, path: first, name }
      : { format, path: withExtension(first, format), name: withExtension(name, format) },
  );
}

function withoutUser(output: string): string {
  return output.replace(/^([a-z][a-z0-9+.-]+:\/\/)[^/?#]*@/i, '$1');
}

/** Names in a folder: of one manifest the time, so that no run writes over another; of several the usual ones. */
function rootsInFolder(folder: string, formats: Formats): OutputRoot[] {
  const root = (format: StreamFormat, name: string): OutputRoot => ({
    format,
    path: join(folder, name),
    name,
  });
  const [only] = formats;
  if (formats.length > 1) return formats.map((format) => root(format, ROOT_NAMES[format]));
  return [root(only, `${newRunName(folder, only)}${MANIFEST_EXTENSIONS[only]}`)];
}

/** The root manifests of an output, or what was expected instead. */
function locate(output: string, formats: Formats): Output | string {
  if (/[\p{Cc}\p{Cs}]/u.test(output)) return 'a path or URL without control and half characters';
  const protocol = URL_SCHEME.exec(output)?.[1]?.toLowerCase();
  if (protocol !== undefined && protocol !== 'file') return locateUrl(output, protocol, formats);
  const file = isFileUrl(output) ? pathOfFileUrl(output) : resolve(output);
  if (file === undefined || /\p{Cc}/u.test(file)) return FILE_URL;
  const isFolder = /[/\\]$/.test(output) || kindOf(file) === 'folder';
  if (!isFolder && formatOfName(file) !== formats[0]) return expectedManifest(formats);
  const roots = isFolder ? rootsInFolder(file, formats) : rootsOf(file, undefined, formats);
  const manifest = roots[0]?.path ?? file;
  const folder = dirname(manifest);
  for (const { path, name } of roots) {
    // While it is written it has a longer name.
    if (isTooLong(folder, `${name}.tmp`)) return 'a path that is short enough for its file system';
    const obstacle = whyNotWritable(path);
    if (obstacle !== undefined) return `a writable path (${obstacle})`;
  }
  return { roots, manifest, target: manifest, folder, protocol: undefined };
}

function expectedManifest(formats: Formats): string {
  const known = formats.map((format) => `"${MANIFEST_EXTENSIONS[format]}" (format "${format}")`);
  return `a manifest with the extension ${known.join(' or ')}`;
}

function locateUrl(output: string, protocol: string, formats: Formats): Output | string {
  if (!PROTOCOLS.includes(protocol)) {
    return `a path, or a URL that stores files by name (${PROTOCOLS.join(', ')}),`;
  }
  const manifest = pathOf(withoutUser(output));
  const named = formatOfExtension(output);
  // Where there is one manifest, a server may call it as it likes.
  const isAnyName = named === undefined && formats.length === 1;
  if (named !== formats[0] && !isAnyName) return expectedManifest(formats);
  const hasName = /^[^:]+:\/\/[^/]+\/(?:.*\/)?[^/]+$/.test(manifest);
  const name = ownName(manifest, protocol);
  if (!hasName || name === '' || unfitText(name) !== undefined) {
    return "a URL that ends in the manifest's name";
  }
  const roots = rootsOf(manifest, protocol, formats);
  return { roots, manifest, target: output, folder: undefined, protocol };
}

/** A manifest's own name, as it is told the server: `a%20b.mpd` is stored as "a b.mpd". '' when it is none. */
function ownName(manifest: string, protocol: string | undefined): string {
  const name = protocol === undefined ? basename(manifest) : manifest.replace(/^.*\//s, '');
  if (protocol?.startsWith('http') !== true) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return ''; // escapes of no UTF-8: nobody could say which name that is
  }
}

/** The root manifests, for people. */
export function manifestsOf({ roots }: Output): RootManifest[] {
  return roots.map(({ format, path }) => ({ format, path }));
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
    if (kindOf(manifest) === 'folder') return `${manifest} is a folder`;
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
