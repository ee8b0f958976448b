// Libav: what the local libav says of itself. Asked once, remembered for the process.

import type {
  NativeAudioEncoderInfo,
  NativeBinding,
  NativeComponent,
  NativeEncoderInfo,
  NativeOption,
} from './native-binding.js';

/** Encoders to prefer where a codec has several. */
const PREFERRED = [
  ...['libx264', 'libx265', 'libvpx-vp9', 'libsvtav1', 'libaom-av1'],
  ...['libopus', 'libmp3lame'],
];

/** Protocols that hand what they do not know down to others. */
const BELOW: ReadonlyMap<string, readonly string[]> = new Map([
  ['http', ['tcp']],
  ['https', ['tls', 'tcp']],
  ['httpproxy', ['tcp']],
  ['ftp', ['tcp']],
  ['tls', ['tcp']],
]);

/** The component itself, and those to which it hands what it does not know. */
function ownersOf(kind: NativeComponent, name: string): string[] {
  return kind === 'protocol' ? [name, ...(BELOW.get(name) ?? [])] : [name];
}

const X264_PRESETS = [
  'ultrafast',
  'superfast',
  'veryfast',
  'faster',
  'fast',
  'medium',
  'slow',
  'slower',
  'veryslow',
  'placebo',
];

/** Values that libav takes as any text, and the encoder refuses only when it opens. */
const WORDS: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> = new Map([
  [
    'libx264',
    new Map([
      ['preset', X264_PRESETS],
      [
        'tune',
        [
          'film',
          'animation',
          'grain',
          'stillimage',
          'psnr',
          'ssim',
          'fastdecode',
          'zerolatency',
          'touhou',
        ],
      ],
      ['profile', ['baseline', 'main', 'high', 'high10', 'high422', 'high444']],
    ]),
  ],
  [
    'libx265',
    new Map([
      ['preset', X264_PRESETS],
      ['tune', ['psnr', 'ssim', 'grain', 'fastdecode', 'zerolatency', 'animation']],
    ]),
  ],
]);

/** Options of libavformat's muxers that encrypt: players learn of it from manifests, and ours do not say it. */
const ENCRYPTION = /^(?:(?:en|de)cryption_|cenc|hls_enc|hls_key)/;

/** What a component wants instead of a value. */
export interface Problem {
  /** Completes "Expected … for". */
  readonly expected: string;
  /** The words that it knows. */
  readonly words: readonly string[];
}

/** Names, options and values that the local libav knows. */
export class Libav {
  readonly #binding: NativeBinding;
  readonly #options = new Map<string, ReadonlyMap<string, NativeOption>>();
  #encoders: ReadonlyMap<string, NativeEncoderInfo> | undefined;
  #audioEncoders: ReadonlyMap<string, NativeAudioEncoderInfo> | undefined;

  constructor(binding: NativeBinding) {
    this.#binding = binding;
  }

  /** Every video encoder, by name. */
  get encoders(): ReadonlyMap<string, NativeEncoderInfo> {
    this.#encoders ??= new Map(this.#binding.videoEncoders().map((info) => [info.name, info]));
    return this.#encoders;
  }

  /** The encoder of this name, or the preferred one of the codec of this name: `h264` → libx264. */
  findEncoder(name: string): NativeEncoderInfo | undefined {
    return find(this.encoders, name, ({ hardware }) => !hardware);
  }

  /** Every audio encoder, by name. */
  get audioEncoders(): ReadonlyMap<string, NativeAudioEncoderInfo> {
    this.#audioEncoders ??= new Map(this.#binding.audioEncoders().map((info) => [info.name, info]));
    return this.#audioEncoders;
  }

  /** The encoder of this name, or the preferred one of the codec of this name: `opus` → libopus. */
  findAudioEncoder(name: string): NativeAudioEncoderInfo | undefined {
    return find(this.audioEncoders, name, ({ experimental }) => !experimental);
  }

  /** Options of a component, by name; empty when the component is unknown. */
  options(kind: NativeComponent, name: string): ReadonlyMap<string, NativeOption> {
    // What is nearer to the top wins, so it comes last.
    const owners = ownersOf(kind, name).reverse();
    return owners.length === 1
      ? this.#own(kind, name)
      : new Map(owners.flatMap((owner) => [...this.#own(kind, owner)]));
  }

  #own(kind: NativeComponent, name: string): ReadonlyMap<string, NativeOption> {
    const key = `${kind}:${name}`;
    let options = this.#options.get(key);
    if (options === undefined) {
      options = new Map(this.#binding.options(kind, name).map((option) => [option.name, option]));
      this.#options.set(key, options);
    }
    return options;
  }

  /** What a component wants instead of a value; undefined when it takes it. */
  problem(
    kind: NativeComponent,
    name: string,
    option: NativeOption,
    value: string,
  ): Problem | undefined {
    if (kind === 'muxer' && ENCRYPTION.test(option.name) && value !== 'none') {
      return {
        expected: 'nothing (there is no encryption, manifests could not tell of it)',
        words: [],
      };
    }
    const words = WORDS.get(name)?.get(option.name);
    if (words !== undefined) {
      const isKnown = value.split(/[,+]/).every((word) => words.includes(word.trim()));
      return isKnown ? undefined : { expected: `one of ${words.join(', ')}`, words };
    }
    const owner = ownersOf(kind, name).find((component) =>
      this.#own(kind, component).has(option.name),
    );
    const reason = this.#binding.checkOption(kind, owner ?? name, option.name, value);
    return reason === '' ? undefined : { expected: expectedOf(option), words: option.constants };
  }

  /** Why a filter chain takes no samples; '' = it does. See {@link NativeBinding.probeAudioFilter}. */
  probeAudioFilter(...parameters: Parameters<NativeBinding['probeAudioFilter']>): string {
    return this.#binding.probeAudioFilter(...parameters);
  }

  /** What a filter chain makes of pictures; see {@link NativeBinding.probeFilter}. */
  probeFilter(
    ...parameters: Parameters<NativeBinding['probeFilter']>
  ): ReturnType<NativeBinding['probeFilter']> {
    return this.#binding.probeFilter(...parameters);
  }
}

/** By its own name if it is a usual one, else by its codec's. */
function find<Info extends { readonly name: string; readonly codec: string }>(
  encoders: ReadonlyMap<string, Info>,
  name: string,
  isUsual: (info: Info) => boolean,
): Info | undefined {
  const exact = encoders.get(name);
  if (exact !== undefined && isUsual(exact)) return exact;
  const fitting = [...encoders.values()].filter((info) => info.codec === name && isUsual(info));
  return fitting.find((info) => PREFERRED.includes(info.name)) ?? fitting[0] ?? exact;
}

const known = new WeakMap<NativeBinding, Libav>();

/** The one {@link Libav} of a binding. */
export function libavOf(binding: NativeBinding): Libav {
  let libav = known.get(binding);
  if (libav === undefined) known.set(binding, (libav = new Libav(binding)));
  return libav;
}

const INTEGERS = ['int', 'int64', 'uint64'];
const FLOATS = ['float', 'double'];

/** What an option takes, in words. */
function expectedOf(option: NativeOption): string {
  const { type, constants } = option;
  if (type === 'flags') return `flags of ${constants.join(', ')}`;
  if (type === 'bool') return 'true or false';
  const range = rangeOf(option);
  if (constants.length === 0) return range ?? `a value of type ${type}`;
  const words = `one of ${constants.join(', ')}`;
  // An enumeration numbers its words; where numbers beyond them count, they are what is meant first.
  const isEnumeration = option.max - option.min <= 2 * constants.length;
  return range === undefined || isEnumeration ? words : `${range}, or ${words}`;
}

function rangeOf({ type, min, max }: NativeOption): string | undefined {
  if (!INTEGERS.includes(type) && !FLOATS.includes(type)) return undefined;
  const noun = INTEGERS.includes(type) ? 'a whole number' : 'a number';
  const isBound = (value: number): boolean => Math.abs(value) < 2 ** 31 - 1;
  if (isBound(min) && isBound(max)) return `${noun} from ${min} to ${max}`;
  if (isBound(min)) return `${noun} of at least ${min}`;
  return isBound(max) ? `${noun} of at most ${max}` : noun;
}
