// `streamgear encoders`, `streamgear devices` and `--version`: what this machine has.

import { createRequire } from 'node:module';
import process from 'node:process';
import { nearest } from '../base/nearest.js';
import { listDevices } from '../machine/list-devices.js';
import { listEncoders } from '../machine/list-encoders.js';
import type { EncoderReport } from '../machine/list-encoders.js';
import { libavOf } from '../native/libav.js';
import { nativeBinding } from '../native/native.js';
import { versions } from '../native/versions.js';
import type { Interrupt } from './interrupt.js';
import { styled, table, widthOf } from './terminal.js';

/** Flags of the lists. */
export interface ListFlags {
  json?: boolean;
}

/** Prints the video encoders, all or those of a codec, and whether they work here. */
export async function printEncoders(
  codec: string | undefined,
  { json }: ListFlags,
  { signal }: Interrupt,
): Promise<void> {
  const encoders = await listEncoders({ signal, ...(codec === undefined ? {} : { codec }) });
  if (json === true) {
    process.stdout.write(`${JSON.stringify(encoders)}\n`);
    return;
  }
  if (encoders.length === 0) {
    process.stderr.write(noEncoder(codec ?? ''));
    return;
  }
  const rows = encoders.map((encoder) => [
    encoder.name,
    encoder.codec,
    encoder.hardware ? 'hardware' : 'software',
    encoder.works ? 'works' : 'fails',
    noteOf(encoder),
  ]);
  process.stdout.write(
    heading(['encoder', 'codec', 'runs in', 'here', 'what it is, or why it fails'], rows),
  );
}

/** Names the nearest of what there is. */
function noEncoder(wanted: string): string {
  const all = [...libavOf(nativeBinding()).encoders.values()];
  const near = nearest(
    wanted,
    all.flatMap(({ name, codec }) => [name, codec]),
  );
  const hint = near === undefined ? '' : `. Did you mean "${near}"?`;
  return `The local libavcodec has no such encoder${hint}\n`;
}

/** What a working encoder is and where it runs, or why it fails. */
function noteOf({ works, description, reason, devices = [] }: EncoderReport): string {
  if (!works) return reason ?? '';
  const places = devices.map(({ type, device }) => `${type ?? ''} ${String(device ?? '')}`.trim());
  return [description, ...places].join(', ');
}

/** Prints every capture device. */
export async function printDevices({ json }: ListFlags, { signal }: Interrupt): Promise<void> {
  const devices = await listDevices({ signal });
  if (json === true) {
    process.stdout.write(`${JSON.stringify(devices)}\n`);
    return;
  }
  if (devices.length === 0) {
    process.stderr.write('No capture device was found\n');
    return;
  }
  const rows = devices.map(({ kind, format, name, description, isDefault }) => [
    kind,
    format,
    name,
    isDefault ? `${description} (default)` : description,
  ]);
  process.stdout.write(heading(['kind', 'format', 'name', 'what it is'], rows));
}

function heading(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const { stdout } = process;
  const [first = '', ...others] = table([titles, ...rows], widthOf(stdout)).split('\n');
  return [styled(stdout, 'bold', first), ...others, ''].join('\n');
}

/** Our version, those of libav, and the licence that follows from libav's. */
export function printVersion(): void {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  process.stdout.write(`streamgear ${version}\n`);
  const lines = Object.entries(versions()).map(
    ([name, value]) => `  ${name.padEnd(14)} ${value}\n`,
  );
  process.stdout.write(lines.join(''));
}
