// What is written, and what never is: sources, files of other runs and of other streams, whatever they are called.
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect } from 'chai';

import { AdaptiveStream, StreamGear } from '../src/index.js';
import type {
  AdaptiveStreamOptions,
  MediaSource,
  NameOptions,
  StreamParams,
} from '../src/index.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { parseMpd } from './support/mpd.js';
import { output } from './support/run.js';
import { issuesOf, pushSmall, rejection, smallOptions, thrown } from './support/small.js';

/** One rendition of small pictures. */
function small(output: string, more: Partial<AdaptiveStreamOptions> = {}): AdaptiveStreamOptions {
  const renditions = [{ height: 90, bitrate: '150k' }];
  return smallOptions(dirname(output), { output, renditions, ...more });
}

const SPARED =
  /^Expected a place where (the source|the audio|what the filter reads) is not overwritten/;

describe('names of files', function () {
  let root: TemporaryFolder;
  let folder: string;
  let clip: Buffer;
  let count = 0;

  before(async () => {
    root = await temporaryFolder();
    const made = join(root.path, 'clip.mp4');
    const video = ['-f', 'lavfi', '-i', 'color=s=64x64:r=10:d=0.4', '-c:v', 'libx264'];
    const sound = ['-f', 'lavfi', '-i', 'sine=d=0.4', '-preset', 'ultrafast'];
    await output('ffmpeg', [
      '-v',
      'error',
      ...video.slice(0, 4),
      ...sound,
      ...video.slice(4),
      made,
    ]);
    clip = readFileSync(made);
  });
  after(() => root[Symbol.asyncDispose]());

  beforeEach(() => {
    folder = join(root.path, `run-${String(count++)}`);
    mkdirSync(folder);
  });

  const at = (...names: string[]): string => join(folder, ...names);
  function put(...names: string[]): string {
    mkdirSync(dirname(at(...names)), { recursive: true });
    writeFileSync(at(...names), clip);
    return at(...names);
  }
  const contents = (): string[] => readdirSync(folder, { recursive: true }).map(String).sort();

  /** Transcodes; what is refused leaves everything as it was. */
  async function refusal(
    source: MediaSource,
    manifest: string,
    params: StreamParams = {},
  ): Promise<string> {
    const before = contents();
    const call = (): Promise<unknown> =>
      new StreamGear({
        output: manifest,
        format: manifest.endsWith('.m3u8') ? 'hls' : 'dash',
        streamParams: { '-video_source': source, ...params },
      }).transcodeSource();
    let message = 'nothing';
    try {
      await call();
    } catch (error) {
      message = (issuesOf(error as Parameters<typeof issuesOf>[0])[0] ?? { message }).message;
    }
    expect(contents()).to.deep.equal(before);
    return message;
  }

  describe('are not those of a source', () => {
    const init = { '-init_seg_name': 'movie-$RepresentationID$.mp4' };
    const ways: Readonly<Record<string, () => [MediaSource, string, StreamParams?]>> = {
      'by a template': () => [put('movie-0.mp4'), at('out.mpd'), init],
      'by the temporary name of a segment': () => [put('init-stream0.m4s.tmp'), at('out.mpd')],
      'in upper case': () => [put('MOVIE-0.mp4'), at('out.mpd'), init],
      'as a file URL': () => [pathToFileURL(put('movie-0.mp4')), at('out.mpd'), init],
      'with file: in front': () => [`file:${put('init-stream0.m4s')}`, at('out.mpd')],
      'as a relative path with ..': () => {
        const path = relative(process.cwd(), put('init-stream0.m4s'));
        return [join(dirname(path), 'x', '..', basename(path)), at('out.mpd')];
      },
      'in a folder behind a link': () => {
        put('real', 'movie-0.mp4');
        symlinkSync(at('real'), at('link'));
        return [at('real', 'movie-0.mp4'), at('link', 'out.mpd'), init];
      },
      'as a link, which would be replaced': () => {
        symlinkSync(put('elsewhere', 'movie.mp4'), at('init-stream0.m4s'));
        return [at('init-stream0.m4s'), at('out.mpd')];
      },
      'as what a link in the folder leads to': () => {
        symlinkSync(put('elsewhere', 'movie.mp4'), at('init-stream0.m4s'));
        return [at('elsewhere', 'movie.mp4'), at('out.mpd')];
      },
      'under another name of the same file': () => {
        linkSync(put('elsewhere', 'movie.mp4'), at('chunk-stream1-00001.m4s'));
        return [at('elsewhere', 'movie.mp4'), at('out.mpd')];
      },
      'as a part of concat:': () => [
        [
          ...['-protocol_whitelist', 'concat,file', '-i'],
          `concat:${put('a.ts')}|${put('chunk-stream0-000.ts')}`,
        ],
        at('out.m3u8'),
      ],
      'in a list of ffconcat': () => {
        put('movie-0.mp4');
        writeFileSync(at('list.txt'), "ffconcat version 1.0\nfile 'movie-0.mp4'\n");
        return [['-f', 'concat', '-i', at('list.txt')], at('out.mpd'), init];
      },
      'in a playlist': () => {
        put('init-stream0.m4s');
        writeFileSync(at('list.m3u8'), '#EXTM3U\n#EXT-X-MAP:URI="init-stream0.m4s"\n');
        return [['-f', 'hls', '-i', at('list.m3u8')], at('out.mpd')];
      },
      'as numbered pictures': () => [
        ['-f', 'image2', '-i', at('s-%03d.png')],
        at('out.mpd'),
        { '-media_seg_name': 's-$RepresentationID$$Number$.png' },
      ],
      'as the audio': () => [put('a.mp4'), at('out.mpd'), { '-audio': put('init-stream1.m4s') }],
      'as what a filter reads': () => [
        put('a.mp4'),
        at('out.mpd'),
        { '-vf': `movie=${put('init-stream0.m4s')}[a];[in][a]overlay` },
      ],
      'as what would be cleared': () => [
        put('chunk-stream7-00001.m4s'),
        at('out.m3u8'),
        { '-clear_prev_assets': true },
      ],
      'as audio that would be cleared': () => [
        put('a.mp4'),
        at('out.mpd'),
        { '-clear_prev_assets': true, '-audio': put('old.mpd') },
      ],
    };
    for (const [what, way] of Object.entries(ways)) {
      it(what, async () => {
        expect(await refusal(...way())).to.match(SPARED);
      });
    }

    it('of the core', async () => {
      const source = put('init-stream0.m4s');
      const call = AdaptiveStream.transcode(source, { output: at('out.mpd') });
      expect(issuesOf(await rejection(call))[0]?.message).to.match(SPARED);
      const pushed = { ...small(at('out.mpd')), audio: { source } };
      expect(issuesOf(await rejection(AdaptiveStream.open(pushed)))[0]?.message).to.match(SPARED);
      expect(readFileSync(source).equals(clip)).to.equal(true);
    });

    it('and what is near them is no reason to refuse', async () => {
      const source = put('init.mp4'); // there is audio: the file is init_0.mp4
      put('elsewhere', 'init_0.mp4');
      const summary = await (
        await AdaptiveStream.transcode(source, { output: at('out.m3u8') })
      ).finish();
      expect(summary.manifest).to.equal(at('out.m3u8'));
      expect(readFileSync(source).equals(clip)).to.equal(true);
    });
  });

  describe('that nobody can have', () => {
    const refusedOutputs: Readonly<Record<string, () => string>> = {
      'a null byte': () => `${at('victim.txt')}\0.mpd`,
      'a line break': () => at('a\n.mpd'),
      'half a character': () => at('\ud800.mpd'),
      'a null byte in a file URL': () => `${pathToFileURL(at('victim')).href}%00.mpd`,
      'a fragment in a file URL': () => `${pathToFileURL(folder).href}/take#2/out.mpd`,
      'a query in a file URL': () => `${pathToFileURL(folder).href}/out.mpd?x=.mpd`,
      'another host in a file URL': () => 'file://host/out.mpd',
      '255 bytes': () => at(`${'x'.repeat(251)}.mpd`),
      '255 bytes in fewer characters': () => at(`${'ü'.repeat(126)}.mpd`),
      'a folder of 300 bytes': () => at('x'.repeat(300), 'out.mpd'),
      'a path of 5000 bytes': () => at(...Array<string>(50).fill('x'.repeat(99)), 'out.mpd'),
      'a slash in a URL': () => 'http://127.0.0.1:1/a/..%2Fout.mpd',
      'a null byte in a URL': () => 'http://127.0.0.1:1/a/%00.mpd',
      'no name in a URL': () => 'http://127.0.0.1:1/a/',
      'no path in a URL': () => 'http://127.0.0.1.mpd',
    };
    for (const [what, make] of Object.entries(refusedOutputs)) {
      it(what, () => {
        writeFileSync(at('victim.txt'), 'precious');
        const [issue] = issuesOf(thrown(() => new StreamGear({ output: make() })));
        expect(issue?.path).to.equal('output');
        expect(contents()).to.deep.equal(['victim.txt']);
      });
    }

    it('are as long as they may be', async () => {
      const name = `${'x'.repeat(247)}.mpd`; // ".tmp" fits too
      const stream = await AdaptiveStream.open(small(at(name)));
      await pushSmall(stream, 2);
      await stream.finish();
      expect(existsSync(at(name))).to.equal(true);
      const long = small(at('out.mpd'), {
        packaging: { names: { segment: `${'x'.repeat(245)}$Number$` } },
      });
      const [issue] = issuesOf(await rejection(AdaptiveStream.open(long)));
      expect(issue?.message).to.match(/^Expected a name that is short enough .*names\.segment/);
    });

    it('are relative behind file:, as with ffmpeg', () => {
      const manifest = relative(process.cwd(), at('out', 'x.mpd'));
      expect(new StreamGear({ output: `file:${manifest}` }).output).to.equal(at('out', 'x.mpd'));
    });

    const refusedNames: readonly [names: NameOptions, format: 'dash' | 'hls', expected: RegExp][] =
      [
        [{ segment: 's$$Number$$.m4s' }, 'dash', /segment's number/],
        [{ segment: 's%%d.m4s' }, 'hls', /segment's number/],
        [{ segment: 's%%%%d.m4s' }, 'hls', /segment's number/],
        [{ segment: 's%%05d.m4s' }, 'hls', /segment's number/],
        [{ segment: 's%d.m4s' }, 'dash', /segment's number/],
        [{ segment: 's$Number$.m4s' }, 'hls', /segment's number/],
        [{ segment: 's$$$Number$.m4s$' }, 'dash', /"\$\$" where a dollar sign/],
        [{ segment: 's$Nummer$.m4s' }, 'dash', /\$RepresentationID\$, \$Number\$/],
        [{ segment: 's$Number%d$.m4s' }, 'dash', /\$RepresentationID\$, \$Number\$/],
        [
          { segment: 's$RepresentationID%02d$$Number$' },
          'dash',
          /\$RepresentationID\$, \$Number\$/,
        ],
        [{ segment: 's$Bandwidth$.m4s' }, 'dash', /segment's number/],
        [{ segment: 's$Number$-$Time$.m4s' }, 'dash', /either "\$Number\$" or/],
        [{ segment: 's%s%d.m4s' }, 'hls', /"%%" for a percent sign/],
        [{ segment: 's%d%' }, 'hls', /"%%" for a percent sign/],
        [{ segment: 's%03v%d.m4s' }, 'hls', /"%%" for a percent sign/],
        [{ init: 'i$Number$.mp4' }, 'dash', /without "\$Number\$"/],
        [{ init: 'i$Time$.mp4' }, 'dash', /without "\$Time\$"/],
        [{ init: 'i%d.mp4' }, 'hls', /without "%d"/],
        [{ segment: '../s$Number$' }, 'dash', /own folder/],
        [{ init: '..' }, 'dash', /the name of a file/],
        [{ init: 'a\\b' }, 'dash', /own folder/],
        [{ init: 'a\u0085b' }, 'dash', /control characters/],
        [{ init: 'a\udc00b' }, 'dash', /half a character/],
        [{ init: 'a.tmp' }, 'dash', /does not end in "\.tmp"/],
        [{ init: 'OUT.MPD' }, 'dash', /no other file/],
        [{ init: 'S12.mp4', segment: 's$Number$.mp4' }, 'dash', /no other file/],
      ];
    for (const [names, format, expected] of refusedNames) {
      it(`${JSON.stringify(names)} (${format})`, async () => {
        const options = small(at(format === 'dash' ? 'out.mpd' : 'out.m3u8'), {
          packaging: { format, names },
        });
        const issues = issuesOf(await rejection(AdaptiveStream.open(options)));
        expect(issues[0]?.message).to.match(expected);
        expect(contents()).to.deep.equal([]);
      });
    }

    it('when 1 and 11, or 11 and 1, are the same', async () => {
      const renditions = Array.from({ length: 12 }, (_, index) => ({ height: 90 + index * 2 }));
      const open = (segment: string): Promise<AdaptiveStream> =>
        AdaptiveStream.open({
          ...small(at('out.mpd'), { packaging: { names: { segment } } }),
          renditions,
        });
      for (const name of ['s$RepresentationID$$Number$.m4s', 's$Number$$RepresentationID$.m4s']) {
        expect((await rejection(open(name))).message).to.match(/no other file/);
      }
    });
  });

  it('may be by time, where a timeline tells it', async () => {
    const packaging = { segmentDuration: 0.4, names: { segment: 's$$-$Time$.m4s' } };
    const stream = await AdaptiveStream.open(small(at('out.mpd'), { packaging }));
    await pushSmall(stream, 30);
    await stream.finish();
    const [representation] =
      parseMpd(readFileSync(at('out.mpd'), 'utf8')).periods[0]?.sets[0]?.representations ?? [];
    const segments = representation?.segments ?? [];
    expect(segments).to.have.length(3);
    for (const { uri, time } of segments) {
      expect(uri).to.equal(`s$-${String(time)}.m4s`);
      expect(existsSync(at(uri))).to.equal(true);
    }
    const wrong = { ...packaging, dash: { timeline: false } };
    const error = await rejection(AdaptiveStream.open(small(at('out.mpd'), { packaging: wrong })));
    expect(error.message).to.match(/"\$Time\$" needs a timeline/);
  });

  describe('in a folder', () => {
    const run = async (more: object = {}): Promise<string> => {
      const stream = await AdaptiveStream.open(small(`${folder}/`, more));
      await pushSmall(stream, 2);
      return (await stream.finish()).manifest;
    };

    it('are those of the run alone', async () => {
      const written = new Map<string, Buffer>();
      for (let turn = 0; turn < 3; turn++) {
        const manifest = await run();
        expect(basename(manifest)).to.match(/^dash-\d{8}-\d{6}(-\d+)?\.mpd$/);
        for (const [name, bytes] of written) {
          expect(readFileSync(at(name)).equals(bytes), name).to.equal(true);
        }
        const fresh = contents().filter((name) => !written.has(name));
        expect(fresh).to.have.length(3);
        for (const name of fresh) written.set(name, readFileSync(at(name)));
      }
    });

    it('are those of one of two that run at once', async () => {
      const gears = [1, 2, 3].map(() => new StreamGear({ output: folder }));
      expect(new Set(gears.map((gear) => gear.output)).size).to.equal(3);
      const source = put('elsewhere', 'a.mp4');
      const streams = await Promise.all(
        [1, 2].map(() => AdaptiveStream.transcode(source, { output: folder })),
      );
      await Promise.all(streams.map((stream) => stream.finish()));
      expect(contents().filter((name) => name.endsWith('.mpd'))).to.have.length(2);
      expect(contents().filter((name) => name.includes('init-stream'))).to.have.length(4);
    });

    it('are deleted with those of earlier runs, when asked for', async () => {
      await run();
      await run();
      writeFileSync(at('dash-notes.txt'), '');
      await run({ packaging: { clearPrevious: true } });
      expect(contents()).to.have.length(4);
    });

    it('are not given twice by the caller', async () => {
      const packaging = { names: { segment: 's$Number$.m4s' } };
      await run({ packaging });
      const error = await rejection(run({ packaging }));
      expect(error.message).to.match(/no file of an earlier run in this folder has \(s1\.m4s\)/);
    });
  });

  it('are not written by two streams, however their folder is called', async () => {
    mkdirSync(at('real'));
    symlinkSync(at('real'), at('link'));
    const stream = await AdaptiveStream.open(small(at('real', 'a.mpd')));
    const error = await rejection(AdaptiveStream.open(small(at('link', 'b.mpd'))));
    expect(error.message).to.match(/a stream that has not ended writes init-stream/);
    const packaging = { names: { init: 'I', segment: 'CHUNK-STREAM0-$Number$.m4s' } };
    const other = AdaptiveStream.open(small(at('link', 'b.mpd'), { packaging }));
    expect((await rejection(other)).message).to.match(/a stream that has not ended writes chunk-/);
    await stream.abort();
  });
});
