// Events and the Writable: the plumbing around a stream, without one.

import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { InvalidOptionsError } from '../src/report/errors.js';
import { Emitter } from '../src/stream/emitter.js';
import { MAX_WAITING_EVENTS } from '../src/stream/event-queue.js';
import { keyValues } from '../src/base/key-values.js';
import { parseKey } from '../src/gear/specifier.js';
import { StreamEmitter } from '../src/stream/stream-emitter.js';
import { frameWritable } from '../src/stream/writable.js';
import { issuesOf, thrown } from './support/small.js';

interface Events {
  tick: number;
}

describe('emitter', () => {
  it('calls listeners in order until they are removed', () => {
    const emitter = new Emitter<Events>(['tick']);
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
    const emitter = new Emitter<Events>(['tick']);
    expect(() => emitter.on('tick', undefined as never)).to.throw(
      InvalidOptionsError,
      "Expected a function for on('tick') but received nothing",
    );
    expect(emitter.has('tick')).to.equal(false);
  });

  it('calls a function that was added twice twice, and removes it once', () => {
    const emitter = new Emitter<Events>(['tick']);
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

  it('takes off a listener by itself, also one for the next event only, the last added first', () => {
    const emitter = new Emitter<Events>(['tick']);
    const seen: string[] = [];
    const twice = (value: number): void => void seen.push(`twice ${value}`);
    const next = (value: number): void => void seen.push(`once ${value}`);
    const off = emitter.on('tick', twice);
    emitter.on('tick', twice);
    emitter.once('tick', next);
    emitter.off('tick', next);
    emitter.off('tick', twice);
    emitter.off('tick', () => undefined);
    emitter.emit('tick', 1);
    off();
    emitter.off('tick', twice);
    emitter.emit('tick', 2);
    expect(seen).to.deep.equal(['twice 1']);
  });

  it('refuses what is no event, and names the nearest', () => {
    const emitter = new StreamEmitter();
    const wrong = ['on', 'once', 'off', 'events'].map((call) =>
      thrown(() => (emitter[call as 'on'] as (...args: unknown[]) => unknown)('segmnt', () => 0)),
    );
    expect(wrong.flatMap((error) => issuesOf(error).map(({ path }) => path))).to.deep.equal([
      'on()',
      'once()',
      'off()',
      'events()',
    ]);
    expect(wrong[0]?.message).to.match(/received "segmnt"\. Did you mean "segment"\?$/);
    for (const name of ['toString', '__proto__', 'finish', 5, null, undefined, Symbol('x')]) {
      expect(() => emitter.on(name as never, () => undefined)).to.throw(InvalidOptionsError);
    }
  });

  it('an event goes to those that listened when it came', () => {
    const emitter = new Emitter<Events>(['tick']);
    const seen: string[] = [];
    const off = emitter.on('tick', () => {
      seen.push('first');
      off();
      emitter.on('tick', () => void seen.push('late'));
    });
    emitter.on('tick', () => void seen.push('second'));
    emitter.emit('tick', 1);
    expect(seen).to.deep.equal(['first', 'second']);
  });

  it('reports a listener whose promise rejects', async () => {
    const emitter = new Emitter<Events>(['tick']);
    emitter.on('tick', () => Promise.reject(new Error('upload failed')) as never);
    const warned = once(process, 'warning');
    emitter.emit('tick', 1);
    const [warning] = (await warned) as [Error];
    expect(warning.name).to.equal('StreamListenerWarning');
    expect(warning.message).to.include('upload failed');
  });

  it('reports a listener that throws and calls the others', async () => {
    const emitter = new Emitter<Events>(['tick']);
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

describe('events()', () => {
  const take = async (loop: AsyncIterable<number>): Promise<number[]> => {
    const seen: number[] = [];
    for await (const value of loop) seen.push(value);
    return seen;
  };

  it('gives what came before it was asked, and ends', async () => {
    const emitter = new Emitter<Events>(['tick']);
    emitter.emit('tick', 0);
    const loop = emitter.events('tick');
    for (const value of [1, 2, 3]) emitter.emit('tick', value);
    const seen = take(loop);
    await Promise.resolve();
    expect(emitter.isAwaited).to.equal(false);
    await new Promise(setImmediate);
    expect(emitter.isAwaited).to.equal(true);
    emitter.emit('tick', 4);
    emitter.end();
    expect(await seen).to.deep.equal([1, 2, 3, 4]);
    expect(emitter.isAwaited).to.equal(false);
    expect(await take(emitter.events('tick'))).to.deep.equal([]);
  });

  it('throws the failure once, behind what came before', async () => {
    const emitter = new Emitter<Events>(['tick']);
    const loop = emitter.events('tick');
    const other = emitter.events('tick');
    const waiting = [other.next(), other.next()];
    emitter.emit('tick', 1);
    const failure = new Error('disk full');
    emitter.end(failure);
    expect(await loop.next()).to.deep.equal({ done: false, value: 1 });
    expect(await loop.next().catch((error: unknown) => error)).to.equal(failure);
    expect(await loop.next()).to.deep.equal({ done: true, value: undefined });
    expect(await waiting[0]).to.deep.equal({ done: false, value: 1 });
    expect(await waiting[1]?.catch((error: unknown) => error)).to.equal(failure);
    expect(await take(emitter.events('tick')).catch((error: unknown) => error)).to.equal(failure);
  });

  it('stops listening when the loop is left', async () => {
    const emitter = new Emitter<Events>(['tick']);
    const loop = emitter.events('tick');
    emitter.emit('tick', 1);
    emitter.emit('tick', 2);
    for await (const value of loop) {
      expect(value).to.equal(1);
      break;
    }
    expect(emitter.has('tick')).to.equal(false);
    emitter.end(new Error('later'));
    expect(await loop.next()).to.deep.equal({ done: true, value: undefined });
  });

  it('keeps so many and leaves out the oldest, which is told once', async () => {
    const lost: string[] = [];
    const emitter = new Emitter<Events>(['tick'], { onLost: (name) => void lost.push(name) });
    const loop = emitter.events('tick');
    for (let value = 0; value < MAX_WAITING_EVENTS + 1500; value++) emitter.emit('tick', value);
    emitter.end();
    const seen = await take(loop);
    expect(seen).to.have.length(MAX_WAITING_EVENTS);
    expect(seen[0]).to.equal(1500);
    expect(seen.at(-1)).to.equal(MAX_WAITING_EVENTS + 1499);
    expect(lost).to.deep.equal(['tick']);
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
