// Bundlers: the package is kept external by one documented line, and a copy in a bundle says so.
import { cp, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';
import * as esbuild from 'esbuild';
import { build as vite } from 'vite';
import webpack from 'webpack';

import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { run } from './support/run.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ENTRY = `
import { listDevices, versions } from 'streamgear';
try {
  console.log(versions().streamgear ?? versions().libavcodec, typeof listDevices);
} catch (error) {
  console.log(error.code, error.message);
}
`;

/** Bundles `entry` to `file`; with the documented line when `external`. */
type Bundler = (entry: string, file: string, external: boolean) => Promise<void>;

const withEsbuild =
  (format: 'esm' | 'cjs'): Bundler =>
  async (entry, file, external) => {
    await esbuild.build({
      entryPoints: [entry],
      outfile: file,
      bundle: true,
      platform: 'node',
      format,
      logLevel: 'silent',
      ...(external ? { external: ['streamgear'] } : {}),
      // What a bundle of ES modules needs for dependencies that are CommonJS.
      ...(format === 'esm'
        ? {
            banner: {
              js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
            },
          }
        : {}),
    });
  };

const withVite: Bundler = async (entry, file, external) => {
  await vite({
    root: join(file, '..'),
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: entry,
      outDir: join(file, '..'),
      emptyOutDir: false,
      rollupOptions: {
        output: { entryFileNames: 'bundle.mjs' },
        ...(external ? { external: ['streamgear'] } : {}),
      },
    },
    ...(external ? {} : { ssr: { noExternal: true } }),
  });
};

const withWebpack: Bundler = (entry, file, external) =>
  new Promise((resolve, reject) => {
    webpack(
      {
        mode: 'none',
        target: 'node20',
        entry,
        experiments: { outputModule: true },
        output: { path: join(file, '..'), filename: 'bundle.mjs', module: true },
        ...(external ? { externals: { streamgear: 'module streamgear' } } : {}),
      },
      (error, stats) => {
        if (error !== null) reject(error);
        else if (stats?.hasErrors() === true) reject(new Error(stats.toString('errors-only')));
        else resolve();
      },
    );
  });

const BUNDLERS: readonly (readonly [name: string, file: string, bundler: Bundler])[] = [
  ['esbuild, ES modules', 'bundle.mjs', withEsbuild('esm')],
  ['esbuild, CommonJS', 'bundle.cjs', withEsbuild('cjs')],
  ['Vite', 'bundle.mjs', withVite],
  ['webpack', 'bundle.mjs', withWebpack],
];

describe('A bundle', () => {
  let folder: TemporaryFolder;
  let sources: string;
  before(async () => {
    folder = await temporaryFolder();
    // The package as it is on the machine of whoever bundles …
    sources = join(folder.path, 'sources');
    const packages = join(sources, 'node_modules');
    await mkdir(packages, { recursive: true });
    for (const name of ['zod', 'commander']) {
      await symlink(join(ROOT, 'node_modules', name), join(packages, name));
    }
    for (const name of ['dist', 'package.json']) {
      await cp(join(ROOT, name), join(packages, 'streamgear', name), { recursive: true });
    }
    await writeFile(join(sources, 'entry.mjs'), ENTRY);
    // … and where the bundle runs.
    await mkdir(join(folder.path, 'node_modules'));
    await symlink(ROOT, join(folder.path, 'node_modules/streamgear'));
  });
  after(() => folder[Symbol.asyncDispose]());

  for (const [index, [name, file, bundle]] of BUNDLERS.entries()) {
    const build = async (external: boolean): Promise<string> => {
      const out = join(folder.path, `${String(index)}-${String(external)}`);
      await mkdir(out);
      await bundle(join(sources, 'entry.mjs'), join(out, file), external);
      const elsewhere = join(folder.path, 'elsewhere');
      await rename(sources, elsewhere);
      const { stdout, stderr } = await run(process.execPath, [join(out, file)]);
      await rename(elsewhere, sources);
      expect(stderr).to.equal('');
      return stdout;
    };

    it(`of ${name} works with the package external`, async () => {
      expect(await build(true)).to.match(/^[\d.]+ function\n$/);
    });

    it(`of ${name} says that it holds a copy of the package`, async () => {
      expect(await build(false)).to.match(
        /^ADDON_NOT_FOUND streamgear was bundled into another file/,
      );
    });
  }

  it('is told of on a page with the same lines', async () => {
    const page = await readFile(join(ROOT, 'docs/bundlers.md'), 'utf8');
    for (const line of [
      '--external:streamgear',
      "external: ['streamgear']",
      "'module streamgear'",
    ]) {
      expect(page).to.include(line);
    }
  });
});
