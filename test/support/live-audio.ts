// Live presentations with audio that are looked at while they run: video and sound are pushed side by side.
import { join } from 'node:path';

import { AdaptiveStream } from '../../src/index.js';
import type { PackagingOptions } from '../../src/index.js';
import { beepSamples, isFlash, SAMPLE_RATE } from './av-sync.js';
import { lintDash } from './dash-lint.js';
import { lintHls } from './hls-lint.js';
import { namedFiles, SEGMENT_FRAMES, SEGMENT_SECONDS, snapshot, type Snapshot } from './live.js';
import { temporaryFolder, type TemporaryFolder } from './media.js';
import { SMALL, until } from './small.js';

/** Frames per second. */
export const RATE = 20;
/** Seconds from one flash, and beep, to the next. */
export const PERIOD = 1.5;
export const RHYTHM = { period: PERIOD, frameRate: RATE };

export interface LiveAudioCase {
  name: string;
  /** Of the root manifest. */
  file: string;
  /** The manifests that list the video's segments, and the audio's. */
  lists: readonly [video: string, audio: string];
  packaging: PackagingOptions;
}

export const CASES: readonly LiveAudioCase[] = [
  { name: 'DASH', file: 'live.mpd', lists: ['live.mpd', 'live.mpd'], packaging: {} },
  {
    name: 'HLS with fMP4',
    file: 'live.m3u8',
    lists: ['stream_0.m3u8', 'stream_1.m3u8'],
    packaging: { segmentType: 'fmp4' },
  },
  {
    name: 'HLS with MPEG-TS',
    file: 'live.m3u8',
    lists: ['stream_0.m3u8', 'stream_1.m3u8'],
    packaging: { segmentType: 'mpegts' },
  },
  {
    name: 'the MPD of both',
    file: 'live.mpd',
    lists: ['live.mpd', 'live.mpd'],
    packaging: { format: ['dash', 'hls'] },
  },
  {
    name: 'the playlists of both',
    file: 'live.m3u8',
    lists: ['stream_0.m3u8', 'stream_1.m3u8'],
    packaging: { format: ['dash', 'hls'] },
  },
];

/** A live stream into which flashes and beeps are pushed. */
export class Broadcast {
  readonly stream: AdaptiveStream;
  #frames = 0;
  #samples = 0;

  private constructor(stream: AdaptiveStream) {
    this.stream = stream;
  }

  static async open(output: string, packaging: PackagingOptions): Promise<Broadcast> {
    const stream = await AdaptiveStream.open({
      input: { ...SMALL, pixelFormat: 'gray', frameRate: RATE },
      video: { preset: 'ultrafast' },
      audio: { push: { sampleRate: SAMPLE_RATE, channels: 1 } },
      packaging: { segmentDuration: SEGMENT_SECONDS, live: true, ...packaging },
      output,
    });
    return new Broadcast(stream);
  }

  /** Pushes frames up to a time, seconds. */
  async pictures(to: number): Promise<void> {
    for (; this.#frames < Math.round(to * RATE); this.#frames++) await this.#picture();
  }

  /** Pushes nothing up to a time, seconds: what comes next says when it is. */
  skip(to: number): void {
    this.#frames = Math.round(to * RATE);
    this.#samples = Math.round(to * SAMPLE_RATE);
  }

  /** Pushes samples up to a time, seconds. */
  async sound(to: number): Promise<void> {
    const count = Math.round(to * SAMPLE_RATE) - this.#samples;
    if (count <= 0) return;
    const samples = beepSamples(this.#samples, count, PERIOD);
    const timestamp = this.#samples / SAMPLE_RATE;
    this.#samples += count;
    await this.stream.writeAudio(samples, timestamp);
  }

  /** Both, side by side. */
  async both(to: number): Promise<void> {
    for (; this.#frames < Math.round(to * RATE); this.#frames++) {
      await this.#picture();
      await this.sound((this.#frames + 1) / RATE);
    }
  }

  /** Waits until so many segments of video and audio are finished. */
  async finished(segments: number): Promise<void> {
    await until(() => {
      const { renditions, audio } = this.stream.stats();
      const counts = [...renditions, ...(audio?.renditions ?? [])].map((one) => one.segments);
      return counts.length === 2 && counts.every((count) => count >= segments);
    });
  }

  #picture(): Promise<boolean> {
    const data = new Uint8Array(SMALL.width * SMALL.height);
    if (isFlash(this.#frames, RHYTHM)) data.fill(255);
    const timestamp = this.#frames / RATE;
    return this.stream.write({ data, ...SMALL, pixelFormat: 'gray', timestamp });
  }
}

export interface LiveAudioRun {
  folder: TemporaryFolder;
  manifest: string;
  snapshots: Snapshot[];
  /** Lint of the running presentation. */
  violations: string[];
}

export const SEGMENTS = 18;

/** Pushes segment after segment, and looks at the folder when both have come as far. */
export async function runLiveAudio(live: LiveAudioCase): Promise<LiveAudioRun> {
  const folder = await temporaryFolder();
  const manifest = join(folder.path, live.file);
  const broadcast = await Broadcast.open(manifest, live.packaging);
  const snapshots: Snapshot[] = [];
  const violations: string[] = [];
  for (let segment = 1; segment <= SEGMENTS; segment++) {
    await broadcast.both((segment * SEGMENT_FRAMES + 4) / RATE);
    await broadcast.finished(segment);
    snapshots.push(await published(folder.path, live, segment));
    if (segment % 6 === 1) violations.push(...(await lint(manifest, false)));
  }
  await broadcast.stream.finish();
  snapshots.push(snapshot(folder.path, SEGMENTS + 1));
  return { folder, manifest, snapshots, violations };
}

/** Waits for the manifests that tell of so many segments: they come right behind these, the root last. */
export async function published(
  folder: string,
  { file, lists }: LiveAudioCase,
  segments: number,
): Promise<Snapshot> {
  let seen = snapshot(folder, segments);
  await until(() => {
    seen = snapshot(folder, segments);
    const tell = lists.every((list, track) => listed(seen, list, track).at(-1) === segments - 1);
    return tell && seen.texts.has(file);
  });
  return seen;
}

/** Which segments of a track a manifest lists; the first that was ever made is 0. */
export function listed({ texts }: Snapshot, list: string, track: number): number[] {
  const text = texts.get(list) ?? '';
  if (text === '') return [];
  // As MPDs have it by default; playlists count from 0, and so does an MPD beside them.
  const first = list.endsWith('.mpd') && !texts.has('live.m3u8') ? 1 : 0;
  return namedFiles(text)
    .map((name) => /chunk-stream(\d+)-(\d+)\./.exec(name))
    .filter((found) => found?.[1] === String(track))
    .map((found) => Number(found?.[2]) - first);
}

export function lint(manifest: string, ended: boolean): Promise<string[]> {
  const check = manifest.endsWith('.mpd') ? lintDash : lintHls;
  return check(manifest, { live: true, ended });
}
