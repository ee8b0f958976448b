// Specifier: the part of an FFmpeg option that says which streams it is for.

/** Which streams an option is for. */
export type Target =
  /** All renditions. */
  | { readonly kind: 'all' }
  /** One rendition. */
  | { readonly kind: 'rendition'; readonly index: number }
  /** Audio, of which there is none yet. */
  | { readonly kind: 'audio' }
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
  return /^a(:\d+)?$/.test(specifier) ? { kind: 'audio' } : { kind: 'unknown' };
}

/** Splits `-b:v:1` into its name and its specifier. */
export function parseKey(attribute: string): OptionKey {
  const [, name = '', specifier = ''] = /^-*([^:]*):?(.*)$/s.exec(attribute) ?? [];
  return { name, specifier, target: targetOf(specifier) };
}
