// A certificate of this machine's own, made by the openssl program.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryFolder } from './media.js';
import type { TemporaryFolder } from './media.js';
import { run } from './run.js';

export interface Certificate {
  /** PEM. */
  key: string;
  /** PEM; also in `certificate.pem` in the folder. */
  cert: string;
  folder: TemporaryFolder;
}

/** For localhost, signed by itself. */
export async function selfSigned(): Promise<Certificate> {
  const folder = await temporaryFolder();
  const [key, cert] = ['key.pem', 'certificate.pem'].map((name) => join(folder.path, name));
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', String(key), '-out', String(cert)];
  const how = ['-x509', '-newkey', 'rsa:2048', '-noenc', '-days', '2'];
  const { code, stderr } = await run('openssl', ['req', ...how, ...subject, ...files]);
  if (code !== 0) throw new Error(`openssl failed: ${stderr}`);
  return {
    key: await readFile(String(key), 'utf8'),
    cert: await readFile(String(cert), 'utf8'),
    folder,
  };
}
