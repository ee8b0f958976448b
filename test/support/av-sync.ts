// Flashes and beeps: what is pushed or generated, and when they are seen and heard in what was decoded.
import { inputPath } from './ffprobe.js';
import { output, run } from './run.js';

export const SAMPLE_RATE = 48_000;
/** Seconds that a beep lasts. */
const BEEP = 0.08;
const FREQUENCY = 1000;
const AMPLITUDE = 0.8;

/** What happens every `period` seconds, from `period` on; nothing does at 0. */
export interface Rhythm {
  /** Seconds from one beep to the next. */
  period: number;
  /** Frames per second. */
  frameRate: number;
}

/** Whether frame `index` is a flash: the first one at or after each beep. */
export function isFlash(index: number, { period, frameRate }: Rhythm): boolean {
  // Of the last frame before it, and of itself; a frame exactly at the beep is its flash.
  const beeps = (frame: number): number => Math.floor(frame / frameRate / period + 1e-9);
  return index > 0 && beeps(index) > beeps(index - 1);
}

/** When beep number `beep` (1, 2, 3 …) is heard, and its flash seen. */
export function expectedTimes(
  beep: number,
  { period, frameRate }: Rhythm,
): { beep: number; flash: number } {
  const time = beep * period;
  return { beep: time, flash: Math.ceil(time * frameRate - 1e-6) / frameRate };
}

/** Sound of one channel from sample `first` on: silence but for the beeps. */
export function beepSamples(first: number, count: number, period: number): Float32Array {
  const samples = new Float32Array(count);
  for (let index = 0; index < count; index++) {
    const time = (first + index) / SAMPLE_RATE;
    if (time >= period && time % period < BEEP) {
      samples[index] = AMPLITUDE * Math.sin(2 * Math.PI * FREQUENCY * (time % period));
    }
  }
  return samples;
}

/** The same as a graph of libavfilter. */
export function beepSource(period: number, seconds: number): string {
  const isOn = `lt(mod(t,${period}),${BEEP})*gte(t,${period})`;
  const tone = `${AMPLITUDE}*sin(2*PI*${FREQUENCY}*mod(t,${period}))`;
  return `aevalsrc='${tone}*${isOn}':s=${SAMPLE_RATE}:d=${seconds}`;
}

/** A film with both, 64x64, for Single-Source Mode; `encoding` are ffmpeg's options for the codecs. */
export async function makeSyncFilm(
  path: string,
  { period, frameRate }: Rhythm,
  seconds: number,
  encoding: readonly string[] = [],
): Promise<void> {
  const rate = rationalRate(frameRate);
  // The first frame of each period; N is its index. The same sum as isFlash().
  const beeps = (frame: string): string => `floor(${frame}/(${rate})/${period}+1e-9)`;
  const luma = `if(gt(N,0)*gt(${beeps('N')},${beeps('(N-1)')}),235,16)`;
  const video = `color=black:size=64x64:rate=${rate}:duration=${seconds},format=gray,geq=lum='${luma}',format=yuv420p`;
  await output(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', video],
      ...['-f', 'lavfi', '-i', beepSource(period, seconds)],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', ...encoding, path],
    ],
    { timeout: 180_000 },
  );
}

/** "30000/1001" for 29.97. */
export function rationalRate(frameRate: number): string {
  const isNtsc = !Number.isInteger(frameRate);
  return isNtsc ? `${Math.ceil(frameRate) * 1000}/1001` : String(frameRate);
}

export interface Observed {
  /** Seconds from the first picture at which a flash begins. */
  flashes: number[];
  /** Seconds from the first picture at which a beep begins. */
  beeps: number[];
}

/** Decodes a presentation with ffmpeg and notes when the picture turns white and when silence ends. */
export async function observe(input: string): Promise<Observed> {
  const black = 'blackdetect=d=0:picture_black_ratio_th=0.5:pixel_black_th=0.5';
  const silence = 'silencedetect=noise=-20dB:duration=0.2';
  const args = ['-map', '0:v:0', '-vf', black, '-map', '0:a:0', '-af', silence, '-f', 'null', '-'];
  const { code, stderr } = await run(
    'ffmpeg',
    ['-nostdin', '-nostats', '-v', 'info', '-i', inputPath(input), ...args],
    { timeout: 300_000 },
  );
  if (code !== 0) throw new Error(`ffmpeg could not decode ${input}: ${stderr.slice(-2000)}`);
  // The first picture is black: its time is 0, wherever the container begins to count.
  const origin = Number(/black_start:([\d.]+)/.exec(stderr)?.[1] ?? NaN);
  const since = (times: readonly number[]): number[] => times.map((time) => time - origin);
  return {
    flashes: since(interruptions(stderr, /black_start:([\d.]+)/g, /black_end:([\d.]+)/g)),
    beeps: since(interruptions(stderr, /silence_start: (-?[\d.]+)/g, /silence_end: ([\d.]+)/g)),
  };
}

/** The ends after which it begins again: the last one is the end of the stream. */
function interruptions(log: string, begin: RegExp, end: RegExp): number[] {
  const begins = [...log.matchAll(begin)].length;
  return [...log.matchAll(end)].slice(0, begins - 1).map(([, time]) => Number(time));
}

/**
 * Compares what was seen and heard with what was meant.
 * @returns one sentence for each flash or beep that is missing, and for each that is not at its time within 20 ms, or
 * not at its distance from its counterpart.
 */
export function syncFaults({ flashes, beeps }: Observed, rhythm: Rhythm, count: number): string[] {
  const TOLERANCE = 0.02;
  const faults: string[] = [];
  if (flashes.length !== count) faults.push(`Expected ${count} flashes but saw ${flashes.join()}`);
  if (beeps.length !== count) faults.push(`Expected ${count} beeps but heard ${beeps.join()}`);
  for (let index = 0; index < Math.min(count, flashes.length, beeps.length); index++) {
    const expected = expectedTimes(index + 1, rhythm);
    const [flash = NaN, beep = NaN] = [flashes[index], beeps[index]];
    const offsets = {
      flash: flash - expected.flash,
      beep: beep - expected.beep,
      distance: beep - flash - (expected.beep - expected.flash),
    };
    for (const [name, offset] of Object.entries(offsets)) {
      if (Math.abs(offset) <= TOLERANCE) continue;
      faults.push(`${name} ${index + 1} is off by ${(offset * 1000).toFixed(1)} ms`);
    }
  }
  return faults;
}
