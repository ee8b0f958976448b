// Hardware: the device of a hardware encoder, uploads at the end of a filter chain, and the encoder that
// takes over where the hardware is missing.

import type { Issues } from '../check/issues.js';
import type { Libav } from '../native/libav.js';
import type { NativeEncoderInfo } from '../native/native-binding.js';
import type { NativeHardwareConfig, NativeRenditionConfig } from '../native/native-config.js';
import type { CheckedVideo } from '../options/option-schema.js';
import type { WarningEvent } from '../report/events.js';

/** Where the device lies among the options. */
export const HARDWARE_PATH = ['video', 'hardware'];

/** The configuration of the device, checked against what the encoder can be given. */
export function resolveHardware(
  { hardware }: CheckedVideo,
  encoder: NativeEncoderInfo,
  issues: Issues,
): NativeHardwareConfig {
  const { type = '', device = '', options = [] } = hardware ?? {};
  const config: NativeHardwareConfig = { type, device, options: [...options] };
  if (hardware === undefined) return config;
  if (!encoder.hardware) return { type: '', device: '', options: [] };
  if (encoder.devices.length === 0) {
    issues.expected(`no device, as ${encoder.name} finds its own,`, HARDWARE_PATH, hardware);
  } else if (type !== '' && !encoder.devices.includes(type)) {
    const known = encoder.devices.map((word) => `"${word}"`).join(' or ');
    issues.expected(
      `${known}, as ${encoder.name} needs,`,
      [...HARDWARE_PATH, 'type'],
      type,
      encoder.devices,
    );
  }
  const isQsv = type === '' && encoder.devices.includes('qsv');
  return nativeDevice(isQsv ? { ...config, type: 'qsv' } : config);
}

/** What libavutil calls the device of Quick Sync is an implementation; its node is that of a child. */
export function nativeDevice(config: NativeHardwareConfig): NativeHardwareConfig {
  const { type, device, options } = config;
  if (type !== 'qsv' || !/[/\\]/.test(device)) return config;
  return { type, device: '', options: [['child_device', device], ...options] };
}

/** A filter chain without the upload at its end. */
interface UploadedFilter {
  /** What is left of the chain; undefined when it was only the upload. */
  readonly filter: string | undefined;
  /** libav's name of the layout that was to be uploaded; undefined: the encoder's usual one. */
  readonly pixelFormat: string | undefined;
}

const UPLOAD =
  /(?:^|,)\s*(?:format\s*=\s*(?:pix_fmts\s*=\s*)?([\w|]+)\s*,\s*)?hwupload(?:_cuda)?(?:=[^,;[\]]*)?\s*$/;
/** Layouts that are the same to an encoder of 8 bits. */
const USUAL = ['', 'nv12', 'yuv420p'];

/**
 * Takes `format=nv12,hwupload` off the end of a filter chain: encoders that need their pictures in a device
 * upload them by themselves. Undefined when there is no upload.
 */
export function withoutUpload(filter: string): UploadedFilter | undefined {
  const match = UPLOAD.exec(filter);
  if (match === null) return undefined;
  const rest = filter.slice(0, match.index).trim();
  const [layout = ''] = match[1]?.split('|') ?? [];
  return {
    filter: rest === '' ? undefined : rest,
    pixelFormat: USUAL.includes(layout) ? undefined : layout.replace(/^p010$/, 'p010le'),
  };
}

/** What libav calls the layout of pictures in a device. */
const SURFACES = ['vaapi', 'cuda', 'qsv', 'vulkan', 'd3d11', 'd3d12', 'videotoolbox_vld'];

/** True for the layout of pictures in a device. */
export function isSurface(pixelFormat: unknown): boolean {
  return SURFACES.some((name) => name === pixelFormat);
}

/** The options without uploads: pictures stay in memory until an encoder takes them. */
export function inMemory(video: CheckedVideo): CheckedVideo {
  const upload = video.filter === undefined ? undefined : withoutUpload(video.filter);
  const { pixelFormat = upload?.pixelFormat } = video;
  return {
    ...video,
    filter: upload === undefined ? video.filter : upload.filter,
    pixelFormat: isSurface(pixelFormat) ? undefined : pixelFormat,
  };
}

type UserOptions = ReadonlyMap<string, string>;

/** The encoder that takes over. */
export interface Fallback {
  /** A software encoder. */
  readonly encoder: NativeEncoderInfo;
  /** What of the caller's options it takes. */
  readonly takes: (name: string, value: string) => boolean;
}

/**
 * The software encoder that takes over from a hardware encoder with `fallback: true`; undefined when it was
 * not asked for, or is not needed.
 */
export function resolveFallback(
  { fallback = false }: CheckedVideo,
  encoder: NativeEncoderInfo,
  libav: Libav,
  issues: Issues,
): Fallback | undefined {
  if (!fallback || !encoder.hardware) return undefined;
  const software = libav.findEncoder(encoder.codec);
  if (software === undefined) {
    const expected = `false, as this libavcodec has no software encoder for ${encoder.codec},`;
    issues.expected(expected, ['video', 'fallback'], fallback);
    return undefined;
  }
  const known = libav.options('encoder', software.name);
  return {
    encoder: software,
    takes: (name, value) => {
      const option = known.get(name);
      if (option === undefined) return false;
      return libav.problem('encoder', software.name, option, value) === undefined;
    },
  };
}

/**
 * The renditions that `make` makes, and what it makes for the encoder that takes over as their fallback. Of
 * the caller's options it is given those that it takes, and a warning names the others.
 *
 * @param users - The caller's encoder options, per rendition.
 * @param planning - What `make` needs beside them.
 */
export function withFallback<
  Planning extends {
    readonly encoder: NativeEncoderInfo;
    readonly warn: (warning: WarningEvent) => void;
  },
>(
  fallback: Fallback | undefined,
  users: readonly UserOptions[],
  planning: Planning,
  make: (users: readonly UserOptions[], planning: Planning) => NativeRenditionConfig[],
): NativeRenditionConfig[] {
  const renditions = make(users, planning);
  if (fallback === undefined) return renditions;
  const { encoder, takes } = fallback;
  const isTaken = ([name, value]: [string, string]): boolean => takes(name, value);
  const entries = users.map((user) => [...user]);
  const others = make(
    entries.map((options) => new Map(options.filter(isTaken))),
    { ...planning, encoder },
  );
  for (const name of new Set(entries.flat().flatMap((it) => (isTaken(it) ? [] : [it[0]])))) {
    const hardware = planning.encoder.name;
    const message = `${name} has no effect where ${encoder.name} takes over from ${hardware}`;
    planning.warn({ code: 'IGNORED_OPTION', message });
  }
  return renditions.map((rendition, index) => {
    const other = others[index] ?? rendition;
    return {
      ...rendition,
      fallbackCodec: other.codec,
      fallbackOptions: other.options,
      declaredPeak: Math.max(rendition.declaredPeak, other.declaredPeak),
    };
  });
}
