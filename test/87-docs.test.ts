// The documents: their links lead somewhere, every example is on a page, and what they name is there.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { output } from './support/run.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Pages that people read, from the root of the repository. */
async function pages(): Promise<string[]> {
  const below = await readdir(join(ROOT, 'docs'), { recursive: true });
  const docs = below.filter((name) => name.endsWith('.md') && !name.startsWith('api'));
  const top = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'llms.txt'];
  return [...top, ...docs.map((name) => join('docs', name))];
}

/** The name that a heading has in a link. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

async function anchors(file: string): Promise<Set<string>> {
  const text = await readFile(file, 'utf8');
  return new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)));
}

describe('The documents', () => {
  it('have links that lead to a file, and to a heading in it', async () => {
    const broken: string[] = [];
    for (const page of await pages()) {
      const text = await readFile(join(ROOT, page), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
        if (!existsSync(file)) broken.push(`${page}: ${target}`);
        else if (anchor !== undefined && file.endsWith('.md')) {
          if (!(await anchors(file)).has(anchor)) broken.push(`${page}: ${target}`);
        }
      }
    }
    expect(broken).to.deep.equal([]);
  });

  it('name every page on the front page, and every example somewhere', async () => {
    const all = await pages();
    const front = await readFile(join(ROOT, 'docs/README.md'), 'utf8');
    const missing = all
      .filter((page) => page.startsWith('docs/') && page !== 'docs/README.md')
      .map((page) => relative('docs', page))
      .filter((page) => !front.includes(`(${page}`) && page !== 'benchmarks/capacity.md');
    expect(missing).to.deep.equal([]);
    const texts = (await Promise.all(all.map((page) => readFile(join(ROOT, page), 'utf8')))).join(
      '\n',
    );
    const examples = (await readdir(join(ROOT, 'examples'), { recursive: true })).filter(
      (name) =>
        /\.mjs$|Dockerfile$/.test(name) && !name.startsWith('start/') && name !== 'clip.mjs',
    );
    expect(examples.filter((name) => !texts.includes(`examples/${name}`))).to.deep.equal([]);
  });

  it('have commands of "npm run" that there are', async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const page of await pages()) {
      const text = await readFile(join(ROOT, page), 'utf8');
      for (const [, name = ''] of text.matchAll(/npm run ([a-z][\w:-]*)/g)) {
        expect(scripts, page).to.have.property(name);
      }
    }
  });
});

describe('The Dockerfile', () => {
  it('installs what the addon is built with, and what it is linked with', async function () {
    if (process.platform !== 'linux' || !existsSync('/etc/debian_version')) this.skip();
    const [build = '', run = ''] = (
      await readFile(join(ROOT, 'examples/docker/Dockerfile'), 'utf8')
    )
      .split(/^FROM /m)
      .slice(1);
    // As on a machine that has nothing yet.
    const requirements = new URL('../scripts/requirements.mjs', import.meta.url);
    const { packagesOf, requiredFor } = (await import(requirements.href)) as {
      requiredFor: (purposes: ReadonlySet<string>) => unknown[];
      packagesOf: (needed: unknown[], manager: string) => string[];
    };
    const needed = packagesOf(requiredFor(new Set(['build'])), 'apt');
    for (const name of needed)
      expect(build, name).to.match(new RegExp(`\\s${name.replaceAll('+', String.raw`\+`)}\\s`));
    const addon = join(ROOT, 'build/Release/streamgear.node');
    const linked = [
      ...(await output('ldd', [addon])).matchAll(/(lib(?:av|sw|curl|hwy)\S+) => (\S+)/g),
    ];
    const direct = await output('readelf', ['-d', addon]);
    for (const [, library = '', path = ''] of linked) {
      if (!direct.includes(`[${library}]`)) continue;
      const owner = (await output('dpkg', ['-S', path.replace(/^\/lib\//, '/usr/lib/')])).split(
        ':',
      )[0];
      expect(run, library).to.include(` ${String(owner)} `);
    }
  });
});
