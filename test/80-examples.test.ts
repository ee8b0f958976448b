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
  /** Codecs of the audio. Default: none. */
  readonly audio?: readonly string[];
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
  'audio-device.mjs': {
    manifest: 'master.m3u8',
    sizes: ['640x360'],
    audio: ['aac'],
    frames: 75,
    check: lastsAsLongAsVideo,
  },
  'audio-file.mjs': {
    manifest: 'manifest.mpd',
    sizes: ['640x360'],
    audio: ['aac'],
    frames: 96,
    check: lastsAsLongAsVideo,
  },
  'audio-push.mjs': {
    manifest: 'manifest.mpd',
    sizes: ['640x360'],
    audio: ['aac'],
    frames: 100,
    async check(manifest, renditions) {
      lastsAsLongAsVideo(manifest, renditions);
      const loud = await loudTimes(manifest);
      expect(loud).to.have.length(4);
      for (const [second, time] of loud.entries()) expect(time).to.be.closeTo(second, 0.03);
    },
  },
  'bare-minimum-dash.mjs': { manifest: 'manifest.mpd', sizes: ['1280x720'], frames: 72 },
  'bare-minimum-hls.mjs': { manifest: 'master.m3u8', sizes: ['1280x720'], frames: 72 },
  'both-manifests.mjs': {
    manifest: 'manifest.mpd',
    sizes: ['1280x720', '640x360'],
    frames: 72,
    async check(manifest) {
      const playlist = manifest.replace('manifest.mpd', 'master.m3u8');
      expect(await decodeErrors(playlist)).to.equal('');
      expect((await packets(playlist)).map((list) => list.length)).to.deep.equal([72, 72]);
    },
  },
  'canvas-frames.mjs': {
    manifest: 'manifest.mpd',
    sizes: ['640x360'],
    frames: 50,
    async check(manifest) {
      expectColor(await averageColor(manifest, 'crop=600:60:20:290'), [0x20, 0x30, 0x40]);
      expectColor(await averageColor(manifest, 'crop=4:100:318:60'), [0xff, 0xb0, 0x20]);
    },
  },
  'canvas-sound.mjs': {
    manifest: 'manifest.mpd',
    sizes: ['640x360'],
    audio: ['aac'],
    frames: 75,
    async check(manifest, renditions) {
      lastsAsLongAsVideo(manifest, renditions);
      // A note per second; what encoding smears is less than a picture.
      for (const [second, time] of (await loudTimes(manifest)).entries()) {
        expect(time).to.be.closeTo(second, 0.04);
      }
    },
  },
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
  'sharp-frames.mjs': {
    manifest: 'manifest.mpd',
    sizes: ['640x360'],
    frames: 50,
    async check(manifest) {
      expectColor(await averageColor(manifest, 'crop=400:60:200:20'), [24, 32, 64]);
      expectColor(await averageColor(manifest, 'crop=60:60:30:150'), [0xff, 0xb0, 0x20]);
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
  'transcode.mjs': {
    manifest: 'manifest.mpd',
    sizes: ['1920x1080'],
    audio: ['aac'],
    frames: 72,
    check: lastsAsLongAsVideo,
  },
  'transcode-audio.mjs': {
    manifest: 'manifest.mpd',
    sizes: ['640x360'],
    audio: ['aac'],
    frames: 48,
    check: lastsAsLongAsVideo,
  },
  'transcode-copy.mjs': {
    manifest: 'master.m3u8',
    sizes: ['1920x1080'],
    audio: ['aac'],
    frames: 720,
    check: lastsAsLongAsVideo,
  },
  'transcode-ladder.mjs': {
    manifest: 'master.m3u8',
    sizes: ['1920x1080', '1280x720', '640x360', '426x240'],
    audio: ['aac', 'aac'],
    frames: 48,
    check: lastsAsLongAsVideo,
  },
  'transcode-options.mjs': {
    manifest: 'manifest.mpd',
    sizes: ['640x360', '426x240'],
    audio: ['aac'],
    frames: 48,
    check: lastsAsLongAsVideo,
  },
  'worker-threads.mjs': {
    manifest: 'manifest.mpd',
    sizes: ['640x360'],
    frames: 50,
    async check(manifest) {
      // The first picture is nearly dark: its bar has a fiftieth of the height.
      expectColor(await averageColor(manifest, 'crop=640:300:0:40'), [40, 40, 40]);
    },
  },
  'writable-pipeline.mjs': { manifest: 'manifest.mpd', sizes: ['640x360'], frames: 72 },
};

/** The main job has a test file of its own; the clip is what the others read; two come below. */
const OTHERS = [
  'clip.mjs',
  'start.mjs',
  'hardware-encoder.mjs',
  'probe.mjs',
  's3-upload.mjs',
  'serve-and-watch.mjs',
];

describe('examples', () => {
  it('are all tested', async () => {
    const files = (await readdir(join(ROOT, 'examples'))).filter((file) => file.endsWith('.mjs'));
    expect(files).to.have.members([...Object.keys(EXAMPLES), ...OTHERS]);
  });

  for (const [name, { manifest, sizes, audio = [], frames, check }] of Object.entries(EXAMPLES)) {
    it(`${name} writes ${sizes.join(', ')}`, async () => {
      await using folder = await temporaryFolder();
      const args = [join(ROOT, 'examples', name), folder.path];
      const { code, stdout, stderr } = await run(process.execPath, args);
      expect(stderr).to.equal('');
      expect(code).to.equal(0);
      const path = join(folder.path, manifest);
      expect(stdout).to.include(path);
      const found = await streams(path);
      const videos = found.filter(({ kind }) => kind === 'video');
      expect(videos.map(({ width, height }) => `${width}x${height}`)).to.deep.equal(sizes);
      const sounds = found.filter(({ kind }) => kind === 'audio');
      expect(sounds.map(({ codec }) => codec)).to.deep.equal(audio);
      const all = await packets(path);
      // Video first, wherever the demuxer has it.
      const renditions = [...videos, ...sounds].map(({ index }) => all[index] ?? []);
      if (frames !== undefined) expect(renditions[0]).to.have.length(frames);
      expect(await decodeErrors(path)).to.equal('');
      await check?.(path, renditions);
    });
  }

  it('hardware-encoder.mjs encodes where it can, and says why where it cannot', async () => {
    await using folder = await temporaryFolder();
    const args = [join(ROOT, 'examples', 'hardware-encoder.mjs'), folder.path];
    const { code, stdout, stderr } = await run(process.execPath, args);
    expect(stderr).to.equal('');
    expect(code).to.equal(0);
    const path = join(folder.path, 'manifest.mpd');
    if (stdout.startsWith('Skipped')) {
      const [, ...reasons] = stdout.trim().split('\n');
      for (const reason of reasons) expect(reason).to.match(/^ {2}\w+: \S/);
    } else {
      expect(stdout).to.include(path);
      const renditions = await packets(path);
      expect(renditions.map((list) => list.length)).to.deep.equal([72, 72]);
    }
  });

  it('probe.mjs tells what the clip holds', async () => {
    const args = [join(ROOT, 'examples', 'probe.mjs')];
    const { code, stdout, stderr } = await run(process.execPath, args);
    expect(stderr).to.equal('');
    expect(code).to.equal(0);
    expect(stdout).to.match(/^mov\S*, 30\.\d\d s, 2 streams$/m);
    expect(stdout).to.match(/^video: h264 1920x1080$/m);
    expect(stdout).to.match(/^audio: aac 48000 Hz$/m);
  });
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

/** R, G, B of the first picture, or of a part of it. */
async function averageColor(manifest: string, part = 'null'): Promise<number[]> {
  const filter = `${part},scale=1:1:flags=area`;
  const args = ['-v', 'error', '-i', manifest, '-frames:v', '1', '-vf', filter];
  return [...(await outputBytes('ffmpeg', [...args, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']))];
}

function expectColor(actual: readonly number[], expected: readonly number[]): void {
  for (const [channel, value] of expected.entries()) {
    expect(actual[channel], `${String(actual)} instead of ${String(expected)}`).to.be.closeTo(
      value,
      10,
    );
  }
}

/** Audio, whose packets come last, ends with the video: at most one packet of it is cut short. */
function lastsAsLongAsVideo(_manifest: string, renditions: readonly Packet[][]): void {
  const ends = renditions.map((list) =>
    Math.max(...list.map(({ pts, duration }) => pts + (Number.isNaN(duration) ? 0 : duration))),
  );
  for (const end of ends) expect(end).to.be.closeTo(ends[0] ?? NaN, 0.05);
}

/** When silence ends, in seconds, of audio that begins with sound and ends in silence. */
async function loudTimes(manifest: string): Promise<number[]> {
  const filter = 'silencedetect=noise=-30dB:duration=0.2';
  const args = ['-nostdin', '-i', manifest, '-map', '0:a', '-af', filter, '-f', 'null', '-'];
  const { stderr } = await run('ffmpeg', args);
  const ends = [...stderr.matchAll(/silence_end: ([\d.]+)/g)].map(([, time]) => Number(time));
  return [0, ...ends.slice(0, -1)];
}
