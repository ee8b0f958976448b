// Runs a program without a shell and without blocking the event loop; the time limit kills it.
import { execFile } from 'node:child_process';

export interface RunResult {
  /** Exit code; -1 when the program was killed. */
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Milliseconds until the program is killed. Default 180 000: what hangs ends, what is slow may be. */
  timeout?: number;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

const MAX_OUTPUT = 512 * 1024 * 1024;

function execute<T extends string | Buffer>(
  command: string,
  args: readonly string[],
  options: RunOptions,
  encoding: 'utf8' | 'buffer',
): Promise<{ code: number; stdout: T; stderr: T }> {
  const { timeout = 180_000, env, cwd } = options;
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { timeout, env, cwd, encoding, maxBuffer: MAX_OUTPUT, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        if (error?.killed === true) {
          reject(new Error(`${command} did not end within ${timeout} ms: ${args.join(' ')}`));
          return;
        }
        if (error !== null && typeof error.code !== 'number' && error.signal == null) {
          reject(new Error(`${command} could not be started: ${error.message}`));
          return;
        }
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout: stdout as T, stderr: stderr as T });
      },
    );
  });
}

/** Runs a program and resolves whatever its exit code is; rejects when it cannot start or hangs. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return execute<string>(command, args, options, 'utf8');
}

/** Standard output as text; a non-zero exit code is an error that carries standard error. */
export async function output(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr.trim()}`);
  return stdout;
}

/** Standard output as bytes; a non-zero exit code is an error that carries standard error. */
export async function outputBytes(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Buffer> {
  const { code, stdout, stderr } = await execute<Buffer>(command, args, options, 'buffer');
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr.toString().trim()}`);
  return stdout;
}
