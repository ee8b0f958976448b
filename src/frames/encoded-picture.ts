// Encoded pictures and videos: told by their first bytes, so that nobody takes them for pixels.

/** What begins a file, by its name with the article. `?` is any byte. */
const SIGNATURES: readonly (readonly [name: string, bytes: string])[] = [
  ['a PNG picture', '\x89PNG\r\n\x1A\n'],
  ['a JPEG picture', '\xFF\xD8\xFF'],
  ['a WebP picture', 'RIFF????WEBP'],
  ['a GIF picture', 'GIF87a'],
  ['a GIF picture', 'GIF89a'],
  ['a TIFF picture', 'II*\0'],
  ['a TIFF picture', 'MM\0*'],
  ['an AVIF picture', '????ftypavif'],
  ['an AVIF picture', '????ftypavis'],
  ['a HEIF picture', '????ftypheic'],
  ['a HEIF picture', '????ftypmif1'],
  ['a JPEG XL picture', '\0\0\0\x0CJXL \r\n'],
  ['a QOI picture', 'qoif'],
  ['YUV4MPEG2 video', 'YUV4MPEG2 '],
  ['an MP4 file', '????ftyp'],
  ['a Matroska or WebM file', '\x1AE\xDF\xA3'],
  ['an AVI file', 'RIFF????AVI '],
  ['an FLV file', 'FLV\x01'],
];

/** From as many known bytes on, no picture begins so by chance. */
const CERTAIN_BYTES = 6;

/** JPEG's first three bytes may well be a pixel: its first marker is known, too. */
const JPEG_MARKERS = /^(?:JFIF|Exif)$/;

/**
 * The format of an encoded picture or video, `a PNG picture`; undefined for anything else. Pixels can begin like a file
 * whose signature is short: ask only where they do not fit.
 */
export function encodedFormatOf(bytes: Uint8Array): string | undefined {
  return SIGNATURES.find(([, signature]) => begins(bytes, signature))?.[0];
}

/** As {@link encodedFormatOf}, but only what pixels do not look like. */
export function certainFormatOf(bytes: Uint8Array): string | undefined {
  const found = SIGNATURES.find(([, signature]) => begins(bytes, signature));
  if (found === undefined) return undefined;
  const [name, signature] = found;
  const known = signature.replaceAll('?', '').length;
  const isJpeg = JPEG_MARKERS.test(String.fromCharCode(...bytes.subarray(6, 10)));
  return known >= CERTAIN_BYTES || isJpeg ? name : undefined;
}

function begins(bytes: Uint8Array, signature: string): boolean {
  if (bytes.length < signature.length) return false;
  for (let index = 0; index < signature.length; index++) {
    if (signature[index] !== '?' && signature.charCodeAt(index) !== bytes[index]) return false;
  }
  return true;
}
