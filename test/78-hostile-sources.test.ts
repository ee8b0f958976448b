// Sources that somebody hostile has made or named: what they may reach, take and last.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { copyFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { deflateSync } from 'node:zlib';

import { expect } from 'chai';

import { AdaptiveStream, openFrames, probe, StreamGear } from '../src/index.js';
import { makeClip } from './support/clip.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { serve } from './support/server.js';
import { ABORT_LIMIT, issuesOf, rejection, smallOptions, thrown } from './support/small.js';

/** A GIF of one colour, which is small however large it says that it is. */
function gifBomb(width: number, height: number): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt16LE(width, 0);
  size.writeUInt16LE(height, 2);
  const frame = Buffer.concat([
    Buffer.from([0x2c, 0, 0, 0, 0]),
    size,
    Buffer.from([0, 2, 2, 0x4c, 1, 0]),
  ]);
  return Buffer.concat([
    Buffer.from('GIF89a'),
    size,
    Buffer.from([0x80, 0, 0, 0, 0, 0, 255, 255, 255]),
    ...Array.from({ length: 400 }, () => frame),
    Buffer.from([0x3b]),
  ]);
}

/** A gray PNG whose header says any size. */
function pngBomb(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1 << 20))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (0xedb88320 & -(value & 1));
  }
  return (value ^ 0xffffffff) >>> 0;
}

describe('hostile sources', () => {
  let folder: TemporaryFolder;
  let clip: string;
  before(async () => {
    folder = await temporaryFolder();
    clip = join(folder.path, 'clip.ts');
    await makeClip(clip, { seconds: 1, options: ['-bf', '0'] });
  });
  after(() => folder[Symbol.asyncDispose]());

  const save = async (name: string, content: string | Buffer): Promise<string> => {
    const path = join(folder.path, name);
    await writeFile(path, content);
    return path;
  };
  const hls = (...uris: string[]): string =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:1\n${uris.map((uri) => `#EXTINF:1,\n${uri}\n`).join('')}#EXT-X-ENDLIST\n`;
  const mpd = (uri: string): string =>
    `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet contentType="video"><Representation id="0" bandwidth="1"><BaseURL>${uri}</BaseURL></Representation></AdaptationSet></Period></MPD>`;

  describe('may not reach', () => {
    const named = [
      'concat:/etc/hosts|/etc/passwd',
      'data:video/mp4;base64,AAAA',
      'pipe:0',
      'tcp://127.0.0.1:1',
      'tls://127.0.0.1:1',
      'unix:/run/x.sock',
      'crypto:/etc/passwd',
      'async:/etc/passwd',
      'cache:/etc/passwd',
      'CONCAT:/etc/passwd',
      'gopher://127.0.0.1/',
      'md5:/etc/passwd',
    ];
    for (const url of named) {
      it(`${url} without being asked for`, async () => {
        const [issue] = issuesOf(await rejection(probe(url)));
        expect(issue).to.deep.include({ path: 'source' });
        expect(issue?.message).to.contain('protocols');
        issuesOf(await rejection(openFrames(url)));
        const output = join(folder.path, 'never', 'out.mpd');
        issuesOf(await rejection(AdaptiveStream.transcode(url, { output })));
        issuesOf(thrown(() => new StreamGear({ output, streamParams: { '-video_source': url } })));
        issuesOf(
          await rejection(
            AdaptiveStream.open({ ...smallOptions(folder.path), audio: { source: url } }),
          ),
        );
      });
    }

    it('a list gives what ffmpeg calls a format, and no way round', async () => {
      issuesOf(await rejection(probe(['-f', 'mpegts', '-i', `subfile,,start,0,end,0,,:${clip}`])));
      issuesOf(await rejection(probe(['-f', 'mpegts', '-i', `concat:${clip}`])));
    });

    it('other files through a list of files on disk, whatever its name', async () => {
      const lists: [string, string][] = [
        ['a.m3u8', hls('clip.ts')],
        ['a.mp4', hls('clip.ts')],
        ['absolute.m3u8', hls(clip)],
        ['a.mpd', mpd('clip.ts')],
        ['a.ffconcat', 'ffconcat version 1.0\nfile clip.ts\n'],
        ['upload.ts', 'ffconcat version 1.0\nfile clip.ts\n'],
        [
          'a.sdp',
          'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n',
        ],
      ];
      for (const [name, text] of lists) {
        const error = await rejection(probe(await save(name, text)));
        expect(error.code, name).to.equal('SOURCE_OPEN_FAILED');
        expect(error.message, name).to.contain('protocols');
      }
    });

    it('a list made to be slow to read, at once', async () => {
      for (const text of [
        `<MPD ><BaseURL>${' '.repeat(900_000)}`,
        `ffconcat version 1.0\nfile ${' '.repeat(900_000)}x\n`,
        `ffconcat version 1.0\nfile ${'\t\r '.repeat(300_000)}`,
        `<MPD>${'<BaseURL '.repeat(100_000)}`,
        `<MPD${' media="$'.repeat(100_000)}`,
        `#EXTM3U\n${':URI="'.repeat(150_000)}`,
      ]) {
        // Of a reading that goes by the square of the length no test would see the end.
        expect((await rejection(probe(await save('slow.txt', text)))).code).to.be.a('string');
      }
    });

    it('anything local from something remote', async () => {
      await copyFile(clip, join(folder.path, 'secret.ts'));
      await save('remote.m3u8', hls(`file://${join(folder.path, 'secret.ts')}`));
      await save('remote.mpd', mpd(`file://${join(folder.path, 'secret.ts')}`));
      await save(
        'remote.ffconcat',
        `ffconcat version 1.0\nfile ${join(folder.path, 'secret.ts')}\n`,
      );
      await using server = await serve({ '/': { folder: folder.path } });
      for (const name of ['remote.m3u8', 'remote.mpd', 'remote.ffconcat']) {
        const error = await rejection(probe(`${server.origin}/${name}`));
        expect(error.code, name).to.equal('SOURCE_OPEN_FAILED');
      }
    });

    it('anything remote from something local', async () => {
      await using server = await serve({ '/': { folder: folder.path } });
      const list = await save('away.m3u8', hls(`${server.origin}/clip.ts`));
      const of = async (protocols?: string[]): Promise<string> =>
        (await rejection(probe(list, protocols && { protocols }))).code;
      expect(await of()).to.equal('SOURCE_OPEN_FAILED');
      expect(await of(['file'])).to.equal('SOURCE_OPEN_FAILED');
      expect(server.requests).to.deep.equal([]);
      const { video } = await probe(list, { protocols: ['file', 'http'] });
      expect(video?.codec).to.equal('h264');
    });
  });

  describe('may reach', () => {
    it('what the caller asks for', async () => {
      const list = await save('wanted.ffconcat', 'ffconcat version 1.0\nfile clip.ts\n');
      expect((await probe(list, { protocols: ['file'] })).video?.codec).to.equal('h264');
      expect((await probe(['-protocol_whitelist', 'file', '-i', list])).video?.codec).to.equal(
        'h264',
      );
      expect((await probe(list, { format: 'concat' })).video?.codec).to.equal('h264');
      const joined = await probe(`concat:${clip}|${clip}`, { protocols: ['concat', 'file'] });
      expect(joined.video?.codec).to.equal('h264');
      const streamParams = { '-video_source': list, '-protocol_whitelist': 'file' };
      const gear = new StreamGear({ output: join(folder.path, 'g', 'out.mpd'), streamParams });
      expect((await gear.transcodeSource()).framesEncoded).to.equal(25);
    });

    it('a playlist of a server, and what it names there', async () => {
      await save('stream.m3u8', hls('clip.ts'));
      await using server = await serve({ '/': { folder: folder.path } });
      expect((await probe(`${server.origin}/stream.m3u8`)).video?.codec).to.equal('h264');
    });

    it('only the protocols that are named', async () => {
      const [issue] = issuesOf(await rejection(probe(clip, { protocols: ['https'] })));
      expect(issue?.message).to.contain('https');
    });
  });

  describe('may take', () => {
    it('pictures of maxPixels: a small GIF of 16000x16000 is refused before it is decoded', async () => {
      const bomb = await save('bomb.gif', gifBomb(16_000, 16_000));
      const before = process.memoryUsage.rss();
      const output = join(folder.path, 'bomb', 'out.mpd');
      for (const error of [
        await rejection(probe(bomb)),
        await rejection(openFrames(bomb)),
        await rejection(AdaptiveStream.transcode(bomb, { output })),
      ]) {
        expect(error.code).to.equal('SOURCE_OPEN_FAILED');
        expect(error.message).to.contain('maxPixels');
      }
      expect((process.memoryUsage.rss() - before) / 2 ** 20, 'MB').to.be.below(300);
    });

    it('PNGs of 65535x65535 and 9000x9000 are refused, and end soon', async () => {
      for (const size of [65_535, 9000]) {
        const bomb = await save('bomb.png', pngBomb(size, size));
        const error = await rejection(openFrames(bomb));
        expect(error.code, String(size)).to.be.oneOf(['SOURCE_OPEN_FAILED', 'NO_VIDEO']);
      }
    });

    it('what maxPixels says, from every door', async () => {
      const limit = 160 * 90 - 1;
      for (const error of [
        await rejection(probe(clip, { maxPixels: limit })),
        await rejection(probe(['-max_pixels', limit, '-i', clip])),
        await rejection(openFrames(clip, { maxPixels: limit })),
        await rejection(
          AdaptiveStream.transcode(clip, {
            output: join(folder.path, 'small', 'out.mpd'),
            input: { maxPixels: limit },
          }),
        ),
        await rejection(
          new StreamGear({
            output: join(folder.path, 'small', 'out.mpd'),
            streamParams: { '-video_source': clip, '-max_pixels': limit },
          }).transcodeSource(),
        ),
      ]) {
        expect(error.message).to.contain('maxPixels');
      }
      expect((await probe(clip, { maxPixels: 160 * 90 })).video?.codec).to.equal('h264');
    });
  });

  describe('may last', () => {
    const answering = async (
      answer: Parameters<typeof createServer>[1],
    ): Promise<{ server: Server; origin: string }> => {
      const server = createServer(answer ?? (() => undefined));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return {
        server,
        origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
      };
    };

    it('a bounded number of playlists that name each other', async () => {
      let asked = 0;
      const { server, origin } = await answering((_, response) => {
        asked++;
        response.end(`#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlist-${String(asked)}.m3u8\n`);
      });
      const error = await rejection(probe(`${origin}/list.m3u8`));
      expect(error.code).to.equal('SOURCE_OPEN_FAILED');
      expect(error.message).to.contain('name each other');
      expect(asked).to.be.below(1100);
      server.closeAllConnections();
      server.close();
    });

    it('openTimeout, when a server never answers or never ends', async () => {
      const { server, origin } = await answering((request, response) => {
        if (request.url === '/silent') return;
        response.write(Buffer.alloc(188));
      });
      for (const path of ['/silent', '/slow.ts']) {
        const begun = performance.now();
        const error = await rejection(probe(origin + path, { openTimeout: 0.5 }));
        expect(error.code).to.equal('SOURCE_OPEN_FAILED');
        expect(error.message).to.contain('openTimeout');
        expect(performance.now() - begun).to.be.below(1500 + ABORT_LIMIT);
      }
      server.closeAllConnections();
      server.close();
    });
  });
});
