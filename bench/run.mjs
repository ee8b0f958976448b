// Run: one case with one contender in a fresh process, watched from outside.
import { spawn } from 'node:child_process';
import path from 'node:path';

import { bytesOf, countOf } from './frames.mjs';
import { limitCommand, pictureBytes } from './limit/limit.mjs';
import { memoryOf } from './processes.mjs';

/** @import { Case } from './cases.mjs' */
/** @import { Latency } from './contenders/contender.d.ts' */

/** Reading the memory of a process costs it a millisecond or two. */
const SAMPLE_MS = 100;
/** Then a run hangs, however slow the machine: one contender that does must not cost the others theirs. */
const mostMs = (/** @type {Case} */ { frames, streams }) =>
  Math.min(900_000, 60_000 + 1000 * frames * streams);
/** Kept of what a process says on its standard error, characters. */
const TAIL = 1000;

/**
 * Figures of one run. Times are seconds, but for latencies and delays, which are ms.
 *
 * @typedef {object} Figures
 * @property {number} round
 * @property {number} seconds From construction to the end of close().
 * @property {number} fps Frames of all streams.
 * @property {number} cpuSeconds Of the process and its children.
 * @property {number} cpuPerFrame
 * @property {number | null} memory Peak of the process tree, without the pictures that the benchmark itself
 *   holds, bytes; null when the run was over too soon.
 * @property {readonly Mark[]} [marks]
 * @property {{ p50: number, p99: number, max: number }} [loopDelay]
 * @property {Latency} [call] Of the JavaScript thread, until push() has returned.
 * @property {number} [firstCall] The first of them, in a process that has pushed nothing before; ms.
 * @property {Latency | null} [packetLatency]
 * @property {Latency | null} [segmentLatency]
 * @property {number} [firstSegment]
 * @property {number} [closeSeconds]
 * @property {number} [loadSeconds] Of the module.
 * @property {number} [lateMs] The latest that a paced frame came.
 * @property {number} [bytes]
 */
/**
 * What the process of a live run has used when a frame comes.
 *
 * @typedef {object} Mark
 * @property {number} frame
 * @property {number} memory Resident, the benchmark's pictures included; bytes.
 * @property {number} cpuSeconds
 */

/**
 * The most memory that a process and its children have until it ends, bytes.
 *
 * @param {number} pid
 */
function watchMemory(pid) {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, memoryOf(pid));
  }, SAMPLE_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return peak;
    },
  };
}

/**
 * @param {readonly string[]} command
 * @param {Readonly<Record<string, string>>} env
 * @param {number} timeout
 */
async function execute([program, ...args], env, timeout) {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  });
  const watch = watchMemory(child.pid ?? 0);
  let output = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-TAIL)));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (status, signal) => resolve(status ?? signal));
  });
  const peak = watch.stop();
  if (code !== 0) throw new Error(`it ended with ${code}: ${said.trim()}`);
  const line = output.trim().split('\n').at(-1) ?? '';
  return { figures: JSON.parse(line), peak };
}

/**
 * @param {Case} item
 * @param {string} name
 * @param {string} folder
 * @param {Readonly<Record<string, string>>} env
 * @returns {Promise<Omit<Figures, 'round'>>}
 */
export async function runOnce(item, name, folder, env) {
  const isLimit = name === 'limit';
  const worker = path.join(import.meta.dirname, 'worker.mjs');
  const command = isLimit
    ? limitCommand(item, folder)
    : [process.execPath, worker, JSON.stringify(item), name, folder];
  const { figures, peak } = await execute(command, env, mostMs(item));
  const pictures = isLimit ? pictureBytes(item) : countOf(item) * bytesOf(item);
  const frames = item.frames * item.streams;
  return {
    ...figures,
    fps: frames / figures.seconds,
    cpuPerFrame: figures.cpuSeconds / frames,
    memory: peak > pictures ? peak - pictures : null,
  };
}
