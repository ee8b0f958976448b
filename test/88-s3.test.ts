// A live presentation that is mirrored to a server that speaks S3, by the example.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import S3rver from 's3rver';

import { temporaryFolder } from './support/media.js';
import { run } from './support/run.js';

const EXAMPLE = fileURLToPath(new URL('../examples/s3-upload.mjs', import.meta.url));
const CREDENTIALS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

describe('examples/s3-upload.mjs', () => {
  it('leaves in the bucket what is in the folder, with its media types', async () => {
    await using folder = await temporaryFolder();
    const [directory, out] = [join(folder.path, 'buckets'), join(folder.path, 'out')];
    await mkdir(directory);
    const server = new S3rver({
      address: '127.0.0.1',
      port: 0,
      silent: true,
      directory,
      configureBuckets: [{ name: 'live', configs: [] }],
    });
    const { port } = await server.run();
    const endpoint = `http://127.0.0.1:${String(port)}`;
    const s3 = new S3Client({
      endpoint,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: CREDENTIALS,
    });
    try {
      const { code, stdout, stderr } = await run(process.execPath, [EXAMPLE, out], {
        env: {
          S3_ENDPOINT: endpoint,
          S3_BUCKET: 'live',
          AWS_REGION: 'us-east-1',
          // It has words about Node 20 otherwise.
          AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
          AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
          AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
        },
      });
      expect(stderr).to.equal('');
      expect(code).to.equal(0);
      expect(stdout).to.include('s3://live/live.m3u8');
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'live' }));
      const names = await readdir(out);
      expect(names.length).to.be.greaterThan(3);
      expect(Contents.map(({ Key }) => Key)).to.have.members(names);
      for (const name of names) {
        const object = await s3.send(new GetObjectCommand({ Bucket: 'live', Key: name }));
        const bytes = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
        expect(bytes.equals(await readFile(join(out, name))), name).to.equal(true);
        const isManifest = name.endsWith('.m3u8');
        expect(object.ContentType).to.equal(
          isManifest ? 'application/vnd.apple.mpegurl' : 'video/mp2t',
        );
        expect(object.CacheControl === 'no-cache').to.equal(isManifest);
      }
    } finally {
      s3.destroy();
      await server.close();
    }
  });
});
