// Source limits: what opening a source may reach, take and last, unless the caller says otherwise.

import * as z from 'zod';
import type { Issues } from '../check/issues.js';
import type { OptionPath } from '../check/option-path.js';
import * as values from '../check/values.js';
import type { NativeSourceLimits } from '../native/native-config.js';

/** What a source may reach and take. See docs/security.md. */
export interface SourceLimits {
  /**
   * Protocols of libavformat that the source, and what it names, may use: `['https']`, `['file', 'pipe']`. What a protocol
   * stands on (TLS, TCP) comes with it. Default: that of the source's own URL, where files are `file`; a list of other
   * files (`.m3u8`, `.mpd`, ffconcat) on disk is refused. FFmpeg's `-protocol_whitelist`.
   */
  readonly protocols?: readonly string[];
  /** Pixels of a picture; larger ones are refused before they are decoded. Default 67108864 (8192x8192). FFmpeg's `-max_pixels`. */
  readonly maxPixels?: number;
  /** Seconds until the source must be open; 0 is no limit. Default 30. */
  readonly openTimeout?: number;
}

const DEFAULTS = { maxPixels: 8192 * 8192, openTimeout: 30 };

const protocol = values.text.schema;

/** The keys of {@link SourceLimits} in a schema. */
export const limitShape = {
  protocols: z
    .array(protocol, { error: 'an array of protocols such as ["https"]' })
    .readonly()
    .optional(),
  maxPixels: values.wholeNumber(1, 2 ** 31 - 1).schema.optional(),
  openTimeout: values.seconds.schema.optional(),
};

/** Libav's names of what is given here by name, as options of a source. */
export const LIMIT_OPTIONS = ['protocol_whitelist', 'max_pixels', 'open_timeout'] as const;

const TLS = ['tls', 'tcp', 'httpproxy'];
const HTTPS = ['https', 'crypto', ...TLS];
const HTTP = ['http', ...HTTPS];
const RTMP = [
  'rtmp',
  'rtmpe',
  'rtmpt',
  'rtmpte',
  'rtmps',
  'rtmpts',
  'ffrtmpcrypt',
  'ffrtmphttp',
  ...HTTP,
];
const RTSP = ['rtsp', 'rtsps', 'rtp', 'srtp', 'udp', ...HTTP];

/**
 * Protocols that a source may be named with, and all that each stands on. HLS decrypts what it loads (`crypto`); a server of HTTP
 * may send on to HTTPS and back.
 */
const REACHES: ReadonlyMap<string, readonly string[]> = new Map([
  ['file', ['file']],
  ['http', HTTP],
  ['https', HTTPS],
  ['ftp', ['ftp', 'tcp']],
  ['sftp', ['sftp']],
  ['rtmp', RTMP],
  ['rtmpe', RTMP],
  ['rtmps', RTMP],
  ['rtmpt', RTMP],
  ['rtmpte', RTMP],
  ['rtmpts', RTMP],
  ['rtsp', RTSP],
  ['rtsps', RTSP],
  ['rtp', ['rtp', 'srtp', 'udp']],
  ['srtp', ['rtp', 'srtp', 'udp']],
  ['udp', ['udp']],
  ['udplite', ['udplite', 'udp']],
  ['srt', ['srt']],
  ['rist', ['rist']],
  ['mmsh', ['mmsh', ...HTTP]],
  ['mmst', ['mmst', 'tcp']],
]);

/** Protocols that open other things than their name says, or what is not meant for media: only when they are asked for. */
const ASKED_FOR: ReadonlySet<string> = new Set([
  ...[
    'async',
    'cache',
    'concat',
    'concatf',
    'crypto',
    'data',
    'fd',
    'ffrtmpcrypt',
    'ffrtmphttp',
    'gopher',
    'gophers',
  ],
  ...[
    'httpproxy',
    'icecast',
    'ipfs',
    'ipns',
    'ipfs_gateway',
    'ipns_gateway',
    'md5',
    'pipe',
    'prompeg',
    'smb',
    'sctp',
  ],
  ...['subfile', 'tcp', 'tee', 'tls', 'unix', 'amqp', 'zmq', 'bluray', 'dtls', 'android_content'],
]);

/** Demuxers that open what a file names. */
const LISTS = ['hls', 'dash', 'concat', 'imf', 'sdp', 'vobsub'];
/** Of these, what servers stream. */
const STREAMED = new Set(['hls', 'dash']);
/** Demuxers that run what a file says: never without being named. */
const SCRIPTS = ['avisynth', 'vapoursynth'];

/** What was given of the limits, by option or by libav's name, each with its path. */
export interface GivenLimits {
  readonly protocols?: readonly string[] | undefined;
  readonly maxPixels?: number | undefined;
  readonly openTimeout?: number | undefined;
}

/** Where what is looked at was given. */
interface Place {
  readonly url: string;
  readonly path: OptionPath;
  readonly format: string | undefined;
  readonly issues: Issues;
}

/** The protocol of a source: `file` for paths, and for what only a device that was named understands. */
function protocolOf(url: string): string {
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]+)[,:]/i.exec(url) ?? [];
  const name = scheme.toLowerCase();
  return REACHES.has(name) || ASKED_FOR.has(name) ? name : 'file';
}

/** Checks that a source may be opened at all, and fills in what it may reach. */
export function limitsOf(
  given: GivenLimits,
  { url, path, format, issues }: Place,
): NativeSourceLimits {
  const own = url === '-' ? 'pipe' : protocolOf(url);
  const { protocols } = given;
  if (protocols === undefined && !REACHES.has(own)) {
    issues.expected(`a file or the URL of a stream, or protocols that name "${own}",`, path, url);
  } else if (protocols !== undefined && !protocols.includes(own)) {
    issues.expected(`a source of one of the protocols ${protocols.join(', ')}`, path, url);
  }
  const reached = (protocols ?? [own]).flatMap((name) => REACHES.get(name) ?? [name]);
  const isNamed = format !== undefined && format !== '';
  const mayList = protocols !== undefined || isNamed;
  const isStreamed = own === 'http' || own === 'https';
  const refused = LISTS.filter((name) => !mayList && !(isStreamed && STREAMED.has(name)));
  return {
    protocols: [...new Set(reached)].join(','),
    refusedFormats: (isNamed ? refused : [...refused, ...SCRIPTS]).join(','),
    maxPixels: given.maxPixels ?? DEFAULTS.maxPixels,
    openTimeout: given.openTimeout ?? DEFAULTS.openTimeout,
  };
}
