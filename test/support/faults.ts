// Ways to break a sound presentation.
import { lengthPrefixedNals } from './bitstream.js';

/** Text to text, or bytes to bytes. */
export type Change = ((text: string) => string) | { bytes: (bytes: Buffer) => Buffer };

export interface Fault<Options> {
  title: string;
  /** Name in the folder of the reference. */
  file: string;
  change: Change;
  /** Names of the rules that must speak, without repetition, sorted. */
  rules: string[];
  options?: Options;
}

/** The rules of a list of violations, each once, sorted. */
export function ruleNames(violations: readonly string[]): string[] {
  return [...new Set(violations.map((violation) => violation.split(' in ')[0] ?? ''))].sort();
}

/** Replaces the first match; withChange() fails loudly when there is none. */
export function swap(from: string | RegExp, to: string): (text: string) => string {
  return (text) => text.replace(from, to);
}

/** Overwrites the tfdt of a segment by `add` ticks more. */
export function shiftTime(add: number): Change {
  return {
    bytes: (bytes) => {
      const offset = bytes.indexOf('tfdt') + 8;
      bytes.writeBigUInt64BE(bytes.readBigUInt64BE(offset) + BigInt(add), offset);
      return bytes;
    },
  };
}

/** Turns the slices of the first picture into those of a picture that is no IDR. */
export const WITHOUT_IDR: Change = {
  bytes: (bytes) => {
    const nals = lengthPrefixedNals(bytes.subarray(bytes.indexOf('mdat') + 4));
    for (const nal of nals) if ((nal[0] ?? 0) % 32 === 5) nal[0] = 0x61;
    return bytes;
  },
};

/** Clears default-base-is-moof. */
export const WITHOUT_BASE_IS_MOOF: Change = {
  bytes: (bytes) => {
    const offset = bytes.indexOf('tfhd') + 5;
    bytes[offset] = (bytes[offset] ?? 0) & ~0x02;
    return bytes;
  },
};

/** Says that the first sample is no sync sample. */
export const WITHOUT_SYNC_FLAG: Change = {
  bytes: (bytes) => {
    // Of a trun with first_sample_flags: version and flags, count, data offset, then these.
    bytes.writeUInt32BE(0x01010000, bytes.indexOf('trun') + 16);
    return bytes;
  },
};

/** Drops the transport packet in the middle. */
export const WITHOUT_A_PACKET: Change = {
  bytes: (bytes) => {
    const middle = Math.floor(bytes.length / 188 / 2) * 188;
    return Buffer.concat([bytes.subarray(0, middle), bytes.subarray(middle + 188)]);
  },
};
