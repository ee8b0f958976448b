// Events and the Writable: the plumbing around a stream, without one.

import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { InvalidOptionsError } from '../src/errors.js';
import { Emitter } from '../src/events.js';
import { keyValues } from '../src/key-values.js';
import { parseKey } from '../src/specifier.js';
import { frameWritable } from '../src/writable.js';

interface Events {
  tick: number;
}

describe('emitter', () => {
  it('calls listeners in order until they are removed', () => {
    const emitter = new Emitter<Events>();
    const seen: string[] = [];
    const off = emitter.on('tick', (value) => void seen.push(`a${value}`));
    emitter.once('tick', (value) => void seen.push(`b${value}`));
    emitter.emit('tick', 1);
    emitter.emit('tick', 2);
    off();
    off();
    emitter.emit('tick', 3);
    expect(seen).to.deep.equal(['a1', 'b1', 'a2']);
    expect(emitter.has('tick')).to.equal(false);
  });

  it('takes nothing but functions', () => {
    const emitter = new Emitter<Events>();
    expect(() => emitter.on('tick', undefined as never)).to.throw(
      InvalidOptionsError,
      "Expected a function for on('tick') but received nothing",
    );
    expect(emitter.has('tick')).to.equal(false);
  });

  it('calls a function that was added twice twice, and removes it once', () => {
    const emitter = new Emitter<Events>();
    let calls = 0;
    const listener = (): void => {
      calls++;
    };
    const off = emitter.on('tick', listener);
    emitter.on('tick', listener);
    emitter.emit('tick', 1);
    off();
    emitter.emit('tick', 2);
    expect(calls).to.equal(3);
  });

  it('reports a listener that throws and calls the others', async () => {
    const emitter = new Emitter<Events>();
    let called = false;
    emitter.on('tick', () => {
      throw new Error('listener bug');
    });
    emitter.on('tick', () => {
      called = true;
    });
    const warned = once(process, 'warning');
    emitter.emit('tick', 1);
    const [warning] = (await warned) as [Error];
    expect(warning.name).to.equal('StreamListenerWarning');
    expect(warning.message).to.include('listener bug');
    expect(called).to.equal(true);
  });
});

describe('writable', () => {
  function target(fail?: Error): { calls: string[]; writable: ReturnType<typeof frameWritable> } {
    const calls: string[] = [];
    const writable = frameWritable({
      write: (frame) => {
        calls.push(`write ${String(frame)}`);
        return fail === undefined ? Promise.resolve() : Promise.reject(fail);
      },
      finish: () => Promise.resolve(void calls.push('finish')),
      abort: (reason) => Promise.resolve(void calls.push(`abort ${String(reason)}`)),
    });
    return { calls, writable };
  }

  it('finishes at its end and does not abort then', async () => {
    const { calls, writable } = target();
    await pipeline(Readable.from(['a', 'b']), writable);
    expect(calls).to.deep.equal(['write a', 'write b', 'finish']);
  });

  it('aborts when it is destroyed', async () => {
    const { calls, writable } = target();
    writable.destroy();
    await once(writable, 'close');
    expect(calls).to.deep.equal(['abort undefined']);
  });

  it('aborts with the error of its source', async () => {
    const { calls, writable } = target();
    const source = new Readable({
      objectMode: true,
      read() {
        this.destroy(new Error('camera lost'));
      },
    });
    const failure = await pipeline(source, writable).catch((error: unknown) => error);
    expect(failure).to.include({ message: 'camera lost' });
    expect(calls[0]).to.match(/^abort/);
  });

  it('fails with the error of a write', async () => {
    const { calls, writable } = target(new Error('encoder died'));
    const failure = await pipeline(Readable.from(['a', 'b', 'c']), writable).catch(
      (error: unknown) => error,
    );
    expect(failure).to.include({ message: 'encoder died' });
    expect(calls).to.deep.equal(['write a', 'abort Error: encoder died']);
  });
});

describe('FFmpeg notations', () => {
  it('specifiers say which streams are meant', () => {
    const target = (key: string): unknown => parseKey(key).target;
    expect(parseKey('-b:v:1')).to.include({ name: 'b', specifier: 'v:1' });
    expect(target('-b')).to.deep.equal({ kind: 'all' });
    expect(target('-b:v')).to.deep.equal({ kind: 'all' });
    expect(target('-b:v:12')).to.deep.equal({ kind: 'rendition', index: 12 });
    expect(target('-b:0')).to.deep.equal({ kind: 'rendition', index: 0 });
    expect(target('-b:a')).to.deep.equal({ kind: 'audio' });
    expect(target('-b:a:1')).to.deep.equal({ kind: 'audio', index: 1 });
    expect(target('-metadata:s:a:0')).to.deep.equal({ kind: 'audio', index: 0 });
    expect(target('-acodec')).to.deep.equal({ kind: 'audio' });
    expect(target('-b:s:0')).to.deep.equal({ kind: 'unknown' });
  });

  it('lists are pairs, and a backslash protects a colon', () => {
    expect(keyValues('a=1:b=x=y:c:d=http\\://host')).to.deep.equal([
      ['a', '1'],
      ['b', 'x=y'],
      ['c', ''],
      ['d', 'http://host'],
    ]);
    expect(keyValues('')).to.deep.equal([]);
  });
});
