// The command line, as a user runs it: a process of its own, on a terminal and without one, interrupted and misused.
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, openSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { makeClip } from './support/clip.js';
import { decodeErrors, packets, streams } from './support/ffprobe.js';
import type { Packet } from './support/ffprobe.js';
import { temporaryFolder } from './support/media.js';
import { faults } from './support/presentation.js';
import type { TemporaryFolder } from './support/media.js';
import { output, run } from './support/run.js';
import type { RunOptions, RunResult } from './support/run.js';
import { CTRL_C, spawnOnTerminal } from './support/terminal.js';
import { threadNames } from './support/threads.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** A source without an end. */
const ENDLESS = ['testsrc2=size=640x360:rate=25', '--input-format', 'lavfi'] as const;

function cli(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return run(process.execPath, [CLI, ...args], options);
}

function start(args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [CLI, ...args]);
}

/** Resolves when the process has printed this. */
function printed(child: ChildProcessWithoutNullStreams, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const look = (chunk: Buffer): void => {
      text += chunk.toString();
      if (pattern.test(text)) resolve();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('exit', () => {
      reject(new Error(`ended before it printed ${String(pattern)}: ${text}`));
    });
  });
}

describe('streamgear', () => {
  let folder: TemporaryFolder;
  let clip: string;
  let target: string;
  let count = 0;

  before(async () => {
    folder = await temporaryFolder();
    clip = join(folder.path, 'clip.mp4');
    await makeClip(clip, { size: '320x180', seconds: 3, sound: true, options: ['-g', '25'] });
  });
  after(() => folder[Symbol.asyncDispose]());
  beforeEach(() => (target = join(folder.path, `out-${count++}`)));

  /** Sizes of the video, then codecs of the audio. */
  const kinds = async (manifest: string): Promise<string[]> => {
    const found = await streams(manifest);
    return [
      ...found
        .filter(({ kind }) => kind === 'video')
        .map(({ width, height }) => `${width}x${height}`),
      ...found.filter(({ kind }) => kind === 'audio').map(({ codec }) => codec),
    ];
  };

  /** Packets of the first rendition. */
  const packetsOfVideo = async (manifest: string): Promise<Packet[]> => {
    const index = (await streams(manifest)).findIndex(({ kind }) => kind === 'video');
    return (await packets(manifest))[index] ?? [];
  };

  describe('transcodes', () => {
    it('a file to DASH, and prints where the manifest is', async () => {
      const manifest = join(target, 'manifest.mpd');
      const { code, stdout, stderr } = await cli([clip, manifest]);
      expect(stderr).to.equal('');
      expect(code).to.equal(0);
      expect(stdout.trimEnd().split('\n').at(-1)).to.equal(manifest);
      expect(stdout).to.match(/^MPEG-DASH, 3\.0 s in /);
      expect(await kinds(manifest)).to.deep.equal(['320x180', 'aac']);
      expect(await packetsOfVideo(manifest)).to.have.length(75);
      expect(await decodeErrors(manifest)).to.equal('');
    });

    it('to HLS in several sizes, with every kind of flag', async () => {
      const manifest = join(target, 'master.m3u8');
      const ladder = ['--streams', '160x90@100k,128x72@25fps+64k', '--bitrate', '300k'];
      const video = ['--codec', 'libx264', '--preset', 'ultrafast', '--gop', '10'];
      const audio = ['--audio-codec', 'aac', '--audio-bitrate', '96k'];
      const trim = ['--start', '0.5', '--duration', '2'];
      const hls = ['--segment-duration', '1', '--segment-type', 'fmp4'];
      const args = [...ladder, ...video, ...audio, ...trim, ...hls, '--filter', 'hflip'];
      const { code, stderr } = await cli([clip, manifest, ...args]);
      expect(stderr).to.equal('');
      expect(code).to.equal(0);
      expect(await kinds(manifest)).to.deep.equal(['320x180', '160x90', '128x72', 'aac', 'aac']);
      const first = await packetsOfVideo(manifest);
      expect(first).to.have.length(50);
      expect(first.filter(({ key }) => key).map(({ pts }) => pts)).to.deep.equal(
        [0, 0.4, 0.8, 1, 1.4, 1.8].map((time) => (first[0]?.pts ?? NaN) + time),
      );
      const names = await readdir(target);
      expect(names).to.include.members(['chunk-stream0-000.m4s', 'chunk-stream1-001.m4s']);
      const text = await readFile(manifest, 'utf8');
      expect(text).to.match(/BANDWIDTH=\d+/);
    });

    it('with a file instead of its own audio, or with none', async () => {
      const music = join(folder.path, 'music.m4a');
      const tone = 'sine=frequency=880:sample_rate=44100:duration=5';
      await output('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', tone, music]);
      const manifest = join(target, 'manifest.mpd');
      expect((await cli([clip, manifest, '--audio', music])).code).to.equal(0);
      const mpd = await readFile(manifest, 'utf8');
      expect(mpd).to.include('audioSamplingRate="44100"');
      const silent = join(target, 'silent.mpd');
      expect((await cli([clip, silent, '--no-audio'])).code).to.equal(0);
      expect(await kinds(silent)).to.deep.equal(['320x180']);
    });

    it('with the audio of a device', async () => {
      const manifest = join(target, 'manifest.mpd');
      const device = ['--audio-format', 'lavfi', '--audio', 'sine=sample_rate=32000'];
      const { code, stderr } = await cli([clip, manifest, ...device]);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(await readFile(manifest, 'utf8')).to.include('audioSamplingRate="32000"');
    });

    it('from a device, with options of its own', async () => {
      const manifest = join(target, 'manifest.mpd');
      const device = ['--input-format', 'lavfi', '--input-option', 'graph=testsrc2=size=160x90'];
      const { code, stderr } = await cli(['camera', manifest, ...device, '--duration', '1']);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(await kinds(manifest)).to.deep.equal(['160x90']);
      expect(await packetsOfVideo(manifest)).to.have.length(25);
    });

    it('a device live, in a window that slides', async () => {
      const manifest = join(target, 'live.m3u8');
      const camera = ['testsrc2=size=160x90:rate=25,realtime', '--input-format', 'lavfi'];
      const live = ['--live', '--segment-duration', '1', '--duration', '5'];
      const args = [...camera, manifest, ...live, '--', '-hls_list_size', '3'];
      const { code, stderr } = await cli(args);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      const playlist = await readFile(manifest, 'utf8');
      expect(playlist.match(/^#EXTINF/gm)).to.have.length(3);
      expect(playlist).to.match(/^#EXT-X-MEDIA-SEQUENCE:2$/m);
      expect(playlist).to.include('#EXT-X-ENDLIST');
    });

    it('computes the bitrate of a rendition that has none', async () => {
      const manifest = join(target, 'manifest.mpd');
      const args = [clip, manifest, '--streams', '160x90', '--no-audio', '--json'];
      const { code, stdout } = await cli(args);
      expect(code).to.equal(0);
      // 160 x 90 pixels, 25 fps, 0.1 bits per pixel.
      expect(stdout).to.include('"declared":36000');
    });

    it('copies what is encoded already', async () => {
      const manifest = join(target, 'manifest.mpd');
      const { code, stderr } = await cli([clip, manifest, '--codec', 'copy']);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      const sizes = async (path: string): Promise<number[]> =>
        (await packetsOfVideo(path)).map(({ size }) => size);
      expect(await sizes(manifest)).to.deep.equal(await sizes(clip));
    });

    it('hands what follows -- to StreamGear, repeated options too', async () => {
      const manifest = join(target, 'manifest.mpd');
      const options = ['-bf', '0', '-x264-params', 'aq-mode=3', '-x264-params', 'rc-lookahead=7'];
      const more = ['-seg_duration', '1.5', '-metadata', 'title=A film'];
      const { code, stderr } = await cli([clip, manifest, '--', ...options, ...more]);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(await readFile(join(target, 'init-stream0.m4s'), 'latin1')).to.include('A film');
      const names = (await readdir(target)).filter((name) => name.startsWith('chunk-stream0'));
      expect(names).to.have.length(2);
      const first = await readFile(join(target, 'chunk-stream0-00001.m4s'), 'latin1');
      expect(first).to.include('aq=3').and.to.include('rc_lookahead=7').and.to.include('bframes=0');
    });

    it('into a folder named after the input when there is no output', async () => {
      await writeFile(join(folder.path, 'here.txt'), '');
      const { code, stdout } = await cli([clip, '--format', 'hls'], { cwd: folder.path });
      expect(code).to.equal(0);
      expect(stdout).to.include(join('clip-hls', 'master.m3u8'));
      expect(existsSync(join(folder.path, 'clip-hls', 'master.m3u8'))).to.equal(true);
    });

    it('and clears what an earlier run left, if asked', async () => {
      const manifest = join(target, 'manifest.mpd');
      await cli([clip, manifest, '--segment-duration', '0.5']);
      const before = (await readdir(target)).length;
      await cli([clip, manifest, '--segment-duration', '3', '--clear']);
      expect((await readdir(target)).length).to.be.lessThan(before);
    });
  });

  describe('reads standard input', () => {
    /** Runs with a stream, or a file, as standard input. */
    async function withStdin(args: string[], from: string, how: 'pipe' | 'file'): Promise<number> {
      const stdin = how === 'pipe' ? 'pipe' : openSync(from, 'r');
      const child = spawn(process.execPath, [CLI, ...args], {
        stdio: [stdin, 'ignore', 'inherit'],
      });
      if (child.stdin !== null) createReadStream(from).pipe(child.stdin);
      const [code] = (await once(child, 'exit')) as [number];
      return code;
    }

    it('from a pipe', async () => {
      const piped = join(folder.path, 'piped.ts');
      await output('ffmpeg', ['-v', 'error', '-y', '-i', clip, '-c', 'copy', piped]);
      const manifest = join(target, 'manifest.mpd');
      expect(await withStdin(['-', manifest], piped, 'pipe')).to.equal(0);
      expect(await packetsOfVideo(manifest)).to.have.length(75);
    });

    it('from a file that is redirected, in which it can seek', async () => {
      const manifest = join(target, 'manifest.mpd');
      expect(await withStdin(['-', manifest], clip, 'file')).to.equal(0);
      expect(await packetsOfVideo(manifest)).to.have.length(75);
    });

    it('and can be interrupted while nothing comes', async function () {
      if (process.platform !== 'linux') this.skip(); // whose threads are seen from outside
      const child = start(['-', join(target, 'manifest.mpd')]);
      const exit = once(child, 'close');
      // There is nothing else to be seen of a process that waits.
      while (!threadNames(child.pid ?? 0).includes('sg-opener')) await sleep(50);
      const begin = performance.now();
      child.kill('SIGINT');
      expect((await exit)[0]).to.equal(130);
      expect(performance.now() - begin).to.be.lessThan(5000);
    });
  });

  describe('--json', () => {
    const events = (stdout: string): Record<string, unknown>[] =>
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);

    it('prints one object per line, the summary last', async () => {
      const manifest = join(target, 'manifest.mpd');
      const args = [clip, manifest, '--json', '--segment-duration', '1', '--', '-y', ''];
      const { code, stdout, stderr } = await cli(args);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      const lines = events(stdout);
      const segments = lines.filter(({ event }) => event === 'segment');
      expect(segments.filter(({ media }) => media === 'video')).to.have.length(3);
      expect(segments.filter(({ media }) => media === 'audio')).to.have.length(3);
      for (const { path, bytes } of segments) {
        expect((await stat(String(path))).size).to.equal(bytes);
      }
      expect(lines.find(({ event }) => event === 'manifest')).to.include({ path: manifest });
      expect(lines.find(({ event }) => event === 'file')).to.include({
        action: 'write',
        role: 'init',
      });
      const warning = lines.find(({ event }) => event === 'warning');
      expect(warning).to.deep.include({ code: 'IGNORED_OPTION' });
      const progress = lines.filter(({ event }) => event === 'progress').at(-1);
      expect(progress).to.include({ done: 1, timeLeft: 0, frames: 75 });
      expect(lines.at(-1)).to.deep.include({ event: 'end', reason: 'finished' });
      expect(lines.at(-1)?.['summary']).to.include({ framesIn: 75, manifest });
    });

    it('ends with the error, which stderr has too', async () => {
      const args = [clip, join(target, 'manifest.mpd'), '--json', '--crf', 'x', '--codec', 'h265x'];
      const { code, stdout, stderr } = await cli(args);
      expect(code).to.equal(2);
      const [end] = events(stdout);
      expect(end).to.deep.include({ event: 'end', reason: 'failed' });
      const { issues } = end?.['error'] as { issues: { path: string }[] };
      expect(issues.map(({ path }) => path)).to.have.members(['--crf', '--codec']);
      expect(stderr).to.include('for --crf but received "x"');
    });

    it('says "stopped" of what was interrupted', async () => {
      const child = start([...ENDLESS, join(target, 'manifest.mpd'), '--json']);
      const exit = once(child, 'close');
      let stdout = '';
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      await printed(child, /"progress"/);
      child.kill('SIGINT');
      expect((await exit)[0]).to.equal(130);
      expect(events(stdout).at(-1)).to.deep.include({ event: 'end', reason: 'stopped' });
      expect(events(stdout).at(-1)?.['summary']).to.have.property('manifest');
    });

    it('stops in silence when nobody reads it any more', async () => {
      const command = `"${process.execPath}" "${CLI}" ${ENDLESS.join(' ')} "${target}/" --json`;
      const pipeline = `set -o pipefail; ${command} | head -2`;
      const { code, stderr } = await run('bash', ['-c', pipeline]);
      expect(stderr).to.not.include('Error');
      expect(code).to.equal(141);
    });
  });

  describe('is interrupted', () => {
    for (const [signal, expected] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      it(`by ${signal}: what came is a whole presentation, with ${expected}`, async () => {
        const manifest = join(target, 'manifest.mpd');
        // At the speed of a clock: else the window has slid away from the begin before the signal is there.
        const camera = [`${ENDLESS[0]},realtime`, ...ENDLESS.slice(1)];
        const args = [...camera, manifest, '--json', '--segment-duration', '1'];
        const child = start([...args, '--live', '--audio', 'sine=440', '--audio-format', 'lavfi']);
        const exit = once(child, 'close');
        let stderr = '';
        child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
        await printed(child, /"segment"/);
        const begin = performance.now();
        child.kill(signal);
        expect((await exit)[0]).to.equal(expected);
        expect(performance.now() - begin).to.be.lessThan(5000);
        expect(stderr).to.equal('streamgear: interrupted\n');
        expect((await readdir(target)).filter((name) => name.includes('.tmp'))).to.deep.equal([]);
        expect(await readFile(manifest, 'utf8')).to.contain('type="static"');
        // While it was live nobody could know the highest bitrate.
        const found = (await faults(manifest)).filter((fault) => !fault.startsWith('bandwidth'));
        expect(found).to.deep.equal([]);
      });
    }

    it('in a file: it is packaged up to there', async () => {
      const manifest = join(target, 'master.m3u8');
      const film = join(folder.path, 'film.mp4');
      const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=25:duration=60'];
      await output('ffmpeg', ['-v', 'error', ...picture, '-preset', 'ultrafast', film]);
      // Its end is 15 s away; the five seconds of it that are read ahead are encoded, too.
      const slow = ['-preset', 'ultrafast', '-filter:v', 'realtime=speed=4'];
      const child = start([film, manifest, '--json', '--segment-duration', '0.4', '--', ...slow]);
      const exit = once(child, 'close');
      await printed(child, /"segment"/);
      child.kill('SIGINT');
      expect((await exit)[0]).to.equal(130);
      expect((await packetsOfVideo(manifest)).length).to.be.within(10, 1490);
      expect(await faults(manifest)).to.deep.equal([]);
    });

    it('by a second signal at once', async () => {
      const child = start([...ENDLESS, join(target, 'manifest.mpd'), '--json']);
      const exit = once(child, 'close');
      await printed(child, /"progress"/);
      child.kill('SIGINT');
      child.kill('SIGTERM');
      // It depends on who is faster: the end of the threads, or the second signal.
      const [code, signal] = (await exit) as [number | null, string | null];
      expect(code === 130 || code === 143 || signal === 'SIGTERM').to.equal(true);
    });
  });

  describe('on a terminal', () => {
    /** What it shows, and its exit code. */
    async function runOnTerminal(
      args: string,
      env: NodeJS.ProcessEnv = {},
    ): Promise<{ code: number; stdout: string }> {
      const child = spawnOnTerminal(`"${process.execPath}" "${CLI}" ${args}`, env);
      let stdout = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stdin.end();
      const [code] = (await once(child, 'close')) as [number];
      return { code, stdout };
    }

    before(function () {
      if (process.platform !== 'linux') this.skip(); // `script` is of util-linux
    });

    it('shows a bar in one line, and takes it away', async () => {
      const { code, stdout } = await runOnTerminal(`"${clip}" "${target}/manifest.mpd"`);
      expect(code).to.equal(0);
      const lines = stdout.split('\r\u001B[K');
      expect(lines.length).to.be.greaterThan(1);
      expect(lines[1]).to.match(/█*░* +\d+ % {2}[\d.]+ s of 3\.0 s {2}\d+ fps/);
      expect(lines.at(-1)).to.match(/^MPEG-DASH/);
    });

    it('colours, but not with NO_COLOR', async () => {
      const wrong = `"${clip}" "${target}/manifest.mpd" --crf x`;
      expect((await runOnTerminal(wrong)).stdout).to.include('\u001B[31mstreamgear\u001B[39m:');
      const plain = await runOnTerminal(wrong, { NO_COLOR: '1' });
      expect(plain.stdout).to.include('streamgear: Expected');
      expect(plain.stdout).to.not.include('\u001B[3');
    });

    it('ends at Ctrl-C', async () => {
      const command = `"${process.execPath}" "${CLI}" ${ENDLESS.join(' ')} "${target}/" --quiet`;
      const child = spawnOnTerminal(command);
      const exit = once(child, 'close');
      const hasSegment = async (): Promise<boolean> =>
        existsSync(target) && (await readdir(target)).length > 0;
      while (!(await hasSegment())) await sleep(50);
      child.stdin.write(CTRL_C);
      expect((await exit)[0]).to.equal(130);
    });

    it('does not read media that somebody types', async () => {
      const { code, stdout } = await runOnTerminal(`- "${target}/manifest.mpd"`);
      expect(code).to.equal(2);
      expect(stdout).to.include('Expected media on standard input, not a terminal, for input');
    });
  });

  describe('says in a sentence what is wrong', () => {
    const wrong: readonly (readonly [args: string[], code: number, message: RegExp])[] = [
      [[], 2, /missing required argument 'input'/],
      [['missing.mp4'], 2, /Expected an existing file for input but received "missing.mp4"/],
      [['CLIP', 'OUT', '--codek', 'x'], 2, /unknown option '--codek'.*Did you mean --codec\?/],
      [['CLIP', 'OUT', 'more'], 2, /too many arguments/],
      [['CLIP', 'OUT', '--crf'], 2, /option '--crf <number>' argument missing/],
      [['CLIP', 'OUT', '--crf', 'x'], 2, /for --crf but received "x"/],
      [['CLIP', 'OUT', '--to', '-1'], 2, /for --to but received "-1"/],
      [['CLIP', 'OUT', '--codec', 'libx246'], 2, /for --codec .*Did you mean "libx264"\?/],
      [['CLIP', 'OUT', '--streams', '12'], 2, /Expected renditions such as .* for --streams/],
      [['CLIP', 'OUT', '--streams', '161x90@100k'], 2, /even numbers .* for --streams\[0\]/],
      [['CLIP', 'OUT', '--streams', '160x90@5Q'], 2, /"2500k" for --streams\[0\]\.-video_bitrate/],
      [['CLIP', 'OUT', '--format', 'hsl'], 2, /for --format .*Did you mean "hls"\?/],
      [
        ['CLIP', 'OUT', '--format', 'hls'],
        2,
        /extension ".m3u8" .*Did you mean ".*manifest\.m3u8"\?/,
      ],
      [['CLIP', 'OUT', '--segment-type', 'mpegts'], 2, /"fmp4".* for --segment-type/],
      [['CLIP', 'OUT', '--segment-duration', '0'], 2, /for --segment-duration/],
      [['CLIP', 'OUT', '--metadata', 'title'], 2, /"title=Big Buck Bunny" for --metadata/],
      [['CLIP', 'OUT', '--audio-format', 'alsa'], 2, /for --audio-format/],
      [['CLIP', 'OUT', '--audio', 'missing.aac'], 2, /an existing file for --audio/],
      [['CLIP', 'OUT', '--input-option', 'framerate'], 2, /for --input-option/],
      [['CLIP', 'OUT', '--live'], 2, /for --live/],
      [['CLIP', 'OUT', '--', 'bf', '2'], 2, /such as "-bf 2" for what follows -- .*"bf"/],
      [['CLIP', 'OUT', '--', '-video_source', 'x'], 2, /the input in front for what follows --/],
      [['CLIP', 'OUT', '--', '-presett', 'fast'], 2, /behind -- but .*Did you mean "-preset"\?/],
      [['CLIP', '/dev/null/x/manifest.mpd'], 2, /a writable path .* for output/],
      [['CLIP', 'http://127.0.0.1:9/manifest.mpd'], 1, /127\.0\.0\.1:9/],
      [['package.json', 'OUT'], 1, /package\.json/],
      [
        ['CLIP', 'OUT', '--codec', 'h264_vaapi', '--', '-vaapi_device', '/dev/null'],
        1,
        /"streamgear encoders" .*--fallback/,
      ],
      [['probe'], 2, /missing required argument 'input'/],
      [['probe', 'missing.mp4'], 2, /an existing file/],
      [['probe', 'package.json'], 1, /package\.json/],
      [['encoders', 'h264', 'more'], 2, /too many arguments/],
    ];
    for (const [args, expected, message] of wrong) {
      it(args.join(' ') || 'no arguments', async () => {
        const names: Readonly<Record<string, string>> = {
          CLIP: clip,
          OUT: join(target, 'manifest.mpd'),
        };
        const cwd = fileURLToPath(new URL('../', import.meta.url));
        const { code, stdout, stderr } = await cli(
          args.map((arg) => names[arg] ?? arg),
          { cwd },
        );
        expect(stderr).to.match(message);
        expect(stderr).to.match(/^streamgear: /);
        expect(stderr.trimEnd().split('\n')).to.have.length(1);
        expect(code).to.equal(expected);
        expect(stdout).to.equal('');
        expect(existsSync('/dev/null/x')).to.equal(false);
      });
    }

    it('and lists every wrong value', async () => {
      const args = [clip, join(target, 'manifest.mpd'), '--crf', 'x', '--gop', '-3', '--size', '9'];
      const { code, stderr } = await cli(args);
      expect(code).to.equal(2);
      for (const flag of ['--crf', '--gop', '--size']) expect(stderr).to.include(`for ${flag} `);
    });

    it('and of a source that ends early, after packaging what there was', async () => {
      const whole = join(folder.path, 'whole.mp4');
      const faststart = ['-c', 'copy', '-movflags', '+faststart'];
      await output('ffmpeg', ['-v', 'error', '-y', '-i', clip, ...faststart, whole]);
      const cut = join(folder.path, 'cut.mp4');
      const bytes = await readFile(whole);
      await writeFile(cut, bytes.subarray(0, Math.floor(bytes.length * 0.6)));
      const manifest = join(target, 'manifest.mpd');
      const { code, stdout, stderr } = await cli([cut, manifest]);
      expect(code).to.equal(1);
      expect(stderr).to.match(/^streamgear: .*of 3\.0 s/m);
      expect(stdout).to.include(manifest);
      expect(await decodeErrors(manifest)).to.equal('');
    });
  });

  describe('lists', () => {
    it('what a file holds', async () => {
      const { code, stdout, stderr } = await cli(['probe', clip]);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.match(/clip\.mp4: mov\S*, 3\.0 s, \d+ kbit\/s$/m);
      expect(stdout).to.match(
        /^ {2}#0 video: h264 \(High\), 320x180, 25 fps, yuv420p, \d+ kbit\/s/m,
      );
      expect(stdout).to.match(/^ {2}#1 audio: aac \(LC\), 48000 Hz, mono, \d+ kbit\/s/m);
    });

    it('the same as JSON', async () => {
      const { stdout } = await cli(['probe', clip, '--json']);
      const info = JSON.parse(stdout) as { streams: Record<string, unknown>[] };
      expect(info.streams[0]).to.include({ kind: 'video', codec: 'h264', width: 320 });
      expect(info.streams[1]).to.include({ kind: 'audio', codec: 'aac', sampleRate: 48000 });
    });

    it('the encoders, and whether they work', async () => {
      const { code, stdout } = await cli(['encoders']);
      expect(code).to.equal(0);
      expect(stdout).to.match(/^libx264 +h264 +software +works/m);
      const json = await cli(['encoders', '--json']);
      const encoders = JSON.parse(json.stdout) as Record<string, unknown>[];
      expect(encoders.find(({ name }) => name === 'libx264')).to.include({ works: true });
      const some = JSON.parse((await cli(['encoders', 'h264', '--json'])).stdout) as object[];
      expect(some.length).to.be.within(1, encoders.length - 1);
      expect((await cli(['encoders', 'none'])).stderr).to.include('no such encoder');
    });

    it('the devices', async () => {
      const { code, stdout } = await cli(['devices', '--json']);
      expect(code).to.equal(0);
      expect(JSON.parse(stdout)).to.be.an('array');
      expect((await cli(['devices'])).code).to.equal(0);
    });

    it('its version, and those of libav', async () => {
      const { code, stdout, stderr } = await cli(['--version']);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.match(/^streamgear \d+\.\d+\.\d+/);
      expect(stdout).to.match(/^ {2}libavcodec +\d+\.\d+\.\d+$/m);
    });

    it('its flags, commands and examples', async () => {
      const { code, stdout, stderr } = await cli(['--help']);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      for (const text of [
        '--streams',
        '--audio-format',
        'probe',
        'encoders',
        'devices',
        '-- -bf',
      ]) {
        expect(stdout).to.include(text);
      }
      expect(stdout.split('\n').every((line) => line.length <= 100)).to.equal(true);
      expect((await cli(['probe', '--help'])).stdout).to.include('--json');
    });
  });

  it('--quiet prints nothing', async () => {
    const { code, stdout, stderr } = await cli([clip, join(target, 'a.mpd'), '--quiet']);
    expect({ code, stdout, stderr }).to.deep.equal({ code: 0, stdout: '', stderr: '' });
  });
});
