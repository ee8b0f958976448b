// URL outputs: what a server receives, what it may ask for, and what happens when it misbehaves.
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { AdaptiveStream, InvalidOptionsError, StreamGear } from '../src/index.js';
import type { AdaptiveStreamOptions, WarningEvent } from '../src/index.js';
import { selfSigned } from './support/certificate.js';
import { childMessages } from './support/child.js';
import { decodeErrors, packets } from './support/ffprobe.js';
import { ftpServer } from './support/ftp.js';
import { ingestServer } from './support/ingest.js';
import type { IngestServer, Reply } from './support/ingest.js';
import { temporaryFolder } from './support/media.js';
import { output as outputOf } from './support/run.js';
import {
  heavyFrame,
  heavyOptions,
  pushSmall,
  rejection,
  smallFrame,
  smallOptions,
  until,
} from './support/small.js';

const { ECONNREFUSED, ETIMEDOUT } = constants.errno;
const FRAMES = 30;

interface Sent {
  warnings: WarningEvent[];
  /** Paths of the segments that the stream told of. */
  paths: string[];
  stream: AdaptiveStream;
}

/** Sends a small presentation of three segments and two renditions. */
async function send(output: string, more: Partial<AdaptiveStreamOptions> = {}): Promise<Sent> {
  const stream = await AdaptiveStream.open(smallOptions('', { output, ...more }));
  const sent: Sent = { warnings: [], paths: [], stream };
  stream.on('warning', (warning) => sent.warnings.push(warning));
  stream.on('segment', ({ path }) => sent.paths.push(path));
  await pushSmall(stream, FRAMES);
  await stream.finish();
  return sent;
}

/** The failure of a stream to a URL, whichever call it reaches. */
function failureTo(output: string, more: Partial<AdaptiveStreamOptions> = {}) {
  return rejection(send(output, more));
}

function to(server: IngestServer, { user = '', name = 'out.mpd', query = '' } = {}): string {
  return `${server.origin.replace('://', `://${user}`)}/live/${name}${query}`;
}

/** A packaging that keeps two segments of each rendition. */
const LIVE = {
  packaging: { segmentDuration: 0.4, live: { window: 1, extraWindow: 1 } },
} as const;

describe('An HTTP output', () => {
  describe('of every format', () => {
    for (const [name, more] of Object.entries<Partial<AdaptiveStreamOptions>>({
      'out.mpd': {},
      'out.m3u8': {},
      'ts.m3u8': { packaging: { segmentDuration: 0.4, segmentType: 'mpegts' } },
    })) {
      it(`${name} is sent over one connection, and plays from the server`, async () => {
        await using server = await ingestServer();
        const { paths, stream } = await send(to(server, { name }), more);
        expect(server.connections()).to.equal(1);
        expect(paths).to.have.length(6);
        for (const path of paths) expect(server.files.has(new URL(path).pathname)).to.be.true;
        for (const { method, headers, size } of server.requests) {
          expect(method).to.equal('PUT');
          expect(headers).to.include({ 'content-length': String(size) });
        }
        for (const list of await packets(stream.output)) expect(list).to.have.length(FRAMES);
        expect(await decodeErrors(stream.output)).to.equal('');
      });
    }

    it('has the right content types', async () => {
      await using server = await ingestServer();
      await send(to(server));
      await send(to(server, { name: 'out.m3u8' }), {
        packaging: { segmentDuration: 0.4, segmentType: 'mpegts' },
      });
      const types = new Map(
        server.requests.map(({ path, headers }) => [
          path.replace(/.*\./, ''),
          headers['content-type'],
        ]),
      );
      expect(Object.fromEntries(types)).to.deep.equal({
        m4s: 'video/iso.segment',
        mpd: 'application/dash+xml',
        ts: 'video/mp2t',
        m3u8: 'application/vnd.apple.mpegurl',
      });
    });
  });

  it('is content with 200, 201 and 204, with bodies of any form', async () => {
    await using server = await ingestServer();
    const replies: Reply[] = [
      200,
      204,
      { status: 200, body: 'stored' },
      { status: 201, headers: { 'Transfer-Encoding': 'chunked' }, body: 'x'.repeat(5000) },
      { status: 200, headers: { 'Content-Length': 6 }, body: 'stored' },
    ];
    let count = 0;
    server.answer(() => replies[count++ % replies.length] ?? 200);
    const { warnings } = await send(to(server));
    expect(warnings).to.deep.equal([]);
    expect(server.connections()).to.equal(1);
    expect(count).to.be.greaterThan(replies.length);
  });

  it('makes a connection per file when -http_persistent is off', async () => {
    await using server = await ingestServer();
    const gear = new StreamGear({
      output: to(server),
      streamParams: { '-http_persistent': 0, '-seg_duration': 0.4, '-preset': 'ultrafast' },
    });
    for (let index = 0; index < FRAMES; index++) await gear.stream(smallFrame(index));
    await gear.close();
    expect(server.requests).to.have.length.above(3);
    expect(server.connections()).to.equal(server.requests.length);
    for (const { headers } of server.requests) expect(headers.connection).to.equal('close');
  });

  it('connects anew, without a word, when the server has closed the idle connection', async () => {
    await using server = await ingestServer({ keepAliveTimeout: 1 });
    const stream = await AdaptiveStream.open(smallOptions('', { output: to(server), ...LIVE }));
    const warnings: WarningEvent[] = [];
    stream.on('warning', (warning) => warnings.push(warning));
    for (let round = 0; round < 3; round++) {
      const before = server.connections();
      await pushSmall(stream, 20, round * 20);
      await until(() => server.connections() > before && server.open() === 0);
    }
    await stream.finish();
    expect(warnings.filter(({ code }) => code !== 'SHORT_WINDOW')).to.deep.equal([]);
    expect(server.connections()).to.be.greaterThan(2);
  });

  it('is reached by IPv6 as well', async function () {
    const server = await ingestServer({ host: '::1' }).catch(() => undefined);
    if (server === undefined) {
      this.skip(); // this machine has none
      return;
    }
    await using running = server;
    await send(to(running));
    expect(running.requests[0]?.headers.host).to.equal(`[::1]:${running.port}`);
    expect(running.files).to.include.keys('/live/out.mpd');
  });

  it('gets the query of the URL with every file, and nobody else sees it', async () => {
    await using server = await ingestServer();
    const query = '?sig=s3cret&v=1#part';
    const { paths, stream } = await send(to(server, { query }));
    expect(stream.output).to.equal(`${server.origin}/live/out.mpd`);
    for (const { path } of server.requests) expect(path).to.match(/^\/live\/.+\?sig=s3cret&v=1$/);
    expect(paths.join()).not.to.contain('s3cret');
    expect(server.files).to.include.keys('/live/out.mpd');
  });

  it('is told what the protocol options say, and a warning tells what has no effect', async () => {
    await using server = await ingestServer();
    const { warnings } = await send(to(server), {
      packaging: {
        segmentDuration: 0.4,
        protocolOptions: {
          method: 'POST',
          headers: 'X-One: 1\r\nx-two:2\nContent-Type: text/plain',
          referer: 'http://origin.example/',
          send_expect_100: 1,
          tcp_nodelay: 0,
          chunked_post: 1,
        },
      },
    });
    for (const { method, headers } of server.requests) {
      expect(method).to.equal('POST');
      expect(headers).to.include({
        'x-one': '1',
        'x-two': '2',
        'content-type': 'text/plain',
        referer: 'http://origin.example/',
        expect: '100-continue',
      });
    }
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include({ code: 'IGNORED_OPTION' });
    expect(warnings[0]?.message).to.match(
      /^packaging\.protocolOptions\.chunked_post has no effect/,
    );
  });

  it('goes through a proxy', async () => {
    await using server = await ingestServer();
    const asked: IncomingHttpHeaders[] = [];
    const urls: string[] = [];
    const proxy = createServer((request, response) => {
      urls.push(request.url ?? '');
      asked.push(request.headers);
      request.resume().on('end', () => response.writeHead(201).end());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    try {
      await send(to(server), {
        packaging: { protocolOptions: { http_proxy: `http://joe:pw@127.0.0.1:${port}` } },
      });
    } finally {
      proxy.close();
      proxy.closeAllConnections();
    }
    expect(server.requests).to.deep.equal([]);
    expect(urls.at(-1)).to.equal(`${server.origin}/live/out.mpd`);
    expect(asked.at(-1)).to.include({
      host: new URL(server.origin).host,
      'proxy-authorization': `Basic ${Buffer.from('joe:pw').toString('base64')}`,
    });
  });

  it('follows a redirect on its host, and no other', async () => {
    await using server = await ingestServer();
    server.answer(({ path }) =>
      path.startsWith('/live/')
        ? { status: 307, headers: { Location: path.replace('/live/', '/stored/') } }
        : 201,
    );
    await send(to(server));
    expect(server.files).to.include.keys('/stored/out.mpd', '/stored/init-stream0.m4s');
    server.answer({ status: 308, headers: { Location: 'http://elsewhere.example/x?token=1' } });
    const error = await failureTo(to(server));
    expect(error.message).to.match(
      /answered 308 Permanent Redirect to http:\/\/elsewhere\.example\/x, another host$/,
    );
    server.answer(({ path }) => ({ status: 302, headers: { Location: path } }));
    expect((await failureTo(to(server))).message).to.contain('too many redirects');
  });
});

describe('Authorization', () => {
  const user = 'joe:p%40ss%3Aw%C3%B6rd@';
  const password = 'p@ss:wörd';

  /** Answers 401 with a challenge unless the header is right. */
  function guard(server: IngestServer, challenge: string, isRight: (header: string) => boolean) {
    server.answer(({ headers }) =>
      isRight(headers.authorization ?? '')
        ? 201
        : { status: 401, headers: { 'WWW-Authenticate': challenge } },
    );
  }

  it('of the URL is sent at once, as Basic', async () => {
    await using server = await ingestServer();
    const basic = `Basic ${Buffer.from(`joe:${password}`).toString('base64')}`;
    guard(server, 'Basic realm="live"', (header) => header === basic);
    const { paths, stream } = await send(to(server, { user }));
    expect(server.requests.every(({ headers }) => headers.authorization === basic)).to.be.true;
    expect(server.files).to.include.keys('/live/out.mpd');
    expect(stream.output).to.equal(`${server.origin}/live/out.mpd`);
    expect(paths.every((path) => path.startsWith(`${server.origin}/live/`))).to.be.true;
  });

  it('may come in -headers instead', async () => {
    await using server = await ingestServer();
    guard(server, 'Bearer', (header) => header === 'Bearer abc.def');
    await send(to(server, { user }), {
      packaging: { protocolOptions: { headers: 'Authorization: Bearer abc.def' } },
    });
    expect(server.files).to.include.keys('/live/out.mpd');
  });

  it('that is wrong fails the stream, and the message does not hold the password', async () => {
    await using server = await ingestServer();
    guard(server, 'Basic realm="live"', () => false);
    const error = await failureTo(to(server, { user: 'joe:hunter2@' }));
    expect(error).to.include({ code: 'WRITE_FAILED', stage: 'packager' });
    expect(error.message).to.match(
      /^Could not write http:\/\/127\.0\.0\.1:\d+\/live\/.+: the server answered 401 Unauthorized$/,
    );
    expect(JSON.stringify(error) + String(error.stack)).not.to.contain('hunter2');
  });

  for (const { algorithm, saysWhy, most } of [
    { algorithm: 'MD5', saysWhy: false, most: 6 },
    { algorithm: 'SHA-256', saysWhy: true, most: 4 }, // stale=true, as RFC 7616 wants it
  ]) {
    it(`is Digest with ${algorithm} when the server asks for that`, async () => {
      await using server = await ingestServer();
      const nonces = [randomBytes(8).toString('hex')];
      let left = 4; // a nonce serves for four requests
      const hash = (text: string): string =>
        createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
          .update(text)
          .digest('hex');
      server.answer(({ method, path, headers: { authorization = '' } }) => {
        const field = (name: string): string =>
          new RegExp(`\\b${name}="?([^",]*)`).exec(authorization)?.[1] ?? '';
        const given = field('nonce');
        const secret = hash(`joe:live, "here":${password}`);
        const request = hash(`${method}:${path}`);
        const parts = [secret, given, field('nc'), field('cnonce'), 'auth', request];
        const isRight =
          authorization.startsWith('Digest ') &&
          nonces.includes(given) &&
          field('response') === hash(parts.join(':'));
        const isFresh = given === nonces.at(-1);
        if (isRight && isFresh && left-- > 0) return 201;
        if (isRight && isFresh) nonces.push(randomBytes(8).toString('hex'));
        left = 4;
        const stale = isRight && saysWhy ? ', stale=true' : '';
        const challenge = `Digest realm="live, \\"here\\"", qop="auth,auth-int", algorithm=${algorithm}, nonce="${nonces.at(-1) ?? ''}", opaque="o"${stale}`;
        return { status: 401, headers: { 'WWW-Authenticate': ['Basic realm="x"', challenge] } };
      });
      const { stream } = await send(to(server, { user }));
      expect(await decodeErrors(stream.output), 'no body is lost').to.equal('');
      const refused = server.requests.length - server.files.size;
      expect(refused, 'challenges').to.be.within(2, most);
      const error = await failureTo(to(server, { user: 'joe:wrong@' }));
      expect(error.message).to.contain('401 Unauthorized');
    });
  }
});

describe('An HTTPS output', () => {
  it("is verified against an authority, the system's or another", async () => {
    const tls = await selfSigned();
    await using folder = tls.folder;
    await using server = await ingestServer({ tls });
    const url = to(server).replace('127.0.0.1', 'localhost');
    const authority = { ca_file: `${folder.path}/certificate.pem` };
    await send(url, { packaging: { protocolOptions: { tls_verify: 1, ...authority } } });
    expect(server.connections()).to.equal(1);
    expect(server.files).to.include.keys('/live/out.mpd');
    for (const protocolOptions of [{}, { tls_verify: 1 }]) {
      const error = await failureTo(url, { packaging: { protocolOptions } });
      expect(error).to.include({ code: 'WRITE_FAILED', stage: 'packager' });
      expect(error.message).to.match(/certificate/i);
    }
    server.files.clear();
    await send(url, { packaging: { protocolOptions: { tls_verify: 0 } } });
    expect(server.files).to.include.keys('/live/out.mpd');
  });

  it('has a certificate for its host, or for the one that verifyhost names', async () => {
    const tls = await selfSigned(); // for localhost
    await using folder = tls.folder;
    await using server = await ingestServer({ tls });
    const authority = { ca_file: `${folder.path}/certificate.pem` };
    const error = await failureTo(to(server), { packaging: { protocolOptions: authority } });
    expect(error).to.include({ code: 'WRITE_FAILED', stage: 'packager' });
    await send(to(server), {
      packaging: { protocolOptions: { ...authority, verifyhost: 'localhost' } },
    });
    expect(server.files).to.include.keys('/live/out.mpd');
    expect(server.requests[0]?.headers.host).to.equal(new URL(server.origin).host);
  });

  it('is not sent without encryption because of a redirect', async () => {
    const tls = await selfSigned();
    await using _folder = tls.folder;
    await using server = await ingestServer({ tls });
    server.answer({ status: 307, headers: { Location: 'http://127.0.0.1/live/' } });
    const error = await failureTo(to(server), {
      packaging: { protocolOptions: { tls_verify: 0 } },
    });
    expect(error.message).to.match(/ 307 Temporary Redirect to http:\/\/.+, without encryption$/);
  });
});

describe('A server that refuses', () => {
  for (const [status, text] of [
    [400, '400 Bad Request'],
    [403, '403 Forbidden'],
    [404, '404 Not Found'],
    [500, '500 Internal Server Error'],
    [507, '507 Insufficient Storage'],
  ] as const) {
    it(`with ${status} fails the stream with the status and the URL`, async () => {
      await using server = await ingestServer();
      server.answer(status);
      const error = await failureTo(to(server));
      expect(error).to.include({ code: 'WRITE_FAILED', stage: 'packager' });
      expect(error.averror).to.be.lessThan(0);
      expect(error.message).to.match(
        new RegExp(`^Could not write ${server.origin}/live/.+: the server answered ${text}$`),
      );
      expect(server.requests).to.have.length(status === 500 ? 2 : 1);
    });
  }

  it('is quoted, unless it gives away a secret', async () => {
    await using server = await ingestServer();
    const refusal = (body: string): void => {
      server.answer({ status: 403, headers: { 'Content-Type': 'text/html' }, body });
    };
    refusal('<html><title>No</title>\r\n<p>The quota\tis <b>used up</b></p></html>');
    const user = 'joe:hunter2@';
    const failed = async (): Promise<string> => {
      const error = await failureTo(to(server, { user, query: '?sig=s3cret' }), {
        packaging: { protocolOptions: { headers: 'X-Token: abcdef' } },
      });
      return error.message.replace(/.* answered /, '');
    };
    expect(await failed()).to.equal('403 Forbidden: No The quota is used up');
    refusal('ä'.repeat(150));
    expect(await failed()).to.equal(`403 Forbidden: ${'ä'.repeat(100)} …`);
    for (const body of [
      'user joe with hunter2 is unknown',
      'PUT /live/a.m4s?sig=s3cret',
      'token "abcdef" is invalid',
      'you said: Authorization: Basic am9lOmh1bnRlcjI=',
    ]) {
      refusal(body);
      expect(await failed()).to.equal('403 Forbidden');
    }
  });

  it('only at the end fails close(), and says so again', async () => {
    await using server = await ingestServer();
    server.answer(({ path }) => (path.endsWith('.mpd') ? 409 : 201));
    const gear = new StreamGear({
      output: to(server),
      streamParams: { '-preset': 'ultrafast', '-seg_duration': 0.4 },
    });
    for (let index = 0; index < FRAMES; index++) await gear.stream(smallFrame(index));
    const error = await rejection(gear.close());
    expect(error.message).to.contain('out.mpd: the server answered 409 Conflict');
    expect(await rejection(gear.close())).to.equal(error);
  });

  it('to delete keeps old segments, with one warning', async () => {
    await using server = await ingestServer();
    server.answer(({ method }) => (method === 'DELETE' ? 405 : 201));
    const { warnings } = await send(to(server), LIVE);
    const refused = warnings.filter(({ code }) => code === 'DELETE_REFUSED');
    expect(refused).to.have.length(1);
    expect(refused[0]?.message).to.match(/chunk-stream0-00001\.m4s: the server answered 405/);
    expect(server.requests.filter(({ method }) => method === 'DELETE')).to.have.length(1);
    expect(server.files).to.include.keys('/live/chunk-stream0-00001.m4s', '/live/out.mpd');
  });

  it('has forgotten what is to be deleted: that is fine', async () => {
    await using server = await ingestServer();
    let count = 0;
    server.answer(({ method }) => (method === 'DELETE' ? ([404, 410][count++ % 2] ?? 404) : 201));
    const { warnings } = await send(to(server), LIVE);
    expect(warnings.map(({ code }) => code)).not.to.include('DELETE_REFUSED');
    expect(count).to.be.greaterThan(1);
  });
});

describe('A failure that passes', () => {
  for (const reply of [408, 429, 500, 502, 503, 504] as const) {
    it(`${reply} is tried once more, with a warning`, async () => {
      await using server = await ingestServer();
      let failures = 0;
      server.answer(({ path }) =>
        path.includes('chunk-stream1-00002') && failures++ === 0 ? reply : 201,
      );
      const { warnings } = await send(to(server));
      expect(warnings).to.have.length(1);
      expect(warnings[0]?.code).to.equal('WRITE_RETRIED');
      expect(warnings[0]?.message).to.match(/^PUT http.*chunk-stream1-00002\.m4s: .*second try/);
      expect(failures).to.equal(2);
      expect(server.files).to.include.keys('/live/chunk-stream1-00002.m4s', '/live/out.mpd');
    });
  }

  it('is a connection that breaks: one that was idle before without a word', async () => {
    await using server = await ingestServer();
    let breaks = 0;
    const breakOnce = (name: string): void => {
      breaks = 0;
      server.answer(({ path }) => (path.includes(name) && breaks++ === 0 ? 'reset' : 201));
    };
    breakOnce('chunk-stream1-00002');
    const idle = await send(to(server));
    expect(idle.warnings).to.deep.equal([]);
    expect(breaks).to.equal(2);
    breakOnce('init-stream'); // the first request of the connection
    const { warnings } = await send(to(server));
    expect(warnings.map(({ code }) => code)).to.deep.equal(['WRITE_RETRIED']);
    expect(breaks).to.be.greaterThan(1);
  });

  it('is such a connection also where it breaks within a large body', async () => {
    await using server = await ingestServer();
    let breaks = 0;
    server.answer(({ path }) => (path.includes('00002') && breaks++ === 0 ? 'reset' : 201));
    const stream = await AdaptiveStream.open(
      heavyOptions('', {
        output: to(server),
        renditions: [{}],
        video: { preset: 'ultrafast', options: { qp: 1 } },
        packaging: { segmentDuration: 0.4 },
      }),
    );
    const warnings: WarningEvent[] = [];
    stream.on('warning', (warning) => warnings.push(warning));
    for (let index = 0; index < 20; index++) await stream.write(heavyFrame());
    await stream.finish();
    expect(warnings).to.deep.equal([]);
    expect(breaks).to.equal(2);
    expect(server.connections()).to.equal(2);
    expect(await decodeErrors(stream.output)).to.equal('');
  });

  it('fails the stream at once when reconnect is off', async () => {
    await using server = await ingestServer();
    server.answer(503);
    const error = await failureTo(to(server), {
      packaging: { protocolOptions: { reconnect: 0 } },
    });
    expect(error.message).to.contain('503 Service Unavailable');
    expect(server.requests).to.have.length(1);
  });

  it('is a server that restarts', async () => {
    const first = await ingestServer();
    const { port } = first;
    await first[Symbol.asyncDispose]();
    const refused = await failureTo(`http://127.0.0.1:${port}/live/out.mpd`);
    expect(refused).to.include({ code: 'WRITE_FAILED', averror: -ECONNREFUSED });
    expect(refused.message).to.match(/Connection refused$/);
  });

  it('is not a name that does not exist', async () => {
    const error = await failureTo('http://no-such-host.invalid/live/out.mpd');
    expect(error).to.include({ code: 'WRITE_FAILED' });
    expect(error.message).to.match(
      /^Could not write http:\/\/no-such-host\.invalid\/live\/.+"no-such-host\.invalid"/,
    );
  });
});

describe('A server that is slow', () => {
  it('slows the stream down, and memory holds no more than the queues', async () => {
    await using server = await ingestServer({ bytesPerMillisecond: 10_000 });
    const options = heavyOptions('', {
      output: to(server),
      renditions: [{}],
      // Without frame threads, of which there are as many as processors: each would hold a picture.
      video: { preset: 'ultrafast', tune: 'zerolatency', options: { qp: 1 } },
      packaging: { live: { window: 1, extraWindow: 1 }, segmentDuration: 0.4 },
    });
    const stream = await AdaptiveStream.open(options);
    let ahead = 0;
    for (let index = 0; index < 40; index++) {
      await stream.write(heavyFrame());
      const { framesEncoded, framesIn } = stream.stats();
      ahead = Math.max(ahead, framesIn - framesEncoded);
      server.files.clear();
    }
    await stream.finish();
    // Ingest takes one, the encoder has four queued and some under way.
    expect(ahead).to.be.lessThan(20);
    const puts = server.requests.filter(({ path }) => path.includes('chunk'));
    expect(
      puts.some(({ size }) => size > 1e6),
      'segments that no socket swallows',
    ).to.be.true;
  });
});

describe('A server that hangs', () => {
  it('fails the stream when nothing moves for the timeout', async () => {
    await using server = await ingestServer();
    server.answer(({ path }) => (path.endsWith('00002.m4s') ? 'hang' : 201));
    const begin = performance.now();
    const error = await failureTo(to(server), {
      packaging: { segmentDuration: 0.4, protocolOptions: { timeout: 3_000_000 } },
    });
    expect(error).to.include({ code: 'WRITE_FAILED', averror: -ETIMEDOUT });
    expect(error.message).to.match(/00002\.m4s: the server did not go on for too long/);
    expect(performance.now() - begin).to.be.lessThan(20_000); // without a second try
  });

  it('is left by abort(), also while close() waits for it', async () => {
    await using server = await ingestServer();
    server.answer('hang');
    const stream = await AdaptiveStream.open(smallOptions('', { output: to(server) }));
    await pushSmall(stream, FRAMES);
    const finished = rejection(stream.finish());
    await new Promise((resolve) => setTimeout(resolve, 300));
    const begin = performance.now();
    await stream.abort('enough');
    expect(performance.now() - begin).to.be.lessThan(5000); // promised: 2 s
    expect(await finished).to.include({ code: 'ABORTED', cause: 'enough' });
  });

  it('is left by abort() even where it is the resolver that hangs', async function () {
    if (process.platform !== 'linux') this.skip(); // LD_PRELOAD
    await using folder = await temporaryFolder();
    const source = fileURLToPath(new URL('fixtures/hanging-resolver.cc', import.meta.url));
    const library = join(folder.path, 'libhanging-resolver.so');
    await outputOf(process.env['CXX'] ?? 'c++', ['-shared', '-fPIC', '-o', library, source]);
    const [message] = await childMessages('hanging-resolver', {
      env: { LD_PRELOAD: library, STREAMGEAR_NO_DEEPBIND: '1' },
      shipped: true,
    });
    expect(message).to.include({ code: 'ABORTED' });
    expect(message?.['waited']).to.be.lessThan(5000); // promised: 2 s
  });

  it('is left by abort() while a retry waits', async () => {
    await using server = await ingestServer();
    server.answer(503);
    const stream = await AdaptiveStream.open(smallOptions('', { output: to(server) }));
    await pushSmall(stream, FRAMES);
    const finished = rejection(stream.finish());
    await stream.abort();
    expect(await finished).to.include({ code: 'ABORTED' });
  });
});

describe('Other protocols', () => {
  it('ftp stores every file, and says that it cannot delete', async () => {
    await using folder = await temporaryFolder();
    await using server = await ftpServer(folder.path, { user: 'joe', password: 'pw' });
    const output = `ftp://joe:pw@127.0.0.1:${server.port}/out.mpd`;
    const { stream, paths, warnings } = await send(output, LIVE);
    expect(stream.output).to.equal(`ftp://127.0.0.1:${server.port}/out.mpd`);
    expect(paths.join()).not.to.contain('pw@');
    expect(warnings.map(({ code }) => code)).to.include('NO_DELETE');
    // libavformat does not wait for the server's last word.
    await until(() => server.stored.filter((name) => !name.endsWith('.mpd')).length === 8);
    await until(() => server.stored.filter((name) => name === 'out.mpd').length === 4);
    expect(await decodeErrors(`${folder.path}/out.mpd`)).to.equal('');
  });

  it('ftp with a wrong password fails the stream', async () => {
    await using folder = await temporaryFolder();
    await using server = await ftpServer(folder.path, { user: 'joe', password: 'pw' });
    const error = await failureTo(`ftp://joe:hunter2@127.0.0.1:${server.port}/out.mpd`);
    expect(error).to.include({ code: 'WRITE_FAILED', stage: 'packager' });
    expect(error.message)
      .to.contain(`ftp://127.0.0.1:${server.port}/`)
      .and.not.to.contain('hunter2');
  });

  it('that do not store files by name are refused', async () => {
    for (const output of ['tcp://127.0.0.1:9/out.mpd', 'udp://127.0.0.1:9', 'pipe://1']) {
      const error = await rejection(AdaptiveStream.open(smallOptions('', { output })));
      expect(error).to.be.instanceOf(InvalidOptionsError);
      expect(error.message).to.match(/^Expected a path, or a URL that stores files by name/);
    }
  });
});
