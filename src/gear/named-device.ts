// Named device: a hardware device as the ffmpeg program is told of it.

import type { NativeEncoderInfo } from '../native/native-binding.js';
import { HARDWARE_PATH } from '../plan/hardware.js';
import type { Draft } from './draft.js';

/** One device, and how other options call it. */
export interface NamedDevice {
  /** By which other options refer to it. */
  readonly name: string;
  /** libavutil's name. */
  readonly type: string;
  /** Its node or number; '' = the first. */
  readonly device: string;
  /** Of its set-up. */
  readonly options: ReadonlyMap<string, string>;
}

/** What {@link parseDevice} takes. */
export const DEVICE_FORMS =
  'a device such as "vaapi=va:/dev/dri/renderD128", or "qsv=qs@va" with the name of a vaapi device';

const DEVICE = /^([a-z0-9]+)(?:=([^:@,]+))?(?:@([^,]+)|:([^,]*))?(?:,(.*))?$/;

/**
 * Parses the value of `-init_hw_device`: `type[=name][:device[,key=value…]]`, or `qsv[=name]@source` for
 * Quick Sync on a device of VA-API.
 *
 * @param others - Devices before it, by name.
 * @returns undefined when it is none.
 */
export function parseDevice(
  value: string,
  others: ReadonlyMap<string, NamedDevice>,
): NamedDevice | undefined {
  const [, type, given, source, node = '', rest = ''] = DEVICE.exec(value) ?? [];
  if (type === undefined) return undefined;
  const count = [...others.values()].filter((other) => other.type === type).length;
  const name = given ?? `${type}${count}`;
  const pairs = rest === '' ? [] : rest.split(',').map((pair) => /^([^=]+)=(.*)$/.exec(pair));
  if (pairs.includes(null)) return undefined;
  const options = new Map(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
  if (source === undefined) return { name, type, device: node, options };
  const parent = others.get(source);
  const isKnown = type === 'qsv' && parent?.type === 'vaapi';
  return isKnown ? { name, type, device: parent.device, options } : undefined;
}

/**
 * Takes the device for an encoder out of those that were given: the one of `-filter_hw_device` if it fits,
 * else the last that fits, else, for a message, the last.
 */
export function chooseDevice(draft: Draft, encoder: NativeEncoderInfo | undefined): void {
  const { devices, filterDevice } = draft;
  if (filterDevice !== undefined && !devices.has(filterDevice.name)) {
    const { name, attribute } = filterDevice;
    draft.issues.expected('the name of a -init_hw_device', attribute, name, devices.keys());
  }
  const inOrder = [devices.get(filterDevice?.name ?? ''), ...[...devices.values()].reverse()];
  const given = inOrder.filter((device) => device !== undefined);
  const chosen = given.find(({ type }) => encoder?.devices.includes(type)) ?? given[0];
  if (chosen === undefined) return;
  const others = [...devices.values()].filter((device) => device !== chosen);
  const names = others.map(({ attribute, name }) => `${attribute} (${name})`);
  if (filterDevice !== undefined && filterDevice.name !== chosen.name) {
    names.push(filterDevice.attribute);
  }
  for (const name of names) {
    const message = `${name} has no effect: ${chosen.attribute} (${chosen.name}) is the encoder's device`;
    draft.warn('IGNORED_OPTION', message);
  }
  draft.hardware = chosen;
  draft.names.set(HARDWARE_PATH, chosen.attribute);
}
