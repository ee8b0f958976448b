// The order of the house: a folder knows those before it in its list, and none behind. Fails where an import or an include
// runs back up, where a folder holds more files than one takes in at a glance, and where a file is too long to read.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const MOST_FILES = 16;
const MOST_LINES = 400;

/** src/, from what knows nothing to what knows all. index.ts and cli.ts stand above. */
const SRC = [
  ...['base', 'report', 'check', 'frames', 'native', 'source', 'options', 'files', 'plan'],
  ...['machine', 'stream', 'gear', 'cli'],
];

/** native/, as far as it is in order: what packages. The base is below all. */
const NATIVE = ['base', 'media', 'timeline', 'container', 'manifest', 'output', 'publishing'];

/** Below all others by what it says, though it stands at the top. */
const BELOW = 'config.h';

/** @param {string} folder @param {RegExp} names */
const filesIn = (folder, names) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll(path.sep, '/'))
    .filter((name) => names.test(name));

/** @param {string} file */
const textOf = (file) => readFileSync(path.join(root, file), 'utf8');

/**
 * @param {string} file
 * @param {readonly string[]} order
 * @param {Iterable<string>} known What it imports, from the folder that `order` is of.
 */
function* upward(file, order, known) {
  const own = order.indexOf(file.split('/')[1] ?? '');
  for (const target of known) {
    const other = order.indexOf(target.split('/')[0] ?? '');
    if (own >= 0 && other > own) yield `${file} knows ${target}, which is above it`;
  }
}

function* problems() {
  const sources = filesIn('src', /\.ts$/);
  for (const name of sources) {
    const text = textOf(`src/${name}`);
    const imports = [...text.matchAll(/from '(\.[^']+)'/g)].map(([, target = '']) =>
      path.posix.join(path.posix.dirname(name), target),
    );
    yield* upward(`src/${name}`, SRC, imports);
    const folder = name.split('/')[0] ?? '';
    if (name.includes('/') && !SRC.includes(folder)) yield `src/${folder} is in no order`;
  }
  for (const folder of SRC) {
    const count = sources.filter((name) => name.startsWith(`${folder}/`)).length;
    if (count > MOST_FILES) yield `src/${folder} has ${count} files, more than ${MOST_FILES}`;
  }
  const natives = filesIn('native', /\.(?:h|cc)$/).filter((name) => !name.startsWith('test/'));
  for (const name of natives) {
    const includes = [...textOf(`native/${name}`).matchAll(/#include "([^"]+)"/g)];
    const targets = includes.map(([, target = '']) => target).filter((target) => target !== BELOW);
    if (!name.startsWith('base/')) yield* upward(`native/${name}`, NATIVE, targets);
  }
  for (const file of [
    ...sources.map((name) => `src/${name}`),
    ...natives.map((name) => `native/${name}`),
  ]) {
    const lines = textOf(file).split('\n').length - 1;
    if (lines > MOST_LINES) yield `${file} has ${lines} lines, more than ${MOST_LINES}`;
  }
}

const found = [...problems()];
if (found.length > 0) {
  console.error(found.join('\n'));
  process.exitCode = 1;
}
