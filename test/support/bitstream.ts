// Just enough of the codecs' bitstreams to say whether a sample is a true random access point,
// independent of what the container claims.

/** Types of the H.264 NAL units that matter here (ITU-T H.264, table 7-1). */
const AVC_IDR = 5;
const AVC_SPS = 7;
/** ITU-T H.265, table 7-1: IDR_W_RADL and IDR_N_LP. */
const HEVC_IDR: readonly number[] = [19, 20];

function avcNalType(header: number): number {
  return header & 0x1f;
}

function hevcNalType(header: number): number {
  return (header >> 1) & 0x3f;
}

/** NAL units of an ISO sample (ISO/IEC 14496-15), each behind a length of `lengthSize` bytes. */
export function lengthPrefixedNals(sample: Uint8Array, lengthSize = 4): Uint8Array[] {
  const nals: Uint8Array[] = [];
  let offset = 0;
  while (offset + lengthSize < sample.length) {
    let length = 0;
    for (let index = 0; index < lengthSize; index++) {
      length = length * 256 + (sample[offset + index] ?? 0);
    }
    offset += lengthSize;
    nals.push(sample.subarray(offset, offset + length));
    offset += length;
  }
  return nals;
}

/** NAL units of a byte stream (ITU-T H.264, Annex B), each behind a start code. */
export function annexBNals(bytes: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  for (let index = 2; index < bytes.length; index++) {
    if (bytes[index] === 1 && bytes[index - 1] === 0 && bytes[index - 2] === 0)
      starts.push(index + 1);
  }
  return starts.map((start, index) => {
    const next = starts[index + 1];
    return bytes.subarray(start, next === undefined ? bytes.length : next - 3);
  });
}

/** RFC 6381 text of the first H.264 SPS, "avc1.640028"; '' when there is none. */
export function avcCodecOf(nals: readonly Uint8Array[]): string {
  const sps = nals.find((nal) => avcNalType(nal[0] ?? 0) === AVC_SPS);
  if (sps === undefined || sps.length < 4) return '';
  return `avc1.${Buffer.from(sps.subarray(1, 4)).toString('hex')}`;
}

/** True when one of the NAL units is a slice of an IDR picture. */
export function hasIdr(nals: readonly Uint8Array[], codec: 'avc' | 'hevc'): boolean {
  return nals.some((nal) => {
    const header = nal[0] ?? 0;
    return codec === 'avc'
      ? avcNalType(header) === AVC_IDR
      : HEVC_IDR.includes(hevcNalType(header));
  });
}

/** VP9 bitstream specification, 6.2: frame_marker, profile, show_existing_frame, frame_type. */
function isVp9KeyFrame(sample: Uint8Array): boolean {
  const header = sample[0] ?? 0;
  const profile = ((header >> 5) & 1) | ((header >> 3) & 2);
  const afterProfile = profile === 3 ? 5 : 4;
  const showExisting = (header >> (7 - afterProfile)) & 1;
  const nonKey = (header >> (6 - afterProfile)) & 1;
  return header >> 6 === 2 && showExisting === 0 && nonKey === 0;
}

/** AV1 bitstream specification, 5.3 to 5.9: a sequence header, then a shown key frame. */
function isAv1KeyFrame(sample: Uint8Array): boolean {
  let hasSequenceHeader = false;
  let offset = 0;
  while (offset < sample.length) {
    const header = sample[offset] ?? 0;
    const type = (header >> 3) & 0xf;
    offset += (header & 4) === 0 ? 1 : 2;
    let size = sample.length - offset;
    if ((header & 2) !== 0) {
      size = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = sample[offset++] ?? 0;
        size += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) break;
      }
    }
    if (type === 1) hasSequenceHeader = true;
    if (type === 3 || type === 6) {
      const first = sample[offset] ?? 0xff;
      return hasSequenceHeader && first >> 7 === 0 && ((first >> 5) & 3) === 0;
    }
    offset += size;
  }
  return false;
}

/** ISO/IEC 14496-3, table 1.18. */
const ADTS_RATES: readonly number[] = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000,
  7350,
];

/** Seconds of AAC in whole ADTS frames (ISO/IEC 14496-3, 1.A.2); NaN when it is something else. */
export function adtsSeconds(bytes: Uint8Array): number {
  let seconds = 0;
  for (let offset = 0; offset < bytes.length;) {
    const [sync = 0, flags = 0, rate = 0, high = 0, middle = 0, low = 0] = bytes.subarray(
      offset,
      offset + 6,
    );
    const length = ((high & 3) << 11) | (middle << 3) | (low >> 5);
    if (sync !== 0xff || (flags & 0xf6) !== 0xf0 || length < 7) return NaN;
    seconds += 1024 / (ADTS_RATES[(rate >> 2) & 0xf] ?? NaN);
    offset += length;
  }
  return seconds;
}

/**
 * Says whether an ISO sample starts a closed GOP.
 * @param codec RFC 6381 text of the track; of codecs that are not known here (audio) every sample
 * is one.
 */
export function isRandomAccess(sample: Uint8Array, codec: string, lengthSize = 4): boolean {
  const family = codec.slice(0, 4);
  if (family === 'avc1' || family === 'avc3') {
    return hasIdr(lengthPrefixedNals(sample, lengthSize), 'avc');
  }
  if (family === 'hvc1' || family === 'hev1') {
    return hasIdr(lengthPrefixedNals(sample, lengthSize), 'hevc');
  }
  if (family === 'vp09') return isVp9KeyFrame(sample);
  if (family === 'av01') return isAv1KeyFrame(sample);
  return true;
}
