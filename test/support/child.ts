// Scripts of test/fixtures, each in a process of its own: what they measure, or do to themselves, stays there.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ChildResult {
  /** Exit code; null when a signal ended the process. */
  code: number | null;
  /** `SIGSEGV`, … when a signal ended it. */
  signal: NodeJS.Signals | null;
  /** Lines of JSON that it printed. */
  messages: Record<string, unknown>[];
  stdout: string;
  stderr: string;
}

export interface ChildOptions {
  args?: readonly string[];
  /** Options of node, in front of the script. */
  nodeOptions?: readonly string[];
  env?: NodeJS.ProcessEnv;
  /**
   * Use the addon as it is shipped even in a run with sanitizers, whose memory, speed and symbols are not those that
   * are looked at.
   */
  shipped?: boolean;
  /** Milliseconds until the process is killed. Default 180 000. */
  timeout?: number;
}

/**
 * For children that measure their memory: glibc gives threads arenas of their own, as many as there are processors times
 * eight, and each takes its time to fill up.
 */
export const FEW_ARENAS: NodeJS.ProcessEnv = { MALLOC_ARENA_MAX: '2' };

/** The environment without what a sanitizer run adds to it. */
function shippedEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  for (const name of ['STREAMGEAR_ADDON', 'STREAMGEAR_NO_DEEPBIND', 'LD_PRELOAD']) {
    Reflect.deleteProperty(environment, name);
  }
  return environment;
}

/** Runs `test/fixtures/<name>.ts` and waits for its end. */
export function runChild(name: string, options: ChildOptions = {}): Promise<ChildResult> {
  const { args = [], nodeOptions = [], env = {}, shipped = false, timeout = 180_000 } = options;
  const script = fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', ...nodeOptions, script, ...args], {
    env: { ...(shipped ? shippedEnvironment() : process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text.stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text.stderr += part));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const lines = text.stdout.split('\n').filter((line) => line.startsWith('{'));
      const messages = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      resolve({ code, signal, messages, ...text });
    });
  });
}

/** As {@link runChild}; a child that did not end with 0 is an error that shows what it said. */
export async function childMessages(
  name: string,
  options: ChildOptions = {},
): Promise<Record<string, unknown>[]> {
  const { code, signal, messages, stdout, stderr } = await runChild(name, options);
  if (code === 0) return messages;
  throw new Error(`${name} ended with ${String(code ?? signal)}:\n${stdout}\n${stderr}`);
}
