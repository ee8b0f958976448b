// Report: what a transcode says on the command line, to people or as lines of JSON.

import process from 'node:process';
import { titleOf } from '../base/formats.js';
import type { StreamGear } from '../gear/stream-gear.js';
import type { StreamSummary } from '../report/stats.js';
import { failureText, inFlags } from './failure.js';
import type { CliFailure } from './failure.js';
import type { Interruption } from './interrupt.js';
import { ProgressLine } from './progress.js';
import { clock, kilobits, megabytes, styled, table } from './terminal.js';

/** How a transcode ended. A failure may come with a summary: what could be read was written. */
export interface CliResult {
  /** Of what was written. */
  readonly summary?: StreamSummary | undefined;
  /** Why it did not finish. */
  readonly failure?: CliFailure | undefined;
  /** What ended it before its time. */
  readonly interruption?: Interruption | undefined;
}

/** Follows a transcode and says how it went. */
export interface Report {
  /** Listens to its events; `names` are those of the flags. */
  follow(gear: StreamGear, names: ReadonlyMap<string, string>): void;
  /** It is over. */
  end(result: CliResult): void;
}

/** What went wrong, on stderr. */
export function tellError(message: string): void {
  if (message === '') return;
  process.stderr.write(`${styled(process.stderr, 'red', 'streamgear')}: ${message}\n`);
}

function tellEnd({ failure, interruption }: CliResult): void {
  if (interruption !== undefined) tellError(interruption.message);
  else if (failure !== undefined) tellError(failureText(failure));
}

/** For people: progress and messages on stderr, the result on stdout. */
export function textReport(isQuiet: boolean): Report {
  const line = new ProgressLine(process.stderr);
  return {
    follow(gear, names) {
      if (isQuiet) return;
      gear.on('progress', (progress) => {
        line.show(progress);
      });
      gear.on('warning', ({ message }) => {
        line.clear();
        const label = styled(process.stderr, 'yellow', 'warning');
        process.stderr.write(`${label}: ${inFlags(message, names)}\n`);
      });
    },
    end(result) {
      line.clear();
      const { summary } = result;
      if (summary !== undefined && !isQuiet) process.stdout.write(summaryText(summary));
      tellEnd(result);
    },
  };
}

/** For programs: one object per line on stdout, of which `end` is the last. */
export function jsonReport(): Report {
  const write = (event: string, content: object): void => {
    process.stdout.write(`${JSON.stringify({ event, ...content })}\n`);
  };
  return {
    follow(gear, names) {
      for (const name of ['progress', 'segment', 'manifest', 'file'] as const) {
        gear.on(name, (content) => {
          write(name, content);
        });
      }
      gear.on('warning', ({ code, message }) => {
        write('warning', { code, message: inFlags(message, names) });
      });
    },
    end(result) {
      const { summary, failure } = result;
      write('end', {
        reason: reasonOf(result),
        ...(failure === undefined ? {} : { error: failure }),
        ...(summary === undefined ? {} : { summary }),
      });
      tellEnd(result);
    },
  };
}

/** A signal stops what runs, or aborts it. */
function reasonOf({ failure, interruption }: CliResult): string {
  if (interruption !== undefined) return failure === undefined ? 'stopped' : 'aborted';
  return failure === undefined ? 'finished' : 'failed';
}

/** A copied stream may not tell its rate. */
function declaredText(rate: number): string {
  return rate > 0 ? kilobits(rate) : '-';
}

/** The renditions as a table, and the manifests as the last lines. */
function summaryText({ renditions, audio, manifests, duration, elapsed }: StreamSummary): string {
  const title = titleOf(manifests.map(({ format }) => format));
  const paths = manifests.map(({ path }) => path).join('\n');
  const speed = elapsed > 0 ? ` (${(duration / elapsed).toFixed(1)}x)` : '';
  const rows = [
    ['rendition', 'codec', 'declared', 'real', 'segments', 'size'],
    ...renditions.map(({ width, height, codecs, bitrate, segments, bytes }) => [
      `${String(width)}x${String(height)}`,
      codecs,
      declaredText(bitrate.declared),
      kilobits(bitrate.average),
      String(segments),
      megabytes(bytes),
    ]),
    ...(audio?.renditions ?? []).map((track) => [
      `${String(track.channels)} ch, ${String(track.sampleRate)} Hz`,
      track.codecs,
      declaredText(track.bitrate.declared),
      kilobits(track.bitrate.average),
      String(track.segments),
      megabytes(track.bytes),
    ]),
  ];
  return `${title}, ${clock(duration)} in ${clock(elapsed)}${speed}\n${table(rows)}\n${paths}\n`;
}
