// The main job, as `npm start` runs it: without a terminal, on one, and interrupted.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { decodeErrors, packets, streams } from './support/ffprobe.js';
import { temporaryFolder } from './support/media.js';
import { run } from './support/run.js';
import { ABORT_LIMIT } from './support/small.js';
import { CTRL_C, spawnOnTerminal } from './support/terminal.js';

const START = fileURLToPath(new URL('../examples/start.mjs', import.meta.url));
const SIZES = ['1920x1080', '1280x720', '854x480', '640x360'];

/** Resolves to the first match in what the process prints from now on. */
function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const match = pattern.exec(text);
      if (match !== null) resolve(match);
    });
    child.once('exit', () => {
      reject(new Error(`ended before it printed ${String(pattern)}: ${text}`));
    });
  });
}

describe('npm start', () => {
  it('without a terminal encodes, reports and ends with 0', async () => {
    await using folder = await temporaryFolder();
    const args = [START, '--seconds', '1', '--out', folder.path];
    const { code, stdout, stderr } = await run(process.execPath, args);
    expect(stderr).to.equal('');
    expect(code).to.equal(0);
    expect(stdout).to.match(/^ {2}24\/24 frames {2}[\d.]+ fps {2}0 s left$/m);
    expect(stdout).to.match(/^MPEG-DASH and HLS of one encoding and one set of segments: 1\.00 s/m);
    for (const manifest of [join(folder.path, 'manifest.mpd'), join(folder.path, 'master.m3u8')]) {
      expect(stdout).to.include(manifest);
      const found = await streams(manifest);
      const videos = found.filter(({ kind }) => kind === 'video');
      expect(videos.map(({ width, height }) => `${width}x${height}`)).to.deep.equal(SIZES);
      expect(found.filter(({ kind }) => kind === 'audio')).to.have.length(1);
      const all = await packets(manifest);
      for (const { index } of videos) expect(all[index]).to.have.length(24);
      expect(await decodeErrors(manifest)).to.equal('');
    }
  });

  it('on a terminal serves a page with both players until Ctrl-C', async function () {
    // `script` is of util-linux.
    if (process.platform !== 'linux') this.skip();
    await using folder = await temporaryFolder();
    const command = `"${process.execPath}" "${START}" --seconds 0.25 --out "${folder.path}"`;
    const child = spawnOnTerminal(command);
    try {
      const [, url = ''] = await printed(child, /Playing at (http:\S+)\s/);
      const get = (path: string): Promise<Response> => fetch(new URL(path, url));
      expect(await (await get('')).text()).to.include('<title>streamgear</title>');
      for (const path of ['app.js', 'style.css', 'players/dash.js', 'players/hls.js']) {
        expect((await get(path)).status, path).to.equal(200);
      }
      const mpd = await get('media/manifest.mpd');
      expect(mpd.headers.get('content-type')).to.equal('application/dash+xml');
      expect(await mpd.text()).to.include('<MPD');
      expect((await get('media/master.m3u8')).status).to.equal(200);
      for (const path of ['media/%2e%2e%2fescaped', '..%2fserver.mjs', 'media/', 'missing.js']) {
        expect((await get(path)).status, path).to.equal(404);
      }
      expect((await get('%ff')).status).to.equal(400);
      const exit = once(child, 'exit');
      child.stdin.write(CTRL_C);
      expect((await exit)[0]).to.equal(0);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('interrupted while encoding ends with 130 and without a trailer', async () => {
    await using folder = await temporaryFolder();
    const child = spawn(process.execPath, [START, '--seconds', '0', '--out', folder.path]);
    const exit = once(child, 'exit');
    await printed(child, /frames {2}[1-9]/);
    const start = performance.now();
    child.kill('SIGINT');
    expect((await exit)[0]).to.equal(130);
    expect(performance.now() - start).to.be.lessThan(ABORT_LIMIT);
    expect(existsSync(join(folder.path, 'manifest.mpd'))).to.equal(false);
  });

  it('--help tells the options', async () => {
    const { code, stdout } = await run(process.execPath, [START, '--help']);
    expect(code).to.equal(0);
    for (const option of ['--seconds', '--out', '--port', '--help']) {
      expect(stdout).to.include(option);
    }
  });

  for (const [args, message] of [
    [['--seconds', 'ten'], 'for --seconds but received "ten"'],
    [['--seconds=-1'], 'for --seconds but received "-1"'],
    [['--port', '70000'], 'for --port but received "70000"'],
    [['--frobnicate'], "Unknown option '--frobnicate'"],
    [['--out', '/dev/null/x'], '/dev/null/x'],
  ] as const) {
    it(`${args.join(' ')} is one clear line and exit code 1`, async () => {
      const { code, stderr } = await run(process.execPath, [START, ...args]);
      expect(code).to.equal(1);
      expect(stderr).to.include(message);
      expect(stderr.trimEnd().split('\n')).to.have.length(1);
      expect(existsSync('/dev/null/x')).to.equal(false);
    });
  }
});
