// Specifier: the part of an FFmpeg option that says which streams it is for.

/** Which streams an option is for. */
export type Target =
  /** All renditions. */
  | { readonly kind: 'all' }
  /** One rendition. */
  | { readonly kind: 'rendition'; readonly index: number }
  /** All audio, or that of one rendition. */
  | { readonly kind: 'audio'; readonly index?: number }
  /** Something else. */
  | { readonly kind: 'unknown' };

/** An FFmpeg option's key: `-b:v:1`. */
export interface OptionKey {
  /** `b` */
  readonly name: string;
  /** `v:1` */
  readonly specifier: string;
  /** Which streams it is for. */
  readonly target: Target;
}

/** Video streams are the renditions, in their order, and come first. */
function targetOf(specifier: string): Target {
  if (/^v?$/i.test(specifier)) return { kind: 'all' };
  const [, index] = /^(?:[vV]:)?(\d+)$/.exec(specifier) ?? [];
  if (index !== undefined) return { kind: 'rendition', index: Number(index) };
  // "s:" belongs to -metadata: tags of a stream.
  const [audio, number] = /^(?:s:)?a(?::(\d+))?$/.exec(specifier) ?? [];
  if (audio === undefined) return { kind: 'unknown' };
  return number === undefined ? { kind: 'audio' } : { kind: 'audio', index: Number(number) };
}

/** Names that say themselves that they are for audio. */
const AUDIO_NAMES = ['acodec', 'ab', 'af', 'ar', 'ac', 'aq'];

/** Splits `-b:v:1` into its name and its specifier. */
export function parseKey(attribute: string): OptionKey {
  const [, name = '', specifier = ''] = /^-*([^:]*):?(.*)$/s.exec(attribute) ?? [];
  const isAudio = specifier === '' && AUDIO_NAMES.includes(name);
  return { name, specifier, target: isAudio ? { kind: 'audio' } : targetOf(specifier) };
}
