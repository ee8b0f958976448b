// The services of examples/service/: each streams what it draws, serves it, tells how it does, and ends in good order.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { decodeErrors } from './support/ffprobe.js';
import { temporaryFolder } from './support/media.js';

const SERVICES = fileURLToPath(new URL('../examples/service/', import.meta.url));

describe('A service with', () => {
  for (const name of ['express', 'fastify', 'hono']) {
    it(`${name} plays, is healthy, and ends with the process`, async () => {
      await using folder = await temporaryFolder();
      const child = spawn(process.execPath, [join(SERVICES, `${name}.mjs`), folder.path, '0']);
      let said = '';
      let complaints = '';
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
      const exit = once(child, 'exit');
      try {
        while (!said.includes('\n')) {
          await Promise.race([once(child.stdout, 'data'), exit]);
          expect(child.exitCode, complaints).to.equal(null);
        }
        const url = new URL(said.trim());
        const get = async (path: string): Promise<Response> => {
          const response = await fetch(new URL(path, url));
          expect(response.status, path).to.equal(200);
          return response;
        };
        const root = await get(url.pathname);
        expect(root.headers.get('content-type')).to.match(/^application\/vnd\.apple\.mpegurl/);
        expect(root.headers.get('cache-control')).to.equal('no-cache');
        expect(root.headers.get('access-control-allow-origin')).to.equal('*');
        expect(await root.text()).to.include('RESOLUTION=320x180');
        const playlist = await (await get('stream_1.m3u8')).text();
        const [segment = ''] = playlist.split('\n').filter((line) => line.endsWith('.ts'));
        const media = await get(segment);
        expect(media.headers.get('content-type')).to.equal('video/mp2t');
        expect(media.headers.get('cache-control')).to.include('max-age');
        expect(new Uint8Array(await media.arrayBuffer())[0]).to.equal(0x47);
        const health = (await (await get('/health')).json()) as Record<string, number>;
        expect(health['framesIn']).to.be.greaterThan(0);
        expect(health['renditions']).to.equal(2);
        child.kill('SIGTERM');
        expect((await exit)[0], complaints).to.equal(0);
        expect(complaints).to.equal('');
        const last = await readFile(join(folder.path, 'stream_0.m3u8'), 'utf8');
        expect(last).to.include('#EXT-X-ENDLIST');
        expect(await decodeErrors(join(folder.path, 'live.m3u8'))).to.equal('');
      } finally {
        child.kill('SIGKILL');
      }
    });

    it(`${name} ends when its stream fails`, async () => {
      await using folder = await temporaryFolder();
      const media = join(folder.path, 'media');
      const child = spawn(process.execPath, [join(SERVICES, `${name}.mjs`), media, '0']);
      let complaints = '';
      child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
      const exit = once(child, 'close');
      try {
        await Promise.race([once(child.stdout, 'data'), exit]);
        expect(child.exitCode, complaints).to.equal(null);
        await rename(media, join(folder.path, 'gone'));
        await writeFile(media, 'no folder');
        expect((await exit)[0], complaints).to.equal(1);
        expect(complaints).to.include('WRITE_FAILED');
      } finally {
        child.kill('SIGKILL');
      }
    });
  }
});
