// Init and media segments of fragmented MP4 (ISO/IEC 14496-12, CMAF), read with mp4box: a parser
// that shares nothing with libavformat.
import { readFile } from 'node:fs/promises';

import { createFile, MP4BoxBuffer, type Box, type ISOFile } from 'mp4box';

import { isRandomAccess } from './bitstream.js';

export interface Brands {
  major: string;
  compatible: string[];
}

export interface ColorTag {
  /** "nclx" | "nclc" | …. */
  type: string;
  /** Code points of ISO/IEC 23091-2: 1 is BT.709. */
  primaries: number;
  transfer: number;
  matrix: number;
  fullRange: boolean;
}

export interface InitTrack {
  id: number;
  kind: 'video' | 'audio' | 'other';
  /** RFC 6381 text. */
  codec: string;
  timescale: number;
  width: number;
  height: number;
  /** Pixel aspect; 1:1 when there is no pasp box. */
  pixelAspect: { h: number; v: number };
  /** Undefined when there is no colr box. */
  color: ColorTag | undefined;
  /** Ticks that the edit list takes off every presentation time; an empty edit counts negative. */
  editShift: number;
  /** Of audio, Hz; 0 otherwise. */
  sampleRate: number;
  /** Bytes of a NAL unit's length; 4 where it does not apply. */
  lengthSize: number;
  defaults: SampleDefaults;
}

export interface InitSegment {
  /** Types of the top-level boxes, in order. */
  boxes: string[];
  brands: Brands;
  tracks: InitTrack[];
}

export interface SampleDefaults {
  duration: number;
  size: number;
  flags: number;
}

export interface Sample {
  /** Ticks, as are the next three. */
  dts: number;
  pts: number;
  duration: number;
  /** Composition offset. */
  cts: number;
  size: number;
  /** What the sample's flags say: a sync sample. */
  sync: boolean;
}

export interface Fragment {
  trackId: number;
  defaultBaseIsMoof: boolean;
  /** Base media decode time in ticks. */
  tfdt: number;
  samples: Sample[];
}

export interface MediaSegment {
  boxes: string[];
  /** Of the styp box; undefined when there is none. */
  brands: Brands | undefined;
  fragments: Fragment[];
  samples: Sample[];
  /** tfdt of the first fragment, ticks. */
  decodeStart: number;
  /** Earliest presentation time after the edit list, ticks. */
  start: number;
  /** Latest end of a sample's presentation after the edit list, ticks. */
  end: number;
  /** Sum of the sample durations, ticks. */
  duration: number;
  /** The first sample's flags say that it is a sync sample. */
  startsWithSync: boolean;
  /** The first sample's bitstream starts a closed GOP. */
  startsWithIdr: boolean;
  bytes: number;
}

// mp4box declares these two, but does not export them.
type PixelAspectBox = Box & { hSpacing: number; vSpacing: number };
type ColorBox = Box & {
  colour_type: string;
  colour_primaries: number;
  transfer_characteristics: number;
  matrix_coefficients: number;
  full_range_flag?: number;
};

function parseBoxes(bytes: Uint8Array): ISOFile {
  const file = createFile();
  const copy = bytes.slice().buffer;
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(copy, 0));
  file.flush();
  return file;
}

function find(boxes: readonly Box[] | undefined, type: string): Box | undefined {
  return boxes?.find((box) => box.type === type);
}

function brandsOf(box: Box | undefined): Brands | undefined {
  if (box === undefined) return undefined;
  const { major_brand: major, compatible_brands: compatible } = box as Box & {
    major_brand: string;
    compatible_brands: string[];
  };
  return { major, compatible };
}

type Track = ISOFile['moov']['traks'][number];

function editShift(trak: Track, movieTimescale: number, timescale: number): number {
  let shift = 0;
  for (const edit of trak.edts?.elst?.entries ?? []) {
    if (edit.media_time === -1) shift -= (edit.segment_duration / movieTimescale) * timescale;
    else return shift + edit.media_time;
  }
  return shift;
}

function trackOf(trak: Track, moov: ISOFile['moov'], codec: string): InitTrack {
  const { mdhd, hdlr, minf } = trak.mdia;
  const entry = minf.stbl.stsd.entries[0] as
    (Box & { width?: number; height?: number; samplerate?: number }) | undefined;
  const pasp = find(entry?.boxes, 'pasp') as PixelAspectBox | undefined;
  const colr = find(entry?.boxes, 'colr') as ColorBox | undefined;
  const config = find(
    entry?.boxes,
    codec.startsWith('hev1') || codec.startsWith('hvc1') ? 'hvcC' : 'avcC',
  ) as (Box & { lengthSizeMinusOne: number }) | undefined;
  const trex = moov.mvex?.trexs.find((box) => box.track_id === trak.tkhd.track_id);
  return {
    id: trak.tkhd.track_id,
    kind: hdlr.handler === 'vide' ? 'video' : hdlr.handler === 'soun' ? 'audio' : 'other',
    codec,
    timescale: mdhd.timescale,
    width: entry?.width ?? 0,
    height: entry?.height ?? 0,
    pixelAspect: { h: pasp?.hSpacing ?? 1, v: pasp?.vSpacing ?? 1 },
    color: colr && {
      type: colr.colour_type,
      primaries: colr.colour_primaries,
      transfer: colr.transfer_characteristics,
      matrix: colr.matrix_coefficients,
      // nclc has no range: QuickTime's limited.
      fullRange: colr.colour_type === 'nclx' && Boolean(colr.full_range_flag),
    },
    editShift: editShift(trak, moov.mvhd.timescale, mdhd.timescale),
    sampleRate: entry?.samplerate ?? 0,
    lengthSize: (config?.lengthSizeMinusOne ?? 3) + 1,
    defaults: {
      duration: trex?.default_sample_duration ?? 0,
      size: trex?.default_sample_size ?? 0,
      flags: trex?.default_sample_flags ?? 0,
    },
  };
}

/** Parses an initialisation segment. */
export function parseInit(bytes: Uint8Array): InitSegment {
  const file = parseBoxes(bytes);
  if (!(file.moov as ISOFile['moov'] | undefined))
    throw new Error('Init segment without a moov box');
  const codecs = new Map(file.getInfo().tracks.map((track) => [track.id, track.codec]));
  return {
    boxes: file.boxes.map((box) => box.type),
    brands: brandsOf(find(file.boxes, 'ftyp')) ?? { major: '', compatible: [] },
    tracks: file.moov.traks.map((trak) =>
      trackOf(trak, file.moov, codecs.get(trak.tkhd.track_id) ?? ''),
    ),
  };
}

export async function readInit(path: string): Promise<InitSegment> {
  return parseInit(await readFile(path));
}

/**
 * Says whether a stated `codecs` text is true to the init segment. AV1 and VP9 have optional
 * fields, all or none; those of the colour must be the colr box's.
 */
export function isCodecOf(stated: string, { codec, color }: InitTrack): boolean {
  if (stated === codec) return true;
  // The sample entry is "Opus", and so is the registered text; browsers and DASH-IF write "opus".
  if (codec === 'Opus') return stated === 'opus';
  // An object type in hexadecimal digits: "mp4a.6B".
  if (codec.startsWith('mp4a.')) return stated.toLowerCase() === codec.toLowerCase();
  const isOpen = codec.startsWith('av01.') || codec.startsWith('vp09.');
  if (!isOpen || !stated.startsWith(`${codec}.`) || color === undefined) return false;
  const optional = stated.slice(codec.length + 1).split('.');
  // AV1: monochrome, subsampling, primaries, transfer, matrix, full range. VP9: the same without
  // monochrome.
  const [, primaries, transfer, matrix, fullRange] = codec.startsWith('av01.')
    ? optional.slice(1)
    : optional;
  const told = [primaries, transfer, matrix].map(Number);
  const known = [color.primaries, color.transfer, color.matrix];
  const isRange = Number(fullRange) === (color.fullRange ? 1 : 0);
  return isRange && told.every((value, index) => value === known[index]);
}

const TFHD_DEFAULT_BASE_IS_MOOF = 0x020000;
const TFHD_DURATION = 0x08;
const TFHD_SIZE = 0x10;
const TFHD_FLAGS = 0x20;
const TRUN_FIRST_FLAGS = 0x04;
const SAMPLE_IS_NON_SYNC = 0x010000;

type TrackFragment = ISOFile['moofs'][number]['trafs'][number];

function fragmentOf(traf: TrackFragment, init: SampleDefaults): Fragment {
  const { tfhd } = traf;
  const has = (flag: number): boolean => (tfhd.flags & flag) !== 0;
  const defaults: SampleDefaults = {
    duration: has(TFHD_DURATION) ? tfhd.default_sample_duration : init.duration,
    size: has(TFHD_SIZE) ? tfhd.default_sample_size : init.size,
    flags: has(TFHD_FLAGS) ? tfhd.default_sample_flags : init.flags,
  };
  const samples: Sample[] = [];
  const tfdt = (traf.tfdt as TrackFragment['tfdt'] | undefined)?.baseMediaDecodeTime ?? NaN;
  let dts = tfdt;
  for (const trun of traf.truns) {
    for (let index = 0; index < trun.sample_count; index++) {
      const duration = trun.sample_duration[index] ?? defaults.duration;
      const cts = trun.sample_composition_time_offset[index] ?? 0;
      const isFirst = index === 0 && (trun.flags & TRUN_FIRST_FLAGS) !== 0;
      const flags = isFirst
        ? trun.first_sample_flags
        : (trun.sample_flags[index] ?? defaults.flags);
      const size = trun.sample_size[index] ?? defaults.size;
      samples.push({
        dts,
        pts: dts + cts,
        duration,
        cts,
        size,
        sync: !(flags & SAMPLE_IS_NON_SYNC),
      });
      dts += duration;
    }
  }
  const defaultBaseIsMoof = has(TFHD_DEFAULT_BASE_IS_MOOF);
  return { trackId: tfhd.track_id, defaultBaseIsMoof, tfdt, samples };
}

/** Parses a media segment of the track that its init segment declares. */
export function parseMedia(bytes: Uint8Array, track: InitTrack): MediaSegment {
  const file = parseBoxes(bytes);
  const fragments = file.moofs.flatMap((moof) =>
    moof.trafs.map((traf) => fragmentOf(traf, track.defaults)),
  );
  const samples = fragments.flatMap((fragment) => fragment.samples);
  const first = samples[0];
  const moof = file.moofs[0];
  const dataOffset = moof?.trafs[0]?.truns[0]?.data_offset;
  if (first === undefined || moof?.start === undefined || dataOffset === undefined) {
    throw new Error('Media segment without a sample');
  }
  const offset = moof.start + dataOffset;
  const firstBytes = bytes.subarray(offset, offset + first.size);
  const times = samples.map((sample) => sample.pts - track.editShift);
  // What an audio encoder needs to get going lies before 0 and is not presented.
  const least = track.kind === 'audio' && track.editShift > 0 ? 0 : -Infinity;
  return {
    boxes: file.boxes.map((box) => box.type),
    brands: brandsOf(find(file.boxes, 'styp')),
    fragments,
    samples,
    decodeStart: first.dts,
    start: Math.max(least, Math.min(...times)),
    end: Math.max(...samples.map((sample, index) => (times[index] ?? NaN) + sample.duration)),
    duration: samples.reduce((sum, sample) => sum + sample.duration, 0),
    startsWithSync: first.sync,
    startsWithIdr: isRandomAccess(firstBytes, track.codec, track.lengthSize),
    bytes: bytes.length,
  };
}

export async function readMedia(path: string, track: InitTrack): Promise<MediaSegment> {
  return parseMedia(await readFile(path), track);
}
