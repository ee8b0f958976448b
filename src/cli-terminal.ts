// Terminal: colours, tables and numbers as people read them.

/** A stream of the process, stdout or stderr. */
export type Terminal = NodeJS.WriteStream;

const STYLES = { bold: [1, 22], dim: [2, 22], red: [31, 39], yellow: [33, 39] };

/** Text in a style, where the terminal has any and NO_COLOR does not forbid it. */
export function styled(terminal: Terminal, style: keyof typeof STYLES, text: string): string {
  // A stream that is no terminal has no hasColors(), whatever its type says.
  if (!terminal.isTTY || !terminal.hasColors()) return text;
  const [on, off] = STYLES[style];
  return `\u001B[${String(on)}m${text}\u001B[${String(off)}m`;
}

/** Aligned columns, the titles first; columns of numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const isNumber = (text: string): boolean => /^[-\d]/.test(text) && !text.includes('x');
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const right = widths.map((_, column) =>
    rows.slice(1).every((row) => isNumber(row[column] ?? '-')),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => {
        const width = widths[column] ?? 0;
        return right[column] === true ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

/** `5184 kbit/s`; '' when unknown. */
export function kilobits(bitsPerSecond: number | undefined): string {
  return bitsPerSecond === undefined ? '' : `${(bitsPerSecond / 1000).toFixed(0)} kbit/s`;
}

/** `12.34 MB` */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

/** `9.5 s`, `1:05`, `1:02:03` */
export function clock(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [
    Math.floor(whole / 3600),
    Math.floor(whole / 60) % 60,
    two(whole % 60),
  ];
  return hours > 0 ? `${String(hours)}:${two(minutes)}:${rest}` : `${String(minutes)}:${rest}`;
}
