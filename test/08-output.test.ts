// Output: files, folders and URLs; what is deleted of an earlier run, and what never is.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { StreamFormat } from '../src/base/formats.js';
import { Issues } from '../src/check/issues.js';
import { createFolder, resolveOutput } from '../src/files/output.js';
import type { Output } from '../src/files/output.js';
import { clearPrevious } from '../src/files/previous-files.js';

describe('output', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'streamgear-output-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function resolve(output: string, ...formats: StreamFormat[]): Output | string {
    const issues = new Issues();
    const [first = 'dash', ...others] = formats;
    const resolved = resolveOutput(output, [first, ...others], 'output', issues);
    return resolved ?? issues.list.map(({ message }) => message).join();
  }

  it('is a file in a folder that need not exist yet', () => {
    const manifest = join(folder, 'a', 'b', 'out.mpd');
    const output = resolve(manifest);
    expect(output).to.deep.equal({
      roots: [{ format: 'dash', path: manifest, name: 'out.mpd' }],
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

  it('has two manifests that share their stem, or have the usual names in a folder', () => {
    const rootsOf = (output: string, ...formats: StreamFormat[]): unknown => {
      const resolved = resolve(output, ...formats);
      return typeof resolved === 'string' ? resolved : resolved.roots.map(({ path }) => path);
    };
    const paths = (...names: string[]): string[] => names.map((name) => join(folder, name));
    expect(rootsOf(join(folder, 'a.live.m3u8'), 'hls', 'dash')).to.deep.equal(
      paths('a.live.m3u8', 'a.live.mpd'),
    );
    expect(rootsOf(folder, 'dash', 'hls')).to.deep.equal(paths('manifest.mpd', 'master.m3u8'));
    expect(rootsOf(join(folder, 'new') + sep, 'hls', 'dash')).to.deep.equal(
      paths('new/master.m3u8', 'new/manifest.mpd'),
    );
    expect(rootsOf('http://host/a%FFb.mpd', 'dash')).to.contain('a URL that ends in');
    mkdirSync(join(folder, 'taken.m3u8'));
    expect(rootsOf(join(folder, 'taken.mpd'), 'dash', 'hls')).to.contain('is a folder');
    expect(rootsOf('http://host/a%20b.mpd?key=1', 'dash', 'hls')).to.deep.equal([
      'http://host/a%20b.mpd',
      'http://host/a%20b.m3u8',
    ]);
    const { roots } = resolve('http://host/a%20b.mpd', 'dash', 'hls') as Output;
    expect(roots.map(({ name }) => name)).to.deep.equal(['a b.mpd', 'a b.m3u8']);
    for (const output of ['http://host/upload', join(folder, 'out.mp4')]) {
      expect(rootsOf(output, 'dash', 'hls')).to.match(/"\.mpd" \(format "dash"\) or "\.m3u8"/);
    }
  });

  it('is a URL of a protocol that stores files', () => {
    const target = 'http://user:secret@host/live/out.mpd?key=1';
    const manifest = 'http://host/live/out.mpd';
    expect(resolve(target)).to.deep.equal({
      roots: [{ format: 'dash', path: manifest, name: 'out.mpd' }],
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
        roots: [],
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
    const output = resolveOutput('/proc/streamgear/out.mpd', ['dash'], 'output', issues);
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
    expect(clearPrevious(output).map(({ name }) => name)).to.have.members(ours);
    expect(readdirSync(folder)).to.have.members([...theirs, 'folder.mpd']);
    const limits = { protocols: 'file', refusedFormats: '', maxPixels: 1, openTimeout: 0 };
    const source = { url: join(folder, 'other.m3u8'), format: '', options: [], limits };
    for (const name of ['old.mpd', 'old.m3u8']) writeFileSync(join(folder, name), '');
    const both = resolve(join(folder, 'out.m3u8'), 'hls', 'dash') as Output;
    expect(clearPrevious(both, [{ ...source, url: join(folder, 'stream_.m3u8') }]).length).equal(3);
    writeFileSync(join(folder, 'other.m3u8'), '');
    expect(
      clearPrevious(resolve(join(folder, 'out.m3u8'), 'hls') as Output, [source]).map(
        ({ name }) => name,
      ),
    ).to.deep.equal(['stream_.m3u8']);
  });

  it('deletes nothing where there is nothing', () => {
    expect(clearPrevious(resolve(join(folder, 'no', 'out.mpd')) as Output)).to.deep.equal([]);
    expect(clearPrevious(resolve('http://host/out.mpd') as Output)).to.deep.equal([]);
  });
});
