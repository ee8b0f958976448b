// Media info: what a file, URL or device holds, as a caller sees it.

import type { Rational } from '../base/rational.js';
import { withoutSecrets } from '../base/secrets.js';
import type { ColorSpace } from '../frames/pixel-layout.js';
import type { NativeMediaInfo, NativeMediaStream } from '../native/native-events.js';

/**
 * What every stream of a container says of itself.
 *
 * @category Sources
 */
export interface MediaStreamBase {
  /** Index in the container. */
  readonly index: number;
  /** libav's name of the codec, `h264`; '' when libav does not know it. */
  readonly codec: string;
  /** The codec's profile, `High`. */
  readonly profile?: string;
  /** As tagged, `eng`. */
  readonly language?: string;
  /** As tagged. */
  readonly title?: string;
  /** Bit/s. */
  readonly bitrate?: number;
  /** Seconds, on the container's time line. */
  readonly start: number;
  /** Seconds. */
  readonly duration?: number;
  /** Marked to be played unless another is asked for. */
  readonly isDefault: boolean;
}

/**
 * A video stream.
 *
 * @category Sources
 */
export interface MediaVideoStream extends MediaStreamBase {
  /** What it is. */
  readonly kind: 'video';
  /** A cover, not a video. */
  readonly isAttachedPicture: boolean;
  /** Columns as stored, before `rotation`. */
  readonly width: number;
  /** Rows as stored. */
  readonly height: number;
  /** libav's name of the layout, `yuv420p10le`. */
  readonly pixelFormat: string;
  /** Shape of one pixel as stored. */
  readonly sampleAspectRatio: Rational;
  /** Frames per second; of variable rates, the usual one. */
  readonly frameRate?: Rational;
  /** Number of frames. */
  readonly frameCount?: number;
  /** Degrees clockwise by which the pictures have to be turned to be upright. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Before that they have to be mirrored, left to right. */
  readonly isMirrored: boolean;
  /** Made of fields. */
  readonly isInterlaced: boolean;
  /** libav's name of the matrix, `bt709`. */
  readonly colorSpace?: string;
  /** libav's name of the primaries, `bt2020`. */
  readonly colorPrimaries?: string;
  /** libav's name of the transfer function, `smpte2084`. */
  readonly colorTransfer?: string;
  /** `tv` or `pc`. */
  readonly colorRange?: string;
  /** High dynamic range: PQ or HLG. */
  readonly isHdr: boolean;
  /** What is encoded of it unless other options say otherwise: upright, SDR, 8 bit. */
  readonly pictures: {
    /** Columns. */
    readonly width: number;
    /** Rows. */
    readonly height: number;
    /** Shape of one pixel. */
    readonly sampleAspectRatio: Rational;
    /** Frames per second that renditions have. */
    readonly frameRate: Rational;
    /** Colour matrix. */
    readonly colorSpace: ColorSpace;
  };
}

/**
 * An audio stream.
 *
 * @category Sources
 */
export interface MediaAudioStream extends MediaStreamBase {
  /** What it is. */
  readonly kind: 'audio';
  /** Hz. */
  readonly sampleRate: number;
  /** Number of channels. */
  readonly channels: number;
  /** libav's name, `5.1(side)`. */
  readonly channelLayout?: string;
}

/**
 * Subtitles, data, attachments: nothing that is packaged.
 *
 * @category Sources
 */
export interface MediaOtherStream extends MediaStreamBase {
  /** What it is. */
  readonly kind: 'subtitle' | 'data' | 'attachment';
}

/**
 * One stream of a container.
 *
 * @category Sources
 */
export type MediaStream = MediaVideoStream | MediaAudioStream | MediaOtherStream;

/**
 * What a file, URL or device holds.
 *
 * @category Sources
 */
export interface MediaInfo {
  /** Of a file, its absolute path. A URL is without its user, and what its query says is `***`. */
  readonly url: string;
  /** libav's name of the demuxer, `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly format: string;
  /** Where its time line begins, seconds. */
  readonly start: number;
  /** Seconds; undefined when nobody knows: a device, a live URL. */
  readonly duration?: number;
  /** Bit/s. */
  readonly bitrate?: number;
  /** A capture device: its time is the wall's. */
  readonly isDevice: boolean;
  /** True when a part can be read without what is before it. */
  readonly isSeekable: boolean;
  /** The durations are the container's own; false: computed from its last timestamps or its bitrate. */
  readonly isDurationDeclared: boolean;
  /** All streams, in their order. */
  readonly streams: readonly MediaStream[];
  /** The video that is transcoded unless another is asked for; undefined = none. */
  readonly video?: MediaVideoStream;
  /** The audio that is transcoded unless another is asked for; undefined = none. */
  readonly audio?: MediaAudioStream;
}

/** The values that are known. */
type Known<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };

function known<Values extends object>(values: Values): Known<Values> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Known<Values>;
}

/** Of what is 0 beyond the boundary when nobody knows. */
function positive(value: number): number | undefined {
  return value > 0 ? value : undefined;
}

/** Of what is -1 there. */
function natural(value: number): number | undefined {
  return value >= 0 ? value : undefined;
}

/** Of what is '' there. */
function text(value: string): string | undefined {
  return value === '' ? undefined : value;
}

/** What the addon has found, without what nobody knows. */
export function mediaInfoOf(info: NativeMediaInfo): MediaInfo {
  const { url, format, start, duration, bitrate, device, seekable } = info;
  const streams = info.streams.map(streamOf);
  const video = streams.find(({ index }) => index === info.bestVideo);
  const audio = streams.find(({ index }) => index === info.bestAudio);
  return {
    url: url.includes('://') ? withoutSecrets(url) : url,
    format,
    start,
    ...known({ duration: natural(duration), bitrate: positive(bitrate) }),
    isDevice: device,
    isSeekable: seekable,
    isDurationDeclared: info.durationDeclared,
    streams,
    ...(video?.kind === 'video' ? { video } : {}),
    ...(audio?.kind === 'audio' ? { audio } : {}),
  };
}

function streamOf(stream: NativeMediaStream): MediaStream {
  const { kind, index, codec, start, isDefault } = stream;
  const base: MediaStreamBase = {
    index,
    codec,
    start,
    isDefault,
    ...known({
      profile: text(stream.profile),
      language: text(stream.language),
      title: text(stream.title),
      bitrate: positive(stream.bitrate),
      duration: natural(stream.duration),
    }),
  };
  if (kind === 'video') return { ...base, kind, ...videoOf(stream) };
  if (kind !== 'audio') return { ...base, kind };
  const { sampleRate, channels, channelLayout } = stream;
  return { ...base, kind, sampleRate, channels, ...known({ channelLayout: text(channelLayout) }) };
}

function videoOf(
  stream: NativeMediaStream,
): Omit<MediaVideoStream, keyof MediaStreamBase | 'kind'> {
  const { width, height, pixelFormat, sampleAspectRatio, frameRate, rotation } = stream;
  return {
    isAttachedPicture: stream.attachedPicture,
    width,
    height,
    pixelFormat,
    sampleAspectRatio,
    rotation,
    isMirrored: stream.mirrored,
    isInterlaced: stream.interlaced,
    isHdr: stream.hdr,
    pictures: stream.pictures,
    ...known({
      frameRate: frameRate.num > 0 && frameRate.den > 0 ? frameRate : undefined,
      frameCount: natural(stream.frameCount),
      colorSpace: text(stream.colorSpace),
      colorPrimaries: text(stream.colorPrimaries),
      colorTransfer: text(stream.colorTransfer),
      colorRange: text(stream.colorRange),
    }),
  };
}
