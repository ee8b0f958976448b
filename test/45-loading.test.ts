// Loading the addon: in a process that holds another libavcodec already, and where there is no addon.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { listEncoders, versions } from '../src/index.js';
import { childMessages } from './support/child.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { output } from './support/run.js';

/** What Electron's libffmpeg is to our libavcodec: another function of the same name, there first. */
const FAKE_LIBFFMPEG = `
  extern "C" __attribute__((visibility("default")))
  int avcodec_open2(void*, const void*, void**) { return -38; } // AVERROR(ENOSYS)
`;

describe('Loading the addon', () => {
  let folder: TemporaryFolder;
  let media: string;
  before(async () => {
    folder = await temporaryFolder();
    media = join(folder.path, 'out');
  });
  after(() => folder[Symbol.asyncDispose]());

  it('tells which libav it was linked with', async () => {
    expect(versions().libavcodec).to.match(/^\d+\.\d+\.\d+$/);
    expect(versions().license).to.match(/GPL/);
    const [usual] = await listEncoders({ codec: 'h264' });
    expect(usual).to.include({ name: 'libx264', works: true });
  });

  it('is an ES module that CommonJS can require', async () => {
    const script = `const { StreamGear, versions } = require('streamgear');
      console.log(typeof StreamGear, versions().libavcodec);`;
    const ROOT = fileURLToPath(new URL('../', import.meta.url));
    const printed = await output(process.execPath, ['--input-type=commonjs', '-e', script], {
      cwd: ROOT,
    });
    expect(printed.trim()).to.equal(`function ${versions().libavcodec}`);
  });

  describe('in a process with another libavcodec whose symbols are global', function () {
    let preload: NodeJS.ProcessEnv;
    before(async function () {
      if (process.platform !== 'linux') this.skip(); // RTLD_DEEPBIND and LD_PRELOAD are Linux'
      const source = join(folder.path, 'fake-libffmpeg.cc');
      const library = join(folder.path, 'libfake-libffmpeg.so');
      writeFileSync(source, FAKE_LIBFFMPEG);
      await output(process.env['CXX'] ?? 'c++', ['-shared', '-fPIC', '-o', library, source]);
      preload = { LD_PRELOAD: library };
    });

    it('uses its own: a stream works', async () => {
      const [encoded] = await childMessages('loading', {
        args: [media],
        env: preload,
        shipped: true,
      });
      expect(encoded).to.deep.equal({ result: 5 });
    });

    it('would use the other one without RTLD_DEEPBIND', async () => {
      const env = { ...preload, STREAMGEAR_NO_DEEPBIND: '1' };
      const [encoded] = await childMessages('loading', { args: [media], env, shipped: true });
      expect(encoded).to.include({ code: 'ENCODER_OPEN_FAILED', stage: 'encoder', averror: -38 });
    });

    it('does no harm without the other one, either way', async () => {
      const env = { STREAMGEAR_NO_DEEPBIND: '1' };
      const [encoded] = await childMessages('loading', { args: [media], env, shipped: true });
      expect(encoded).to.deep.equal({ result: 5 });
    });
  });

  it('without an addon says where it should be, what to install and what to run', async () => {
    const missing = join(folder.path, 'nowhere', 'streamgear.node');
    const env = { STREAMGEAR_ADDON: missing };
    const [opened, gear, wrong] = await childMessages('loading', { args: [media], env });
    for (const error of [opened, gear]) {
      expect(error).to.include({ name: 'StreamError', code: 'ADDON_NOT_FOUND' });
      const message = String(error?.['message']);
      expect(message).to.contain(`${missing} does not exist`);
      expect(message).to.match(/apt install .*libavcodec-dev/);
      expect(message).to.match(/dnf install .*ffmpeg/);
      expect(message).to.match(/brew install .*ffmpeg/);
      expect(message).to.contain('npm rebuild streamgear');
    }
    // What the caller did wrong himself comes first: it is wrong with any addon.
    expect(wrong).to.include({ name: 'InvalidOptionsError', code: 'INVALID_OPTIONS' });
  });

  it('that is none says what the loader said', async () => {
    const broken = join(folder.path, 'broken.node');
    writeFileSync(broken, 'no shared object');
    const env = { STREAMGEAR_ADDON: broken };
    const [opened] = await childMessages('loading', { args: [media], env });
    expect(opened).to.include({ name: 'StreamError', code: 'ADDON_LOAD_FAILED' });
    expect(opened?.['message']).to.match(/cannot be loaded: .*broken\.node/);
  });
});
