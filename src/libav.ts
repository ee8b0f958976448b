// Libav: what the local libav says of itself. Asked once, remembered for the process.

import type { NativeBinding, NativeComponent, NativeEncoderInfo, NativeOption } from './native.js';

/** Encoders to prefer where a codec has several. */
const PREFERRED = ['libx264', 'libx265', 'libvpx-vp9', 'libsvtav1', 'libaom-av1'];

/** Protocols that hand what they do not know down to others. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  http: ['tcp'],
  https: ['tls', 'tcp'],
  httpproxy: ['tcp'],
  ftp: ['tcp'],
  tls: ['tcp'],
};

/** The component itself, and those to which it hands what it does not know. */
function ownersOf(kind: NativeComponent, name: string): string[] {
  return kind === 'protocol' ? [name, ...(BELOW[name] ?? [])] : [name];
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
const WORDS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  libx264: {
    preset: X264_PRESETS,
    tune: [
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
    profile: ['baseline', 'main', 'high', 'high10', 'high422', 'high444'],
  },
  libx265: {
    preset: X264_PRESETS,
    tune: ['psnr', 'ssim', 'grain', 'fastdecode', 'zerolatency', 'animation'],
  },
};

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
    const exact = this.encoders.get(name);
    if (exact !== undefined) return exact;
    const fitting = [...this.encoders.values()].filter(
      (info) => info.codec === name && !info.hardware,
    );
    return fitting.find((info) => PREFERRED.includes(info.name)) ?? fitting[0];
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
    const words = WORDS[name]?.[option.name];
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

  /** What a filter chain makes of pictures; see {@link NativeBinding.probeFilter}. */
  probeFilter(
    ...parameters: Parameters<NativeBinding['probeFilter']>
  ): ReturnType<NativeBinding['probeFilter']> {
    return this.#binding.probeFilter(...parameters);
  }
}

const known = new WeakMap<NativeBinding, Libav>();

/** The one {@link Libav} of a binding. */
export function libavOf(binding: NativeBinding): Libav {
  let libav = known.get(binding);
  if (libav === undefined) known.set(binding, (libav = new Libav(binding)));
  return libav;
}

/** What an option takes, in words. */
function expectedOf(option: NativeOption): string {
  if (option.constants.length > 0 && option.constants.length <= 12) {
    return `one of ${option.constants.join(', ')}`;
  }
  const ranged = ['int', 'int64', 'uint64', 'float', 'double'].includes(option.type);
  const bounded =
    ranged && Math.abs(option.min) < 2 ** 31 - 1 && Math.abs(option.max) < 2 ** 31 - 1;
  const noun = option.type === 'int' || option.type.endsWith('int64') ? 'whole number' : 'number';
  if (bounded) return `a ${noun} from ${option.min} to ${option.max}`;
  if (ranged) return `a ${noun}`;
  if (option.type === 'bool') return 'true or false';
  return `a value of type ${option.type}`;
}
