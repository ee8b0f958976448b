// Native: the only loader of the addon.

import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { StreamError } from '../report/errors.js';
import type { NativeBinding } from './native-binding.js';

const INSTALL_HINT = [
  'streamgear needs the libraries of FFmpeg, Highway and libcurl, with their headers, to build:',
  '  Debian, Ubuntu: apt install g++ make pkg-config libavcodec-dev libavformat-dev libavutil-dev libswscale-dev libswresample-dev libavfilter-dev libavdevice-dev libhwy-dev libcurl4-gnutls-dev',
  '  Fedora:         dnf install gcc-c++ make pkgconf-pkg-config ffmpeg-devel highway-devel libcurl-devel',
  '  macOS:          brew install pkg-config ffmpeg highway curl',
  'Then run: npm rebuild streamgear',
].join('\n');

const BUNDLED_HINT = [
  'streamgear was bundled into another file, where its native addon is not. Keep the package external, and beside the bundle:',
  '  esbuild:         esbuild --external:streamgear …',
  "  Vite, Rollup:    build: { rollupOptions: { external: ['streamgear'] } }",
  "  webpack, Next:   externals: { streamgear: 'module streamgear' }",
  'See docs/bundlers.md.',
].join('\n');

/**
 * The folder of this package; undefined where a bundler has put this file into another one. (A `new URL()` of a literal and
 * import.meta.url would make webpack copy the file.)
 */
function packageFolder(): string | undefined {
  try {
    // Bundles of CommonJS have no URL of their own: that throws, too.
    const folder = join(fileURLToPath(import.meta.url), '../../..');
    const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name?: unknown;
    };
    return name === 'streamgear' ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Where the addon is: beside package.json, or where STREAMGEAR_ADDON points (sanitizer builds). */
function addonPath(): string {
  const named = process.env['STREAMGEAR_ADDON'];
  if (named !== undefined) return named;
  const folder = packageFolder();
  if (folder === undefined) throw new StreamError(BUNDLED_HINT, { code: 'ADDON_NOT_FOUND' });
  return join(folder, 'build/Release/streamgear.node');
}

function load(): NativeBinding {
  const path = addonPath();
  if (!existsSync(path)) {
    throw new StreamError(
      `The native addon is not built: ${path} does not exist.\n${INSTALL_HINT}`,
      {
        code: 'ADDON_NOT_FOUND',
      },
    );
  }
  // libsvtav1 prints to the terminal unless told otherwise before its first use.
  process.env['SVT_LOG'] ??= '0';
  // A process may already hold another libav with global symbols (Electron's libffmpeg): without
  // RTLD_DEEPBIND its functions would be called instead of ours. Sanitizers cannot work with it.
  // Not every platform has every flag, whatever the type definitions say.
  const flags: Readonly<Record<string, number>> = constants.dlopen;
  const deepBind = process.platform === 'linux' && process.env['STREAMGEAR_NO_DEEPBIND'] !== '1';
  const module: { exports: unknown } = { exports: {} };
  try {
    process.dlopen(
      module,
      path,
      (flags['RTLD_NOW'] ?? 2) | (deepBind ? (flags['RTLD_DEEPBIND'] ?? 0) : 0),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StreamError(`The native addon cannot be loaded: ${reason}\n${INSTALL_HINT}`, {
      code: 'ADDON_LOAD_FAILED',
      cause: error,
    });
  }
  const binding = module.exports as NativeBinding;
  // Node-API's cleanup hooks do not run at process.exit() or after an uncaught exception.
  process.once('exit', () => {
    binding.shutdown();
  });
  return binding;
}

let loaded: NativeBinding | undefined;

/**
 * The addon, loaded at the first call.
 *
 * @throws {@link StreamError} `ADDON_NOT_FOUND` or `ADDON_LOAD_FAILED`, saying what to install.
 */
export function nativeBinding(): NativeBinding {
  loaded ??= load();
  return loaded;
}
