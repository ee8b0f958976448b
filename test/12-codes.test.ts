// Codes: every code that the sources can tell has its line in the tables, and nothing else has one.

import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { expect } from 'chai';
import { ERROR_CODES, WARNING_CODES } from '../src/report/codes.js';

const root = path.dirname(import.meta.dirname);

/** Names in capitals that are no codes: of the environment and of dlopen. */
const OTHER = /^(?:STREAMGEAR|SVT|RTLD)_/;

/** String literals that look like codes, and where each one is. */
function told(): Map<string, string> {
  const codes = new Map<string, string>();
  const files = ['native', 'src']
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        path.join(folder, name),
      ),
    )
    .filter((name) => /\.(?:cc|h|ts)$/.test(name) && !name.startsWith(path.join('native', 'test')))
    .filter((name) => name !== path.join('src', 'codes.ts'));
  for (const name of files) {
    const text = readFileSync(path.join(root, name), 'utf8');
    for (const [, code = ''] of text.matchAll(/["']([A-Z][A-Z\d]*(?:_[A-Z\d]+)+|ABORTED)["']/g)) {
      if (!OTHER.test(code)) codes.set(code, name);
    }
  }
  return codes;
}

describe('codes', () => {
  const tables = new Set([...Object.keys(ERROR_CODES), ...Object.keys(WARNING_CODES)]);

  it('of the sources are all in the tables', () => {
    const missing = [...told()].filter(([code]) => !tables.has(code));
    expect(missing, 'add a line to src/report/codes.ts').to.deep.equal([]);
  });

  it('of the tables are all in the sources', () => {
    const codes = told();
    const idle = [...tables].filter((code) => !codes.has(code));
    expect(idle, 'nothing tells these any more').to.deep.equal([]);
  });

  for (const [name, table] of Object.entries({ ERROR_CODES, WARNING_CODES })) {
    it(`${name} is sorted, each with a sentence`, () => {
      expect(Object.keys(table)).to.deep.equal(Object.keys(table).toSorted());
      for (const sentence of Object.values(table)) expect(sentence).to.match(/^[A-Z].*\.$/);
    });
  }

  it('are in docs/errors.md as the tables have them', () => {
    execFileSync(process.execPath, [path.join(root, 'scripts/write-codes.mjs'), '--check'], {
      stdio: 'pipe',
    });
  });
});
