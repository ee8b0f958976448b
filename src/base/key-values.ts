// Lists as FFmpeg writes them: "key=value:key2=value2", "+flag-flag".

/** The pairs of a list; a backslash takes the next character as it is. */
export function keyValues(list: string): [key: string, value: string][] {
  const pairs = list.match(/(?:\\.|[^:\\])+/gs) ?? [];
  return pairs.map((pair) => {
    const plain = pair.replaceAll(/\\(.)/gs, '$1');
    const split = plain.indexOf('=');
    return split < 0
      ? [plain.trim(), '']
      : [plain.slice(0, split).trim(), plain.slice(split + 1).trim()];
  });
}

/** Flags without a sign would replace those that are there: `low_delay` → `+low_delay`. */
export function addedFlags(flags: string): string {
  return /^[+-]/.test(flags) ? flags : `+${flags}`;
}
