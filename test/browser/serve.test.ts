// examples/serve-and-watch.mjs: the page plays what was written, and nothing else of the disk is served.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';
import type { Browser } from 'playwright-core';

import { StreamGear } from '../../src/index.js';
import { temporaryFolder } from '../support/media.js';
import { launchBrowser } from './browser.js';

const SERVE = fileURLToPath(new URL('../../examples/serve-and-watch.mjs', import.meta.url));

describe('examples/serve-and-watch.mjs', () => {
  let browser: Browser;
  before(async () => (browser = await launchBrowser()));
  after(() => browser.close());

  for (const format of ['dash', 'hls'] as const) {
    it(`plays ${format}`, async () => {
      await using folder = await temporaryFolder();
      const manifest = join(folder.path, format === 'dash' ? 'a film.mpd' : 'a film.m3u8');
      const gear = new StreamGear({ output: manifest, format });
      const [width, height] = [320, 180];
      const data = new Uint8Array(width * height * 3).fill(128);
      for (let i = 0; i < 50; i += 1) await gear.stream({ data, width, height, channels: 3 });
      await gear.close();
      const child = spawn(process.execPath, [SERVE, manifest, '0']);
      try {
        const [line] = (await once(child.stdout, 'data')) as [Buffer];
        const url = /http\S+/.exec(line.toString())?.[0] ?? '';
        const page = await browser.newPage();
        const problems: string[] = [];
        page.on('pageerror', (error) => problems.push(error.message));
        await page.goto(url);
        await page.waitForFunction(`document.querySelector('video').currentTime > 0.5`);
        expect(await page.evaluate(`document.querySelector('video').videoWidth`)).to.equal(width);
        expect(problems).to.deep.equal([]);
        await page.close();
        for (const path of ['media/', 'media/..%2f..%2fetc%2fpasswd', 'media/%ff', 'other']) {
          expect((await fetch(new URL(path, url))).status, path).to.equal(404);
        }
        const { port } = new URL(url);
        const [answer] = (await once(get({ port, path: '//' }), 'response')) as [IncomingMessage];
        expect(answer.resume().statusCode).to.equal(404);
      } finally {
        child.kill('SIGKILL');
      }
    });
  }
});
