// Every example runs as a user runs it, in a process of its own, and writes what it says.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { decodeErrors, keyTimes, packets, presentationTimes, streams } from './support/ffprobe.js';
import type { Packet } from './support/ffprobe.js';
import { temporaryFolder } from './support/media.js';
import { outputBytes, run } from './support/run.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

interface Example {
  readonly manifest: string;
  /** Of the renditions, in the order of the manifest. */
  readonly sizes: readonly string[];
  /** In the first rendition. Default: `check` tells. */
  readonly frames?: number;
  /** What the example is about. */
  readonly check?: (manifest: string, renditions: readonly Packet[][]) => void | Promise<void>;
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  'adaptive-stream.mjs': {
    manifest: 'manifest.mpd',
    sizes: ['1280x720', '854x480', '426x240'],
    frames: 72,
    check(_manifest, renditions) {
      for (const list of renditions) expect(keyTimes(list)).to.deep.equal([0, 1.25, 2]);
      expect(renditions[2]).to.have.length(36);
    },
  },
  'additional-streams.mjs': {
    manifest: 'master.m3u8',
    sizes: ['1280x720', '854x480', '640x360', '320x240'],
    frames: 48,
    async check(manifest) {
      const found = await streams(manifest);
      expect(found.map((stream) => stream.sampleAspectRatio)).to.deep.equal([
        '1:1',
        '1280:1281',
        '1:1',
        '4:3',
      ]);
    },
  },
  'bare-minimum-dash.mjs': { manifest: 'manifest.mpd', sizes: ['1280x720'], frames: 72 },
  'bare-minimum-hls.mjs': { manifest: 'master.m3u8', sizes: ['1280x720'], frames: 72 },
  'encoder-options.mjs': { manifest: 'manifest.mpd', sizes: ['640x360', '426x240'], frames: 48 },
  'image-data.mjs': { manifest: 'manifest.mpd', sizes: ['640x360'], frames: 50 },
  'input-framerate.mjs': {
    manifest: 'manifest.mpd',
    sizes: ['640x360'],
    frames: 90,
    check(_manifest, [list = []]) {
      for (const [index, time] of presentationTimes(list).entries()) {
        expect(time).to.be.closeTo((index * 1001) / 30_000, 2e-6);
      }
    },
  },
  'livestream.mjs': {
    manifest: 'live.m3u8',
    sizes: ['640x360', '426x240'],
    async check(manifest, [list = []]) {
      // Three seconds; it drops frames where the encoders cannot keep up with the clock.
      expect(list.length).to.be.within(24, 72);
      const playlist = await readFile(join(manifest, '..', 'stream_0.m3u8'), 'utf8');
      expect(playlist.match(/^#EXTINF/gm)).to.have.length(3);
      expect(playlist).to.match(/^#EXT-X-MEDIA-SEQUENCE:3$/m);
    },
  },
  'rgb-mode.mjs': {
    manifest: 'manifest.mpd',
    sizes: ['640x360'],
    frames: 50,
    async check(manifest) {
      const [red, green, blue] = await averageColor(manifest);
      expect(red).to.be.greaterThan(245);
      expect(green).to.be.lessThan(10);
      expect(blue).to.be.lessThan(10);
    },
  },
  'timestamps.mjs': {
    manifest: 'master.m3u8',
    sizes: ['640x360'],
    frames: 75,
    check(_manifest, [list = []]) {
      const times = presentationTimes(list);
      const steps = times.slice(1).map((time, index) => time - (times[index] ?? NaN));
      expect(steps[10]).to.be.closeTo(0.04, 1e-3);
      expect(steps[60]).to.be.closeTo(1.08, 1e-3); // the gap
      expect(steps[70]).to.be.closeTo(0.08, 1e-3);
    },
  },
  'writable-pipeline.mjs': { manifest: 'manifest.mpd', sizes: ['640x360'], frames: 72 },
};

/** The main job has a test file of its own; the clip is what the others read. */
const OTHERS = ['clip.mjs', 'start.mjs'];

describe('examples', () => {
  it('are all tested', async () => {
    const files = (await readdir(join(ROOT, 'examples'))).filter((file) => file.endsWith('.mjs'));
    expect(files).to.have.members([...Object.keys(EXAMPLES), ...OTHERS]);
  });

  for (const [name, { manifest, sizes, frames, check }] of Object.entries(EXAMPLES)) {
    it(`${name} writes ${sizes.join(', ')}`, async () => {
      await using folder = await temporaryFolder();
      const args = [join(ROOT, 'examples', name), folder.path];
      const { code, stdout, stderr } = await run(process.execPath, args);
      expect(stderr).to.equal('');
      expect(code).to.equal(0);
      const path = join(folder.path, manifest);
      expect(stdout).to.include(path);
      const found = await streams(path);
      expect(found.map(({ width, height }) => `${width}x${height}`)).to.deep.equal(sizes);
      const renditions = await packets(path);
      if (frames !== undefined) expect(renditions[0]).to.have.length(frames);
      expect(await decodeErrors(path)).to.equal('');
      await check?.(path, renditions);
    });
  }
});

describe('README', () => {
  it('has an example that runs as it stands', async () => {
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    const code = /```js\n(.+?)```/s.exec(readme)?.[1] ?? '';
    await using folder = await temporaryFolder();
    const manifest = join(folder.path, 'manifest.mpd');
    const program = code.replace("'out/manifest.mpd'", JSON.stringify(manifest));
    expect(program).to.include(manifest);
    const args = ['--input-type=module', '--eval', program];
    const { code: exit, stdout, stderr } = await run(process.execPath, args, { cwd: ROOT });
    expect(stderr).to.equal('');
    expect(exit).to.equal(0);
    expect(stdout).to.include('100 frames');
    for (const list of await packets(manifest)) expect(list).to.have.length(100);
    expect(await streams(manifest)).to.have.length(2);
  });
});

/** R, G, B of the whole first picture. */
async function averageColor(manifest: string): Promise<number[]> {
  const args = ['-v', 'error', '-i', manifest, '-frames:v', '1', '-vf', 'scale=1:1:flags=area'];
  return [...(await outputBytes('ffmpeg', [...args, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']))];
}
