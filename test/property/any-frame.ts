// Frames and samples of every shape, with each field of them right or wrong in some way; see realize().

import * as fc from 'fast-check';

import { anyValue, hostileKey, later, oddNumber, realize, throws } from './arbitraries.js';

/** Of the good ones. */
export const SIZE = { width: 16, height: 16 };

const BYTES = SIZE.width * SIZE.height * 3;

/** A frame that any stream of this size takes. */
export function goodFrame(): { width: number; height: number; channels: 3; data: Uint8Array } {
  return { ...SIZE, channels: 3, data: new Uint8Array(BYTES) };
}

function detached(): Uint8Array {
  const bytes = new Uint8Array(BYTES);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

const resizable = (Type: typeof ArrayBuffer | typeof SharedArrayBuffer): ArrayBuffer =>
  Reflect.construct(Type, [BYTES, { maxByteLength: 2 * BYTES }]) as ArrayBuffer;

/** Lies about its length, in itself and by its class. */
function liar(): Uint8Array {
  class Liar extends Uint8Array {
    override get byteLength(): number {
      return 1e9;
    }

    override get buffer(): ArrayBuffer {
      throw new Error('a trap of the caller');
    }
  }
  return Object.defineProperty(new Liar(BYTES), 'length', { value: 1e9 });
}

/** Memory: right, of another size or type, gone, shared, or none. */
const memory: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(BYTES, BYTES / 3, (BYTES * 4) / 3, BYTES / 2, BYTES * 2)
      .map((size) => later(() => new Uint8Array(size))),
  },
  fc
    .constantFrom<(() => unknown)[]>(
      () => Buffer.alloc(BYTES),
      () => Buffer.from('\x89PNG\r\n\x1a\n'.padEnd(BYTES, '\0'), 'latin1'),
      () => new Uint8ClampedArray(BYTES),
      () => new Uint16Array(BYTES),
      () => new Float64Array(BYTES / 8),
      () => new BigInt64Array(BYTES / 8),
      () => new DataView(new ArrayBuffer(BYTES)),
      () => new ArrayBuffer(BYTES),
      () => new SharedArrayBuffer(BYTES),
      () => new Uint8Array(new SharedArrayBuffer(BYTES)),
      () => new Uint8Array(resizable(ArrayBuffer)),
      () => new Uint8Array(resizable(SharedArrayBuffer)),
      () => resizable(ArrayBuffer),
      () => new Uint8Array(),
      () => detached(),
      () => detached().buffer,
      () => liar(),
      () => new Proxy(new Uint8Array(BYTES), {}),
      () => Object.setPrototypeOf(new Uint8Array(BYTES), null),
      () => ({ length: BYTES, byteLength: BYTES, buffer: new ArrayBuffer(BYTES) }),
      () => Array.from({ length: BYTES }, () => 0),
    )
    .map(later),
  anyValue,
);

const number = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown[]>(16, 16, 16, 3, 1, 4, 48) },
  oddNumber,
  fc.bigInt(),
  anyValue,
);

const numbers = fc.oneof(fc.array(number, { maxLength: 4 }), number);

const FORMATS = [
  ...['bgr24', 'bgr24', 'rgb24', 'gray', 'ya8', 'bgra', 'yuv420p', 'yuv422p', 'yuv444p', 'nv12'],
  ...['yuvj420p', 'p010le', 'rgba-unorm8', 'raw', ''],
];

const time = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  fc.constantFrom(0, 1, 1.78e9, 1.78e12, 1e6),
  oddNumber,
  anyValue,
);

const FIELDS = {
  data: memory,
  planes: fc.oneof(fc.array(memory, { maxLength: 4 }), anyValue),
  width: number,
  height: number,
  channels: number,
  pixelFormat: fc.oneof(fc.constantFrom(...FORMATS), anyValue),
  stride: numbers,
  timestamp: time,
  colorSpace: fc.oneof(fc.constantFrom('bt709', 'srgb', 'display-p3'), anyValue),
  colorRange: fc.oneof(fc.constantFrom('tv', 'pc'), anyValue),
  sampleAspectRatio: fc.oneof(fc.record({ num: number, den: number }), anyValue),
  shape: numbers,
  offset: number,
  info: fc.oneof(
    fc.record(
      { width: number, height: number, channels: number, format: anyValue, depth: anyValue },
      { requiredKeys: ['width', 'height', 'channels'] },
    ),
    anyValue,
  ),
  rows: number,
  cols: number,
  depth: number,
  type: fc.oneof(
    number,
    number.map((value) => () => value),
  ),
  step: numbers,
  getData: fc.oneof(
    memory.map((value) => later(() => () => realize(value))),
    anyValue,
  ),
  isContinuous: fc.oneof(
    fc.boolean().map((value) => () => value),
    anyValue,
  ),
  toBitmap: fc.oneof(
    memory.map((value) => later(() => () => realize(value))),
    anyValue,
  ),
  getSize: fc.oneof(
    fc.record({ width: number, height: number }).map((size) => () => size),
    anyValue,
  ),
  getScaleFactors: fc.oneof(
    numbers.map((value) => () => value),
    anyValue,
  ),
  linesize: numbers,
  format: fc.oneof(fc.constantFrom(...FORMATS), anyValue),
  pts: time,
  color_space: anyValue,
  color_range: anyValue,
  sample_aspect_ratio: numbers,
};

type Field = keyof typeof FIELDS;

/** The fields by which the frames of each library are known. */
const SHAPES: readonly (readonly Field[])[] = [
  ['data', 'width', 'height', 'channels'],
  ['data', 'width', 'height', 'pixelFormat', 'stride', 'timestamp'],
  ['planes', 'width', 'height', 'pixelFormat', 'stride', 'timestamp'],
  ['data', 'width', 'height', 'colorSpace'],
  ['data', 'shape'],
  ['data', 'shape', 'stride', 'offset'],
  ['data', 'info'],
  ['rows', 'cols', 'channels', 'data'],
  ['rows', 'cols', 'channels', 'type', 'depth', 'step', 'data', 'isContinuous'],
  ['rows', 'cols', 'channels', 'getData'],
  ['toBitmap', 'getSize'],
  ['toBitmap', 'getSize', 'getScaleFactors'],
  ['data', 'linesize', 'format', 'width', 'height', 'pts'],
  ['data', 'linesize', 'format', 'color_space', 'color_range', 'sample_aspect_ratio'],
];

const shaped: fc.Arbitrary<object> = fc.constantFrom(...SHAPES).chain((fields) =>
  fc
    .tuple(
      fc.record(Object.fromEntries(fields.map((name) => [name, FIELDS[name]]))),
      fc.record(FIELDS, { requiredKeys: [] }).map((more) => Object.entries(more).slice(0, 2)),
      fc.integer({ min: 0, max: 3 }),
    )
    .map(([frame, more, few]) => (few === 0 ? { ...Object.fromEntries(more), ...frame } : frame)),
);

/** A good frame of which one field is something else. */
const nearlyGood: fc.Arbitrary<object> = fc
  .constantFrom<Field[]>(...(Object.keys(FIELDS) as Field[]))
  .chain((name) => FIELDS[name].map((value: unknown) => ({ name, value })))
  .map(({ name, value }) => later(() => ({ ...goodFrame(), [name]: realize(value) })));

/** One whose fields do something when they are read. */
const trapped: fc.Arbitrary<object> = fc
  .tuple(
    fc.constantFrom<(string | symbol)[]>(...Object.keys(FIELDS), 'then', Symbol.toPrimitive),
    fc.constantFrom<((read: number) => unknown)[]>(
      throws,
      (read) => (read % 2 === 0 ? 16 : -1),
      (read) => (read === 0 ? 16 : 1e9),
      (read) => new Uint8Array(read === 0 ? BYTES : 1),
      (read) => (read === 0 ? 'bgr24' : '__proto__'),
    ),
    fc.boolean(),
  )
  .map(([name, says, isProxy]) =>
    later(() => {
      let reads = 0;
      const get = (): unknown => says(reads++);
      return isProxy
        ? new Proxy(goodFrame(), {
            get: (target, key): unknown => (key === name ? get() : Reflect.get(target, key)),
          })
        : Object.defineProperty(goodFrame(), name, { get, enumerable: true });
    }),
  );

/** Anything that somebody may push. */
export const anyFrame: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: shaped },
  { weight: 4, arbitrary: nearlyGood },
  { weight: 2, arbitrary: trapped },
  { weight: 1, arbitrary: memory },
  { weight: 1, arbitrary: anyValue },
  { weight: 1, arbitrary: fc.dictionary(hostileKey, fc.oneof(number, memory), { maxKeys: 4 }) },
);

/** Anything that somebody may push as sound; interleaved 32-bit floats of two channels are right. */
export const anySamples: fc.Arbitrary<unknown> = fc.oneof(
  fc
    .constantFrom<(() => unknown)[]>(
      () => new Float32Array(960),
      () => new Float32Array(961),
      () => new Float32Array(2).fill(NaN),
      () => new Float32Array(2).fill(Infinity),
      () => new Float32Array(new SharedArrayBuffer(64)),
      () => new Float32Array(resizable(ArrayBuffer), 0, 16),
      () => new Int16Array(960),
      () => [new Float32Array(480), new Float32Array(480)],
    )
    .map(later),
  memory,
  anyValue,
);
