// Processes: what a process and its children use, from /proc. Linux only.
import { readFileSync, readdirSync } from 'node:fs';

/** @param {number} pid */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold spaces and brackets: fields are counted from behind it.
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // it has ended
  }
}

/**
 * The process and everything below it.
 *
 * @param {number} root
 * @returns {number[]}
 */
export function treeOf(root) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statOf(Number(name))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

/**
 * Resident memory of a process tree, bytes; pages that several of them share count once each.
 *
 * @param {number} root
 */
export function memoryOf(root) {
  let bytes = 0;
  for (const pid of treeOf(root)) {
    try {
      const pages = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1];
      bytes += Number(pages) * 4096;
    } catch {
      // It has ended.
    }
  }
  return bytes;
}

/**
 * CPU time of a process and of its children that have ended, seconds.
 *
 * @param {number} pid
 */
export function cpuOf(pid) {
  const fields = statOf(pid) ?? [];
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
  return ticks / 100;
}
