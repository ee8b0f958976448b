// What must be on the machine beside Node, how to see that it is there, and the packages that bring
// it. Used by check-native.mjs (when npm installs the package) and by setup.mjs (in a clone).
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * @typedef {'build' | 'test' | 'browser' | 'native'} Purpose
 * @typedef {'apt' | 'dnf' | 'brew'} PackageManager
 * @typedef {object} Requirement
 * @property {string} name
 * @property {Purpose} purpose
 * @property {() => boolean} isPresent
 * @property {string[]} apt Package names for Debian and Ubuntu.
 * @property {string[]} dnf Package names for Fedora; ffmpeg-free-devel is in its own repositories.
 * @property {string[]} brew
 */

/** FFmpeg 5.1, the oldest release that is supported. Ordered so that static linking works too. */
const ffmpegLibraries = {
  libavdevice: '59.7.0',
  libavfilter: '8.44.0',
  libavformat: '59.27.0',
  libavcodec: '59.37.0',
  libswscale: '6.7.0',
  libswresample: '4.7.0',
  libavutil: '57.28.0',
};

/** The oldest release that leaves a resolver which hangs (CURLOPT_QUICK_EXIT). */
const curlVersion = '7.87.0';

/**
 * Whether a program is found on the PATH.
 * @param {string} program
 */
export function hasCommand(program) {
  const extensions = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return folders.some((folder) =>
    extensions.some((extension) => existsSync(path.join(folder, program + extension))),
  );
}

function hasCompiler() {
  return [process.env.CXX?.split(' ')[0], 'c++', 'g++', 'clang++'].some(
    (name) => name !== undefined && (existsSync(name) || hasCommand(name)),
  );
}

/** @param {Record<string, string>} libraries The oldest version of each, by pkg-config's names. */
function hasLibraries(libraries) {
  const wanted = Object.entries(libraries).map(([name, version]) => `${name} >= ${version}`);
  return spawnSync('pkg-config', ['--exists', ...wanted], { stdio: 'ignore' }).status === 0;
}

/**
 * Asking GStreamer itself scans all plugins, which takes seconds.
 * @param {string} file
 */
function hasGstreamerPlugin(file) {
  const libraryFolders = ['/usr/lib64', '/usr/local/lib', '/opt/homebrew/lib', '/usr/lib'];
  const multiarch = existsSync('/usr/lib')
    ? readdirSync('/usr/lib').filter((name) => name.includes('-linux-gnu'))
    : [];
  return [...libraryFolders, ...multiarch.map((name) => `/usr/lib/${name}`)].some((folder) =>
    ['so', 'dylib'].some((ext) => existsSync(`${folder}/gstreamer-1.0/${file}.${ext}`)),
  );
}

function hasChromium() {
  const { CHROMIUM } = process.env;
  return CHROMIUM !== undefined ? existsSync(CHROMIUM) : hasCommand('chromium');
}

function hasGoogleTest() {
  return ['/usr', '/usr/local', '/opt/homebrew'].some((prefix) =>
    existsSync(`${prefix}/include/gtest/gtest.h`),
  );
}

/**
 * A program whose package has the program's own name, unless told otherwise.
 * @param {Purpose} purpose
 * @param {string} name
 * @param {{ apt?: string, dnf?: string, brew?: string }} [packages]
 * @returns {Requirement}
 */
function command(purpose, name, { apt = name, dnf = apt, brew = apt } = {}) {
  const isPresent = () => hasCommand(name);
  return { name, purpose, isPresent, apt: [apt], dnf: [dnf], brew: [brew] };
}

/**
 * @param {string} plugin
 * @param {string} suffix
 * @returns {Requirement}
 */
function gstreamerPlugin(plugin, suffix) {
  return {
    name: `GStreamer plugin ${plugin}`,
    purpose: 'test',
    isPresent: () => hasGstreamerPlugin(`libgst${plugin}`),
    apt: [`gstreamer1.0-${suffix}`],
    dnf: [suffix === 'libav' ? 'gstreamer1-plugin-libav' : `gstreamer1-${suffix}`],
    brew: ['gstreamer'],
  };
}

/** @type {Requirement[]} */
const requirements = [
  {
    name: 'a C++20 compiler',
    purpose: 'build',
    isPresent: hasCompiler,
    apt: ['g++'],
    dnf: ['gcc-c++'],
    brew: ['llvm'],
  },
  command('build', 'make'),
  command('build', 'python3', { brew: 'python' }),
  command('build', 'pkg-config', { dnf: 'pkgconf-pkg-config', brew: 'pkgconf' }),
  {
    name: `FFmpeg 5.1 or later (${Object.keys(ffmpegLibraries).join(', ')})`,
    purpose: 'build',
    isPresent: () => hasLibraries(ffmpegLibraries),
    apt: Object.keys(ffmpegLibraries).map((name) => `${name}-dev`),
    dnf: ['ffmpeg-free-devel'],
    brew: ['ffmpeg'],
  },
  {
    name: 'Highway 1.0 or later (libhwy)',
    purpose: 'build',
    isPresent: () => hasLibraries({ libhwy: '1.0.3' }),
    apt: ['libhwy-dev'],
    dnf: ['highway-devel'],
    brew: ['highway'],
  },
  {
    name: `libcurl ${curlVersion} or later`,
    purpose: 'build',
    isPresent: () => hasLibraries({ libcurl: curlVersion }),
    // The one whose TLS is that of Debian's libavformat.
    apt: ['libcurl4-gnutls-dev'],
    dnf: ['libcurl-devel'],
    brew: ['curl'],
  },
  command('test', 'ffmpeg', { dnf: 'ffmpeg-free' }),
  command('test', 'ffprobe', { apt: 'ffmpeg', dnf: 'ffmpeg-free' }),
  command('test', 'openssl'),
  command('test', 'gst-launch-1.0', {
    apt: 'gstreamer1.0-tools',
    dnf: 'gstreamer1',
    brew: 'gstreamer',
  }),
  gstreamerPlugin('playback', 'plugins-base'),
  gstreamerPlugin('isomp4', 'plugins-good'),
  gstreamerPlugin('hls', 'plugins-bad'),
  gstreamerPlugin('libav', 'libav'),
  {
    name: 'Chromium',
    purpose: 'browser',
    isPresent: hasChromium,
    apt: ['chromium'],
    dnf: ['chromium'],
    brew: ['chromium'],
  },
  command('native', 'cmake'),
  {
    name: 'GoogleTest',
    purpose: 'native',
    isPresent: hasGoogleTest,
    apt: ['libgtest-dev'],
    dnf: ['gtest-devel', 'libasan', 'libubsan', 'libtsan'],
    brew: ['googletest'],
  },
];

/**
 * What these purposes need and the machine lacks.
 * @param {ReadonlySet<Purpose>} purposes
 */
export function findMissing(purposes) {
  return requirements.filter(({ purpose, isPresent }) => purposes.has(purpose) && !isPresent());
}

/**
 * All that these purposes need, be it here or not.
 * @param {ReadonlySet<Purpose>} purposes
 */
export function requiredFor(purposes) {
  return requirements.filter(({ purpose }) => purposes.has(purpose));
}

/**
 * @param {Requirement[]} missing
 * @param {PackageManager} manager
 */
export function packagesOf(missing, manager) {
  return [...new Set(missing.flatMap((requirement) => requirement[manager]))];
}

/**
 * Names what is missing, and for each package manager the command that installs it.
 * @param {Requirement[]} missing
 */
export function describeMissing(missing) {
  return [
    'streamgear needs software that was not found on this machine:',
    ...missing.map(({ name }) => `  - ${name}`),
    'Install it, then run the same command again:',
    `  Debian, Ubuntu:  sudo apt-get install ${packagesOf(missing, 'apt').join(' ')}`,
    `  Fedora:          sudo dnf install ${packagesOf(missing, 'dnf').join(' ')}`,
    `  macOS:           brew install ${packagesOf(missing, 'brew').join(' ')}`,
  ].join('\n');
}
