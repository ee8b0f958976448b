// Encoder defaults: what each encoder is told unless the caller says otherwise. Bitrates are kept.

import { addedFlags } from '../base/key-values.js';
import { bitrate as bitrateKind } from '../check/values.js';
import type { NativeOptionList } from '../native/native-config.js';

/** What decides the defaults of one rendition's encoder. */
export interface EncoderRequest {
  /** libavcodec encoder. */
  readonly encoder: string;
  /** libav's name; '' = yuv420p. */
  readonly pixelFormat: string;
  /** Declared, bit/s. */
  readonly bitrate: number;
  /** Low delay. */
  readonly live: boolean;
  /** Seconds; what a live buffer follows. Default: as long as makes no difference. */
  readonly segmentDuration?: number;
  /** hls.js overlooks the edit list that B-frames need in fMP4: without them switches are seamless. */
  readonly withoutReordering: boolean;
  /** Encoder threads of this rendition. */
  readonly threads: number;
  /** Most frames between two key frames of the grid. */
  readonly gopFrames: number;
  /** The caller's options; they win. */
  readonly user: ReadonlyMap<string, string>;
  /** Whether this version of the encoder has an option; of ours, only those are given. Default: all. */
  readonly knows?: (option: string) => boolean;
}

/** All options of one encoder, and the bounds of its rate control. */
export interface EncoderSettings {
  /** For libav. */
  readonly options: NativeOptionList;
  /** Bit/s. */
  readonly maxrate: number;
  /** Bits. */
  readonly bufsize: number;
}

/** Bounds of the rate control, as multiples of the bitrate. */
interface RateBounds {
  readonly maxrate: number;
  /** Seconds of the bitrate. */
  readonly bufsize: number;
  /** Set where it makes a constant bitrate of what would not be kept otherwise. */
  readonly minrate?: number;
}

/** ABR with a VBV of 1.5 times the rate and two seconds of it. */
const ABR: RateBounds = { maxrate: 1.5, bufsize: 2 };
/** For encoders whose ABR runs far above the rate in the first seconds of film. */
const TIGHT: RateBounds = { maxrate: 1, bufsize: 1 };

/** Seconds of a live segment from which on its bounds are those of a recording. */
const LONG_SEGMENT = 2;
/** What live segments of a second or less are held to, as multiples of the bitrate. */
const SHORT_SEGMENTS = { maxrate: 1.1, bufsizePerSecond: 0.5 };

/**
 * A live manifest has to declare the most that a segment may take before it is there: the rate and the whole buffer. In a
 * short segment a buffer of seconds would be a multiple of what is sent, and players would choose lower renditions. So the
 * buffer follows the segment, and reaches the usual one where segments last two seconds.
 */
function liveRate(rate: RateBounds, seconds: number): RateBounds {
  if (seconds >= LONG_SEGMENT) return rate;
  const share = Math.max(0, seconds - 1) / (LONG_SEGMENT - 1);
  const between = (short: number, long: number): number => short + (long - short) * share;
  const { maxrate, bufsizePerSecond } = SHORT_SEGMENTS;
  return {
    ...rate,
    maxrate: Math.min(rate.maxrate, between(maxrate, rate.maxrate)),
    bufsize: Math.min(
      rate.bufsize,
      seconds * between(bufsizePerSecond, rate.bufsize / LONG_SEGMENT),
    ),
  };
}

interface Defaults {
  /** Default {@link ABR}. Constant quality is always capped by that. */
  readonly rate?: RateBounds;
  readonly options: Readonly<Record<string, string>>;
  readonly live?: Readonly<Record<string, string>>;
  /** Unless constant quality is asked for. */
  readonly withBitrate?: Readonly<Record<string, string>>;
  /** Name of the option that holds `key=value:key=value`, and what we put first in it. */
  readonly params?: readonly [name: string, make: (request: EncoderRequest) => readonly string[]];
  /** Constant quality replaces `b`, instead of being bounded by it. */
  readonly qualityReplacesBitrate?: boolean;
  /** Threads are told in another way. */
  readonly noThreads?: boolean;
}

const EIGHT_BIT_420 = new Set(['', 'yuv420p', 'yuvj420p', 'nv12']);

const DEFAULTS: ReadonlyMap<string, Defaults> = new Map(
  Object.entries<Defaults>({
    libx264: {
      options: { preset: 'veryfast', sc_threshold: '0', 'forced-idr': '1', flags: '+cgop' },
      // Frame threads would each hold back one frame.
      live: { tune: 'zerolatency', bf: '0', thread_type: 'slice' },
      // By default x264 lets the average of the first seconds run far above the rate; a declared rate must be kept.
      // Constant quality declares none, and ratetol would hold its peaks below the cap.
      params: ['x264-params', (request) => (hasQuality(request) ? [] : ['ratetol=0.1'])],
      qualityReplacesBitrate: true,
    },
    libx265: {
      rate: TIGHT,
      options: { preset: 'veryfast', 'forced-idr': '1' },
      live: { tune: 'zerolatency', bf: '0' },
      // FFmpeg's `threads` are x265's frame threads; what has to be shared among renditions are pools.
      noThreads: true,
      params: [
        'x265-params',
        ({ live, threads }) => [
          'scenecut=0',
          'open-gop=0',
          'keyint=-1',
          'log-level=none',
          `pools=${threads}`,
          ...(live ? ['frame-threads=1'] : []),
        ],
      ],
      qualityReplacesBitrate: true,
    },
    'libvpx-vp9': {
      // Equal minimum and maximum is how libvpx is told CBR; frames ahead would loosen it.
      rate: { ...TIGHT, minrate: 1 },
      options: {
        deadline: 'realtime',
        'cpu-used': '7',
        'row-mt': '1',
        'auto-alt-ref': '0',
        'lag-in-frames': '0',
      },
    },
    'libaom-av1': {
      rate: { ...TIGHT, minrate: 1 },
      options: { usage: 'realtime', 'cpu-used': '8', 'row-mt': '1', 'lag-in-frames': '0' },
    },
    libsvtav1: {
      options: { preset: '10' },
      // Its rate control deals out bits by GOP: without its length key frames cost twice the rate.
      params: [
        'svtav1-params',
        (request) => [
          `keyint=${request.gopFrames + 1}`,
          ...(request.live && !hasQuality(request) ? ['rc=2', 'pred-struct=1'] : []),
        ],
      ],
      qualityReplacesBitrate: true,
    },
  }),
);

/** QSV counts in 16 bits, and drivers of V4L2 may do so; the grid's key frames come long before. */
const LONG_GOP = '65535';

/**
 * Hardware encoders, by what is behind the last `_` of the name. No B-frames: not every card has them, and
 * all renditions shall have the same delay.
 */
const HARDWARE_DEFAULTS: ReadonlyMap<string, Defaults> = new Map(
  Object.entries<Defaults>({
    nvenc: {
      options: { bf: '0', 'forced-idr': '1', 'no-scenecut': '1' },
      withBitrate: { rc: 'vbr' },
      // It holds back as many frames as it has surfaces for, unless it is told not to.
      live: { tune: 'll', zerolatency: '1', delay: '0' },
      noThreads: true,
    },
    vaapi: { options: { bf: '0' }, live: { async_depth: '1' }, noThreads: true },
    qsv: {
      options: { bf: '0', forced_idr: '1', adaptive_i: '0', g: LONG_GOP },
      live: { async_depth: '1' },
      noThreads: true,
    },
    videotoolbox: { options: { bf: '0' }, live: { realtime: '1' }, noThreads: true },
    amf: {
      // It counts to 1000 only; 0 is endless.
      options: { bf: '0', forced_idr: '1', g: '0', usage: 'transcoding' },
      withBitrate: { rc: 'vbr_peak' },
      live: { usage: 'lowlatency' },
      noThreads: true,
    },
    v4l2m2m: { options: { bf: '0', g: LONG_GOP }, noThreads: true },
    vulkan: { options: { bf: '0' }, live: { tune: 'll', async_depth: '1' }, noThreads: true },
  }),
);

function defaultsOf(encoder: string): Defaults {
  const family = encoder.slice(encoder.lastIndexOf('_') + 1);
  return DEFAULTS.get(encoder) ?? HARDWARE_DEFAULTS.get(family) ?? { options: {} };
}

/** Options that are lists: a further one is added to what is there. */
export function accumulates(name: string): boolean {
  return name.endsWith('-params') || name === 'x264opts';
}

function rateOf(value: string | undefined, fallback: number): number {
  return (value === undefined ? undefined : bitrateKind.parse(value)) ?? fallback;
}

/** Constant quality was asked for: the bitrate is then only its cap. */
function hasQuality({ user }: EncoderRequest): boolean {
  return ['crf', 'qp', 'cq', 'global_quality'].some((name) => user.has(name));
}

/** The options of one rendition's encoder. */
export function encoderSettings(request: EncoderRequest): EncoderSettings {
  const { encoder, bitrate, live, threads, user, knows = () => true } = request;
  const defaults = defaultsOf(encoder);
  const usual = hasQuality(request) ? ABR : (defaults.rate ?? ABR);
  const rate = live ? liveRate(usual, request.segmentDuration ?? LONG_SEGMENT) : usual;
  const maxrate = rateOf(user.get('maxrate'), Math.round(bitrate * rate.maxrate));
  const bufsize = rateOf(user.get('bufsize'), Math.round(bitrate * rate.bufsize));
  const merged = new Map<string, string>([
    ['b', String(bitrate)],
    ['maxrate', String(maxrate)],
    ['bufsize', String(bufsize)],
    ...(rate.minrate === undefined || user.has('maxrate')
      ? []
      : [['minrate', String(Math.round(bitrate * rate.minrate))] as const]),
    ...(defaults.noThreads === true ? [] : [['threads', String(threads)] as const]),
    ...Object.entries(defaults.options),
    ...(hasQuality(request) ? [] : Object.entries(defaults.withBitrate ?? {})),
    ...(live ? Object.entries(defaults.live ?? {}) : []),
  ]);
  if (request.withoutReordering && defaults.live?.['bf'] !== undefined) merged.set('bf', '0');
  const isPlain = EIGHT_BIT_420.has(request.pixelFormat);
  if (encoder === 'libx264' && isPlain) merged.set('profile', 'high');
  if (defaults.params !== undefined) {
    const [name, make] = defaults.params;
    const params = make(request);
    if (params.length > 0) merged.set(name, params.join(':'));
  }
  if (hasQuality(request) && defaults.qualityReplacesBitrate === true) merged.delete('b');
  for (const name of [...merged.keys()].filter((option) => !knows(option))) merged.delete(name);
  for (const [name, value] of user) {
    const ours = merged.get(name);
    if (name === 'flags') merged.set(name, (ours ?? '') + addedFlags(value));
    else if (accumulates(name) && ours !== undefined) merged.set(name, `${ours}:${value}`);
    else merged.set(name, value);
  }
  return { options: [...merged], maxrate, bufsize };
}

/**
 * Lines of a picture for each thread, two rows of macroblocks: x264's own bound. With less its VBV loses control, and the
 * lower half of a picture may be all that pays for it.
 */
const LINES_PER_THREAD = 32;

/**
 * Threads of each rendition's encoder: one each, and what is left goes where a thread has the most pixels, as
 * the biggest picture is what the others wait for; as many as a picture has lines for at most.
 */
export function shareThreads(
  sizes: readonly { readonly width: number; readonly height: number }[],
  processors: number,
): number[] {
  const shares = sizes.map(({ width, height }) => ({
    pixels: width * height,
    most: Math.max(1, Math.floor(height / LINES_PER_THREAD)),
    threads: 1,
  }));
  // Of equal loads the bigger picture's is first.
  const order = [...shares].sort((a, b) => b.pixels - a.pixels);
  for (let left = processors - sizes.length; left > 0; left--) {
    const [busiest] = order
      .filter(({ threads, most }) => threads < most)
      .sort((a, b) => b.pixels / b.threads - a.pixels / a.threads);
    if (busiest === undefined) break;
    busiest.threads++;
  }
  return shares.map(({ threads }) => threads);
}

/**
 * What a live manifest declares as the peak, bit/s: the rate control lets through no more than its
 * buffer and the rate that refills it, and the container adds its own bytes.
 */
export function declaredPeak(
  { maxrate, bufsize }: EncoderSettings,
  packaging: { readonly segmentDuration: number; readonly mpegts: boolean; readonly fps: number },
): number {
  const { segmentDuration, mpegts, fps } = packaging;
  const video = maxrate + bufsize / segmentDuration;
  // MPEG-TS: 4 of 188 bytes are headers, and each frame fills up its last packet.
  // fMP4: some bytes of index per frame, and boxes per segment.
  const container = mpegts
    ? video * (4 / 184) + fps * 188 * 8 + 8 * 188 * 8
    : fps * 16 * 8 + (1024 * 8) / segmentDuration;
  return Math.ceil(video + container);
}
