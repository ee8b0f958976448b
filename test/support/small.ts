// Small streams for tests of behaviour: pictures and options that cost next to nothing, and some that cost a lot.
import { randomFillSync } from 'node:crypto';
import { join } from 'node:path';

import { expect } from 'chai';

import { InvalidOptionsError, StreamError } from '../../src/index.js';
import type {
  AdaptiveStream,
  AdaptiveStreamOptions,
  EndEvent,
  OptionIssue,
  RawFrame,
  StreamGear,
} from '../../src/index.js';
import { decodeFrames } from './psnr.js';

/** Size of a small picture. */
export const SMALL = { width: 320, height: 180 };

/**
 * Milliseconds within which abort() has to end here. It promises two seconds, and takes a fraction of one; the rest is
 * for a machine that has other things to do.
 */
export const ABORT_LIMIT = 5000;

/** Brightness of small picture number `index`; neighbours differ by far more than coding noise. */
export function smallLuma(index: number): number {
  return 20 + ((index * 23) % 200);
}

/** A gray picture of one brightness. */
export function smallFrame(index: number): RawFrame & { readonly data: Uint8Array } {
  const data = new Uint8Array(SMALL.width * SMALL.height).fill(smallLuma(index));
  return { data, ...SMALL, pixelFormat: 'gray' };
}

/**
 * Two renditions of small gray pictures, in segments of 10 frames, as DASH in `folder`. One thread each: x264 holds back a
 * picture for each further one, so that how many come out would depend on the machine's processors.
 */
export function smallOptions(
  folder: string,
  more: Partial<AdaptiveStreamOptions> = {},
): AdaptiveStreamOptions {
  return {
    input: { ...SMALL, pixelFormat: 'gray', frameRate: 25 },
    renditions: [
      { height: 180, bitrate: '400k' },
      { height: 90, bitrate: '150k' },
    ],
    video: { preset: 'ultrafast', options: { threads: 1 } },
    packaging: { segmentDuration: 0.4 },
    output: join(folder, 'out.mpd'),
    ...more,
  };
}

/** Pushes small pictures, each when the one before was read. */
export async function pushSmall(stream: AdaptiveStream, count: number, first = 0): Promise<void> {
  for (let index = first; index < first + count; index++) await stream.write(smallFrame(index));
}

/** Size of a picture that is slow to encode. */
const HEAVY = { width: 1280, height: 720 };
const noise = new Uint8Array(HEAVY.width * HEAVY.height + 65_536);
let noiseOffset = 0;

/** Noise, other than that before: encoders are busy with one picture for tens of milliseconds. */
export function heavyFrame(): RawFrame {
  if (noiseOffset === 0) randomFillSync(noise);
  noiseOffset = 1 + ((noiseOffset + 7919) % 65_000);
  const data = noise.subarray(noiseOffset, noiseOffset + HEAVY.width * HEAVY.height);
  return { data, ...HEAVY, pixelFormat: 'gray' };
}

/**
 * How many of them keep every machine busy for longer than this process may be held up: when one of them is heard of,
 * others still wait.
 */
export const HEAVY_COUNT = 500;

/** Options for heavy pictures: slow, and without a delay in which the encoder could hide pictures. */
export function heavyOptions(
  folder: string,
  more: Partial<AdaptiveStreamOptions> = {},
): AdaptiveStreamOptions {
  return {
    ...smallOptions(folder),
    input: { ...HEAVY, pixelFormat: 'gray', frameRate: 25 },
    renditions: [
      { height: 720, bitrate: '4M' },
      { height: 360, bitrate: '1M' },
    ],
    video: { preset: 'veryfast', tune: 'zerolatency' },
    ...more,
  };
}

/** Collects the `end` events of a stream. */
export function endsOf(stream: AdaptiveStream | StreamGear): EndEvent[] {
  const ends: EndEvent[] = [];
  stream.on('end', (event) => ends.push(event));
  return ends;
}

/** Brightness of the middle of each picture of a presentation, as {@link smallLuma} has it. */
export async function middlesOf(manifest: string): Promise<number[]> {
  const { frames, width, height } = await decodeFrames(manifest, { pixelFormat: 'gray' });
  const middle = Math.floor((height / 2) * width + width / 2);
  return frames.map((picture) => picture[middle] ?? NaN);
}

/** What a promise rejects with; fails when it resolves, or with anything but a StreamError. */
export async function rejection(promise: Promise<unknown>): Promise<StreamError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    if (error instanceof StreamError) return error;
    throw error;
  }
  throw new Error(`Expected a StreamError but the promise resolved to ${String(value)}`);
}

/** What a call throws; fails when it returns, or with anything but a StreamError. */
export function thrown(call: () => unknown): StreamError {
  try {
    call();
  } catch (error) {
    if (error instanceof StreamError) return error;
    throw error;
  }
  throw new Error('Expected a StreamError but the call returned');
}

/** The issues of an InvalidOptionsError; each has its path and the one sentence form. */
export function issuesOf(error: StreamError): readonly OptionIssue[] {
  expect(error).to.be.instanceOf(InvalidOptionsError);
  expect(error.code).to.equal('INVALID_OPTIONS');
  const issues = error instanceof InvalidOptionsError ? error.issues : [];
  for (const { path, message } of issues) {
    expect(error.message).to.contain(message);
    expect(message).to.match(/^Expected .+ for .+ but .+/s);
    expect(path).not.to.equal('');
  }
  return issues;
}

/** Keeps process warnings from the terminal while `use` runs, and gives them back as [name, text]. */
export async function processWarnings(use: () => Promise<unknown>): Promise<[string, string][]> {
  const warnings: [string, string][] = [];
  const emitWarning = (warning: string | Error, name?: unknown): void => {
    warnings.push([String(name), String(warning)]);
  };
  const original = Object.getOwnPropertyDescriptor(process, 'emitWarning') ?? {};
  Object.defineProperty(process, 'emitWarning', { ...original, value: emitWarning });
  try {
    await use();
  } finally {
    Object.defineProperty(process, 'emitWarning', original);
  }
  return warnings;
}

/** Waits until `isTrue`; fails after a minute and a half, which is for a machine that has other things to do. */
export async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + 90_000;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`Still not true after 90 s: ${String(isTrue)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
