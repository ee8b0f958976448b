// Single-Source Mode: a file through StreamGear, and the same file as ffmpeg's own decoder has it.
import { join } from 'node:path';

import { StreamGear } from '../../src/index.js';
import type { StreamParams, StreamSummary, WarningEvent } from '../../src/index.js';
import { packets, presentationTimes, streams, type StreamInfo } from './ffprobe.js';
import { psnr, type Psnr } from './psnr.js';
import { output } from './run.js';

export interface Transcoded {
  manifest: string;
  summary: StreamSummary;
  warnings: WarningEvent[];
}

/** Bits enough to compare pictures, in segments of a second. */
const PARAMS: Readonly<Record<'dash' | 'hls', StreamParams>> = {
  dash: { '-preset': 'veryfast', '-b:v:0': '6M', '-seg_duration': 1 },
  hls: { '-preset': 'veryfast', '-b:v:0': '6M', '-hls_time': 1 },
};

/** A StreamGear over a source; `params` are added to those of the tests. */
export function gearOf(
  source: string | readonly string[],
  manifest: string,
  params: StreamParams = {},
): { gear: StreamGear; warnings: WarningEvent[] } {
  const format = manifest.endsWith('.m3u8') ? 'hls' : 'dash';
  const isCopy = params['-vcodec'] === 'copy';
  const gear = new StreamGear({
    output: manifest,
    format,
    streamParams: {
      '-video_source': source,
      ...(isCopy ? { '-seg_duration': 1 } : PARAMS[format]),
      ...params,
    },
  });
  const warnings: WarningEvent[] = [];
  gear.on('warning', (warning) => warnings.push(warning));
  return { gear, warnings };
}

/** Transcodes the whole of a source to `manifest`. */
export async function transcode(
  source: string | readonly string[],
  manifest: string,
  params: StreamParams = {},
): Promise<Transcoded> {
  const { gear, warnings } = gearOf(source, manifest, params);
  const summary = await gear.transcodeSource();
  await gear.close();
  return { manifest, summary, warnings };
}

/** Times of the pictures that ffmpeg decodes from a file, seconds from the first one. */
export async function decodedTimes(source: string): Promise<number[]> {
  const entries = ['-show_entries', 'frame=best_effort_timestamp_time', '-of', 'csv=p=0'];
  // Covers are no pictures of the video: V leaves them out.
  const args = ['-v', 'quiet', '-select_streams', 'V:0', ...entries, source];
  const found = (await output('ffprobe', args)).split(/[\s,]+/).filter((text) => text !== '');
  const times = found.map(Number);
  return times.map((time) => time - (times[0] ?? NaN));
}

/** The stream of that kind of a presentation or file. */
export async function streamOf(input: string, kind: 'video' | 'audio'): Promise<StreamInfo> {
  const found = (await streams(input)).find((stream) => stream.kind === kind);
  if (found === undefined) throw new Error(`${input} has no ${kind}`);
  return found;
}

/** Presentation times of the first stream of that kind, in their order; seconds as the container has them. */
export async function timesOf(input: string, kind: 'video' | 'audio'): Promise<number[]> {
  const { index } = await streamOf(input, kind);
  return presentationTimes((await packets(input))[index] ?? []);
}

/** The times of the pictures of a presentation, seconds from the first one. */
export async function pictureTimes(manifest: string): Promise<number[]> {
  const times = await timesOf(manifest, 'video');
  return times.map((time) => time - (times[0] ?? NaN));
}

export interface Comparison {
  /** Chain of libavfilter that makes of ffmpeg's pictures what ours have to be. Default none. */
  filter?: string;
  /** How many pictures are compared. Default all that ffmpeg decodes. */
  frames?: number;
  /** Options in front of ffmpeg's `-i`: `['-ss', '0.5']`. */
  options?: readonly string[];
}

/** PSNR of a presentation's pictures against ffmpeg's own decode of its source, paired by index. */
export async function compared(
  { manifest }: Transcoded,
  source: string,
  folder: string,
  { filter = 'null', frames, options = [] }: Comparison = {},
): Promise<Psnr> {
  const { width, height, colorSpace } = await streamOf(manifest, 'video');
  const reference = join(folder, 'reference.mkv');
  const chain = `${filter},scale=flags=accurate_rnd+full_chroma_int,format=yuv420p,settb=1/25,setpts=N`;
  const limit = frames === undefined ? [] : ['-frames:v', String(frames)];
  await output('ffmpeg', [
    ...['-nostdin', '-v', 'quiet', '-y', ...options, '-i', source, '-map', '0:V:0', ...limit],
    ...['-vf', chain, '-fps_mode', 'passthrough', '-c:v', 'ffv1', '-f', 'matroska', reference],
  ]);
  const count = frames ?? (await decodedTimes(reference)).length;
  // The reference has the matrix of the source, and no tag: both are compared as they are.
  const referenceMatrix = colorSpace === 'bt709' ? 'bt709' : 'bt601';
  return psnr({ input: manifest }, reference, { width, height, frames: count, referenceMatrix });
}
