// Tones: files of them, samples of them, and what is heard in a presentation.
import { inputPath, packets, streams, type Packet } from './ffprobe.js';
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

/**
 * A graph of lavfi, the same in all channels: in each second another of the frequencies, the last one until
 * the end.
 */
export function toneSource(
  frequencies: readonly number[],
  seconds: number,
  layout = 'stereo',
): string {
  const frequency = frequencies.reduceRight<string>(
    (later, now, index) =>
      later === '' ? String(now) : `if(lt(t\\,${index + 1})\\,${now}\\,${later})`,
    '',
  );
  const channel = `${LEVEL}*sin(2*PI*t*${frequency})`;
  const count = { mono: 1, stereo: 2, '5.1': 6 }[layout] ?? 1;
  const channels = Array<string>(count).fill(channel).join('|');
  return `aevalsrc=${channels}:channel_layout=${layout}:s=${RATE}:d=${seconds}`;
}

/** A file of tones; `encoding` are ffmpeg's options of the output. */
export async function makeTones(
  path: string,
  frequencies: readonly number[],
  seconds: number,
  encoding: readonly string[] = [],
  layout = 'stereo',
): Promise<string> {
  const source = toneSource(frequencies, seconds, layout);
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

/** What is heard in the first channel of an audio track between two times, seconds from its begin. */
export async function heard(manifest: string, from: number, to: number, track = 0): Promise<Heard> {
  const select = ['-map', `0:a:${track}`, '-af', 'pan=mono|c0=c0', '-ar', String(RATE)];
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

/** The packets of the first video track and of each audio track. */
async function tracksOf(manifest: string): Promise<{ video: Packet[]; audio: Packet[][] }> {
  const [list, infos] = await Promise.all([packets(manifest), streams(manifest)]);
  const of = (kind: string): Packet[][] => {
    const indexes = infos.filter((info) => info.kind === kind).map(({ index }) => index);
    return indexes.map((index) => list[index] ?? []);
  };
  return { video: of('video')[0] ?? [], audio: of('audio') };
}

/** When the packets of an audio track are, on the time line on which the video begins at 0. */
export async function audioTimes(manifest: string, track = 0): Promise<number[]> {
  const { video, audio } = await tracksOf(manifest);
  const begin = Math.min(...video.map(({ pts }) => pts));
  return (audio[track] ?? []).map(({ pts }) => pts - begin);
}

/** From the first to the last packet of an audio track, on the same time line. */
export async function audioSpan(manifest: string, track = 0): Promise<Span> {
  const { video, audio } = await tracksOf(manifest);
  const begin = Math.min(...video.map(({ pts }) => pts));
  const list = audio[track] ?? [];
  // Where a demuxer tells no duration, packets are as long as the first.
  const [first, second] = list;
  const usual = (second?.pts ?? NaN) - (first?.pts ?? NaN);
  const ends = list.map(({ pts, duration }) => pts + (Number.isNaN(duration) ? usual : duration));
  return { start: Math.min(...list.map(({ pts }) => pts)) - begin, end: Math.max(...ends) - begin };
}
