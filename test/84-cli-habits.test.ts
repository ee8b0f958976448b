// The command line for hands that know ffmpeg's, and its lists.
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { listEncoders } from '../src/index.js';
import { table } from '../src/cli-terminal.js';
import { run } from './support/run.js';
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
