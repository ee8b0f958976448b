// Dry run: what a transcode would do. The source is opened and everything is planned; nothing is written.

import process from 'node:process';
import { titleOf } from '../base/formats.js';
import type { StreamFormat } from '../base/formats.js';
import { toNumber } from '../base/rational.js';
import { manifestsOf } from '../files/output.js';
import { planStreamGear } from '../gear/stream-gear-plan.js';
import type { NativeRenditionConfig } from '../native/native-config.js';
import { nativeBinding } from '../native/native.js';
import type { Rendition } from '../plan/renditions.js';
import type { StreamPlan } from '../plan/resolve.js';
import { InvalidStateError } from '../report/errors.js';
import type { RootManifest } from '../report/stats.js';
import { openPlanned } from '../stream/transcode.js';
import { inFlags } from './failure.js';
import type { CliPlan } from './params.js';
import { clock, kilobits, styled, table, widthOf } from './terminal.js';

/** What is told of a plan, also as JSON. */
interface Outlook {
  /** Of the first manifest. */
  readonly format: StreamFormat;
  /** The first manifest. */
  readonly manifest: string;
  /** All of them. */
  readonly manifests: readonly RootManifest[];
  /** Seconds that come out; undefined while nobody knows. */
  readonly duration: number | undefined;
  /** Seconds; of copied video at least, as it is cut at its own key frames. */
  readonly segmentDuration: number;
  readonly names: Readonly<Record<'init' | 'segment' | 'playlist', string>>;
  readonly renditions: readonly {
    readonly width: number;
    readonly height: number;
    readonly frameRate: number;
    readonly bitrate: number;
    readonly encoder: string;
    readonly options: readonly (readonly [name: string, value: string])[];
  }[];
  readonly audio: readonly { readonly encoder: string; readonly bitrate: number }[];
}

/** Prints what would be done: as text, or as one line of JSON. */
export async function printPlan(
  { options, names }: CliPlan,
  asJson: boolean,
  signal: AbortSignal,
): Promise<void> {
  const gear = planStreamGear(options, nativeBinding);
  if (gear.source === undefined) throw new InvalidStateError('There is no source to plan for');
  const { plan, close } = await openPlanned(gear.source, gear.names, signal);
  await close();
  const outlook = outlookOf(plan);
  const warnings = [...gear.warnings, ...plan.warnings].map(({ code, message }) => ({
    code,
    message: inFlags(message, names),
  }));
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ event: 'plan', ...outlook, warnings })}\n`);
    return;
  }
  const label = styled(process.stderr, 'yellow', 'warning');
  for (const { message } of warnings) process.stderr.write(`${label}: ${message}\n`);
  process.stdout.write(textOf(outlook));
}

function outlookOf({ config, output, formats, renditions, total }: StreamPlan): Outlook {
  const { packaging, grid, input, audio } = config;
  const { initName, segmentName, playlistName, segmentType } = packaging;
  return {
    format: formats[0],
    manifest: output.manifest,
    manifests: manifestsOf(output),
    duration: total,
    segmentDuration: grid.segmentDuration / input.ticksPerSecond,
    names: {
      init: segmentType === 'mpegts' ? '' : initName,
      segment: segmentName,
      playlist: playlistName,
    },
    renditions: renditions.map((rendition, index) =>
      renditionOf(rendition, config.renditions[index]),
    ),
    audio: (audio?.renditions ?? []).map(({ codec, bitrate }) => ({ encoder: codec, bitrate })),
  };
}

function renditionOf(
  { width, height, frameRate, bitrate }: Rendition,
  native: NativeRenditionConfig | undefined,
): Outlook['renditions'][number] {
  const { codec = '', options = [] } = native ?? {};
  return { width, height, frameRate: toNumber(frameRate), bitrate, encoder: codec, options };
}

function textOf(outlook: Outlook): string {
  const { manifests, duration, segmentDuration, names, renditions, audio } = outlook;
  const title = titleOf(manifests.map(({ format }) => format));
  const length = duration === undefined ? '' : `, ${clock(duration)}`;
  const rows = [
    ['rendition', 'encoder', 'frame rate', 'bitrate', 'options'],
    ...renditions.map(({ width, height, frameRate, bitrate, encoder, options }) => [
      `${String(width)}x${String(height)}`,
      encoder,
      `${String(Math.round(frameRate * 1000) / 1000)} fps`,
      kilobits(bitrate),
      options.map(([name, value]) => `${name}=${value}`).join(' '),
    ]),
    ...audio.map(({ encoder, bitrate }) => [
      'audio',
      encoder,
      '',
      bitrate > 0 ? kilobits(bitrate) : "the source's",
      '',
    ]),
  ];
  const files = [names.init, names.segment, names.playlist].filter((name) => name !== '');
  return [
    `${title}${length}, in segments of ${clock(segmentDuration)}; nothing is written`,
    table(rows, widthOf(process.stdout)),
    `files: ${files.join(', ')}`,
    ...manifests.map(({ path }) => path),
    '',
  ].join('\n');
}
