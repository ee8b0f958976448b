// frameSplitter(): streams of bytes as frames, whatever the borders of their chunks.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { expect } from 'chai';

import { AdaptiveStream, frameSplitter, StreamGear } from '../src/index.js';
import type { SplitFrame } from '../src/index.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { issuesOf, middlesOf, smallLuma, thrown, SMALL } from './support/small.js';

const FRAME = SMALL.width * SMALL.height;
const small = { ...SMALL, pixelFormat: 'gray' } as const;

/** So many gray pictures, one behind the other. */
function film(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => Buffer.alloc(FRAME, smallLuma(i))));
}

/** The bytes in chunks of one size. */
function* chunks(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What a pipeline rejects with. */
async function failureOf(promise: Promise<unknown>): Promise<{ code?: string; message: string }> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Error) return error;
  throw new Error('Expected an error but the promise resolved');
}

describe('frameSplitter()', () => {
  let folder: TemporaryFolder;
  let runs = 0;
  before(async () => (folder = await temporaryFolder()));
  after(() => folder[Symbol.asyncDispose]());

  const newGear = (): StreamGear =>
    new StreamGear({
      output: join(folder.path, String(runs++), 'out.mpd'),
      streamParams: { '-preset': 'ultrafast', '-threads': 1 },
    });

  for (const [name, size] of [
    ['smaller than a frame', 1000],
    ['of 64 KiB, as a child gives them', 65_536],
    ['of whole frames', FRAME],
    ['larger than the whole', FRAME * 100],
  ] as const) {
    it(`takes chunks ${name}: each picture comes out, in order`, async () => {
      const gear = newGear();
      const input = Readable.from(chunks(film(10), size), { objectMode: false });
      await pipeline(input, frameSplitter(small), gear.writable());
      const lumas = await middlesOf(gear.output);
      expect(lumas).to.have.lengthOf(10);
      for (const [index, luma] of lumas.entries()) {
        expect(luma, `frame ${index}`).to.be.closeTo(smallLuma(index), 4);
      }
    });
  }

  it('reads what ffmpeg writes', async () => {
    const child = spawn('ffmpeg', [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'color=0x2878C8:s=320x180:r=25:d=1'],
      ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
    ]);
    const gear = newGear();
    const frames = frameSplitter({ ...SMALL, channels: 3, rgbMode: true });
    await pipeline(child.stdout, frames, gear.writable());
    expect(gear.stats().framesIn).to.equal(25);
  });

  it('says how many bytes of the last frame are missing', async () => {
    const gear = newGear();
    const bytes = film(3).subarray(0, FRAME * 2 + 100);
    const error = await failureOf(
      pipeline(
        Readable.from([bytes], { objectMode: false }),
        frameSplitter(small),
        gear.writable(),
      ),
    );
    expect(error.code).to.equal('FRAME_INCOMPLETE');
    expect(error.message).to.match(/ended 57500 bytes short of the end of frame 2: it has 2 whole/);
    await gear.abort();
  });

  it('refuses text, files and containers by name', async () => {
    const y4m = Buffer.from(`YUV4MPEG2 W320 H180 F25:1\nFRAME\n${'x'.repeat(FRAME)}`);
    const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(FRAME)]);
    for (const [input, code, says] of [
      [Readable.from(chunks(y4m, 3), { objectMode: false }), 'FRAME_NOT_DECODED', /YUV4MPEG2/],
      [Readable.from([png], { objectMode: false }), 'FRAME_NOT_DECODED', /a PNG picture/],
      [
        Readable.from([film(1)], { objectMode: false }).setEncoding('latin1'),
        'INVALID_FRAME',
        /setEncoding/,
      ],
    ] as const) {
      const error = await failureOf(
        pipeline(input, frameSplitter(small), new PassThrough({ objectMode: true })),
      );
      expect(error.code).to.equal(code);
      expect(error.message).to.match(says);
    }
    // White with a little red, and an alpha of 224, is what a JPEG begins with.
    const pink = Buffer.alloc(FRAME * 4, Buffer.from([255, 216, 255, 224]));
    const frames = frameSplitter({ ...SMALL, pixelFormat: 'rgba' });
    frames.end(pink);
    expect(await frames.toArray()).to.have.lengthOf(1);
  });

  it('takes no more than is read', async () => {
    let given = 0;
    const input = Readable.from(
      (function* endless() {
        for (;;) {
          given++;
          yield Buffer.alloc(FRAME);
        }
      })(),
      { objectMode: false, highWaterMark: FRAME },
    );
    const frames = input.pipe(frameSplitter(small));
    const iterator = frames[Symbol.asyncIterator]();
    for (let index = 0; index < 3; index++) await iterator.next();
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    expect(given).to.be.lessThan(12);
    input.destroy();
    frames.destroy();
    // One chunk with many frames waits as well.
    const whole = frameSplitter(small);
    whole.write(film(60));
    expect(whole.readableLength).to.be.lessThan(4);
    let seen = 0;
    whole.on('data', () => seen++);
    whole.end();
    await new Promise((resolve) => whole.on('end', resolve));
    expect(seen).to.equal(60);
  });

  it('uses the memory of frames again where nobody else can see them', async () => {
    const buffers = new Set<ArrayBufferLike>();
    const sink = (target: Writable, write = target.write.bind(target)): Writable => {
      target.write = ((frame: SplitFrame) => {
        buffers.add(frame.data.buffer);
        return write(frame);
      }) as typeof target.write;
      return target;
    };
    const input = (): Readable => Readable.from(chunks(film(40), 65_536), { objectMode: false });
    const direct = newGear();
    await pipeline(input(), frameSplitter(small), sink(direct.writable()));
    expect(buffers.size).to.be.lessThan(12);
    // Whoever looks on keeps what it saw.
    buffers.clear();
    const watched = frameSplitter(small);
    watched.on('data', () => undefined);
    const other = newGear();
    await pipeline(input(), watched, sink(other.writable()));
    expect(buffers.size).to.equal(40);
  });

  it('uses released frames again, but none that was transferred away', async () => {
    const frames = frameSplitter(small);
    Readable.from(chunks(film(20), 65_536), { objectMode: false }).pipe(frames);
    const buffers = new Set<ArrayBufferLike>();
    let count = 0;
    for await (const frame of frames as AsyncIterable<SplitFrame>) {
      expect(frame.data).to.have.lengthOf(FRAME);
      expect(frame.data[7]).to.equal(smallLuma(count));
      buffers.add(frame.data.buffer);
      const { buffer } = frame.data;
      frame.release();
      frame.release();
      if (count++ % 5 === 0) structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
    }
    expect(count).to.equal(20);
    expect(buffers.size).to.be.within(4, 12);
  });

  it('is what writable() names when bytes are no frame', async () => {
    const stream = await AdaptiveStream.open({
      input: small,
      output: join(folder.path, 'bytes.mpd'),
    });
    const bytes = (): Readable => Readable.from(chunks(film(4), 65_536), { objectMode: false });
    const error = await failureOf(pipeline(bytes(), stream.writable()));
    expect(error.code).to.equal('BUFFER_TOO_LONG');
    expect(error.message).to.match(/frameSplitter\(\)/);
    const gear = newGear();
    const other = await failureOf(pipeline(bytes(), gear.writable()));
    expect(other.code).to.equal('INVALID_FRAME');
    expect(other.message).to.match(/frameSplitter\(\)/);
  });

  it('checks its options', () => {
    const wrong = (options: unknown): string[] =>
      issuesOf(thrown(() => frameSplitter(options as never))).map(({ path }) => path);
    expect(wrong(undefined)).to.deep.equal(['options']);
    expect(wrong({ ...SMALL })).to.deep.equal(['options']);
    expect(wrong({ ...SMALL, channels: 5 })).to.deep.equal(['channels']);
    expect(wrong({ ...small, channels: 1 })).to.deep.equal(['options']);
    expect(wrong({ ...small, width: '320px' })).to.deep.equal(['width']);
    expect(wrong({ ...small, pixelFormat: 'rgb' })).to.deep.equal(['pixelFormat']);
    expect(wrong({ ...small, pix_fmt: 'rgb24' })).to.deep.equal(['options.pix_fmt']);
  });
});
