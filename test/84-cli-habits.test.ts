// The command line for hands that know ffmpeg's, and its lists.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { listEncoders } from '../src/index.js';
import { table } from '../src/cli/terminal.js';
import { makeClip } from './support/clip.js';
import { decodeErrors, streams } from './support/ffprobe.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { output, run } from './support/run.js';
import type { RunResult } from './support/run.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const cli = (...args: string[]): Promise<RunResult> => run(process.execPath, [CLI, ...args]);

describe('Options of ffmpeg in front of "--"', () => {
  it('get an answer that says where each goes, and the whole command', async () => {
    const { code, stderr } = await cli(
      ...['-i', "my film's.mp4", '-c:v', 'libx264', '-b:v', '3M', '-y', '-an'],
      ...['-x264-params', 'aq-mode=3', '-re', 'out.mpd', '--', '-bf', '2'],
    );
    expect(code).to.equal(2);
    expect(stderr.trimEnd().split('\n')).to.deep.equal([
      'streamgear: -i is an option of ffmpeg: the input is the first word, without it',
      '-c:v is an option of ffmpeg: here it is --codec',
      '-b:v is an option of ffmpeg: here it is --bitrate',
      '-y is an option of ffmpeg: leave it out, as the files of a presentation are always written anew',
      '-an is an option of ffmpeg: here it is --no-audio',
      '-x264-params is an option of ffmpeg: it goes behind --',
      '-re is an option of ffmpeg: here it is --realtime',
      String.raw`Try: streamgear 'my film'\''s.mp4' --codec libx264 --bitrate 3M --no-audio --realtime out.mpd -- -x264-params aq-mode=3 -bf 2`,
    ]);
  });

  it('are known from values of our flags, and from negative numbers', async () => {
    for (const args of [
      ['missing.mp4', '--filter', '-foo'],
      ['missing.mp4', '--start', '-5'],
    ]) {
      const { code, stderr } = await cli(...args);
      expect(code).to.equal(2);
      expect(stderr).not.to.include('option of ffmpeg');
    }
  });

  it('get one in other commands too', async () => {
    expect((await cli('probe', '-f', 'mp4', 'a.mp4')).stderr).to.include(
      'Try: streamgear probe --format mp4 a.mp4',
    );
    expect((await cli('probe', '-i', 'a.mp4')).stderr).to.include('Try: streamgear probe a.mp4');
    expect((await cli('encoders', '-x')).stderr).to.include("unknown option '-x'");
    expect((await cli('-h')).code).to.equal(0);
  });
});

describe('"streamgear encoders"', () => {
  it('takes the names that people use for a codec', async () => {
    const { stdout } = await cli('encoders', 'h265', '--json');
    const names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
    expect(names).to.include('libx265');
    expect(names).not.to.include('libx264');
    const others = await listEncoders({ codec: 'H.265' });
    expect(others.map(({ name }) => name)).to.deep.equal(names);
  });

  it('names the nearest of what there is', async () => {
    const { stderr } = await cli('encoders', 'libx256');
    expect(stderr).to.equal('The local libavcodec has no such encoder. Did you mean "libx265"?\n');
  });
});

describe('A plan on the command line', () => {
  let folder: TemporaryFolder;
  let clip: string;
  before(async () => {
    folder = await temporaryFolder();
    clip = join(folder.path, 'clip.mp4');
    await makeClip(clip, { size: '1280x720', seconds: 0.4, options: ['-preset', 'ultrafast'] });
  });
  after(() => folder[Symbol.asyncDispose]());

  it('--dry-run prints what would be done, and writes nothing', async () => {
    const target = join(folder.path, 'out', 'manifest.mpd');
    const flags = ['--ladder', 'auto', '--bitrate', '2M', '--preset', 'ultrafast', '--dry-run'];
    const { code, stdout, stderr } = await cli(clip, target, ...flags);
    expect(stderr).to.equal('');
    expect(code).to.equal(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).to.equal('MPEG-DASH, 0.4 s, in segments of 4.0 s; nothing is written');
    expect(lines[2]).to.match(/^1280x720 +libx264 +25 fps +2000 kbit\/s +.*preset=ultrafast/);
    expect(lines.slice(3, 6).map((line) => line.split(/ +/)[0])).to.deep.equal([
      ...['854x480', '640x360', '426x240'],
    ]);
    expect(lines.at(-1)).to.equal(target);
    expect(existsSync(join(folder.path, 'out'))).to.equal(false);
    const json = JSON.parse((await cli(clip, target, ...flags, '--json')).stdout) as {
      event: string;
      renditions: { width: number; bitrate: number }[];
    };
    expect(json.event).to.equal('plan');
    expect(json.renditions.map(({ bitrate }) => bitrate)).to.deep.equal([
      ...[2_000_000, 1_089_000, 707_000, 384_000],
    ]);
  });

  it('--ladder auto encodes it, from a pipe too', async () => {
    const target = join(folder.path, 'piped', 'manifest.mpd');
    const ts = join(folder.path, 'clip.ts');
    await output('ffmpeg', ['-v', 'error', '-i', clip, '-c', 'copy', ts]);
    const args = ['-', target, '--ladder', 'auto', '--preset', 'ultrafast', '--quiet'];
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    createReadStream(ts).pipe(child.stdin);
    expect((await once(child, 'exit'))[0]).to.equal(0);
    const found = await streams(target);
    expect(found.map(({ width, height }) => `${String(width)}x${String(height)}`)).to.deep.equal([
      ...['1280x720', '854x480', '640x360', '426x240'],
    ]);
  });

  it('has one ladder', async () => {
    const both = await cli(clip, '--ladder', 'auto', '--streams', '640x360@1M');
    expect(both.code).to.equal(2);
    expect(both.stderr).to.include('Expected no --streams beside it for --ladder');
    const copied = await cli(clip, '--ladder', 'auto', '--codec', 'copy', '--dry-run');
    expect(copied.stderr).to.match(/--codec "copy" has no effect: --ladder needs an encoder/);
    expect((await cli(clip, '--ladder', 'best')).stderr).to.include('Expected "auto" for --ladder');
  });

  it('--realtime makes a file live', async () => {
    const target = join(folder.path, 'live', 'live.m3u8');
    const wrong = await cli(clip, target, '--live');
    expect(wrong.stderr).to.include('--realtime reads it as it plays');
    const { code, stderr } = await cli(clip, target, '--live', '--realtime');
    expect(stderr).to.equal('');
    expect(code).to.equal(0);
    expect(await decodeErrors(target)).to.equal('');
  });
});

describe('A table on the command line', () => {
  const rows = [
    ['encoder', 'why'],
    ['a', 'a reason\nthat is long, and has a line break'],
    ['long_name', 'short'],
  ];

  it('has one line per row', () => {
    expect(table(rows).split('\n')).to.deep.equal([
      'encoder    why',
      'a          a reason that is long, and has a line break',
      'long_name  short',
    ]);
  });

  it('wraps its last column below itself on a terminal', () => {
    expect(table(rows, 36).split('\n')).to.deep.equal([
      'encoder    why',
      'a          a reason that is long,',
      '           and has a line break',
      'long_name  short',
    ]);
    const word = table([['x'], ['y'.repeat(60)]], 30);
    expect(word.split('\n').map((line) => line.length)).to.deep.equal([1, 30, 30]);
  });
});
