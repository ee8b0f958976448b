// The process around the streams: its end at any moment, workers, the garbage collector, memory.
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { childMessages, FEW_ARENAS, runChild } from './support/child.js';
import type { ChildResult } from './support/child.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { output } from './support/run.js';
import { ABORT_LIMIT } from './support/small.js';

describe('The process around a stream', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => (folder = await temporaryFolder()));
  afterEach(() => folder[Symbol.asyncDispose]());

  const end = (how: string, ...more: string[]): Promise<ChildResult> =>
    runChild('ending', {
      args: [how, join(folder.path, 'out'), ...more],
      nodeOptions: ['--disable-warning=StreamGearWarning'], // that nothing is awaited
    });

  describe('ends', () => {
    it('naturally with an idle open stream, which does not hold it', async () => {
      const { code, signal, messages, stderr } = await end('idle');
      expect({ code, signal, stderr }).to.deep.equal({ code: 0, signal: null, stderr: '' });
      expect(messages).to.deep.equal([{ framesIn: 5 }]);
      expect(readdirSync(join(folder.path, 'out'))).not.to.include('out.mpd');
    });

    it('not before what is pending has settled', async () => {
      const { code, signal, messages, stderr } = await end('pending');
      expect({ code, signal, stderr }).to.deep.equal({ code: 0, signal: null, stderr: '' });
      expect(messages).to.deep.equal([{ framesEncoded: 5 }]);
      expect(existsSync(join(folder.path, 'out', 'out.mpd'))).to.be.true;
    });

    it('naturally with idle audio, but not before pending samples were taken', async () => {
      const idle = await end('idle-audio');
      expect(idle).to.deep.include({ code: 0, signal: null, stderr: '' });
      expect(idle.messages).to.deep.equal([{ framesIn: 5 }]);
      const pending = await end('pending-audio');
      expect(pending).to.deep.include({ code: 0, signal: null, stderr: '' });
      expect(pending.messages).to.deep.equal([{ taken: 14 }]);
    });

    for (const how of [
      'exit',
      'exit-with-audio',
      'exit-while-opening',
      'exit-while-finishing',
      'exit-in-listener',
      'worker-exit',
    ]) {
      it(`by process.exit() in the middle, with its own exit code (${how})`, async () => {
        const { code, signal, stderr } = await end(how);
        expect({ code, signal, stderr }).to.deep.equal({ code: 7, signal: null, stderr: '' });
        const files = existsSync(join(folder.path, 'out'))
          ? readdirSync(join(folder.path, 'out'))
          : [];
        expect(files.filter((name) => /\.(mpd|tmp)$/.test(name))).to.deep.equal([]);
      });
    }

    it('by an uncaught exception in the middle, which is what it says', async () => {
      const { code, signal, stderr } = await end('throw');
      expect({ code, signal }).to.deep.equal({ code: 1, signal: null });
      expect(stderr).to.contain('Error: uncaught in the middle');
    });

    it('by an unhandled rejection in the middle, which is what it says', async () => {
      const { code, signal, stderr } = await end('reject');
      expect({ code, signal }).to.deep.equal({ code: 1, signal: null });
      expect(stderr).to.contain('Error: unhandled in the middle');
    });

    describe('without a thread of ours', function () {
      let built: TemporaryFolder | undefined;
      let counter: string;
      before(async function () {
        if (process.platform !== 'linux') this.skip(); // LD_PRELOAD and /proc
        const source = fileURLToPath(new URL('fixtures/thread-counter.cc', import.meta.url));
        built = await temporaryFolder();
        counter = join(built.path, 'libthread-counter.so');
        await output(process.env['CXX'] ?? 'c++', ['-shared', '-fPIC', '-o', counter, source]);
      });
      after(() => built?.[Symbol.asyncDispose]());

      for (const how of [
        'idle',
        'idle-audio',
        'exit',
        'exit-with-audio',
        'exit-while-finishing',
        'exit-in-listener',
        'throw',
      ]) {
        it(how, async () => {
          const { messages } = await runChild('ending', {
            args: [how, join(folder.path, 'out')],
            env: { LD_PRELOAD: counter },
            shipped: true,
          });
          expect(messages.at(-1)).to.deep.equal({ threadsAtEnd: 0 });
        });
      }
    });

    it('within two seconds while a server hangs', async () => {
      const sockets: Socket[] = [];
      const server = createServer((socket) =>
        sockets.push(socket.resume().on('error', () => undefined)),
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const { code, signal, messages } = await end('hanging', `http://127.0.0.1:${port}/out.mpd`);
      const ended = Date.now();
      for (const socket of sockets) socket.destroy();
      server.close();
      expect({ code, signal }).to.deep.equal({ code: 7, signal: null });
      expect(ended - Number(messages[0]?.['exitAt'])).to.be.lessThan(ABORT_LIMIT);
    });
  });

  it('goes on when a worker with a running stream is terminated, as do its own streams', async () => {
    const { code, signal, messages, stderr } = await end('worker');
    expect({ code, signal, stderr }).to.deep.equal({ code: 0, signal: null, stderr: '' });
    expect(messages[0]?.['terminated']).to.be.lessThan(ABORT_LIMIT);
    expect(messages[1]).to.deep.equal({ framesEncoded: 10 });
  });

  it('is warned of streams that are collected unfinished, and keeps nothing of them', async () => {
    const messages = await childMessages('forgotten', {
      args: [folder.path],
      nodeOptions: ['--expose-gc', '--no-warnings'],
    });
    expect(messages[0]).to.deep.equal({
      before: {
        pipelines: 2,
        readers: 0,
        inputs: 0,
        trials: 0,
        listers: 0,
        pinnedBuffers: 0,
        leftBehind: 0,
      },
    });
    expect(messages[1]).to.deep.equal({
      after: {
        pipelines: 0,
        readers: 0,
        inputs: 0,
        trials: 0,
        listers: 0,
        pinnedBuffers: 0,
        leftBehind: 0,
      },
    });
    const warnings = messages[2]?.['warnings'] as { name: string; message: string }[];
    expect(warnings.map(({ name }) => name)).to.deep.equal(Array(2).fill('StreamLeakWarning'));
    for (const name of ['stream', 'gear']) {
      const manifest = join(folder.path, name, 'out.mpd');
      expect(warnings.some(({ message }) => message.includes(manifest))).to.be.true;
      expect(existsSync(manifest)).to.be.false;
    }
  });

  it('holds no more after a hundred streams than after the first ones', async () => {
    const messages = await childMessages('hundred-streams', {
      args: [folder.path, '100'],
      nodeOptions: ['--expose-gc'],
      shipped: true,
      env: FEW_ARENAS,
    });
    const of = (key: string): number[] => messages.map((message) => Number(message[key]));
    expect(of('index')).to.deep.equal([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    for (const key of ['pipelines', 'pinnedBuffers']) expect(Math.max(...of(key))).to.equal(0);
    for (const key of ['threads', 'descriptors']) {
      const [, first = NaN, ...later] = of(key);
      expect(Math.max(...later), `${key}: ${of(key).join(', ')}`).to.be.at.most(first);
    }
    // The allocator's arenas of all threads fill up in the first half. In the second, a leak of one small picture per
    // frame would be 12 * 40 * 84 KiB = 40 MiB; the encoders' memory more.
    const memory = of('memory');
    const growth = Math.min(...memory.slice(-3)) - Math.min(...memory.slice(4, 7));
    expect(growth, `MiB: ${memory.join(', ')}`).to.be.lessThan(8);
  });
});
