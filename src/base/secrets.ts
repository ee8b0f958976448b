// Secrets: what no message, log line or event may tell. C++ twin: native/base/secrets.cc; one table of examples,
// test/fixtures/secrets.tsv, holds both to the same rules.

const MASK = '***';

const PARTS =
  /passphrase|password|passwd|secret|token|authorization|credential|cookie|signature|api_?key/;
const WHOLE = /^(?:sig|auth|key|headers)$|_key$/;

/** In lower case, with `_` for `-` and without those in front: `-X-Api-Key` is `x_api_key`. */
const plain = (key: string): string => key.toLowerCase().replaceAll('-', '_').replace(/^_+/, '');

/** True when the value of a key is nobody's business: `passphrase`, `-headers`, `X-Api-Key`. */
export function isSecretKey(key: string): boolean {
  const name = plain(key);
  return PARTS.test(name) || WHOLE.test(name);
}

/** A header whose value is a secret as a whole. *token: invalid* in a sentence is none. */
function isSecretHeader(key: string): boolean {
  const name = plain(key);
  const isOwn = name.startsWith('x_') || name.includes('api');
  return /(?:authorization|cookies?)$/.test(name) || (isOwn && isSecretKey(key));
}

/** Where one of some characters is next; else the end. */
function next(text: string, characters: RegExp, from: number): number {
  characters.lastIndex = from;
  return characters.exec(text)?.index ?? text.length;
}

const VALUE_END = /[ \t\r\n"'<>`|\\&;,]/g;
const LINE_END = /[\r\n"\\]/g;
const AUTHORITY_END = /[/?#\n]/g;
const QUERY = /[?#]/g;

/** `a=1&b` as `a=***&***`. */
const maskedQuery = (query: string): string =>
  query.replaceAll(/[^&;?#]+/g, (part) => part.slice(0, part.indexOf('=') + 1) + MASK);

function withoutUsers(text: string): string {
  let result = '';
  let done = 0;
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at)) {
    const hasScheme = at > 0 && /[\w-]/.test(text.charAt(at - 1));
    at += '://'.length;
    if (!hasScheme) continue;
    result += text.slice(done, at);
    // Up to the last "@": a password may hold one, as libavformat has it.
    at += text.slice(at, next(text, AUTHORITY_END, at)).lastIndexOf('@') + 1;
    done = at;
  }
  return result + text.slice(done);
}

/** Of every URL, what its query and fragment say. */
function withoutQueries(text: string): string {
  return text.replaceAll(/[^ \t\r\n"'<>`|\\]+/g, (given) => {
    let end = given.length; // without what ends a sentence or a part of it
    while (end > 0 && ':.,)'.includes(given.charAt(end - 1))) end--;
    const word = given.slice(0, end);
    const scheme = word.indexOf('://');
    const query = scheme < 0 ? end : next(word, QUERY, scheme) + 1;
    return word.slice(0, query) + maskedQuery(word.slice(query)) + given.slice(end);
  });
}

/** What comes between a key and its value: `=` or `: `; 0 = the word is no key with a secret. */
function secretAfter(text: string, key: string, end: number): number {
  const separator = text.charAt(end);
  if (separator === '=' && isSecretKey(key)) return 1;
  if (separator === ':' && isSecretHeader(key)) return next(text, /[^ ]/g, end + 1) - end;
  return separator === ' ' && /^(?:bearer|basic)$/.test(plain(key)) ? 1 : 0;
}

/**
 * A text for people. Of URLs it lacks user and password, and the values of query and fragment are `***`: who signs
 * URLs decides what the keys are called. So are, anywhere, the values of `passphrase=…` and other keys that say what
 * they are, of headers such as `Authorization: …`, and what follows `Bearer` or `Basic`.
 */
export function withoutSecrets(given: string): string {
  const text = withoutQueries(withoutUsers(given));
  let result = '';
  let done = 0;
  const words = /[\w-]+/g;
  for (let word = words.exec(text); word !== null; word = words.exec(text)) {
    const end = words.lastIndex;
    const gap = secretAfter(text, word[0], end);
    if (gap === 0) continue;
    const quote = /["']/.exec(text.charAt(end + gap))?.[0];
    const value = end + gap + (quote === undefined ? 0 : 1);
    const closing = quote === undefined ? -1 : text.indexOf(quote, value);
    const bare = next(text, text.charAt(end) === ':' ? LINE_END : VALUE_END, value);
    const valueEnd = quote === undefined ? bare : closing < 0 ? text.length : closing;
    if (valueEnd === value) continue;
    result += text.slice(done, value) + MASK;
    done = words.lastIndex = valueEnd;
  }
  return result + text.slice(done);
}
