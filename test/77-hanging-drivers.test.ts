// Drivers and servers of this machine that never answer: whoever waits for one is told in time, nothing else waits with
// it, and the process can end. What hangs is the other end of a real connection: a sound server, an X display.
import { join } from 'node:path';
import process from 'node:process';

import { expect } from 'chai';

import { AdaptiveStream, listDevices } from '../src/index.js';
import { libavOf } from '../src/native/libav.js';
import { nativeBinding } from '../src/native/native.js';
import { tryEncoders } from '../src/machine/try-encoders.js';
import { runChild } from './support/child.js';
import { SilentServer, silentDisplay } from './support/silent-server.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import {
  ABORT_LIMIT,
  issuesOf,
  processWarnings,
  rejection,
  smallOptions,
  until,
} from './support/small.js';

/** Sets a variable of the environment as long as something runs. */
async function withVariable(name: string, value: string, run: () => Promise<void>): Promise<void> {
  const before = process.env[name];
  process.env[name] = value;
  try {
    await run();
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = before;
  }
}

/** The signal ends the call in time, and what waits is left behind, which is told. */
async function expectLeftBehind(
  server: SilentServer,
  begin: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const control = new AbortController();
  const warnings = await processWarnings(async () => {
    const failed = rejection(begin(control.signal));
    await server.asked();
    const begun = performance.now();
    control.abort('enough');
    expect(await failed).to.include({ code: 'ABORTED', cause: 'enough' });
    expect(performance.now() - begun).to.be.below(2000 + ABORT_LIMIT);
    await until(() => {
      const { leftBehind, pipelines, trials, listers } = nativeBinding().liveObjects();
      return leftBehind === 1 && pipelines + trials + listers === 0;
    });
  });
  expect(warnings.map(([, text]) => text).join()).to.contain('is left behind');
}

/** A process that exits while a thread of it hangs does so in time. What came first in it. */
async function expectExit(args: readonly string[]): Promise<unknown> {
  const { code, signal, messages, stderr } = await runChild('hanging-drivers', {
    args,
    env: { UV_THREADPOOL_SIZE: '1' },
    timeout: 60_000,
  });
  const ended = Date.now();
  expect({ code, signal }, stderr).to.deep.equal({ code: 7, signal: null });
  const [message] = messages;
  expect(ended - Number(message?.['exitAt'])).to.be.below(2000 + ABORT_LIMIT);
  return message?.['first'];
}

describe('A sound server that hangs', () => {
  let folder: TemporaryFolder;
  before(async function () {
    if (nativeBinding().options('demuxer', 'pulse').length === 0) this.skip();
    folder = await temporaryFolder();
  });
  after(() => (folder as TemporaryFolder | undefined)?.[Symbol.asyncDispose]());

  it('does not hold listDevices() longer than its signal', async () => {
    const socket = join(folder.path, 'pulse');
    await using server = await SilentServer.listen(socket);
    await withVariable('PULSE_SERVER', `unix:${socket}`, () =>
      expectLeftBehind(server, (signal) => listDevices({ signal })),
    );
  });

  it("holds none of Node's threads meanwhile, and not the end of the process", async () => {
    const first = await expectExit(['devices', join(folder.path, 'exit')]);
    expect(first).to.equal('read');
  });

  it('is the only thing that listDevices() takes', async () => {
    for (const options of [{ signal: 'stop' }, { signall: undefined }, 264]) {
      const error = await rejection(listDevices(options as object));
      expect(issuesOf(error), JSON.stringify(options)).to.have.length(1);
    }
  });
});

describe('A driver of a hardware encoder that hangs', () => {
  before(function () {
    if (!libavOf(nativeBinding()).encoders.has('h264_vaapi')) this.skip();
  });

  it('does not hold the trials of listEncoders() longer than its signal', async () => {
    const { display, server } = await silentDisplay();
    await using _ = server;
    const hardware = { type: 'vaapi', device: display, options: [] };
    await expectLeftBehind(server, (signal) =>
      tryEncoders([{ codec: 'h264_vaapi', options: [], hardware }], signal),
    );
  });

  it('does not hold the abort of a stream', async () => {
    await using folder = await temporaryFolder();
    const { display, server } = await silentDisplay();
    await using _ = server;
    const hardware = { type: 'vaapi', device: display };
    await expectLeftBehind(server, (signal) =>
      AdaptiveStream.open({
        ...smallOptions(folder.path),
        video: { codec: 'h264_vaapi', hardware },
        signal,
      }),
    );
  });

  for (const what of ['trial', 'stream']) {
    it(`does not hold process.exit() while a ${what} waits for it`, async () => {
      await using folder = await temporaryFolder();
      await expectExit([what, folder.path]);
    });
  }
});
