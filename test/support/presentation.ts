// Makes presentations with the library under test, and gathers what every sound one must show.
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { AdaptiveStream } from '../../src/index.js';
import type {
  AdaptiveStreamOptions,
  Frame,
  SegmentEvent,
  StreamSummary,
  WarningEvent,
} from '../../src/index.js';
import { lintDash } from './dash-lint.js';
import { decodeErrors, inputPath } from './ffprobe.js';
import { lintHls } from './hls-lint.js';
import { readInit, readMedia } from './mp4.js';
import { output } from './run.js';

/** A finished presentation, and what was reported while it was made. */
export interface Made {
  manifest: string;
  folder: string;
  summary: StreamSummary;
  segments: SegmentEvent[];
  warnings: WarningEvent[];
}

/** Opens a stream, pushes every frame and finishes it; a failure aborts it. */
export async function make(
  options: AdaptiveStreamOptions,
  frames: Iterable<Frame> | AsyncIterable<Frame>,
): Promise<Made> {
  const stream = await AdaptiveStream.open(options);
  const segments: SegmentEvent[] = [];
  const warnings: WarningEvent[] = [];
  stream.on('segment', (event) => segments.push(event));
  stream.on('warning', (event) => warnings.push(event));
  try {
    for await (const frame of frames) await stream.write(frame);
    const summary = await stream.finish();
    const { manifest } = summary;
    return { manifest, folder: dirname(manifest), summary, segments, warnings };
  } catch (error) {
    await stream.abort(error);
    throw error;
  }
}

/** What the lint of its format and ffmpeg's decoders complain of; empty when all is well. */
export async function faults(manifest: string): Promise<string[]> {
  const lint = manifest.endsWith('.mpd') ? lintDash : lintHls;
  const complaint = await decodeErrors(manifest);
  return [...(await lint(manifest)), ...(complaint === '' ? [] : [complaint])];
}

/** Starts of one rendition's segments as the events told them, seconds. */
export function segmentStarts({ segments }: Made, rendition = 0): number[] {
  return segments.filter((event) => event.rendition === rendition).map(({ start }) => start);
}

/** A hash of every decoded picture of a video stream: equal lists are equal pictures. */
export async function pictureHashes(manifest: string, stream: number): Promise<string[]> {
  const map = ['-map', `0:v:${stream}`, '-fps_mode', 'passthrough'];
  const args = ['-nostdin', '-v', 'error', '-i', inputPath(manifest), ...map];
  const text = await output('ffmpeg', [...args, '-f', 'framemd5', '-']);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(',').at(-1)?.trim() ?? '');
}

/** Names in a folder, sorted. */
export async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort();
}

/** Exact times of a fragmented rendition. */
export interface ExactTimes {
  timescale: number;
  /** Presentation times in presentation order, ticks. */
  ticks: number[];
}

/** Reads the times out of the boxes themselves, where nothing has been rounded to seconds. */
export async function exactTimes(
  { segments }: Pick<Made, 'segments'>,
  rendition: number,
  init: string,
): Promise<ExactTimes> {
  const [track] = (await readInit(init)).tracks;
  if (track === undefined) throw new Error(`${init} has no track`);
  const ticks: number[] = [];
  for (const event of segments) {
    if (event.rendition !== rendition) continue;
    const { samples } = await readMedia(event.path, track);
    ticks.push(...samples.map(({ pts }) => pts - track.editShift));
  }
  return { timescale: track.timescale, ticks: ticks.sort((a, b) => a - b) };
}
