// `streamgear probe`: what a file, a URL or a device holds.

import process from 'node:process';
import { toNumber } from '../base/rational.js';
import type {
  MediaAudioStream,
  MediaInfo,
  MediaStream,
  MediaVideoStream,
} from '../source/media-info.js';
import { probe } from '../source/probe.js';
import { inputOf } from './input.js';
import type { Interrupt } from './interrupt.js';
import { clock, kilobits, styled } from './terminal.js';

/** Flags of `streamgear probe`. */
export interface ProbeFlags {
  format?: string;
  json?: boolean;
}

/** Opens the input and prints what is in it. */
export async function printProbe(
  input: string,
  { format, json }: ProbeFlags,
  { signal }: Interrupt,
): Promise<void> {
  const source = inputOf(input);
  const info = await probe(source, {
    signal,
    ...(source.startsWith('pipe:') ? { protocols: ['pipe'] } : {}), // whoever writes "-" means it
    ...(format === undefined ? {} : { format }),
  });
  process.stdout.write(json === true ? `${JSON.stringify(info)}\n` : infoText(info));
}

/** One line of the container, and one per stream. */
function infoText({ url, format, duration, bitrate, streams }: MediaInfo): string {
  const facts = listed([format, duration === undefined ? '' : clock(duration), kilobits(bitrate)]);
  const lines = streams.map((stream) => `  ${streamText(stream)}\n`);
  return `${styled(process.stdout, 'bold', url)}: ${facts}\n${lines.join('')}`;
}

function streamText(stream: MediaStream): string {
  const { index, kind, codec, profile, bitrate, language, title, isDefault } = stream;
  const facts = [
    profile === undefined ? codec : `${codec} (${profile})`,
    ...(kind === 'video' ? pictureFacts(stream) : []),
    ...(kind === 'audio' ? soundFacts(stream) : []),
    kilobits(bitrate),
    language,
    title === undefined ? '' : JSON.stringify(title),
    isDefault ? 'default' : '',
  ];
  return `#${String(index)} ${kind}: ${listed(facts)}`;
}

function pictureFacts(stream: MediaVideoStream): string[] {
  const { width, height, frameRate, pixelFormat, rotation, sampleAspectRatio } = stream;
  const { num, den } = sampleAspectRatio;
  return [
    stream.isAttachedPicture ? 'cover' : '',
    `${String(width)}x${String(height)}`,
    num === den || num === 0 ? '' : `pixels of ${String(num)}:${String(den)}`,
    frameRate === undefined ? '' : `${String(Number(toNumber(frameRate).toFixed(3)))} fps`,
    pixelFormat,
    rotation === 0 ? '' : `turned by ${String(rotation)}°`,
    stream.isInterlaced ? 'interlaced' : '',
    stream.isHdr ? 'HDR' : '',
  ];
}

function soundFacts({ sampleRate, channelLayout, channels }: MediaAudioStream): string[] {
  return [`${String(sampleRate)} Hz`, channelLayout ?? `${String(channels)} channels`];
}

function listed(facts: readonly (string | undefined)[]): string {
  return facts.filter((fact) => fact !== undefined && fact !== '').join(', ');
}
