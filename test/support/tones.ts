// Tones: files of them, samples of them, and what is heard in a presentation.
import { inputPath, packets, streams } from './ffprobe.js';
import { output, outputBytes } from './run.js';

const RATE = 48_000;
const LEVEL = 0.5;

/** One channel of a tone, from sample `first` on. */
export function tone(first: number, count: number, frequency: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, index) => LEVEL * Math.sin((2 * Math.PI * frequency * (first + index)) / RATE),
  );
}

/** The channels of one chunk as one array. */
export function interleaved(channels: readonly Float32Array[]): Float32Array {
  const count = channels[0]?.length ?? 0;
  const samples = new Float32Array(count * channels.length);
  for (const [channel, plane] of channels.entries()) {
    for (const [index, sample] of plane.entries()) {
      samples[index * channels.length + channel] = sample;
    }
  }
  return samples;
}

/** Floats as 16 bits. */
export function toInt16(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (sample) => Math.round(sample * 32_767));
}

/** A graph of lavfi: in each second another of the frequencies, the last one until the end. */
export function toneSource(frequencies: readonly number[], seconds: number): string {
  const frequency = frequencies.reduceRight<string>(
    (later, now, index) =>
      later === '' ? String(now) : `if(lt(t\\,${index + 1})\\,${now}\\,${later})`,
    '',
  );
  return `aevalsrc=${LEVEL}*sin(2*PI*t*${frequency}):s=${RATE}:d=${seconds}`;
}

/** A file of tones; `encoding` are ffmpeg's options of the output. */
export async function makeTones(
  path: string,
  frequencies: readonly number[],
  seconds: number,
  encoding: readonly string[] = [],
): Promise<string> {
  const source = toneSource(frequencies, seconds);
  const args = ['-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', source, ...encoding, path];
  await output('ffmpeg', args);
  return path;
}

export interface Heard {
  /** Hz, of the loudest part; of a tone by its zero crossings. */
  frequency: number;
  /** Root mean square; a tone of ours has 0.35. */
  level: number;
}

/** What is heard of an audio track between two times, seconds from its begin. */
export async function heard(manifest: string, from: number, to: number, track = 0): Promise<Heard> {
  const select = ['-map', `0:a:${track}`, '-ac', '1', '-ar', String(RATE)];
  const args = [
    '-nostdin',
    '-v',
    'error',
    '-i',
    inputPath(manifest),
    ...select,
    '-f',
    'f32le',
    '-',
  ];
  const bytes = await outputBytes('ffmpeg', args);
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.byteLength / 4));
  const samples = all.slice(Math.round(from * RATE), Math.round(to * RATE));
  let crossings = 0;
  let power = 0;
  for (const [index, sample] of samples.entries()) {
    power += sample * sample;
    if (sample >= 0 !== (samples[index + 1] ?? sample) >= 0) crossings++;
  }
  const seconds = samples.length / RATE;
  return { frequency: crossings / 2 / seconds, level: Math.sqrt(power / samples.length) };
}

export interface Span {
  /** Seconds. */
  start: number;
  end: number;
}

/** From the first to the last packet of each audio track, on the time line on which the video begins at 0. */
export async function audioSpans(manifest: string): Promise<Span[]> {
  const [list, infos] = await Promise.all([packets(manifest), streams(manifest)]);
  const of = (kind: string): typeof list =>
    list.filter((_, index) => infos[index]?.kind === kind && infos[index].index === index);
  const begin = (of('video')[0] ?? []).reduce((first, { pts }) => Math.min(first, pts), Infinity);
  return of('audio').map((track) => {
    const ends = track.map(({ pts, duration }) => pts + (Number.isNaN(duration) ? 0 : duration));
    return {
      start: Math.min(...track.map(({ pts }) => pts)) - begin,
      end: Math.max(...ends) - begin,
    };
  });
}
