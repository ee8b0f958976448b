// Audio samples: the check of one pushed chunk, by hand, as this runs for every chunk.

import { types } from 'node:util';
import { firstOf } from '../base/lists.js';
import { show } from '../check/issues.js';
import { extentOfView } from '../frames/frame-bytes.js';
import type { NativeAudioConfig } from '../native/native-config.js';
import { InvalidFrameError, StreamError } from '../report/errors.js';

/** What is pushed; see {@link AudioPushOptions}. */
export type PushFormat = Pick<NativeAudioConfig, 'pushSampleRate' | 'pushChannels' | 'pushFormat'>;

/** A chunk after its check. */
export interface CheckedSamples {
  /** One view, or one per channel. */
  readonly planes: readonly (Float32Array | Int16Array)[];
  /** Samples of each channel. */
  readonly count: number;
}

/** More channels than any samples have here. */
const MANY_CHANNELS = 64;

function invalid(expected: string, received: unknown): InvalidFrameError {
  return new InvalidFrameError(
    'INVALID_SAMPLES',
    `Expected ${expected} for the samples but received ${show(received)}`,
  );
}

/**
 * Checks one chunk.
 *
 * @param samples - Whole samples of all channels.
 * @throws {@link InvalidFrameError} `INVALID_SAMPLES` or `BUFFER_DETACHED`.
 */
export function checkSamples(samples: unknown, format: PushFormat): CheckedSamples {
  try {
    return check(samples, format);
  } catch (error) {
    if (error instanceof StreamError) throw error;
    throw invalid('samples that can be read', 'an object that throws');
  }
}

function check(samples: unknown, format: PushFormat): CheckedSamples {
  const { pushChannels: channels, pushFormat } = format;
  if (pushFormat === 'f32-planar') return checkPlanes(samples, channels);
  const expected =
    pushFormat === 's16' ? 'an interleaved Int16Array' : 'an interleaved Float32Array';
  const fits = pushFormat === 's16' ? types.isInt16Array(samples) : types.isFloat32Array(samples);
  if (!fits) throw invalid(expected + bytesHint(samples, pushFormat), samples);
  const view = plain(samples as Float32Array | Int16Array);
  if (view.length % channels !== 0) {
    throw invalid(`a length that is a multiple of ${channels} channels`, view.length);
  }
  return { planes: [view], count: view.length / channels };
}

/** Bytes are what most programs and sockets give. */
function bytesHint(samples: unknown, format: 'f32' | 's16'): string {
  if (!types.isUint8Array(samples)) return '';
  const [name, size] = format === 's16' ? ['Int16Array', 2] : ['Float32Array', 4];
  return ` such as new ${name}(bytes.buffer, bytes.byteOffset, bytes.byteLength / ${size})`;
}

function checkPlanes(samples: unknown, channels: number): CheckedSamples {
  const given: readonly unknown[] = Array.isArray(samples) ? firstOf(samples, MANY_CHANNELS) : [];
  if (given.length === 0 || !given.every((plane) => types.isFloat32Array(plane))) {
    throw invalid('an array of one Float32Array per channel', samples);
  }
  if (given.length !== channels) throw invalid(`${channels} channels`, given.length);
  const planes = given.map(plain);
  const lengths = planes.map(({ length }) => length);
  const [count = 0] = lengths;
  if (lengths.some((length) => length !== count)) throw invalid('equal lengths', lengths);
  return { planes, count };
}

/** The same memory, without what the caller may have put upon the array. */
function plain<View extends Float32Array | Int16Array>(view: View): View {
  const { buffer, offset, length } = extentOfView(view);
  if (length === 0) {
    throw new InvalidFrameError(
      'BUFFER_DETACHED',
      'Expected samples but received an empty array: it has no length, or was transferred to another ' +
        'thread',
    );
  }
  return (
    types.isInt16Array(view)
      ? new Int16Array(buffer, offset, length / Int16Array.BYTES_PER_ELEMENT)
      : new Float32Array(buffer, offset, length / Float32Array.BYTES_PER_ELEMENT)
  ) as View;
}

/** Leaves out the first `count` samples of each channel. */
export function withoutFirst(samples: CheckedSamples, count: number): CheckedSamples {
  const interleaved = (samples.planes[0]?.length ?? 0) / samples.count;
  return {
    planes: samples.planes.map((plane) => plane.subarray(Math.round(count * interleaved))),
    count: samples.count - count,
  };
}

/** The same samples in memory of their own. */
export function copyOf({ planes, count }: CheckedSamples): CheckedSamples {
  return { planes: planes.map((plane) => plane.slice()), count };
}
