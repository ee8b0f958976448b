// Sources and outputs that make a thread wait in the kernel: a named pipe that nobody writes or reads. Whoever waits
// is told in time, and the process can end.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open as openFile, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import process from 'node:process';

import { expect } from 'chai';

import { AdaptiveStream, openFrames, probe, StreamGear } from '../src/index.js';
import type { MediaSource } from '../src/index.js';
import { nativeBinding } from '../src/native/native.js';
import { runChild } from './support/child.js';
import { makeClip } from './support/clip.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import {
  ABORT_LIMIT,
  processWarnings,
  pushSmall,
  rejection,
  smallOptions,
  until,
} from './support/small.js';
import { threadNames } from './support/threads.js';

const onUnix = process.platform === 'win32' ? describe.skip : describe;

onUnix('calls that wait in the kernel', () => {
  let folder: TemporaryFolder;
  let pipes = 0;
  beforeEach(async () => (folder = await temporaryFolder()));
  afterEach(() => folder[Symbol.asyncDispose]());

  const pipe = (name = `pipe-${String(pipes++)}`): string => {
    const path = join(folder.path, name);
    execFileSync('mkfifo', [path]);
    return path;
  };
  /** libavformat opens what it lists by itself, and waits in open(2). */
  const playlist = async (file: string): Promise<readonly string[]> => {
    const path = join(folder.path, `list-${String(pipes++)}.ffconcat`);
    await writeFile(path, `ffconcat version 1.0\nfile ${basename(file)}\n`);
    return ['-protocol_whitelist', 'file', '-i', path];
  };
  const output = (): string => join(folder.path, 'out', 'out.mpd');
  const soon = (): AbortSignal => AbortSignal.timeout(200);

  const opening: Record<string, (source: MediaSource) => Promise<unknown>> = {
    'probe()': (source) => probe(source, { signal: soon() }),
    'openFrames()': (source) => openFrames(source, { signal: soon() }),
    'AdaptiveStream.transcode()': (source) =>
      AdaptiveStream.transcode(source, { output: output(), signal: soon() }),
    'transcodeSource()': async (source) => {
      const streamParams = { '-video_source': source };
      const gear = new StreamGear({ output: output(), streamParams });
      const working = gear.transcodeSource();
      soon().addEventListener('abort', () => void gear.abort('enough'));
      return working;
    },
  };

  for (const [call, begin] of Object.entries(opening)) {
    it(`${call} of a named pipe that nobody writes is aborted by its signal`, async () => {
      const begun = performance.now();
      expect((await rejection(begin(pipe()))).code).to.equal('ABORTED');
      expect(performance.now() - begun).to.be.below(200 + ABORT_LIMIT);
    });
  }

  for (const [call, begin] of Object.entries(opening)) {
    it(`${call}: a thread that cannot be woken is left behind, and freed when it returns`, async () => {
      const held = pipe();
      const source = await playlist(held);
      const begun = performance.now();
      const warnings = await processWarnings(async () => {
        expect((await rejection(begin(source))).code).to.equal('ABORTED');
      });
      expect(performance.now() - begun).to.be.below(2000 + ABORT_LIMIT);
      expect(warnings.map(([, text]) => text).join()).to.contain('is left behind');
      expect(nativeBinding().liveObjects()).to.include({ readers: 0, inputs: 0, leftBehind: 1 });
      await (await openFile(held, 'w')).close(); // now it returns
      await until(() => nativeBinding().liveObjects().leftBehind === 0);
    });
  }

  it('a named pipe that somebody writes later is a source like any other', async () => {
    const source = pipe();
    const clip = join(folder.path, 'clip.ts');
    await makeClip(clip, { seconds: 0.4 });
    const writing = (async () => {
      const bytes = await readFile(clip);
      const file = await openFile(source, 'w');
      await file.writeFile(bytes.subarray(0, 1000));
      await new Promise((resolve) => setTimeout(resolve, 100));
      await file.writeFile(bytes.subarray(1000));
      await file.close();
    })();
    const stream = await AdaptiveStream.transcode(source, {
      output: output(),
      renditions: [{ height: 90 }],
      video: { preset: 'ultrafast' },
    });
    expect((await stream.finish()).framesEncoded).to.equal(10);
    await writing;
  });

  it('an audio file that is a named pipe does not hold abort()', async () => {
    // open() waits for the audio, too.
    const controller = new AbortController();
    const opened = AdaptiveStream.open({
      ...smallOptions(folder.path),
      audio: { source: pipe() },
      signal: controller.signal,
    });
    await until(() => threadNames(process.pid).includes('sg-audio'));
    const begun = performance.now();
    controller.abort();
    expect((await rejection(opened)).code).to.equal('ABORTED');
    expect(performance.now() - begun).to.be.below(2000 + ABORT_LIMIT);
  });

  it('an output folder with named pipes in it is a failure, not a wait', async () => {
    const name = 'init-stream0.m4s.tmp';
    pipe(name);
    const stream = await AdaptiveStream.open(smallOptions(folder.path));
    const pushed = pushSmall(stream, 20).then(() => stream.finish());
    const error = await rejection(pushed);
    expect(error.code).to.equal('WRITE_FAILED');
    expect(error.message).to.contain('init-stream0.m4s');
    expect(existsSync(join(folder.path, name))).to.equal(true);
  });

  for (const how of ['probe', 'openFrames', 'transcode']) {
    it(`process.exit() while a thread of ${how} cannot be woken ends the process all the same`, async () => {
      const source = await playlist(pipe());
      const { code, signal, stderr } = await runChild('blocked', {
        args: [how, JSON.stringify(source), output()],
        timeout: 60_000,
      });
      expect({ code, signal, stderr }).to.deep.equal({ code: 7, signal: null, stderr: '' });
    });

    it(`process.exit() while ${how} waits ends the process, with its code`, async () => {
      const { code, signal, stderr } = await runChild('blocked', {
        args: [how, JSON.stringify(pipe()), output()],
        timeout: 60_000,
      });
      expect({ code, signal, stderr }).to.deep.equal({ code: 7, signal: null, stderr: '' });
    });
  }
});
