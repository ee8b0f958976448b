// Transcode on the command line: Single-Source Mode of StreamGear, with signals and a report.

import { StreamGear } from '../gear/stream-gear.js';
import { StreamError } from '../report/errors.js';
import { printPlan } from './dry-run.js';
import { EXIT_OK, exitCodeOf, failureOf } from './failure.js';
import { inputOf } from './input.js';
import type { Interrupt } from './interrupt.js';
import { planTranscode } from './params.js';
import type { TranscodeFlags } from './params.js';
import { jsonReport, textReport } from './report.js';

/** Transcodes the input and gives the exit code; what went wrong is told, not thrown. */
export async function transcode(
  input: string,
  output: string | undefined,
  flags: TranscodeFlags,
  ffmpeg: readonly string[],
  interrupt: Interrupt,
): Promise<number> {
  const report = flags.json === true ? jsonReport() : textReport(flags.quiet ?? false);
  let names: ReadonlyMap<string, string> = new Map();
  try {
    const plan = planTranscode(inputOf(input), output, flags, ffmpeg);
    names = plan.names;
    if (flags.dryRun === true) {
      await printPlan(plan, flags.json === true, interrupt.signal);
      return EXIT_OK;
    }
    const gear = new StreamGear({ ...plan.options, signal: interrupt.signal });
    report.follow(gear, names);
    const ended = gear.transcodeSource();
    interrupt.stopFirst(() => {
      gear.stop().catch(() => undefined); // the same as of `ended`
    });
    const summary = await ended;
    const interruption = interrupt.cause();
    report.end({ summary, interruption });
    return interruption?.exitCode ?? EXIT_OK;
  } catch (error) {
    const interruption = interrupt.cause();
    const summary = error instanceof StreamError ? error.summary : undefined;
    report.end({ failure: failureOf(error, names), interruption, summary });
    return interruption?.exitCode ?? exitCodeOf(error);
  }
}
