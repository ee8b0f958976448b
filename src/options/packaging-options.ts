// Packaging options of AdaptiveStream: how renditions are cut, named and listed. Checked against option-schema.ts by the
// compiler.

import type { StreamFormat } from '../base/formats.js';
import type { OptionValues, Seconds } from '../check/option-types.js';

/**
 * A sliding window over a stream without an end.
 *
 * @category AdaptiveStream
 */
export interface LiveOptions {
  /** Segments in the manifests; 0 = all. Default 5 (DASH), 6 (HLS and both, more if segments are short). */
  readonly window?: number;
  /**
   * Segments kept on disk after they left the window. Default 5 (DASH), `window` and one more (HLS, RFC 8216 6.2.2).
   * With both formats a segment stays for as long as one of them asks for.
   */
  readonly extraWindow?: number;
  /** Delete segments that left both windows. Default true. */
  readonly deleteSegments?: boolean;
}

/**
 * Names of files beside the manifest; templates as in FFmpeg's muxers. With both formats they may be written in either
 * way: one with a `%` and no `$` is as HLS has it.
 *
 * @category AdaptiveStream
 */
export interface NameOptions {
  /** fMP4 initialisation: `init-stream$RepresentationID$.m4s` (DASH, both), `init_%v.mp4` (HLS). */
  readonly init?: string;
  /** Segments: `chunk-stream$RepresentationID$-$Number%05d$.m4s`, `chunk-stream%v-%03d.ts`. */
  readonly segment?: string;
  /** Media playlists of several renditions (HLS): `stream_%v.m3u8`. */
  readonly playlist?: string;
}

/**
 * What only DASH has.
 *
 * @category AdaptiveStream
 */
export interface DashOptions {
  /** Segments that the MPD lists while live; 0 = all. Default: as `live.window` says. */
  readonly window?: number;
  /** Segments kept after they left the MPD. Default: as `live.extraWindow` says. */
  readonly extraWindow?: number;
  /** SegmentTimeline with exact times; false: `SegmentTemplate@duration`. Default true. */
  readonly timeline?: boolean;
  /** SegmentTemplate; false: SegmentList. Default true. */
  readonly template?: boolean;
  /**
   * Where players get the time (UTCTiming, `http-xsdate`). Default: from the server of the manifest, with a HEAD
   * request; for players that cannot, the time of writing is in the manifest.
   */
  readonly utcTimingUrl?: string;
}

/**
 * What only HLS has.
 *
 * @category AdaptiveStream
 */
export interface HlsOptions {
  /** Segments that playlists list while live; 0 = all. Default: as `live.window` says. */
  readonly window?: number;
  /** Segments kept after they left the playlists. Default: as `live.extraWindow` says. */
  readonly extraWindow?: number;
  /** Put before each URI of a media playlist. */
  readonly baseUrl?: string;
  /** Default `vod`; none when live. `event`: a live playlist that only grows. */
  readonly playlistType?: 'vod' | 'event';
  /** Write EXT-X-PROGRAM-DATE-TIME. Always on when live; default false otherwise. */
  readonly programDateTime?: boolean;
  /** Begin with EXT-X-DISCONTINUITY. Default false. */
  readonly discontinuityStart?: boolean;
  /** Leave out EXT-X-ENDLIST at the end. Default false. */
  readonly omitEndlist?: boolean;
  /** Whole seconds in EXTINF. Default false. */
  readonly roundDurations?: boolean;
}

/**
 * How the renditions are cut, named and listed.
 *
 * @category AdaptiveStream
 */
export interface PackagingOptions {
  /**
   * Default: by the output's extension, `.m3u8` is HLS, else DASH. `['dash', 'hls']` makes both of one encoding and one
   * set of fMP4 segments: of `output: 'out/live.mpd'` the other manifest is `out/live.m3u8`; in a folder they are
   * `manifest.mpd` and `master.m3u8`. Playlists list the very files that the MPD names.
   */
  readonly format?: StreamFormat | readonly StreamFormat[];
  /** Default 4 s; 2 s when live. */
  readonly segmentDuration?: Seconds;
  /** Container of segments. Default `fmp4`. `mpegts` is for HLS alone, with H.264 or HEVC. */
  readonly segmentType?: 'fmp4' | 'mpegts';
  /** Sliding window and low delay. Default false: everything stays. */
  readonly live?: boolean | LiveOptions;
  /** Names of files. */
  readonly names?: NameOptions;
  /** Number of the first segment. Default 1 (DASH), 0 (HLS and both, whose playlists begin with EXT-X-MEDIA-SEQUENCE 0). */
  readonly startNumber?: number;
  /** Fragments inside an fMP4 segment. Default: one fragment per segment. */
  readonly fragmentDuration?: Seconds;
  /** Delete everything that was written at the end. Default false. */
  readonly removeAtExit?: boolean;
  /** Delete what an earlier run left beside a local output: our segments, and manifests of the formats asked for. */
  readonly clearPrevious?: boolean;
  /** What only DASH has. */
  readonly dash?: DashOptions;
  /** What only HLS has. */
  readonly hls?: HlsOptions;
  /** Tags of the presentation: `{ title: 'Big Buck Bunny' }`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Options of libavformat's mp4 or mpegts muxer: `{ movflags: '+write_colr' }`. */
  readonly options?: OptionValues;
  /**
   * Options of the output URL's protocol, by libavformat's names: `{ method: 'POST', timeout: 5000000 }`. Over
   * HTTP: `method` (default PUT), `headers`, `user_agent`, `content_type`, `referer`, `http_proxy`,
   * `multiple_requests` (one connection for all, default true), `reconnect` (a second try where the first fails
   * for a reason that passes, default true), `max_redirects` (default 5), `send_expect_100`, `timeout` (microseconds
   * without progress, default 30 s, 0: none), `tls_verify` (default 1), `ca_file`, `cert_file`, `key_file`,
   * `verifyhost`, and those of `tcp`.
   */
  readonly protocolOptions?: OptionValues;
}
