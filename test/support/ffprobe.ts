// What FFmpeg's own demuxers and decoders see in a file or a presentation.
import { resolve } from 'node:path';

import { output, run } from './run.js';

export interface Packet {
  /** Seconds. */
  pts: number;
  /** Seconds. */
  dts: number;
  /** Seconds. */
  duration: number;
  key: boolean;
  /** Bytes. */
  size: number;
}

export interface StreamInfo {
  index: number;
  kind: 'video' | 'audio' | 'other';
  codec: string;
  profile: string;
  pixelFormat: string;
  width: number;
  height: number;
  /** "1:1"; "" when the stream does not say. */
  sampleAspectRatio: string;
  /** "16:9"; "" when the stream does not say. */
  displayAspectRatio: string;
  /** "bt709", …; "" when untagged. The next three alike. */
  colorSpace: string;
  colorPrimaries: string;
  colorTransfer: string;
  /** "tv" | "pc" | "". */
  colorRange: string;
  /** "left", …; "" when untagged. */
  chromaLocation: string;
  /** Text of a rational, "30000/1001". */
  frameRate: string;
  averageFrameRate: string;
  /** Text of a rational, "1/90000". */
  timeBase: string;
  /** Number of B-frames that the decoder must reorder. */
  hasBFrames: number;
}

/** ffmpeg opens a local MPD by absolute path only. */
export function inputPath(input: string): string {
  return /^[a-z][a-z0-9+.-]+:/i.test(input) ? input : resolve(input);
}

type JsonRecord = Record<string, unknown>;

function text(record: JsonRecord, key: string): string {
  const value = record[key];
  return typeof value === 'string' && value !== 'unknown' && value !== 'N/A' ? value : '';
}

function number(record: JsonRecord, key: string): number {
  const value = record[key];
  return typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : NaN;
}

async function probe(input: string, args: readonly string[]): Promise<JsonRecord> {
  const command = ['-v', 'error', '-of', 'json', ...args, inputPath(input)];
  return JSON.parse(await output('ffprobe', command)) as JsonRecord;
}

/**
 * What to select so that nothing is lost: libavformat's dash demuxer ends as soon as the stream
 * that is due ends, with packets of the others unread, so each stream of an MPD is read alone.
 */
async function selections(input: string): Promise<string[][]> {
  if (!/\.mpd(\?|$)/i.test(input)) return [[]];
  return (await streams(input)).map(({ index }) => ['-select_streams', String(index)]);
}

/** All packets in the order of the demuxer, by stream index. */
export async function packets(input: string): Promise<Packet[][]> {
  const entries = 'packet=stream_index,pts_time,dts_time,duration_time,flags,size';
  const byStream = new Map<number, Packet[]>();
  for (const selection of await selections(input)) {
    const found = await probe(input, [...selection, '-show_entries', entries]);
    for (const record of (found['packets'] ?? []) as JsonRecord[]) {
      const index = number(record, 'stream_index');
      const list = byStream.get(index) ?? [];
      byStream.set(index, list);
      list.push({
        pts: number(record, 'pts_time'),
        dts: number(record, 'dts_time'),
        duration: number(record, 'duration_time'),
        key: text(record, 'flags').includes('K'),
        size: number(record, 'size'),
      });
    }
  }
  const count = Math.max(-1, ...byStream.keys()) + 1;
  return Array.from({ length: count }, (_, index) => byStream.get(index) ?? []);
}

/** Presentation times of the key frames, rounded to microseconds, in seconds. */
export function keyTimes(list: readonly Packet[]): number[] {
  return list.filter((packet) => packet.key).map((packet) => Math.round(packet.pts * 1e6) / 1e6);
}

/** Presentation times in presentation order, in seconds. */
export function presentationTimes(list: readonly Packet[]): number[] {
  return list.map((packet) => packet.pts).sort((a, b) => a - b);
}

function streamInfo(record: JsonRecord): StreamInfo {
  const type = text(record, 'codec_type');
  return {
    index: number(record, 'index'),
    kind: type === 'video' || type === 'audio' ? type : 'other',
    codec: text(record, 'codec_name'),
    profile: text(record, 'profile'),
    pixelFormat: text(record, 'pix_fmt'),
    width: number(record, 'width'),
    height: number(record, 'height'),
    sampleAspectRatio: text(record, 'sample_aspect_ratio'),
    displayAspectRatio: text(record, 'display_aspect_ratio'),
    colorSpace: text(record, 'color_space'),
    colorPrimaries: text(record, 'color_primaries'),
    colorTransfer: text(record, 'color_transfer'),
    colorRange: text(record, 'color_range'),
    chromaLocation: text(record, 'chroma_location'),
    frameRate: text(record, 'r_frame_rate'),
    averageFrameRate: text(record, 'avg_frame_rate'),
    timeBase: text(record, 'time_base'),
    hasBFrames: number(record, 'has_b_frames'),
  };
}

/** Every elementary stream, in the order of the demuxer. */
export async function streams(input: string): Promise<StreamInfo[]> {
  const found = await probe(input, ['-show_streams']);
  return ((found['streams'] ?? []) as JsonRecord[]).map(streamInfo);
}

/**
 * Decodes every stream. '' when all is well, else what ffmpeg said: with -xerror the first error
 * ends it, and a warning counts as an error.
 */
export async function decodeErrors(input: string): Promise<string> {
  for (const [, stream] of await selections(input)) {
    const args = ['-nostdin', '-v', 'warning', '-xerror', '-i', inputPath(input)];
    const map = ['-map', stream === undefined ? '0' : `0:${stream}`];
    // With the stated rate as the time base, pictures of a varying rate would come at equal times.
    const times = ['-fps_mode', 'passthrough', '-enc_time_base:v', '1:90000'];
    const result = await run('ffmpeg', [...args, ...map, ...times, '-f', 'null', '-']);
    const complaint = result.stderr.trim();
    if (result.code !== 0) return complaint || `ffmpeg ended with ${result.code}`;
    if (complaint !== '') return complaint;
  }
  return '';
}
