// File events: what is told of a file that was written or removed.

import type { StreamFormat } from '../base/formats.js';
import type { ClearedFile } from '../files/previous-files.js';
import type { NativeFileEvent } from '../native/native-events.js';
import type { StreamPlan } from '../plan/resolve.js';
import type { FileEvent } from '../report/events.js';

/** What the packager wrote or removed. */
export function fileEventOf(event: NativeFileEvent, plan: StreamPlan): FileEvent {
  const { action, name, path, role, rendition, bytes } = event;
  return {
    action,
    name,
    path,
    type: typeOf(event, plan),
    role,
    ...(rendition < 0 ? {} : { rendition }),
    bytes,
  };
}

/** What `-clear_prev_assets` deleted: of an earlier run, whose renditions nobody knows any more. */
export function clearedEventOf({ name, path, bytes }: ClearedFile): FileEvent {
  const known = { action: 'remove', name, path, bytes } as const;
  if (name.endsWith('.mpd')) return { ...known, type: manifestType('dash'), role: 'manifest' };
  if (name.endsWith('.m3u8')) return { ...known, type: manifestType('hls'), role: 'manifest' };
  const type = name.endsWith('.ts') ? 'video/mp2t' : 'video/mp4';
  return { ...known, type, role: /(?:^|-)init[-_.]/.test(name) ? 'init' : 'segment' };
}

function typeOf({ name, role, rendition }: NativeFileEvent, plan: StreamPlan): string {
  // All manifests but the roots are playlists.
  const root = plan.output.roots.find((each) => each.name === name);
  if (role === 'manifest') return manifestType(root?.format ?? 'hls');
  if (plan.config.packaging.segmentType === 'mpegts') return 'video/mp2t';
  return rendition < plan.renditions.length ? 'video/mp4' : 'audio/mp4';
}

/** RFC 6838 media type of a manifest. */
function manifestType(format: StreamFormat): string {
  return format === 'hls' ? 'application/vnd.apple.mpegurl' : 'application/dash+xml';
}
