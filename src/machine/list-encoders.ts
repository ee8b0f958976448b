// List of encoders: which ones the local libavcodec has, and which of them work on this machine, by trying.

import { readdirSync } from 'node:fs';
import { checkObject, strict } from '../check/check-object.js';
import { signal as abortSignal } from '../check/common-schema.js';
import { Issues } from '../check/issues.js';
import * as values from '../check/values.js';
import { mustNotBeAborted } from '../native/failure.js';
import { libavOf } from '../native/libav.js';
import type { Libav } from '../native/libav.js';
import type { NativeEncoderInfo } from '../native/native-binding.js';
import type { NativeTrialConfig } from '../native/native-config.js';
import { nativeBinding } from '../native/native.js';
import type { HardwareOptions } from '../options/options.js';
import { encoderSettings } from '../plan/encoder-defaults.js';
import { nativeDevice } from '../plan/hardware.js';
import { FMP4_CODECS } from '../plan/packaging.js';
import { tryEncoders } from './try-encoders.js';
import type { Outcome } from './try-encoders.js';

/**
 * One video encoder, and whether it works here.
 *
 * @category This machine
 */
export interface EncoderReport {
  /** What `video.codec` and `-vcodec` take: `libx264`. */
  readonly name: string;
  /** Codec that it writes: `h264`, `hevc`, `vp9` or `av1`. */
  readonly codec: string;
  /** libav's words. */
  readonly description: string;
  /** It runs on a graphics card or another device. */
  readonly hardware: boolean;
  /** It has encoded some pictures just now. */
  readonly works: boolean;
  /** Why it does not work, and what can be done. */
  readonly reason?: string;
  /** Devices on which it works, where it needs one: each can be given as `video.hardware`. */
  readonly devices?: readonly HardwareOptions[];
}

/**
 * Options of {@link listEncoders}.
 *
 * @category This machine
 */
export interface ListEncodersOptions {
  /**
   * Only encoders for this codec, or the one of this name. Other names of a codec are taken too, in any
   * case: `h265`, `H.265` and `x265` are `hevc`.
   */
  readonly codec?: string;
  /** Stops trying. A thread that a driver still holds a while later is left behind, and a warning of the process says so. */
  readonly signal?: AbortSignal;
}

const schema = strict({
  codec: values.text.schema.optional(),
  signal: abortSignal.optional(),
});

const BITRATE = 1_000_000;

/** What people call a codec, in small letters and without dots, and what libavcodec calls it. */
const CODEC_NAMES: ReadonlyMap<string, string> = new Map([
  ...['avc', 'avc1', 'avc3', 'x264'].map((name) => [name, 'h264'] as const),
  ...['h265', 'x265', 'hvc1', 'hev1'].map((name) => [name, 'hevc'] as const),
  ['vp09', 'vp9'],
  ...['av01', 'aom', 'svtav1'].map((name) => [name, 'av1'] as const),
]);

/** libavcodec's name of a codec; what is no codec stays as it is. */
function codecOf(name: string): string {
  const plain = name.toLowerCase().replaceAll('.', '');
  return CODEC_NAMES.get(plain) ?? plain;
}

/** Devices of these types are nodes of the system; the other encoders find theirs. */
const WITH_NODES = ['vaapi', 'qsv'];

/** Where Linux has the nodes of graphics cards. */
const NODES = '/dev/dri';

function renderNodes(): string[] {
  try {
    const names = readdirSync(NODES).filter((name) => name.startsWith('renderD'));
    return names.sort().map((name) => `${NODES}/${name}`);
  } catch {
    return [];
  }
}

/** Devices on which to try an encoder; none: as it finds one by itself. */
function candidates({ devices }: NativeEncoderInfo): HardwareOptions[] {
  return devices
    .filter((type) => WITH_NODES.includes(type))
    .flatMap((type) => renderNodes().map((device) => ({ type, device })));
}

function trialOf(
  encoder: NativeEncoderInfo,
  { type = '', device = '' }: HardwareOptions,
  libav: Libav,
): NativeTrialConfig {
  const known = libav.options('encoder', encoder.name);
  const { options } = encoderSettings({
    encoder: encoder.name,
    pixelFormat: '',
    bitrate: BITRATE,
    live: false,
    withoutReordering: false,
    threads: 1,
    gopFrames: 50,
    user: new Map(),
    knows: (option) => known.has(option),
  });
  const hardware = nativeDevice({ type, device: String(device), options: [] });
  return { codec: encoder.name, options, hardware };
}

/** Encoders that write what segments can hold, from pictures as video has them. */
function isPackable({ codec, pixelFormats }: NativeEncoderInfo): boolean {
  const isYuv = (format: string): boolean => /^(yuv|nv|p01)/.test(format);
  return FMP4_CODECS.includes(codec) && (pixelFormats.length === 0 || pixelFormats.some(isYuv));
}

/**
 * Lists the video encoders of the local libavcodec that can be used, and tries each: it is opened with the
 * options that a stream would give it, on each device that it may need, and encodes some pictures. That
 * takes a second or so, on a native thread.
 *
 * @param options - See {@link ListEncodersOptions}.
 * @returns reports in libavcodec's order: of each codec the usual encoder comes first.
 * @throws {@link InvalidOptionsError} listing every wrong value.
 * @throws {@link StreamError} `ABORTED` by the signal; `ADDON_NOT_FOUND` or `ADDON_LOAD_FAILED`.
 *
 * @category This machine
 */
export async function listEncoders(options: ListEncodersOptions = {}): Promise<EncoderReport[]> {
  const issues = new Issues();
  const { codec, signal } = checkObject(schema, options, issues) ?? {};
  issues.throwIfAny();
  mustNotBeAborted(signal);
  const libav = libavOf(nativeBinding());
  const encoders = [...libav.encoders.values()].filter(
    (encoder) =>
      isPackable(encoder) &&
      (codec === undefined || codecOf(codec) === encoder.codec || codec === encoder.name),
  );
  const tried = encoders.map((encoder) => ({ encoder, devices: candidates(encoder) }));
  const trials = tried.flatMap(({ encoder, devices }) =>
    (devices.length === 0 ? [{}] : devices).map((device) => trialOf(encoder, device, libav)),
  );
  const outcomes = await tryEncoders(trials, signal);
  return tried.map(({ encoder, devices }) =>
    reportOf(encoder, devices, outcomes.splice(0, Math.max(1, devices.length))),
  );
}

function reportOf(
  { name, codec, description, hardware }: NativeEncoderInfo,
  devices: readonly HardwareOptions[],
  outcomes: readonly Outcome[],
): EncoderReport {
  const working = devices.filter((_, index) => outcomes[index] === undefined);
  const works = outcomes.includes(undefined);
  // Trials have no renditions.
  const reason = outcomes[0]?.message.replace(/ for rendition 0 \(\w+\)/, '');
  return {
    name,
    codec,
    description,
    hardware,
    works,
    ...(works || reason === undefined ? {} : { reason }),
    ...(working.length === 0 ? {} : { devices: working }),
  };
}
