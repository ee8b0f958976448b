// Output: files, folders and URLs; what is deleted of an earlier run, and what never is.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { Issues } from '../src/issues.js';
import { createFolder, resolveOutput } from '../src/output.js';
import type { ManifestFormat, Output } from '../src/output.js';
import { clearPrevious } from '../src/previous-files.js';

describe('output', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'streamgear-output-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function resolve(output: string, format: ManifestFormat = 'dash'): Output | string {
    const issues = new Issues();
    const resolved = resolveOutput(output, format, 'output', issues);
    return resolved ?? issues.list.map(({ message }) => message).join();
  }

  it('is a file in a folder that need not exist yet', () => {
    const manifest = join(folder, 'a', 'b', 'out.mpd');
    const output = resolve(manifest);
    expect(output).to.deep.equal({
      manifest,
      target: manifest,
      folder: join(folder, 'a', 'b'),
      protocol: undefined,
    });
    expect(existsSync(join(folder, 'a')), 'not created yet').to.equal(false);
    createFolder(output as Output, 'output', new Issues());
    expect(existsSync(join(folder, 'a', 'b'))).to.equal(true);
    expect(resolve(pathToFileURL(manifest).href)).to.deep.equal(output);
  });

  it('is named by the time in a folder', () => {
    for (const output of [folder, join(folder, 'new') + sep]) {
      const { manifest } = resolve(output, 'hls') as Output;
      expect(manifest).to.match(/[/\\]hls-\d{8}-\d{6}\.m3u8$/);
    }
  });

  it('is a URL of a protocol that stores files', () => {
    const target = 'http://user:secret@host/live/out.mpd?key=1';
    const manifest = 'http://host/live/out.mpd';
    expect(resolve(target)).to.deep.equal({
      manifest,
      target,
      folder: undefined,
      protocol: 'http',
    });
    expect(resolve('SFTP://host/out.mpd')).to.include({ protocol: 'sftp' });
    for (const url of ['srt://host:1', 'tcp://host/out.mpd', 'udp://host:1', 'pipe://1']) {
      expect(resolve(url)).to.match(/^Expected .*stores files by name \(http, https, ftp, sftp/);
    }
    expect(resolve('http://host/out.m3u8')).to.match(/extension "\.mpd"/);
    const shown = resolve('http://user:secret@host/out.m3u8');
    expect(shown).to.contain('received "http://host/out.m3u8"').and.not.to.contain('secret');
  });

  it('must have the extension of its format', () => {
    expect(resolve(join(folder, 'out.m3u8'))).to.match(/extension "\.mpd" \(format "dash"\)/);
    expect(resolve(join(folder, 'out.mpd'), 'hls')).to.match(/extension "\.m3u8"/);
    expect(resolve(join(folder, 'out'))).to.match(/extension/);
  });

  it('must be writable', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(resolve(join(folder, 'file', 'out.mpd'))).to.match(/file is not a folder/);
    const issues = new Issues();
    createFolder(
      {
        manifest: join(folder, 'file', 'out.mpd'),
        target: join(folder, 'file', 'out.mpd'),
        folder: join(folder, 'file', 'x'),
        protocol: undefined,
      },
      'output',
      issues,
    );
    expect(issues.list).to.have.length(1);
  });

  it('is refused in time where folders cannot be made at all', function () {
    if (process.platform !== 'linux') this.skip();
    const issues = new Issues();
    const output = resolveOutput('/proc/streamgear/out.mpd', 'dash', 'output', issues);
    if (output !== undefined) createFolder(output, 'output', issues);
    expect(issues.list[0]?.message).to.match(/^Expected a writable path/);
  });

  it('deletes what an earlier run left, and nothing else', () => {
    const ours = [
      'chunk-stream0-00001.m4s',
      'chunk-stream-000.ts',
      'chunk-stream2-013.ts',
      'init-stream0.m4s',
      'init.mp4',
      'init_1.mp4',
      'stream_0.m3u8',
      'old.mpd',
    ];
    const theirs = [
      'movie.mp4',
      'init-film.mp4',
      'initial.mp4',
      'chunk-stream-notes.txt',
      'my-chunk-stream0-00001.m4s',
      'chunk-streamer.ts',
      'other.m3u8',
      'stream_.m3u8',
      'old.mpd.bak',
    ];
    for (const name of [...ours, ...theirs]) writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'folder.mpd'));
    const output = resolve(join(folder, 'out.mpd')) as Output;
    expect(clearPrevious(output, 'dash').map(({ name }) => name)).to.have.members(ours);
    expect(readdirSync(folder)).to.have.members([...theirs, 'folder.mpd']);
    const limits = { protocols: 'file', refusedFormats: '', maxPixels: 1, openTimeout: 0 };
    const source = { url: join(folder, 'other.m3u8'), format: '', options: [], limits };
    expect(clearPrevious(output, 'hls', [source]).map(({ name }) => name)).to.deep.equal([
      'stream_.m3u8',
    ]);
  });

  it('deletes nothing where there is nothing', () => {
    expect(clearPrevious(resolve(join(folder, 'no', 'out.mpd')) as Output, 'dash')).to.deep.equal(
      [],
    );
    expect(clearPrevious(resolve('http://host/out.mpd') as Output, 'dash')).to.deep.equal([]);
  });
});
