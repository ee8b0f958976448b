// Changes of media files byte by byte, for what no muxer writes: other orientations, packets in a bad order, cuts.

const TS_PACKET = 188;

/** The four numbers of a display matrix that turn and mirror: a b / c d of ISO/IEC 14496-12, 8.3.2. */
export type Turn = readonly [a: number, b: number, c: number, d: number];

/** Positions of the types of all boxes of that type; good enough for small files of our own making. */
function boxTypes(bytes: Buffer, type: string): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(type); at >= 0; at = bytes.indexOf(type, at + 4)) found.push(at);
  return found;
}

/** An MP4 of which the first track, a video of this size, is shown turned or mirrored. */
export function turned(bytes: Buffer, [a, b, c, d]: Turn, width: number, height: number): Buffer {
  const [tkhd = -1] = boxTypes(bytes, 'tkhd');
  if (tkhd < 0 || bytes.readUInt8(tkhd + 4) !== 0)
    throw new Error('Expected a tkhd box of version 0');
  const corners = [0, a * width, c * height, a * width + c * height];
  const heights = [0, b * width, d * height, b * width + d * height];
  // What is shown begins at 0, 0 again.
  const matrix = [a, b, 0, c, d, 0, -Math.min(...corners), -Math.min(...heights)];
  for (const [index, value] of matrix.entries()) {
    bytes.writeInt32BE(Math.round(value * 65_536), tkhd + 44 + index * 4);
  }
  bytes.writeInt32BE(2 ** 30, tkhd + 44 + 8 * 4);
  return bytes;
}

interface Chunk {
  /** Where stco says it. */
  entry: number;
  offset: number;
  size: number;
}

/** Chunks of each track, in the order of the tracks. */
function chunksOf(bytes: Buffer): Chunk[][] {
  const [mdat = -1] = boxTypes(bytes, 'mdat');
  const end = mdat - 4 + bytes.readUInt32BE(mdat - 4);
  const tracks = boxTypes(bytes, 'stco').map((stco) =>
    Array.from({ length: bytes.readUInt32BE(stco + 8) }, (_, index): Chunk => {
      const entry = stco + 12 + index * 4;
      return { entry, offset: bytes.readUInt32BE(entry), size: 0 };
    }),
  );
  const sorted = tracks.flat().sort((one, other) => one.offset - other.offset);
  for (const [index, chunk] of sorted.entries()) {
    chunk.size = (sorted[index + 1]?.offset ?? end) - chunk.offset;
  }
  return tracks;
}

/** An MP4 of which the media data hold the first track as a whole, and then the second. */
export function tracksApart(bytes: Buffer): Buffer {
  const tracks = chunksOf(bytes);
  const before = Buffer.from(bytes);
  let offset = Math.min(...tracks.flat().map((chunk) => chunk.offset));
  for (const chunk of tracks.flat()) {
    before.copy(bytes, offset, chunk.offset, chunk.offset + chunk.size);
    bytes.writeUInt32BE(offset, chunk.entry);
    offset += chunk.size;
  }
  return bytes;
}

function tsPackets(bytes: Buffer): { pid: number; packet: Buffer }[] {
  return Array.from({ length: Math.floor(bytes.length / TS_PACKET) }, (_, index) => {
    const packet = bytes.subarray(index * TS_PACKET, (index + 1) * TS_PACKET);
    return { pid: packet.readUInt16BE(1) & 0x1fff, packet };
  });
}

/** PID of the first stream that ffmpeg's muxer writes. */
const FIRST_PID = 0x100;

/** An MPEG-TS in which all packets of the second stream come last. */
export function streamsApart(bytes: Buffer): Buffer {
  const all = tsPackets(bytes);
  const isSecond = ({ pid }: { pid: number }): boolean => pid === FIRST_PID + 1;
  const sorted = [...all.filter((each) => !isSecond(each)), ...all.filter(isSecond)];
  return Buffer.concat(sorted.map(({ packet }) => packet));
}

/** An MPEG-TS that was tuned into: it begins with packets of the middle of the first group of pictures. */
export function tunedIn(bytes: Buffer, packets: number): Buffer {
  return bytes.subarray(packets * TS_PACKET);
}

/** The first part of a file. */
export function cutOff(bytes: Buffer, part: number): Buffer {
  return bytes.subarray(0, Math.round(bytes.length * part));
}

/** A stretch in the middle of the file is noise, always the same. */
export function damaged(bytes: Buffer, length: number): Buffer {
  const middle = Math.floor(bytes.length / 2);
  for (let index = 0; index < length; index++) {
    bytes[middle + index] = (index * 73 + (index >> 3) * 151) & 0xff;
  }
  return bytes;
}

/** Length of an EBML number, by its first byte. */
function numberLength(first: number): number {
  return Math.clz32(first) - 23;
}

/** What else a Cluster holds: checksum, time, size of the one before, groups of blocks, nothing. */
const OTHER_CHILDREN: readonly number[] = [0xbf, 0xe7, 0xab, 0xa0, 0xec];

/** Positions of the SimpleBlocks of a Matroska file, behind their sizes; good enough for small files of our own making. */
function simpleBlocks(bytes: Buffer): number[] {
  const found: number[] = [];
  const cluster = Buffer.from([0x1f, 0x43, 0xb6, 0x75]);
  for (let at = bytes.indexOf(cluster); at >= 0; at = bytes.indexOf(cluster, at + 4)) {
    let child = at + 4 + numberLength(bytes[at + 4] ?? 0xff);
    for (;;) {
      const id = bytes[child] ?? 0;
      const length = numberLength(bytes[child + 1] ?? 0xff);
      const size = bytes.readUIntBE(child + 1, length) - 2 ** (7 * length);
      const content = child + 1 + length;
      if (id === 0xa3) found.push(content);
      else if (!OTHER_CHILDREN.includes(id)) break;
      child = content + size;
      if (child + 9 > bytes.length) break;
    }
  }
  return found;
}

/** A Matroska file of which one packet of the first track, in the middle, claims to be 25 s later. */
export function onePacketLate(bytes: Buffer): Buffer {
  const video = simpleBlocks(bytes).filter((at) => bytes[at] === 0x81);
  const middle = video[Math.floor(video.length / 2)];
  if (middle === undefined) throw new Error('Expected SimpleBlocks of a first track');
  bytes.writeInt16BE(bytes.readInt16BE(middle + 1) + 25_000, middle + 1);
  return bytes;
}
