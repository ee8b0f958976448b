// clang-format, the version that npm brings, over all C++ files. With --check it only compares.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const files = ['native', 'bench/limit'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(cc|h)$/.test(name))
    .map((name) => path.join(folder, name)),
);
const mode = process.argv.includes('--check') ? ['--dry-run', '--Werror'] : ['-i'];
const program = path.join(root, 'node_modules/clang-format/index.js');
const { status } = spawnSync(process.execPath, [program, ...mode, '--style=file', ...files], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
