// Source files: the local files that a source reads, as far as they can be told without opening it with libav.

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { isFileUrl, pathOfFileUrl } from '../base/file-url.js';
import type { NativeMediaInputConfig } from '../native/native-config.js';
import { anyPattern, literalPattern, numberPattern } from './name-pattern.js';
import type { NamePattern } from './name-pattern.js';

/** What a source reads. */
export interface SourceFiles {
  /** Absolute paths. */
  readonly paths: readonly string[];
  /** Names that are numbered, or chosen when the source is opened, by their folder. */
  readonly patterns: readonly { readonly folder: string; readonly names: NamePattern }[];
}

/** Lists may name lists. */
const MOST_LISTS = 64;
const LONGEST_LIST = 1 << 20;

/** Collects what one source reads. */
class Collector {
  readonly paths = new Set<string>();
  readonly patterns: { folder: string; names: NamePattern }[] = [];
  readonly #format: string;
  readonly #isGlob: boolean;
  #lists = 0;

  constructor({ format, options }: NativeMediaInputConfig) {
    this.#format = format;
    this.#isGlob = options.some(([name, value]) => name === 'pattern_type' && value === 'glob');
  }

  /** A path or URL as libavformat takes it, seen from a folder. */
  add(url: string, folder: string): void {
    if (this.paths.size > 100_000) return;
    const inner = /^(?:cache|async|crypto|subfile,.*?,):(.*)$/is.exec(url)?.[1];
    const [, pipe] = /^(?:pipe|fd):(\d*)$/i.exec(url === '-' ? 'pipe:' : url) ?? [];
    if (isFileUrl(url)) {
      const path = pathOfFileUrl(url);
      if (path !== undefined) this.#addPath(path);
    } else if (/^concat:/i.test(url)) {
      for (const part of url.slice('concat:'.length).split('|')) this.add(part, folder);
    } else if (/^concatf:/i.test(url)) {
      this.#addList(resolve(folder, url.slice('concatf:'.length)), 'concatf');
    } else if (inner !== undefined) this.add(inner, folder);
    else if (/^[a-z]+\+[a-z]+:/i.test(url)) this.add(url.slice(url.indexOf('+') + 1), folder);
    else if (pipe !== undefined) this.#addPath(`/dev/fd/${pipe === '' ? '0' : pipe}`);
    else if (!/^[a-z][a-z0-9+.-]+:/i.test(url) || isThere(resolve(folder, url))) {
      this.#addPath(resolve(folder, url));
    }
  }

  #addPath(path: string): void {
    if (this.paths.has(path)) return;
    this.paths.add(path);
    const name = basename(path);
    const names = this.#isGlob ? globPattern(name) : numberedPattern(name);
    if (!isThere(path) && names !== undefined) this.patterns.push({ folder: dirname(path), names });
    else this.#addList(path, this.#format);
  }

  /** What a list names: ffconcat, a playlist, an MPD. Anything else is left after its first bytes. */
  #addList(path: string, format: string): void {
    if (++this.#lists > MOST_LISTS) return;
    const text = readText(path);
    const folder = dirname(path);
    if (format === 'concatf') {
      for (const line of text.split('\n')) if (line.trim() !== '') this.add(line.trim(), folder);
    } else if (format === 'concat' || /^\s*ffconcat version/.test(text)) {
      for (const name of ffconcatNames(text)) this.add(name, folder);
    } else if (/^\uFEFF?#EXTM3U/.test(text)) {
      for (const name of playlistNames(text)) this.#addUri(name, folder);
    } else if (/<MPD[\s>]/.test(text.slice(0, 4096))) this.#addMpd(text, folder);
  }

  /** libavformat takes a relative name as it is; other readers decode it. */
  #addUri(uri: string, folder: string): void {
    this.add(uri, folder);
    if (!uri.includes('%')) return;
    try {
      this.add(decodeURIComponent(uri), folder);
    } catch {
      // no escapes after all
    }
  }

  #addMpd(text: string, folder: string): void {
    const bases = [...text.matchAll(/<BaseURL[^<>]*>([^<]*)</g)].map(([, base = '']) =>
      base.trim(),
    );
    const folders = [folder, ...bases.map((base) => dirname(resolve(folder, `${base}.`)))];
    for (const base of bases) this.#addUri(plainXml(base), folder);
    for (const [, value = ''] of text.matchAll(
      /\s(?:media|initialization|sourceURL)\s*=\s*["']([^"']*)["']/g,
    )) {
      const name = plainXml(value);
      for (const place of new Set(folders)) {
        if (name.includes('$')) {
          const path = resolve(place, name);
          this.patterns.push({ folder: dirname(path), names: dashPattern(basename(path)) });
        } else this.#addUri(name, place);
      }
    }
  }
}

/** What a source reads: itself, the parts of `concat:`, numbered pictures, and what lists name. */
export function filesOfSource(config: NativeMediaInputConfig): SourceFiles {
  const collector = new Collector(config);
  if (config.format === 'lavfi') return filesOfFilter(config.url);
  collector.add(config.url, '.');
  return { paths: [...collector.paths], patterns: collector.patterns };
}

/** What the sources in a filter chain read: `movie=logo.mp4`. */
export function filesOfFilter(filter: string): SourceFiles {
  const names = filter.matchAll(/movie\s*=\s*(?:filename\s*=\s*)?('[^']*'|(?:\\.|[^:,;[\]'])+)/g);
  const paths = Array.from(names, ([, name = '']) =>
    resolve(name.replaceAll("'", '').replaceAll(/\\(.)/gs, '$1').trim()),
  );
  return { paths, patterns: [] };
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The begin of a plain file, or all of it when it begins as a list does; never of a pipe or a device. */
function readText(path: string): string {
  let file: number | undefined;
  try {
    if (!statSync(path).isFile()) return '';
    file = openSync(path, 'r');
    const head = Buffer.alloc(4096);
    const text = head.toString('utf8', 0, readSync(file, head, 0, head.length, 0));
    if (text.includes('\0')) return '';
    const whole = Buffer.alloc(LONGEST_LIST);
    return whole.toString('utf8', 0, readSync(file, whole, 0, whole.length, 0));
  } catch {
    return ''; // whoever opens it will say
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The values of `file`: quoted, or with backslashes, as FFmpeg's own quoting has it. */
function ffconcatNames(text: string): string[] {
  return [...text.matchAll(/^[ \t]*file[ \t]+([^\n]*)$/gm)].map(([, value = '']) =>
    value
      .trimEnd()
      .replaceAll(
        /'([^']*)'|\\(.)/g,
        (_, quoted?: string, escaped?: string) => quoted ?? escaped ?? '',
      ),
  );
}

function playlistNames(text: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  const attributes = [...text.matchAll(/[:,]URI="([^"]*)"/g)].map(([, uri = '']) => uri);
  return [...lines, ...attributes];
}

function plainXml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}

/** `img%03d.png`; undefined when it is not numbered. */
function numberedPattern(name: string): NamePattern | undefined {
  if (!/%\d*d/.test(name)) return undefined;
  return Array.from(name.matchAll(/%(\d*)d|%%|[^%]+|%/g)).flatMap(([piece, width]) =>
    width === undefined
      ? literalPattern(piece === '%%' ? '%' : piece)
      : numberPattern(Number(width)),
  );
}

function globPattern(name: string): NamePattern {
  return Array.from(name.matchAll(/[*?]|\[[^\]]*\]|\{[^}]*\}|\\?(.)/gs)).flatMap(([, character]) =>
    character === undefined ? anyPattern : literalPattern(character),
  );
}

function dashPattern(name: string): NamePattern {
  return Array.from(name.matchAll(/\$[^$]*\$|[^$]+|\$/g)).flatMap(([piece]) => {
    if (piece === '$$') return literalPattern('$');
    return piece.startsWith('$') ? anyPattern : literalPattern(piece);
  });
}
