// Painted pictures pushed through the public API, and what came of it.
import { InvalidOptionsError, StreamGear } from '../../src/index.js';
import type {
  Frame,
  OptionIssue,
  StreamGearOptions,
  StreamSummary,
  WarningEvent,
} from '../../src/index.js';
import { movingBox, paintFrame, type FrameFormat, type SyntheticFrame } from './media.js';

/** A source that is fast to encode and still 16:9. */
export const SMALL = { width: 320, height: 180 } as const;

/** Four different pictures of a moving box: enough that a lost or repeated one is seen. */
export function boxes(
  width: number = SMALL.width,
  height: number = SMALL.height,
  pixelFormat: FrameFormat = 'bgr24',
): SyntheticFrame[] {
  return Array.from({ length: 4 }, (_, index) =>
    paintFrame(width, height, pixelFormat, movingBox(width, height, index)),
  );
}

/** The picture of that index when a list of them is repeated. */
export function cycle<Item>(list: readonly Item[], index: number): Item {
  const item = list[index % list.length];
  if (item === undefined) throw new Error('An empty list cannot be repeated');
  return item;
}

export interface Pushed {
  manifest: string;
  summary: StreamSummary;
  warnings: WarningEvent[];
}

/** Pushes `count` pictures through a StreamGear, each awaited, and closes it. */
export async function pushGear(
  options: StreamGearOptions,
  count: number,
  picture: readonly Frame[] | ((index: number) => Frame) = boxes(),
): Promise<Pushed> {
  const gear = new StreamGear(options);
  const warnings: WarningEvent[] = [];
  gear.on('warning', (warning) => warnings.push(warning));
  const at = typeof picture === 'function' ? picture : (index: number) => cycle(picture, index);
  for (let index = 0; index < count; index++) await gear.stream(at(index));
  const summary = await gear.close();
  return { manifest: summary.manifest, summary, warnings };
}

/** What a StreamGear with these options is refused for. Empty when it is not. */
export function issuesOf(options: StreamGearOptions): readonly OptionIssue[] {
  try {
    new StreamGear(options);
    return [];
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error.issues;
    throw error;
  }
}

/** True when the boxes of a segment fill it exactly: nothing is cut off. */
export function isWholeMp4(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kinds: string[] = [];
  let offset = 0;
  while (offset + 8 <= bytes.byteLength) {
    const size = view.getUint32(offset);
    if (size < 8) return false;
    kinds.push(String.fromCharCode(...bytes.subarray(offset + 4, offset + 8)));
    offset += size;
  }
  return offset === bytes.byteLength && (kinds.includes('moov') || kinds.at(-1) === 'mdat');
}
