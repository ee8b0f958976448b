// Mat: OpenCV's matrices, of the two libraries that have them in Node.

import { show } from '../check/issues.js';
import { InvalidFrameError } from '../report/errors.js';
import { invalidFrame, viewBytes } from './frame-bytes.js';
import type { MatLike } from './frame-types.js';

/** What a Mat holds. */
interface MatFrame {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly stride?: number;
  /** Undefined when the Mat may be anybody's. */
  readonly order?: 'rgb' | 'bgr';
}

/** OpenCV.js has methods where opencv4nodejs has properties. */
function read(mat: MatLike, name: keyof MatLike): unknown {
  const member: unknown = mat[name];
  return typeof member === 'function' ? (member.call(mat) as unknown) : member;
}

/**
 * The bytes, size and order of a Mat. OpenCV.js gets its pictures from a canvas or a video: RGBA, and its own tutorials
 * convert from RGB. opencv4nodejs reads files and cameras as C++ does: BGR.
 */
export function matFrame(mat: MatLike, asked: 'rgb' | 'bgr' | undefined): MatFrame {
  const type = read(mat, 'type');
  mustBeBytes(mat, type);
  const isNode = typeof mat.getData === 'function';
  const isJs = !isNode && [mat.channels, mat.type, mat.isContinuous].some(isFunction);
  const bytes = isNode ? read(mat, 'getData') : mat.data;
  if (bytes === undefined) throw invalidFrame('a Mat with data or getData()', mat);
  const data = viewBytes(bytes, isNode ? 'getData()' : 'data');
  const channels = read(mat, 'channels') ?? (typeof type === 'number' ? (type >> 3) + 1 : type);
  const { rows: height, cols: width } = mat;
  const step: unknown = mat.step;
  const stride: unknown = Array.isArray(step) || ArrayBuffer.isView(step) ? first(step) : step;
  const frame = { data, width, height, channels: channels as number };
  mustBeWhole(frame, stride);
  const order = asked ?? (isJs ? ('rgb' as const) : undefined);
  return {
    ...frame,
    ...(typeof stride === 'number' ? { stride } : {}),
    ...(order === undefined ? {} : { order }),
  };
}

const isFunction = (member: unknown): boolean => typeof member === 'function';
const first = (list: unknown): unknown => (list as readonly unknown[])[0];

/** The lowest three bits of a type are its depth. */
function mustBeBytes(mat: MatLike, type: unknown): void {
  const depths = [read(mat, 'depth') ?? 0, typeof type === 'number' ? type & 7 : 0];
  const wrong = depths.find((depth) => depth !== 0);
  if (wrong === undefined) return;
  throw new InvalidFrameError(
    'FRAME_NOT_8_BIT',
    `Expected a Mat of depth 0 (8-bit unsigned) but received depth ${show(wrong)}`,
  );
}

/** A part of a larger Mat tells the rows of that, but its bytes are not theirs. */
function mustBeWhole({ data, width, height, channels }: MatFrame, stride: unknown): void {
  const row = width * channels;
  const isPart = typeof stride === 'number' && stride > row;
  const { byteLength } = data;
  if (!isPart || byteLength < row * height || byteLength >= stride * (height - 1) + row) return;
  throw new InvalidFrameError(
    'INVALID_FRAME',
    'Expected a continuous Mat but received a part of a larger one, whose bytes it does not give: ' +
      'clone() or copy() it first',
  );
}
