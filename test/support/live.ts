// Live presentations that are looked at while they run: what is pushed, and what the folder holds at each step.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { AdaptiveStream, StreamGear } from '../../src/index.js';
import type {
  Frame,
  PackagingOptions,
  StreamParams,
  StreamStats,
  StreamSummary,
} from '../../src/index.js';
import { lintDash } from './dash-lint.js';
import { lintHls } from './hls-lint.js';
import { temporaryFolder, type TemporaryFolder } from './media.js';
import { parseMpd } from './mpd.js';
import { boxes, cycle, isWholeMp4, SMALL } from './pushed.js';

export const RATE = 20;
/** Frames of a segment of half a second. */
export const SEGMENT_FRAMES = 10;
export const SEGMENT_SECONDS = 0.5;

/** What StreamGear and AdaptiveStream have in common, for tests of both. */
export interface LiveStream {
  push: (frame: Frame) => Promise<boolean>;
  stats: () => StreamStats;
  finish: () => Promise<StreamSummary>;
}

export interface LiveCase {
  name: string;
  /** Of the root manifest. */
  file: string;
  format: 'dash' | 'hls';
  /** Media playlists, or the MPD. */
  lists: readonly string[];
  window: number;
  open: (output: string) => Promise<LiveStream>;
}

export function openGear(
  output: string,
  format: 'dash' | 'hls',
  params: StreamParams,
  renditions = 2,
): LiveStream {
  const streams = [{ '-resolution': '160x90', '-video_bitrate': '100k' }];
  const gear = new StreamGear({
    output,
    format,
    streamParams: {
      '-livestream': true,
      '-input_framerate': RATE,
      '-preset': 'ultrafast',
      ...(renditions === 2 ? { '-streams': streams } : {}),
      ...params,
    },
  });
  return {
    push: (frame) => gear.stream(frame),
    stats: () => gear.stats(),
    finish: () => gear.close(),
  };
}

export async function openAdaptive(
  output: string,
  packaging: PackagingOptions,
): Promise<LiveStream> {
  const stream = await AdaptiveStream.open({
    input: { ...SMALL, frameRate: RATE },
    renditions: [{}, { height: 90, bitrate: '100k' }],
    video: { preset: 'ultrafast' },
    packaging: { segmentDuration: SEGMENT_SECONDS, live: true, ...packaging },
    output,
  });
  return {
    push: (frame) => stream.write(frame),
    stats: () => stream.stats(),
    finish: () => stream.finish(),
  };
}

export const PLAYLISTS = ['stream_0.m3u8', 'stream_1.m3u8'];
export const CASES: readonly LiveCase[] = [
  {
    name: 'StreamGear, DASH',
    file: 'live.mpd',
    format: 'dash',
    lists: ['live.mpd'],
    window: 5,
    open: (output) =>
      Promise.resolve(openGear(output, 'dash', { '-seg_duration': SEGMENT_SECONDS })),
  },
  {
    name: 'StreamGear, HLS',
    file: 'live.m3u8',
    format: 'hls',
    lists: PLAYLISTS,
    window: 6,
    open: (output) => Promise.resolve(openGear(output, 'hls', { '-hls_time': SEGMENT_SECONDS })),
  },
  {
    name: 'AdaptiveStream, DASH with a window of 3 and 2 more on disk',
    file: 'live.mpd',
    format: 'dash',
    lists: ['live.mpd'],
    window: 3,
    open: (output) => openAdaptive(output, { live: { window: 3, extraWindow: 2 } }),
  },
  {
    name: 'AdaptiveStream, HLS with fMP4',
    file: 'live.m3u8',
    format: 'hls',
    lists: PLAYLISTS,
    window: 6,
    open: (output) => openAdaptive(output, { format: 'hls' }),
  },
];

/** A folder at one instant. */
export interface Snapshot {
  /** Segments that are finished. */
  segments: number;
  texts: ReadonlyMap<string, string>;
  files: readonly string[];
  /** Sentences about files that a manifest names and that are missing or cut off. */
  broken: string[];
}

/** Files that a manifest names, initialisations included. */
export function namedFiles(text: string): string[] {
  if (!text.startsWith('#EXTM3U')) {
    const representations = parseMpd(text).periods.flatMap(({ sets }) =>
      sets.flatMap((set) => set.representations),
    );
    return representations.flatMap(({ initialization, segments }) => [
      initialization,
      ...segments.map(({ uri }) => uri),
    ]);
  }
  const map = /#EXT-X-MAP:URI="([^"]+)"/.exec(text)?.[1];
  const uris = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return map === undefined ? uris : [map, ...uris];
}

function isWhole(name: string, bytes: Buffer): boolean {
  if (name.endsWith('.m3u8')) return bytes.toString().startsWith('#EXTM3U');
  if (name.endsWith('.ts')) return bytes.length > 0 && bytes.length % 188 === 0;
  return isWholeMp4(bytes);
}

/** Without an await: nothing is pushed meanwhile, so that the pipeline can only finish what it has. */
export function snapshot(folder: string, segments: number): Snapshot {
  const files = readdirSync(folder);
  const texts = new Map(
    files
      .filter((name) => /\.(mpd|m3u8)$/.test(name))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
  const broken: string[] = [];
  for (const [manifest, text] of texts) {
    for (const name of namedFiles(text)) {
      const path = join(folder, name);
      if (!existsSync(path)) broken.push(`${manifest} names ${name}, which is missing`);
      else if (!isWhole(name, readFileSync(path))) broken.push(`${name} is not whole`);
    }
  }
  return { segments, texts, files, broken };
}

/** Waits until everything that was pushed is in the packager, but for the one packet that it holds back. */
export async function settled(stream: LiveStream, pushed: number): Promise<void> {
  const isSettled = (): boolean => {
    const { renditions, latency } = stream.stats();
    return renditions.length > 0 && latency.package.count >= renditions.length * (pushed - 1);
  };
  while (!isSettled()) await sleep(1);
}

export interface LiveRun {
  folder: TemporaryFolder;
  manifest: string;
  snapshots: Snapshot[];
  /** Lint of the running presentation, by snapshot. */
  violations: string[];
  /** Milliseconds since the epoch, before and after the first frame was pushed. */
  firstFrame: readonly [number, number];
}

export const SEGMENTS = 18;

/** Pushes whole segments, and looks at the folder after each when nothing moves. */
export async function runLive(live: LiveCase): Promise<LiveRun> {
  const folder = await temporaryFolder();
  const manifest = join(folder.path, live.file);
  const stream = await live.open(manifest);
  const pictures = boxes();
  const snapshots: Snapshot[] = [];
  const violations: string[] = [];
  const before = Date.now();
  await stream.push(cycle(pictures, 0));
  const firstFrame = [before, Date.now()] as const;
  let pushed = 1;
  for (let segment = 1; segment <= SEGMENTS; segment++) {
    // Three packets beyond the border: the one at the border has ended the segment.
    while (pushed < segment * SEGMENT_FRAMES + 4) await stream.push(cycle(pictures, pushed++));
    await settled(stream, pushed);
    snapshots.push(snapshot(folder.path, segment));
    if (segment % 6 === 1) violations.push(...(await lint(live, manifest, false)));
  }
  await stream.finish();
  snapshots.push(snapshot(folder.path, SEGMENTS + 1));
  return { folder, manifest, snapshots, violations, firstFrame };
}

export function lint({ format }: LiveCase, manifest: string, ended: boolean): Promise<string[]> {
  const options = { live: true, ended };
  return format === 'dash' ? lintDash(manifest, options) : lintHls(manifest, options);
}

/** The texts of one manifest, without repetitions. */
export function history({ snapshots }: LiveRun, name: string): string[] {
  const texts = snapshots.map(({ texts: found }) => found.get(name) ?? '');
  return texts.filter((text, index) => text !== texts[index - 1]);
}

export function isSegment(name: string): boolean {
  return name.startsWith('chunk-stream');
}

/** For each segment of rendition 0: the first and last snapshot that lists it, and the last that has its file. */
export function lifetimes(
  run: LiveRun,
  live: LiveCase,
): Map<string, { listed: number; kept: number }> {
  const lives = new Map<string, { listed: number; kept: number }>();
  const [list = ''] = live.lists;
  for (const { segments, texts, files } of run.snapshots) {
    for (const name of namedFiles(texts.get(list) ?? '').filter(isSegment)) {
      lives.set(name, { listed: segments, kept: segments });
    }
    for (const name of files) {
      const life = lives.get(name);
      if (life !== undefined) life.kept = segments;
    }
  }
  return lives;
}
