// Words of the command line.

/** An option as ffmpeg writes it, after which a value may follow: not a flag of ours, not a negative number. */
export function isName(word: string | undefined): boolean {
  return word !== undefined && /^-[a-z]/i.test(word);
}
