// MPEG-TS media segments (ISO/IEC 13818-1): times, key pictures and codec of the elementary
// streams, without libav.
import { readFile } from 'node:fs/promises';

import { adtsSeconds, annexBNals, avcCodecOf, hasIdr } from './bitstream.js';

export interface TsStream {
  pid: number;
  /** stream_type of the program map: 0x1b H.264, 0x24 H.265, 0x0f AAC. */
  streamType: number;
  kind: 'video' | 'audio' | 'other';
  /**
   * Presentation times in decode order, ticks of 1/90000 s, one per PES packet, unwrapped within
   * the segment.
   */
  pts: number[];
  /** Decode times, alike. */
  dts: number[];
  /** The first PES packet holds an IDR picture; true for audio. */
  startsWithIdr: boolean;
  /** The first packet of the first PES has random_access_indicator. */
  randomAccess: boolean;
  /** RFC 6381 text of H.264 and AAC; '' otherwise. */
  codec: string;
  /** Seconds of sound in the last PES packet; NaN where nobody can tell. */
  lastSeconds: number;
}

export interface TsSegment {
  streams: TsStream[];
  /** PAT and PMT come before the first PES packet. */
  startsWithTables: boolean;
  /** Packets whose continuity counter does not follow (2.4.3.3). */
  discontinuities: number;
  bytes: number;
}

const PACKET_SIZE = 188;
const CLOCK_WRAP = 2 ** 33;
const AVC = 0x1b;
const HEVC = 0x24;
const ADTS = 0x0f;
const AUDIO_TYPES: readonly number[] = [0x03, 0x04, 0x0f, 0x11, 0x81, 0x87];

interface StreamState extends TsStream {
  first: Buffer[];
  last: Buffer[];
}

interface TsPacket {
  pid: number;
  unitStart: boolean;
  randomAccess: boolean;
  counter: number;
  payload: Buffer;
}

function packetAt(bytes: Buffer, offset: number): TsPacket {
  if (bytes[offset] !== 0x47) throw new Error(`No sync byte at ${offset}`);
  const control = bytes.readUInt8(offset + 3);
  const hasAdaptation = (control & 0x20) !== 0;
  const adaptation = hasAdaptation ? bytes.readUInt8(offset + 4) : 0;
  const start = offset + 4 + (hasAdaptation ? 1 + adaptation : 0);
  return {
    pid: bytes.readUInt16BE(offset + 1) & 0x1fff,
    unitStart: (bytes.readUInt8(offset + 1) & 0x40) !== 0,
    randomAccess: adaptation > 0 && (bytes.readUInt8(offset + 5) & 0x40) !== 0,
    counter: control & 0xf,
    payload: (control & 0x10) === 0 ? Buffer.alloc(0) : bytes.subarray(start, offset + PACKET_SIZE),
  };
}

/** Program map PIDs of a program association section. */
function programMapPids(payload: Buffer): number[] {
  const section = payload.subarray(1 + payload.readUInt8(0));
  const end = 3 + (section.readUInt16BE(1) & 0xfff) - 4;
  const pids: number[] = [];
  for (let offset = 8; offset + 4 <= end; offset += 4) {
    if (section.readUInt16BE(offset) !== 0) pids.push(section.readUInt16BE(offset + 2) & 0x1fff);
  }
  return pids;
}

function elementaryStreams(payload: Buffer): StreamState[] {
  const section = payload.subarray(1 + payload.readUInt8(0));
  const end = 3 + (section.readUInt16BE(1) & 0xfff) - 4;
  const found: StreamState[] = [];
  let offset = 12 + (section.readUInt16BE(10) & 0xfff);
  while (offset + 5 <= end) {
    const streamType = section.readUInt8(offset);
    const isVideo = streamType === AVC || streamType === HEVC;
    found.push({
      pid: section.readUInt16BE(offset + 1) & 0x1fff,
      streamType,
      kind: isVideo ? 'video' : AUDIO_TYPES.includes(streamType) ? 'audio' : 'other',
      pts: [],
      dts: [],
      startsWithIdr: !isVideo,
      randomAccess: false,
      codec: '',
      lastSeconds: NaN,
      first: [],
      last: [],
    });
    offset += 5 + (section.readUInt16BE(offset + 3) & 0xfff);
  }
  return found;
}

function clock(pes: Buffer, offset: number): number {
  const high = (pes.readUInt8(offset) >> 1) & 7;
  const middle = pes.readUInt16BE(offset + 1) >> 1;
  const low = pes.readUInt16BE(offset + 3) >> 1;
  return high * 2 ** 30 + middle * 2 ** 15 + low;
}

/** The time nearest to `reference` that the 33-bit clock can mean. */
export function unwrapClock(time: number, reference: number): number {
  return time + Math.round((reference - time) / CLOCK_WRAP) * CLOCK_WRAP;
}

function startPes(stream: StreamState, packet: TsPacket): void {
  const pes = packet.payload;
  if (pes.readUIntBE(0, 3) !== 1) throw new Error(`No PES start code on PID ${packet.pid}`);
  const flags = pes.readUInt8(7) >> 6;
  if (flags === 0) throw new Error(`PES packet without PTS on PID ${packet.pid}`);
  const pts = clock(pes, 9);
  const dts = flags === 3 ? clock(pes, 14) : pts;
  const reference = stream.dts.at(-1) ?? dts;
  if (stream.pts.length === 0) stream.randomAccess = packet.randomAccess;
  stream.dts.push(unwrapClock(dts, reference));
  stream.pts.push(unwrapClock(pts, reference));
  const content = pes.subarray(9 + pes.readUInt8(8));
  if (stream.pts.length === 1) stream.first.push(content);
  stream.last = [content];
}

function finish({ first, last, ...stream }: StreamState): TsStream {
  if (stream.streamType === ADTS) {
    const profile = ((first[0]?.[2] ?? 0) >> 6) + 1;
    const lastSeconds = adtsSeconds(Buffer.concat(last));
    return { ...stream, codec: `mp4a.40.${profile}`, lastSeconds };
  }
  if (stream.kind !== 'video') return stream;
  const nals = annexBNals(Buffer.concat(first));
  return {
    ...stream,
    startsWithIdr: hasIdr(nals, stream.streamType === AVC ? 'avc' : 'hevc'),
    codec: stream.streamType === AVC ? avcCodecOf(nals) : '',
  };
}

/**
 * Parses a segment of whole packets with single-section PAT and PMT, which is what HLS asks for.
 */
export function parseTs(bytes: Buffer): TsSegment {
  if (bytes.length === 0 || bytes.length % PACKET_SIZE !== 0) {
    throw new Error(`Expected whole packets of ${PACKET_SIZE} bytes but received ${bytes.length}`);
  }
  const maps = new Set<number>();
  const streams = new Map<number, StreamState>();
  const counters = new Map<number, number>();
  let startsWithTables = true;
  let discontinuities = 0;
  for (let offset = 0; offset < bytes.length; offset += PACKET_SIZE) {
    const packet = packetAt(bytes, offset);
    if (packet.pid === 0x1fff || packet.payload.length === 0) continue;
    const last = counters.get(packet.pid);
    if (last !== undefined && packet.counter !== ((last + 1) & 0xf)) discontinuities++;
    counters.set(packet.pid, packet.counter);
    const stream = streams.get(packet.pid);
    if (packet.pid === 0) {
      for (const pid of programMapPids(packet.payload)) maps.add(pid);
    } else if (maps.has(packet.pid)) {
      for (const found of elementaryStreams(packet.payload)) {
        if (!streams.has(found.pid)) streams.set(found.pid, found);
      }
    } else if (stream === undefined) {
      // The service description table may lie anywhere; anything else belongs to a stream not
      // announced yet.
      if (packet.pid > 0x1f) startsWithTables = false;
    } else if (packet.unitStart) {
      startPes(stream, packet);
    } else {
      if (stream.pts.length === 1) stream.first.push(packet.payload);
      stream.last.push(packet.payload);
    }
  }
  const list = Array.from(streams.values(), finish);
  return { streams: list, startsWithTables, discontinuities, bytes: bytes.length };
}

export async function readTs(path: string): Promise<TsSegment> {
  return parseTs(await readFile(path));
}
