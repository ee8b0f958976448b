// Settings: what every contender tells encoder and muxer, in libav's words; and what x264 says it was told.
import { openSync, closeSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';

import { shareThreads } from '../dist/plan/encoder-defaults.js';

/** @import { Case } from './cases.mjs' */
/** @import { Rendition } from './rungs.mjs' */

/** @param {Case} item */
export const gopOf = ({ fps, segmentSeconds }) => fps * segmentSeconds;

/**
 * Threads of each rendition's encoder, for contenders that choose: as ours, which is the fastest for all.
 *
 * @param {Case} item
 */
export function threadsOf({ renditions }) {
  return shareThreads(renditions, availableParallelism());
}

/**
 * The encoder's options but for its threads: as StreamGear's own command has them, and the bitrate kept or
 * capped.
 *
 * @param {Case} item
 * @param {Rendition} rendition
 * @returns {Record<string, string>}
 */
export function encoderOptions(item, { bitrate }) {
  const gop = String(gopOf(item));
  return {
    preset: item.preset,
    tune: 'zerolatency',
    profile: 'high',
    ...(item.rate === 'crf' ? { crf: '20' } : { b: String(bitrate) }),
    maxrate: String(1.5 * bitrate),
    bufsize: String(2 * bitrate),
    bf: '0',
    g: gop,
    keyint_min: gop,
    sc_threshold: '0',
  };
}

/**
 * libavformat's options for one muxer that writes all renditions.
 *
 * @param {Case} item
 * @param {string} output Path of the root manifest.
 * @returns {{ file: string, options: Record<string, string> }}
 */
export function muxerOptions(item, output) {
  if (item.format === 'dash') {
    const options = {
      use_timeline: '1',
      use_template: '1',
      seg_duration: String(item.segmentSeconds),
      adaptation_sets: 'id=0,streams=v',
      ...(item.both ? { hls_playlist: '1' } : {}),
    };
    return { file: output, options };
  }
  const cut = output.lastIndexOf('/');
  const folder = output.slice(0, cut);
  const options = {
    hls_time: String(item.segmentSeconds),
    hls_list_size: '0',
    hls_playlist_type: 'vod',
    hls_segment_type: 'fmp4',
    master_pl_name: output.slice(cut + 1),
    hls_segment_filename: `${folder}/chunk-stream%v-%03d.m4s`,
    var_stream_map: item.renditions.map((_, i) => `v:${i}`).join(' '),
  };
  return { file: `${folder}/stream_%v.m3u8`, options };
}

/**
 * What x264 wrote into the first picture about its settings: `rc=crf crf=20.0 …`.
 *
 * @param {string} file Segment, or raw H.264.
 * @returns {Record<string, string>} Empty when it wrote nothing.
 */
export function x264Settings(file) {
  const bytes = Buffer.alloc(1 << 16);
  const descriptor = openSync(file, 'r');
  const length = readSync(descriptor, bytes);
  closeSync(descriptor);
  const text = bytes.toString('latin1', 0, length);
  const [, list = ''] = /options: ([\x20-\x7e]*)/.exec(text) ?? [];
  return Object.fromEntries(
    list.split(' ').flatMap((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [] : [[pair.slice(0, at), pair.slice(at + 1)]];
    }),
  );
}
