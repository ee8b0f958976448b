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

/** Columns of a terminal; undefined where there is none. */
export function widthOf({ isTTY, columns }: Terminal): number | undefined {
  return isTTY && columns > 0 ? columns : undefined;
}

/** The least that is left for the last column of a table. */
const LEAST_COLUMN = 24;

/**
 * Aligned columns, the titles first; columns of numbers to the right. Each row is one line, but on a terminal the last column is wrapped
 * below itself.
 *
 * @param cells - Texts; line breaks in them become spaces.
 * @param width - Of the terminal; undefined: lines may have any length.
 */
export function table(cells: readonly (readonly string[])[], width?: number): string {
  const rows = cells.map((row) => row.map((text) => text.replaceAll(/\s+/g, ' ').trim()));
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
        const most = widths[column] ?? 0;
        return right[column] === true ? text.padStart(most) : text.padEnd(most);
      })
      .join('  ')
      .trimEnd();
  const indent = widths.slice(0, -1).reduce((sum, most) => sum + most + 2, 0);
  const room = Math.max(LEAST_COLUMN, (width ?? Number.POSITIVE_INFINITY) - indent);
  return rows
    .flatMap((row) => {
      const [first = '', ...others] = wrapped(row.at(-1) ?? '', room);
      return [
        line([...row.slice(0, -1), first]),
        ...others.map((text) => ' '.repeat(indent) + text),
      ];
    })
    .join('\n');
}

/** Lines of at most `room` letters, broken between words where there are any. */
function wrapped(text: string, room: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > room) {
    const space = rest.lastIndexOf(' ', room);
    const end = space > 0 ? space : room;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
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
