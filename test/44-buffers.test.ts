// The memory behind a pushed frame: where it may lie, whose it is when, and what happens when it goes away.
import { join } from 'node:path';

import { expect } from 'chai';

import { AdaptiveStream, InvalidFrameError } from '../src/index.js';
import type { Frame, FrameBytes, PixelFormat } from '../src/index.js';
import { nativeBinding } from '../src/native/native.js';
import { childMessages } from './support/child.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { expectQuarters, quarters } from './support/quarters.js';
import { rejection } from './support/small.js';

/** Small enough for the pool of Buffer, which keeps pieces of up to 4 KiB. */
const SIZE = { width: 64, height: 48 };
const COUNT = 6;

type Size = typeof SIZE;

describe('The buffer of a frame', () => {
  let folder: TemporaryFolder;
  let opened = 0;
  before(async () => (folder = await temporaryFolder()));
  after(() => folder[Symbol.asyncDispose]());

  function open(pixelFormat: PixelFormat = 'gray', size: Size = SIZE): Promise<AdaptiveStream> {
    return AdaptiveStream.open({
      input: { ...size, pixelFormat, frameRate: 25, colorRange: 'pc' },
      renditions: [{ bitrate: '1M' }],
      video: { preset: 'ultrafast' },
      output: join(folder.path, `${opened++}`, 'out.mpd'),
    });
  }

  /** Pushes pictures made of quarters in some way, and expects them in the output. */
  async function expectToArrive(
    frame: (index: number) => Frame | FrameBytes,
    pixelFormat: PixelFormat = 'gray',
    size: Size = SIZE,
  ): Promise<void> {
    const stream = await open(pixelFormat, size);
    for (let index = 0; index < COUNT; index++) expect(await stream.write(frame(index))).to.be.true;
    await stream.finish();
    await expectQuarters(stream.output, COUNT);
    expect(nativeBinding().liveObjects()).to.include({ pipelines: 0, pinnedBuffers: 0 });
  }

  const gray = (data: FrameBytes): Frame => ({ data, ...SIZE, channels: 1 });

  it('may be exactly as large as the picture', () =>
    expectToArrive((i) => gray(quarters(i, SIZE))));

  it('may be all that is said of the frame', () =>
    expectToArrive((index) =>
      index % 2 === 0 ? quarters(index, SIZE) : quarters(index, SIZE).buffer,
    ));

  it('may lie in the middle of another, at an odd offset', () =>
    expectToArrive((index) => {
      const whole = new Uint8Array(SIZE.width * SIZE.height + 4098).fill(255);
      whole.set(quarters(index, SIZE), 4097);
      return gray(whole.subarray(4097, 4097 + SIZE.width * SIZE.height));
    }));

  it('may be a piece of the pool of Buffer', () =>
    expectToArrive((index) => {
      let data = Buffer.from(quarters(index, SIZE));
      if (data.byteOffset === 0) data = Buffer.from(data); // the first piece of a pool looks like a whole
      expect(data.byteOffset).to.be.greaterThan(0);
      expect(data.buffer.byteLength).to.be.greaterThan(data.length);
      return gray(data);
    }));

  it('may be a slice of a Buffer', () =>
    expectToArrive((index) => {
      const data = Buffer.concat([
        Buffer.alloc(3, 255),
        quarters(index, SIZE),
        Buffer.alloc(9, 255),
      ]);
      return gray(data.subarray(3, -9));
    }));

  it('may be a Uint8ClampedArray', () =>
    expectToArrive((index) => gray(new Uint8ClampedArray(quarters(index, SIZE)))));

  it('may be a bare ArrayBuffer', () =>
    expectToArrive((index) => gray(quarters(index, SIZE).buffer)));

  it('may be a SharedArrayBuffer, or a view of one', () =>
    expectToArrive((index) => {
      const shared = new SharedArrayBuffer(SIZE.width * SIZE.height + 5);
      const view = new Uint8Array(shared, 5);
      view.set(quarters(index, SIZE));
      if (index % 2 === 0) return gray(view);
      const whole = new SharedArrayBuffer(SIZE.width * SIZE.height);
      new Uint8Array(whole).set(view);
      return gray(whole);
    }));

  it('may have rows with padding, which is not looked at, and no padding after the last row', () =>
    expectToArrive((index) => ({
      ...SIZE,
      data: quarters(index, SIZE, 71),
      channels: 1,
      stride: 71,
    })));

  it('may be an ndarray with an offset and strides', () =>
    expectToArrive((index) => {
      const data = new Uint8Array(100 + 80 * SIZE.height);
      data.set(quarters(index, SIZE, 80), 100);
      return { data, shape: [SIZE.height, SIZE.width], stride: [80, 1], offset: 100 };
    }));

  it('may be one per plane, each with its own stride', () => {
    const chroma = { width: SIZE.width / 2, height: SIZE.height / 2 };
    return expectToArrive(
      (index) => ({
        ...SIZE,
        pixelFormat: 'yuv420p',
        planes: [
          quarters(index, SIZE, 67),
          new Uint8Array(33 * chroma.height).fill(128),
          new Uint8Array(chroma.width * chroma.height).fill(128),
        ],
        stride: [67, 33, 32],
      }),
      'yuv420p',
    );
  });

  it('may hold a picture of odd size, exactly', () => {
    const odd = { width: 67, height: 51 };
    return expectToArrive(
      (index) => ({ data: quarters(index, odd), ...odd, channels: 1 }),
      'gray',
      odd,
    );
  });

  it('may be one and the same for all frames: when write() has settled it is read', async () => {
    const data = new Uint8Array(SIZE.width * SIZE.height);
    const stream = await open();
    for (let index = 0; index < COUNT; index++) {
      data.set(quarters(index, SIZE));
      await stream.write(gray(data));
      data.fill(255);
    }
    await stream.finish();
    await expectQuarters(stream.output, COUNT);
  });

  it('may be read by two streams at the same time', async () => {
    const data = quarters(0, SIZE);
    const streams = await Promise.all([open(), open()]);
    await Promise.all(streams.map((stream) => stream.write(gray(data))));
    await Promise.all(streams.map((stream) => stream.finish()));
    for (const stream of streams) await expectQuarters(stream.output, 1);
  });

  it('is never written to, not even by a filter', async () => {
    for (const filter of [undefined, 'hflip,negate']) {
      const output = join(folder.path, `${opened++}`, 'out.mpd');
      const stream = await AdaptiveStream.open({
        input: { ...SIZE, pixelFormat: 'rgba' },
        video: { preset: 'ultrafast', ...(filter === undefined ? {} : { filter }) },
        output,
      });
      const data = new Uint8Array(SIZE.width * SIZE.height * 4).map((_, index) => index * 7);
      const copy = data.slice();
      await stream.write({ data, ...SIZE, pixelFormat: 'rgba' });
      await stream.finish();
      expect(data).to.deep.equal(copy);
    }
  });

  it('may be given away or forgotten while it is read: the picture is right, nothing crashes', async () => {
    const [found] = await childMessages('transferred', {
      args: [folder.path, '16'],
      nodeOptions: ['--expose-gc'],
    });
    expect(found?.['left']).to.equal(0);
    for (const name of ['cloned', 'posted', 'forgotten']) {
      await expectQuarters(join(folder.path, name, 'out.mpd'), 16);
    }
  });

  describe('is refused, without harm to the stream,', () => {
    const detach = (data: Uint8Array): Uint8Array => {
      structuredClone(data.buffer, { transfer: [data.buffer as ArrayBuffer] });
      return data;
    };
    const construct = (kind: typeof ArrayBuffer | typeof SharedArrayBuffer): unknown =>
      Reflect.construct(kind, [SIZE.width * SIZE.height, { maxByteLength: 10_000 }]);

    const cases: readonly (readonly [what: string, data: () => unknown, code: string])[] = [
      ['when it is detached', () => detach(quarters(0, SIZE)), 'BUFFER_DETACHED'],
      ['when it is empty', () => new Uint8Array(0), 'BUFFER_DETACHED'],
      ['when it is resizable', () => construct(ArrayBuffer), 'BUFFER_RESIZABLE'],
      [
        'when a view of it is resizable',
        () => new Uint8Array(construct(ArrayBuffer) as ArrayBuffer),
        'BUFFER_RESIZABLE',
      ],
      ['when it is growable and shared', () => construct(SharedArrayBuffer), 'BUFFER_RESIZABLE'],
      ['when it is one byte short', () => quarters(0, SIZE).subarray(1), 'BUFFER_TOO_SHORT'],
    ];
    for (const [what, data, code] of cases) {
      it(what, async () => {
        const stream = await open();
        const error = await rejection(stream.write(gray(data() as Uint8Array)));
        expect(error).to.be.instanceOf(InvalidFrameError);
        expect(error.code).to.equal(code);
        expect(nativeBinding().liveObjects().pinnedBuffers).to.equal(0);
        await stream.write(gray(quarters(0, SIZE)));
        await stream.finish();
        await expectQuarters(stream.output, 1);
      });
    }

    it('when one plane of several is detached', async () => {
      const stream = await open('yuv420p');
      const chroma = (): Uint8Array => new Uint8Array((SIZE.width * SIZE.height) / 4);
      const planes = [quarters(0, SIZE), detach(chroma()), chroma()];
      const error = await rejection(stream.write({ planes, ...SIZE, pixelFormat: 'yuv420p' }));
      expect(error.code).to.equal('BUFFER_DETACHED');
      expect(error.message).to.contain('planes[1]');
      await stream.abort();
    });
  });
});
