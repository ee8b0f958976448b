// Header text: values of options that end in the head of a request. A line break in one would begin another header.

/** Options of several lines: of headers, or of cookies. */
const LINES: ReadonlyMap<string, RegExp> = new Map([
  // RFC 9110, 5.1 and 5.5: a token, a colon, and no control character but the tabulator.
  ['headers', /^[\w!#$%&'*+.^`|~-]+:[^\p{Cc}]*$/u],
  ['cookies', /^[^\p{Cc}]+$/u],
]);

/**
 * What is wrong with the value of an option of a protocol or demuxer, as a message has it; undefined when nothing is.
 *
 * @param name - Of the option, `user_agent`.
 */
export function unfitHeaderText(name: string, value: string): string | undefined {
  const line = LINES.get(name);
  if (line === undefined) {
    return /\p{Cc}/u.test(value) ? 'text without line breaks and other controls' : undefined;
  }
  const lines = value.split(/\r?\n/).filter((text) => text !== '');
  if (lines.every((text) => line.test(text.replaceAll('\t', ' ')))) return undefined;
  return name === 'headers'
    ? 'lines such as "Authorization: Bearer …", with CR LF between them,'
    : 'lines of one cookie each';
}
