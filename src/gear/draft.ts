// Draft: options in the making from attributes of StreamGear. Each section of the options has its own typed values, and
// remembers by which attribute the caller knows each of them.

import type { Formats, StreamFormat } from '../base/formats.js';
import { Issues } from '../check/issues.js';
import { OptionNames } from '../check/option-path.js';
import type { Kind } from '../check/values.js';
import type {
  CheckedAudio,
  CheckedLive,
  CheckedOptions,
  CheckedPackaging,
  CheckedRendition,
  CheckedSourceInput,
  CheckedTrim,
  CheckedVideo,
} from '../options/option-schema.js';
import type { WarningEvent } from '../report/events.js';
import type { MediaSource } from '../source/media-source.js';
import type { SourceLimits } from '../source/source-limits.js';
import type { NamedDevice } from './named-device.js';

type Path = readonly (string | number)[];

/** Values by the keys of one section. */
type ValuesOf<Options> = { [Key in keyof Options]-?: NonNullable<Options[Key]> };

/** Hears that one attribute takes the place of another, or of itself. */
type OnReplaced = (before: string, attribute: string) => void;

/** One object of the options, such as `video`. */
export class Section<Values extends object> {
  readonly #path: Path;
  readonly #names: OptionNames;
  readonly #onReplaced: OnReplaced;
  readonly #values = new Map<keyof Values & string, Values[keyof Values]>();
  readonly #defaults = new Set<string>();

  /**
   * @param path - Where it lies in the options.
   * @param onReplaced - Called when a value takes the place of another one that was given.
   */
  constructor(path: Path, names: OptionNames, onReplaced: OnReplaced) {
    this.#path = path;
    this.#names = names;
    this.#onReplaced = onReplaced;
  }

  /** Puts in a value and remembers by which attribute the caller knows it. */
  set<Key extends keyof Values & string>(key: Key, value: Values[Key], attribute: string): void {
    const before = this.#values.get(key);
    const isReplaced = before !== undefined && !this.#defaults.has(key);
    if (isReplaced && !isSame(before, value)) this.#onReplaced(this.nameOf(key), attribute);
    this.#defaults.delete(key);
    this.#values.set(key, value);
    this.#names.set([...this.#path, key], attribute);
  }

  /** Puts in what holds unless the attribute is given. */
  setDefault<Key extends keyof Values & string>(
    key: Key,
    value: Values[Key],
    attribute: string,
  ): void {
    this.set(key, value, attribute);
    this.#defaults.add(key);
  }

  /** What was put in. */
  get<Key extends keyof Values & string>(key: Key): Values[Key] | undefined {
    return this.#values.get(key) as Values[Key] | undefined;
  }

  /** Takes a value out again. */
  delete(key: keyof Values & string): void {
    this.#values.delete(key);
  }

  /** Keys of what was put in. */
  get keys(): (keyof Values & string)[] {
    return [...this.#values.keys()];
  }

  /** The attribute of a value. */
  nameOf(key: keyof Values & string): string {
    return this.#names.nameOf([...this.#path, key]);
  }

  /** For the check, with what is no value of the section; undefined when there is nothing. */
  toOptions(...more: readonly (readonly [key: string, value: unknown])[]): object | undefined {
    return objectOf([...more, ...this.#values]);
  }
}

/** Options by names of the caller's, such as `video.options`. */
export class NamedValues {
  readonly #path: Path;
  readonly #names: OptionNames;
  readonly #onReplaced: OnReplaced;
  readonly #values = new Map<string, string>();

  /**
   * @param path - Where they lie in the options.
   * @param onReplaced - As of a {@link Section}.
   */
  constructor(path: Path, names: OptionNames, onReplaced: OnReplaced) {
    this.#path = path;
    this.#names = names;
    this.#onReplaced = onReplaced;
  }

  /** Puts in a value and remembers by which attribute the caller knows it. */
  set(name: string, value: string, attribute: string): void {
    const before = this.#values.get(name);
    if (before !== undefined && before !== value) {
      this.#onReplaced(this.#names.nameOf([...this.#path, name]), attribute);
    }
    this.#put(name, value, attribute);
  }

  #put(name: string, value: string, attribute: string): void {
    this.#values.set(name, value);
    this.#names.set([...this.#path, name], attribute);
  }

  /** Puts in a list in one text; what is there stays in front. */
  append(name: string, value: string, separator: string, attribute: string): void {
    const before = this.#values.get(name);
    this.#put(name, before === undefined ? value : before + separator + value, attribute);
  }

  /** The attributes of what was put in. */
  get attributes(): string[] {
    return [...this.#values.keys()].map((name) => this.#names.nameOf([...this.#path, name]));
  }

  /** Takes all out again. */
  clear(): void {
    this.#values.clear();
  }

  /** For the check; undefined when there are none. */
  toOptions(): ReadonlyMap<string, string> | undefined {
    return this.#values.size === 0 ? undefined : this.#values;
  }
}

/** Values of options are plain. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What is not undefined, in an object without a prototype. */
function objectOf(entries: readonly (readonly [string, unknown])[]): object | undefined {
  const given = entries.filter(([, value]) => value !== undefined);
  if (given.length === 0) return undefined;
  return Object.assign(Object.create(null) as object, Object.fromEntries(given));
}

/** One rendition in the making. */
export interface DraftRendition {
  readonly values: Section<ValuesOf<Omit<CheckedRendition, 'options'>>>;
  readonly options: NamedValues;
}

type Dash = NonNullable<CheckedPackaging['dash']>;
type Hls = NonNullable<CheckedPackaging['hls']>;
type Names = NonNullable<CheckedPackaging['names']>;
type Containers = 'live' | 'names' | 'dash' | 'hls' | 'metadata' | 'options' | 'protocolOptions';

/** What attributes say, by the sections of the options. */
export class Draft {
  /** Which manifests there are. */
  readonly formats: Formats;
  /** Wrong values are errors. */
  readonly isStrict: boolean;
  /** Wrong values; they name attributes. */
  readonly issues = new Issues();
  /** What to tell once somebody listens. */
  readonly warnings: WarningEvent[] = [];
  /** Options → attributes. */
  readonly names = new OptionNames();
  /** `-livestream`. */
  live = false;
  /** Single-Source Mode: there is a `-video_source`. */
  isSource = false;
  /** `-streams` is "auto". */
  ladder: 'auto' | undefined;
  /** `-an`. */
  withoutAudio = false;
  /** `-audio`, a source. */
  ownAudio: MediaSource | undefined;
  /** `-audio`, `{ push: … }`. */
  pushedAudio: object | undefined;
  /** Protocol of a URL; undefined for a file. */
  protocol: string | undefined;
  /** The output is fine. */
  hasOutput = false;
  /** `-master_pl_name` is given. */
  namesMaster = false;
  /** `-bpp` has made a bitrate. */
  usesBitsPerPixel = false;
  /** The multivariant playlist's own name; undefined when there is none, or the output is wrong. */
  playlistName: string | undefined;
  /** What the manifests share: its option, and the attribute that gave it last. */
  readonly shared = new Map<
    string,
    { readonly attribute: string; readonly format: StreamFormat }
  >();
  /** What happens while the encoders are behind. */
  whenFull: 'wait' | 'drop' | undefined;
  /** Hardware devices by name, each with the attribute that gave it. */
  readonly devices = new Map<string, NamedDevice & { readonly attribute: string }>();
  /** `-filter_hw_device`. */
  filterDevice: { readonly name: string; readonly attribute: string } | undefined;

  readonly #onReplaced: OnReplaced = (before, attribute) => {
    const message =
      before === attribute
        ? `${attribute} is given more than once: only the last one has an effect`
        : `${before} has no effect: ${attribute} takes its place`;
    this.warn('IGNORED_OPTION', message);
  };

  readonly input =
    this.#section<
      ValuesOf<
        Pick<CheckedOptions['input'], 'frameRate'> &
          Pick<CheckedSourceInput, 'videoTrack' | 'realtime' | 'holdPicture' | keyof SourceLimits>
      >
    >('input');
  readonly video = this.#section<ValuesOf<Omit<CheckedVideo, 'options' | 'hardware'>>>('video');
  readonly videoOptions = this.#named('video', 'options');
  /** The device that was chosen of {@link devices}. */
  hardware: NamedDevice | undefined;
  readonly audio =
    this.#section<ValuesOf<Omit<CheckedAudio, 'options' | 'source' | 'push'>>>('audio');
  readonly audioOptions = this.#named('audio', 'options');
  readonly packaging = this.#section<ValuesOf<Omit<CheckedPackaging, Containers>>>('packaging');
  readonly window = this.#section<ValuesOf<CheckedLive>>('packaging', 'live');
  readonly fileNames = this.#section<ValuesOf<Names>>('packaging', 'names');
  readonly dash = this.#section<ValuesOf<Dash>>('packaging', 'dash');
  readonly hls = this.#section<ValuesOf<Hls>>('packaging', 'hls');
  readonly metadata = this.#named('packaging', 'metadata');
  readonly muxerOptions = this.#named('packaging', 'options');
  readonly protocolOptions = this.#named('packaging', 'protocolOptions');
  readonly trim = this.#section<ValuesOf<CheckedTrim>>('trim');
  readonly #renditions: DraftRendition[] = [];

  /** @param isStrict - False: wrong values are told, and left out. */
  constructor(formats: Formats, isStrict: boolean) {
    this.formats = formats;
    this.isStrict = isStrict;
    this.packaging.set('format', formats, 'format');
  }

  #section<Values extends object>(...path: Path): Section<Values> {
    return new Section(path, this.names, this.#onReplaced);
  }

  #named(...path: Path): NamedValues {
    return new NamedValues(path, this.names, this.#onReplaced);
  }

  /** Rendition 0 has the size of the source; what lies before a new one is made with it. */
  rendition(index: number): DraftRendition {
    let rendition = this.#renditions[index];
    while (rendition === undefined) {
      const at = this.#renditions.length;
      this.#renditions.push({
        values: this.#section('renditions', at),
        options: this.#named('renditions', at, 'options'),
      });
      rendition = this.#renditions[index];
    }
    return rendition;
  }

  /** There is audio, so that its options have an effect; a source may have some. */
  get hasAudio(): boolean {
    const isGiven = this.ownAudio !== undefined || this.pushedAudio !== undefined;
    return !this.withoutAudio && (this.isSource || isGiven);
  }

  /** Parses a value. A wrong one is an issue, and undefined. */
  parse<Out>(kind: Kind<Out>, attribute: string, value: unknown): Out | undefined {
    const parsed = kind.parse(value);
    if (parsed === undefined) this.issues.expected(kind.expected, attribute, value, kind.words);
    return parsed;
  }

  /** Collects something to tell. */
  warn(code: WarningEvent['code'], message: string): void {
    const isTold = this.warnings.some((told) => told.code === code && told.message === message);
    if (!isTold) this.warnings.push({ code, message });
  }

  /** All sections as an object of options, for the check. */
  toOptions(): object {
    const { hardware, packaging, video, audio, input } = this;
    const device =
      hardware &&
      objectOf([
        ['type', hardware.type],
        ['device', hardware.device],
        ['options', hardware.options],
      ]);
    const given = objectOf([
      ['input', input.toOptions()],
      ['renditions', this.#renditions.map(renditionOptions)],
      ['ladder', this.ladder],
      ['video', video.toOptions(['options', this.videoOptions.toOptions()], ['hardware', device])],
      [
        'audio',
        this.isSource && this.withoutAudio
          ? false
          : audio.toOptions(
              ...Object.entries(this.pushedAudio ?? {}),
              ['source', this.ownAudio],
              ['options', this.audioOptions.toOptions()],
            ),
      ],
      [
        'packaging',
        packaging.toOptions(
          ['live', this.live ? (this.window.toOptions() ?? {}) : undefined],
          ['names', this.fileNames.toOptions()],
          ['dash', this.dash.toOptions()],
          ['hls', this.hls.toOptions()],
          ['metadata', this.metadata.toOptions()],
          ['options', this.muxerOptions.toOptions()],
          ['protocolOptions', this.protocolOptions.toOptions()],
        ),
      ],
      ['trim', this.trim.toOptions()],
      ['whenFull', this.whenFull],
    ]);
    return given ?? {};
  }
}

function renditionOptions({ values, options }: DraftRendition): object {
  return values.toOptions(['options', options.toOptions()]) ?? {};
}
