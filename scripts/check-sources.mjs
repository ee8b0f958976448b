// native/sources.json is the one list of C++ sources. Fails when it and the folder differ, or when a
// build file names a source by itself. With --write it makes the list anew: addon/ is the
// Node-API door, every other file is the core, which knows nothing of Node.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const listFile = path.join(root, 'native/sources.json');

const names = readdirSync(path.join(root, 'native'), { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll(path.sep, '/'))
  .filter((name) => name.endsWith('.cc') && !name.startsWith('test/'))
  .sort();
const isAddon = (/** @type {string} */ name) => name.startsWith('addon/');
const expected = {
  core: names.filter((name) => !isAddon(name)),
  addon: names.filter((name) => isAddon(name)),
};

/** @param {Record<string, string[]>} listed */
function* findDifferences(listed) {
  for (const [part, files] of Object.entries(expected)) {
    const inList = listed[part] ?? [];
    for (const name of files.filter((name) => !inList.includes(name))) {
      yield `native/${name} is missing from "${part}" of native/sources.json`;
    }
    for (const name of inList.filter((name) => !files.includes(name))) {
      yield `native/sources.json lists "${name}" in "${part}", where it does not belong`;
    }
    if (new Set(inList).size !== inList.length) yield `"${part}" lists a file twice`;
  }
  for (const buildFile of ['binding.gyp', 'native/CMakeLists.txt']) {
    const text = readFileSync(path.join(root, buildFile), 'utf8');
    for (const [name] of text.matchAll(/(?<![*\w/])[\w/]+\.cc\b/g)) {
      yield `${buildFile} names ${name} itself instead of reading native/sources.json`;
    }
  }
}

if (process.argv.includes('--write')) {
  writeFileSync(listFile, JSON.stringify(expected, null, 2) + '\n');
} else {
  const differences = [...findDifferences(JSON.parse(readFileSync(listFile, 'utf8')))];
  if (differences.length > 0) {
    console.error(differences.join('\n'));
    console.error('Run "node scripts/check-sources.mjs --write" to make the list anew.');
    process.exitCode = 1;
  }
}
