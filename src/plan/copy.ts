// Copy: video whose packets are packaged as they are.

import { toNumber } from '../base/rational.js';
import type { Issues } from '../check/issues.js';
import type { NativeRenditionConfig } from '../native/native-config.js';
import type { NativeMediaInfo, NativeMediaStream } from '../native/native-events.js';
import type { CheckedSourceOptions } from '../options/option-schema.js';
import { DEFAULT_BITS_PER_PIXEL, EVERY_FRAME, automaticBitrate } from './renditions.js';
import type { Rendition } from './renditions.js';

/** What `video.codec` and `-vcodec` call it. */
export const COPY = 'copy';

/** Only an encoder can do these. */
export function refuseEncoding(
  options: Pick<CheckedSourceOptions, 'ladder' | 'renditions' | 'video'>,
  issues: Issues,
): void {
  const { ladder, renditions = [], video = {} } = options;
  if (ladder !== undefined) {
    issues.expected('nothing, as copied video has one version,', 'ladder', ladder);
  }
  if (renditions.length > 1) {
    issues.expected(
      'one rendition, as copied video has one version,',
      'renditions',
      renditions.length,
    );
  }
  const refuse = (path: readonly (string | number)[], values: object, allowed: string): void => {
    for (const [name, value] of Object.entries(values)) {
      if (name === allowed || value === undefined) continue;
      issues.expected('nothing, as copied video is not encoded,', [...path, name], value);
    }
  };
  refuse(['video'], video, 'codec');
  refuse(['renditions', 0], renditions[0] ?? {}, 'audioBitrate');
}

/** The one rendition: the source's own size, rate and bitrate. */
export function copiedRendition(video: NativeMediaStream, media: NativeMediaInfo): Rendition {
  const { frameRate, sampleAspectRatio } = video.pictures;
  const known = video.bitrate > 0 ? video.bitrate : media.bitrate;
  return {
    width: video.width,
    height: video.height,
    sampleAspectRatio,
    frameRate,
    decimateTo: EVERY_FRAME,
    bitrate:
      known > 0 ? known : automaticBitrate(video, DEFAULT_BITS_PER_PIXEL, toNumber(frameRate)),
  };
}

/** The same for the addon. */
export function nativeCopiedRendition(rendition: Rendition): NativeRenditionConfig {
  return {
    width: rendition.width,
    height: rendition.height,
    sampleAspectRatio: rendition.sampleAspectRatio,
    frameRate: rendition.decimateTo,
    codec: COPY,
    pixelFormat: '',
    options: [],
    bitrate: rendition.bitrate,
    declaredPeak: 0,
    audio: 0,
    fallbackCodec: '',
    fallbackOptions: [],
  };
}
