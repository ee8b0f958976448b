// Progress line: one line on a terminal that is written over and over.

import type { TranscodeProgress } from '../report/events.js';
import { clock, styled } from './terminal.js';
import type { Terminal } from './terminal.js';

const BAR_WIDTH = 24;

/** Of terminals that do not say how wide they are. */
const DEFAULT_COLUMNS = 80;

/** The line of a progress: `████░░░░  43 %  12.9 s of 30.0 s  96 fps  4.0x  4.3 s left`. */
export function progressText(progress: TranscodeProgress): string {
  const { time, total, done, fps, speed, timeLeft } = progress;
  const parts = [
    ...(done === undefined ? [] : [`${bar(done)} ${(done * 100).toFixed(0).padStart(3)} %`]),
    total === undefined ? clock(time) : `${clock(time)} of ${clock(total)}`,
    `${fps.toFixed(0)} fps`,
    `${speed.toFixed(1)}x`,
    ...(timeLeft === undefined ? [] : [`${clock(timeLeft)} left`]),
  ];
  return parts.join('  ');
}

function bar(done: number): string {
  const full = Math.round(Math.min(1, Math.max(0, done)) * BAR_WIDTH);
  return '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
}

/** Shows progress on a terminal; on anything else it does nothing. */
export class ProgressLine {
  readonly #terminal: Terminal;
  #text = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Writes the line anew, cut to the terminal's width: a line that wraps cannot be written over. */
  show(progress: TranscodeProgress): void {
    if (!this.#terminal.isTTY) return;
    const columns = this.#terminal.columns > 0 ? this.#terminal.columns : DEFAULT_COLUMNS;
    this.#text = progressText(progress).slice(0, columns - 1);
    this.#terminal.write(`\r\u001B[K${styled(this.#terminal, 'dim', this.#text)}`);
  }

  /** Takes the line away, so that something else can be written. */
  clear(): void {
    if (this.#text !== '') this.#terminal.write('\r\u001B[K');
    this.#text = '';
  }
}
