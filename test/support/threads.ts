// Threads of processes, on Linux.
import { readFileSync, readdirSync } from 'node:fs';

/** Names of the threads of a process; none when it has ended. */
export function threadNames(pid: number): string[] {
  const folder = `/proc/${pid}/task`;
  try {
    return readdirSync(folder).map((task) =>
      readFileSync(`${folder}/${task}/comm`, 'utf8').trimEnd(),
    );
  } catch {
    return []; // gone meanwhile
  }
}

/** How many this process has, without those that were joined and are on their way out of the kernel. */
export function threads(): number {
  const EXITING = 4; // PF_EXITING
  return readdirSync('/proc/self/task').filter((task) => {
    try {
      const stat = readFileSync(`/proc/self/task/${task}/stat`, 'utf8');
      // Fields from the third on: the name before them may hold anything.
      const flags = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6]);
      return (flags & EXITING) === 0;
    } catch {
      return false; // gone meanwhile
    }
  }).length;
}
