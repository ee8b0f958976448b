// Live window: how many segments each manifest of a live stream lists, and what stays of the others.

import { hasHls } from '../base/formats.js';
import type { Formats, StreamFormat } from '../base/formats.js';
import type { Issues } from '../check/issues.js';
import type { Output } from '../files/output.js';
import type { NativeManifestConfig } from '../native/native-config.js';
import type { CheckedPackaging } from '../options/option-schema.js';
import type { WarningEvent } from '../report/events.js';

const DASH_WINDOW = 5;
const DASH_EXTRA_WINDOW = 5;
const HLS_WINDOW = 6;
/** RFC 8216, 6.2.2: a live playlist must not be shorter than three target durations. */
const LEAST_TARGET_DURATIONS = 3;

/** What windows have to know of the rest. */
interface WindowContext {
  readonly formats: Formats;
  readonly output: Output;
  readonly issues: Issues;
  readonly warn: (warning: WarningEvent) => void;
}

/** The root manifests, with what each of them lists. */
export function manifestsWithWindows(
  options: CheckedPackaging,
  segmentSeconds: number,
  context: WindowContext,
): NativeManifestConfig[] {
  const { formats, output } = context;
  const least = leastWindow(segmentSeconds);
  return formats.map((format) => ({
    format,
    name: output.roots.find((root) => root.format === format)?.name ?? '',
    ...windowOf(options, format, least, context),
  }));
}

type Window = Pick<NativeManifestConfig, 'window' | 'extraWindow'>;

/** What was given for one manifest, or for all, and where. */
function givenOf(
  options: CheckedPackaging,
  format: StreamFormat,
  key: 'window' | 'extraWindow',
): { readonly value: number | undefined; readonly path: readonly string[] } {
  const own = options[format]?.[key];
  return own === undefined
    ? { value: options.live?.[key], path: ['packaging', 'live', key] }
    : { value: own, path: ['packaging', format, key] };
}

/** Segments of which a live playlist is never too short. */
function leastWindow(segmentSeconds: number): number {
  const target = Math.max(1, Math.ceil(segmentSeconds));
  return Math.ceil((LEAST_TARGET_DURATIONS * target) / segmentSeconds);
}

function windowOf(
  options: CheckedPackaging,
  format: StreamFormat,
  leastOfPlaylist: number,
  { formats, issues, warn }: WindowContext,
): Window {
  if (options.live === undefined) return { window: 0, extraWindow: 0 };
  const { value: given, path } = givenOf(options, format, 'window');
  if (format === 'hls' && options.hls?.playlistType === 'event') {
    if ((given ?? 0) > 0) issues.expected('0, as an "event" playlist keeps all', path, given);
    return { window: 0, extraWindow: 0 };
  }
  const least = format === 'hls' ? leastOfPlaylist : 1;
  // Two manifests list the same unless they are told otherwise.
  const usual = hasHls(formats) ? Math.max(HLS_WINDOW, leastOfPlaylist) : DASH_WINDOW;
  const window = given ?? usual;
  if (window > 0 && window < least) {
    warn({
      code: 'SHORT_WINDOW',
      message:
        `A live playlist of ${window} segments is shorter than three target durations ` +
        `(RFC 8216, 6.2.2): players may stall, ${least} segments are the least`,
    });
  }
  const extra = format === 'dash' ? DASH_EXTRA_WINDOW : window + 1;
  return { window, extraWindow: givenOf(options, format, 'extraWindow').value ?? extra };
}

/** Whether segments are deleted that no manifest lists any more. */
export function deletesSegments(
  { live }: CheckedPackaging,
  manifests: readonly NativeManifestConfig[],
  { output, warn }: WindowContext,
): boolean {
  if (live === undefined || manifests.some(({ window }) => window === 0)) return false;
  const deletes = live.deleteSegments ?? true;
  const { protocol } = output;
  if (deletes && protocol !== undefined && !protocol.startsWith('http')) {
    const message = `libavformat cannot delete over ${protocol}: old segments stay on the server`;
    warn({ code: 'NO_DELETE', message });
  }
  return deletes;
}
