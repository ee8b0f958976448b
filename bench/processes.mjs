// Processes: what a process and its children use, from /proc. Linux only.
import { readFileSync } from 'node:fs';

/** Unit of the times in /proc, on every Linux that Node runs on; Hz. */
const TICKS_PER_SECOND = 100;

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

/**
 * A process and everything below it that its main threads have started.
 *
 * @param {number} root
 * @returns {number[]}
 */
function treeOf(root) {
  const found = [root];
  for (const pid of found) {
    const children = read(`/proc/${pid}/task/${pid}/children`).trim();
    if (children !== '') found.push(...children.split(' ').map(Number));
  }
  return found;
}

/**
 * Proportional memory (PSS) of a process tree, bytes: pages that several of them map count once in all.
 *
 * @param {number} root
 */
export function memoryOf(root) {
  return treeOf(root).reduce((sum, pid) => {
    const kilobytes = /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0;
    return sum + 1024 * Number(kilobytes);
  }, 0);
}

/**
 * CPU time of a process and of its children that have ended, seconds.
 *
 * @param {number} pid
 */
export function cpuOf(pid) {
  const text = read(`/proc/${pid}/stat`);
  // The name may hold spaces and brackets: fields are counted from behind it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
  return ticks / TICKS_PER_SECOND;
}
