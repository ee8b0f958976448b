// The attribute -streams: extra renditions 1, 2, …

import { toNumber } from '../base/rational.js';
import * as values from '../check/values.js';
import type { Size } from '../check/values.js';
import { DEFAULT_BITS_PER_PIXEL, automaticBitrate } from '../plan/renditions.js';
import type { Draft } from './draft.js';
import { evenSize } from './program-options.js';

const KEYS = ['-resolution', '-video_bitrate', '-framerate', '-audio_bitrate'];

/**
 * Applies `-streams`: every entry becomes the next rendition after the source's own. An entry without a
 * resolution, or without a way to a bitrate, is an issue and is left out. Of a source, "auto" makes a ladder of
 * its size.
 *
 * @returns the number of renditions that were added.
 */
export function applyStreams(params: ReadonlyMap<string, unknown>, draft: Draft): number {
  const streams = params.get('-streams');
  if (streams === undefined) return 0;
  if (streams === 'auto') {
    if (draft.isSource) draft.ladder = 'auto';
    else {
      const expected = 'a list of renditions, as nobody knows the size of frames to come,';
      draft.issues.expected(expected, '-streams', streams);
    }
    draft.names.set('ladder', '-streams');
    return 0;
  }
  if (!Array.isArray(streams)) {
    draft.issues.expected('a list of renditions', '-streams', streams);
    return 0;
  }
  let added = 0;
  for (const [index, entry] of streams.entries()) {
    const path = `-streams[${index}]`;
    const stream = entryOf(entry, path, draft);
    const rendition = stream && renditionOf(stream, path, added + 1, params, draft);
    if (rendition === undefined) continue;
    added++;
    const { size, bitrate, audioBitrate } = rendition;
    const { values: options } = draft.rendition(added);
    options.set('width', size.width, `${path}.-resolution`);
    options.set('height', size.height, `${path}.-resolution`);
    if (bitrate !== undefined) options.set('bitrate', bitrate, `${path}.-video_bitrate`);
    if (audioBitrate !== undefined) {
      options.set('audioBitrate', audioBitrate, `${path}.-audio_bitrate`);
    }
    draft.names.set(['renditions', added], path);
  }
  return added;
}

function entryOf(entry: unknown, path: string, draft: Draft): Map<string, unknown> | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    draft.issues.expected('a rendition such as { "-resolution": "1280x720" }', path, entry);
    return undefined;
  }
  const stream = new Map<string, unknown>();
  for (const [key, value] of Object.entries(entry)) {
    const name = key.trim();
    if (value !== undefined) stream.set(name, value);
    if (!KEYS.includes(name)) {
      draft.issues.unknown(`one of ${KEYS.join(', ')}`, path, name, KEYS);
    }
  }
  return stream;
}

interface Rendition {
  readonly size: Size;
  /** Undefined: `-b:v` decides. */
  readonly bitrate: number | undefined;
  /** Undefined: that of the shared audio. */
  readonly audioBitrate: number | undefined;
}

function renditionOf(
  stream: ReadonlyMap<string, unknown>,
  path: string,
  number: number,
  params: ReadonlyMap<string, unknown>,
  draft: Draft,
): Rendition | undefined {
  const size = sizeOf(stream.get('-resolution'), `${path}.-resolution`, draft);
  const audioBitrate = audioBitrateOf(stream, `${path}.-audio_bitrate`, draft);
  const bitrate = bitrateOf(stream, path, size, draft);
  if (bitrate === 'wrong') return undefined;
  const isGiven = ['-b', '-vb', '-b:v', `-b:v:${number}`].some((name) => params.has(name));
  // The rate of a source is known when it is open, and with it the bitrate.
  if (bitrate === undefined && !isGiven && !draft.isSource) {
    draft.issues.add(
      `${path}.-video_bitrate`,
      `Expected a bitrate such as "2500k", or a -framerate to compute one, for ` +
        `${path}.-video_bitrate but received nothing`,
    );
    return undefined;
  }
  return size && { size, bitrate, audioBitrate };
}

function audioBitrateOf(
  stream: ReadonlyMap<string, unknown>,
  path: string,
  draft: Draft,
): number | undefined {
  const given = stream.get('-audio_bitrate');
  if (given === undefined) return undefined;
  const bitrate = draft.parse(values.suffixedBitrate, path, given);
  if (draft.hasAudio) return bitrate;
  draft.warn('NO_AUDIO', `${path} has no effect: there is no audio`);
  return undefined;
}

function sizeOf(value: unknown, path: string, draft: Draft): Size | undefined {
  const size = draft.parse(values.size, path, value);
  if (size === undefined || (size.width % 2 === 0 && size.height % 2 === 0)) return size;
  draft.issues.expected(evenSize(size), path, value);
  return undefined;
}

/** `-video_bitrate`, or what `-framerate` gives. A wrong one of them leaves the other. */
function bitrateOf(
  stream: ReadonlyMap<string, unknown>,
  path: string,
  size: Size | undefined,
  draft: Draft,
): number | 'wrong' | undefined {
  const given = stream.get('-video_bitrate');
  const rate = stream.get('-framerate');
  const bitrate =
    given === undefined
      ? undefined
      : draft.parse(values.suffixedBitrate, `${path}.-video_bitrate`, given);
  const fps =
    rate === undefined ? undefined : draft.parse(values.frameRate, `${path}.-framerate`, rate);
  if (bitrate !== undefined) {
    if (fps !== undefined) {
      const message = `${path}.-framerate has no effect: it is for a bitrate, which -video_bitrate says`;
      draft.warn('IGNORED_OPTION', message);
    }
    return bitrate;
  }
  if (fps === undefined) return given === undefined && rate === undefined ? undefined : 'wrong';
  draft.usesBitsPerPixel = true;
  const bitsPerPixel = draft.video.get('bitsPerPixel') ?? DEFAULT_BITS_PER_PIXEL;
  return size && automaticBitrate(size, bitsPerPixel, toNumber(fps));
}
