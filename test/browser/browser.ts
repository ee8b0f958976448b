// Chromium without a screen, and what it reports of a playback.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium, type Browser } from 'playwright-core';

import { serve } from '../support/server.js';

export type PlayerName = 'dash.js' | 'hls.js';

/** What page.js resolves to, and what only the outside can see. */
export interface Playback {
  /** Sizes of the displayed frames ("1280x720"), one entry per change, in order. */
  sizes: string[];
  /** Decoded, shown in time or not. */
  frames: number;
  /** Heights of the renditions whose media segments were asked for, in order. */
  requested: number[];
  /** Seconds without progress before it went on, once started. */
  longestStall: number;
  isEnded: boolean;
  /** Seconds, at the end. */
  currentTime: number;
  duration: number;
  /** Looks at a playback that goes on, every 20 ms: how many heard something, and how many did not. */
  heard: number;
  silent: number;
  /** What is buffered at the end, seconds from and to. */
  buffered: [from: number, to: number][];
  /** Error events of the player and of the video element. */
  errors: string[];
  corrupted: number;
  /** Lines of level "error" on the console, and uncaught exceptions. */
  consoleErrors: string[];
  /** URLs that were answered with 404. */
  missing: string[];
}

/**
 * What hls.js (1.7.4) calls errors and plays on after. Of sound in MPEG-TS it says that nothing was buffered when it
 * was, with ffmpeg's own output as well: what is buffered at the end is looked at. How long a stall is has its limit.
 */
const HARMLESS = /bufferAppendNoProgress of .* \d+$|bufferStalledError/;

/** The errors without those that are none. */
export function realErrors({ errors }: Playback): string[] {
  return errors.filter((error) => !HARMLESS.test(error));
}

const require = createRequire(import.meta.url);
const HERE = dirname(fileURLToPath(import.meta.url));
// Both packages give CommonJS their UMD bundle, which a script element can load.
const DASH_JS = require.resolve('dashjs');
const HLS_JS = require.resolve('hls.js');

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  '--mute-audio',
];

/** Debian's Chromium, or the one that the environment variable CHROMIUM names. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ARGUMENTS, headless: true });
}

/**
 * Plays a presentation to its end, over http, with another rendition for every segment.
 * @param folder Holds the manifest and the segments.
 * @param timeout Seconds after which the playback is given up; the report then says that it has not
 * ended.
 */
export async function playback(
  browser: Browser,
  player: PlayerName,
  folder: string,
  manifest: string,
  timeout = 90,
): Promise<Playback> {
  await using server = await serve({
    '/players/dash.js': { file: DASH_JS },
    '/players/hls.js': { file: HLS_JS },
    '/page.html': { file: join(HERE, 'page.html') },
    '/page.js': { file: join(HERE, 'page.js') },
    '/out/': { folder },
  });
  const page = await browser.newPage();
  const consoleErrors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') consoleErrors.push(message.text());
  });
  page.on('pageerror', (error) => consoleErrors.push(error.message));
  try {
    await page.goto(`${server.origin}/page.html`, { waitUntil: 'load' });
    const call = `window.play(${JSON.stringify(player)}, '/out/${manifest}', ${timeout})`;
    const seen = await page.evaluate<Omit<Playback, 'consoleErrors' | 'missing'>>(call);
    return { ...seen, consoleErrors, missing: server.missing() };
  } finally {
    await page.close();
  }
}
