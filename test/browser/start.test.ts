// The page of `npm start`, as a person uses it: what it says agrees with the console, and sound, volume and position
// can be chosen.
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';

import { temporaryFolder } from '../support/media.js';
import { CTRL_C, spawnOnTerminal } from '../support/terminal.js';
import { launchBrowser } from './browser.js';

const START = fileURLToPath(new URL('../../examples/start.mjs', import.meta.url));

/** `  1920x1080     avc1.640028      5000  4830 …`. */
const ROW = /^ {2}\d+x(\d+) +avc1\.\w+ +(\d+) +(\d+) /gm;

/** What the page shows of a rendition, by the text of a figure. */
const shown = (page: Page, player: number, figure: string): Promise<string> =>
  page.locator('.player').nth(player).locator(`[data-stat="${figure}"]`).innerText();

const megabits = (kilobits: string | undefined): string =>
  `${(Number(kilobits) / 1000).toFixed(2)} Mbit/s`;

describe('The page of npm start', () => {
  let browser: Browser;
  before(async () => (browser = await launchBrowser()));
  after(() => browser.close());

  it('plays both, says what the console says, and has sound, volume and position', async () => {
    await using folder = await temporaryFolder();
    const child = spawnOnTerminal(
      `"${process.execPath}" "${START}" --seconds 2 --out "${folder.path}"`,
    );
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString().replaceAll('\r', '')));
    const exit = once(child, 'exit');
    try {
      while (!/Playing at http\S+\s/.test(text)) await once(child.stdout, 'data');
      const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      await page.goto(/http\S+/.exec(text)?.[0] ?? '');
      // Both have shown something.
      await page.waitForFunction(
        `[...document.querySelectorAll('video')].filter((video) => video.currentTime > 0).length === 2`,
      );
      expect(await page.locator('h2').allInnerTexts()).to.deep.equal([
        'MPEG-DASH in dash.js',
        'HLS in hls.js',
      ]);

      const rows = [...text.matchAll(ROW)];
      expect(rows).to.have.length(4);
      for (const player of [0, 1]) {
        const heights = await page.locator('.player').nth(player).locator('.levels button').all();
        expect(heights).to.have.length(5);
        await heights[4]?.click(); // the smallest
        await page.waitForFunction(
          `document.querySelectorAll('.player')[${String(player)}].querySelector('[data-stat="rendition"]').textContent === '360p'`,
        );
        const [, height, declared, real] = rows[3] ?? [];
        expect(height).to.equal('360');
        expect(await shown(page, player, 'declared')).to.equal(megabits(declared));
        const [value = ''] = (await shown(page, player, 'average')).split(' ');
        expect(Number(value)).to.be.closeTo(Number(real) / 1000, 0.006);
      }

      const state = (): Promise<{ muted: boolean; volume: number }[]> =>
        page.evaluate(
          `[...document.querySelectorAll('video')].map(({ muted, volume }) => ({ muted, volume }))`,
        );
      expect((await state()).map(({ muted }) => muted)).to.deep.equal([true, true]);
      await page.locator('#mute').click();
      await page.locator('#volume').fill('0.5');
      expect(await state()).to.deep.include({ muted: false, volume: 0.5 });
      expect((await state())[1]?.muted).to.equal(true);
      await page.waitForFunction(`document.querySelector('video').webkitAudioDecodedByteCount > 0`);

      await page.locator('#toggle').click(); // pause, so that the position stays
      await page.locator('#seek').fill('1.48');
      await page.waitForFunction(
        `[...document.querySelectorAll('video')].every((video) => Math.abs(video.currentTime - 1.48) < 0.1 && !video.seeking)`,
      );
      await page.setViewportSize({ width: 390, height: 844 });
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect(width, 'nothing sticks out of a narrow screen').to.be.at.most(390);
      if (process.env['SCREENSHOTS'] !== undefined) {
        await page.screenshot({ path: `${process.env['SCREENSHOTS']}/narrow.png` });
        await page.setViewportSize({ width: 1400, height: 1000 });
        await page.screenshot({ path: `${process.env['SCREENSHOTS']}/wide.png` });
      }
      expect(problems).to.deep.equal([]);
      await page.close();
      child.stdin.write(CTRL_C);
      expect((await exit)[0]).to.equal(0);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
