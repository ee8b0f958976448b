// Program options: what only the ffmpeg program knows, and what it means here.

import * as values from '../check/values.js';
import type { Kind, Size } from '../check/values.js';
import type { Scaling } from '../frames/scaling.js';
import { COPY } from '../plan/copy.js';
import type { Draft, DraftRendition, Section } from './draft.js';
import { DEVICE_FORMS, parseDevice } from './named-device.js';
import type { Target } from './specifier.js';

/** One use of a program option. */
export interface ProgramUse<Value = unknown> {
  /** Takes the result. */
  readonly draft: Draft;
  /** As the caller wrote it. */
  readonly attribute: string;
  /** Parsed by the option's kind. */
  readonly value: Value;
  /** Which streams it is for. */
  readonly target: Target;
  /** Number of renditions. */
  readonly renditions: number;
}

/** One option of the ffmpeg program. */
export interface ProgramOption {
  /** What it accepts; undefined: anything, also nothing. */
  readonly kind: Kind<unknown> | undefined;
  /** What it does. */
  readonly apply: (use: ProgramUse) => void;
}

/** An option whose value is of a kind. */
export function option<Value>(
  kind: Kind<Value>,
  apply: (use: ProgramUse<Value>) => void,
): ProgramOption {
  // The value is what the kind gave: applyProgramOption parses it before.
  return {
    kind,
    apply: (use) => {
      apply(use as ProgramUse<Value>);
    },
  };
}

/** The whole presentation's: it cannot be for one of several renditions. */
function whole(program: ProgramOption): ProgramOption {
  return {
    ...program,
    apply: (use) => {
      const { draft, attribute, value, target, renditions } = use;
      if (target.kind === 'rendition' && renditions > 1) {
        draft.issues.expected('no stream specifier, as it is for all,', attribute, value);
      } else program.apply(use);
    },
  };
}

function bare(apply: (use: ProgramUse) => void): ProgramOption {
  return { kind: undefined, apply };
}

type VideoValues = Draft['video'] extends Section<infer Held> ? Held : never;

/** Sets one option of `video`; with a specifier of one rendition it is an error. */
const forAll =
  <Key extends keyof VideoValues>(key: Key, why: string) =>
  ({ draft, attribute, value, target, renditions }: ProgramUse<VideoValues[Key]>): void => {
    if (target.kind === 'rendition' && renditions > 1) {
      draft.issues.expected(`no stream specifier, as ${why},`, attribute, value);
      return;
    }
    draft.video.set(key, value, attribute);
  };

type RenditionValues = DraftRendition['values'] extends Section<infer Held> ? Held : never;

/** Sets one option of the addressed renditions; without a number, of those that have none. */
function forEach<Key extends 'bitrate' | 'frameRate'>(
  use: ProgramUse<RenditionValues[Key]>,
  key: Key,
): void {
  const { draft, target, renditions, value, attribute } = use;
  const all = Array.from({ length: renditions }, (_, index) => draft.rendition(index).values);
  const meant =
    target.kind === 'rendition'
      ? all.slice(target.index, target.index + 1)
      : all.filter((rendition) => rendition.get(key) === undefined);
  for (const rendition of meant) rendition.set(key, value, attribute);
  if (meant.length === 0) {
    draft.warn('IGNORED_OPTION', `${attribute} has no effect: every rendition has its own ${key}`);
  }
}

const setCodec = ({ draft, attribute, value, target, renditions }: ProgramUse<string>): void => {
  if (value === COPY && !draft.isSource) {
    draft.warn('COPY_REPLACED', `${attribute} "copy" has no effect: raw frames must be encoded`);
    return;
  }
  const apply = forAll('codec', 'all renditions have the same codec, to be switched');
  apply({ draft, attribute, value, target, renditions });
};

/** Without a number it is the source's rendition that is meant: the others have their own size. */
const setSize = (use: ProgramUse<Size>): void => {
  const { draft, attribute, value, target } = use;
  const index = target.kind === 'rendition' ? target.index : 0;
  if (value.width % 2 !== 0 || value.height % 2 !== 0) {
    draft.issues.expected(evenSize(value), attribute, `${value.width}x${value.height}`);
    return;
  }
  const { values: rendition } = draft.rendition(index);
  rendition.set('width', value.width, attribute);
  rendition.set('height', value.height, attribute);
};

/** Words for the nearest size of even numbers. */
export function evenSize({ width, height }: Size): string {
  return `even numbers such as "${String(width + (width % 2))}x${String(height + (height % 2))}"`;
}

const setMetadata = ({ draft, attribute, value }: ProgramUse<string>): void => {
  const split = value.indexOf('=');
  if (split <= 0) draft.issues.expected('a tag such as "title=Big Buck Bunny"', attribute, value);
  else draft.metadata.set(value.slice(0, split).trim(), value.slice(split + 1).trim(), attribute);
};

const setFormat = ({ draft, attribute, value }: ProgramUse<string>): void => {
  if (!draft.formats.some((format) => format === value.toLowerCase())) {
    const own = draft.formats.map((format) => `"${format}"`).join(' or ');
    draft.issues.expected(`the stream's own format ${own}`, attribute, value);
  }
};

/** A track of the source's own audio. */
function mapAudio(draft: Draft, attribute: string, track: number): void {
  const why = draft.withoutAudio
    ? '-an leaves audio out'
    : draft.ownAudio === undefined
      ? undefined
      : "-audio replaces the source's own audio";
  if (why === undefined) draft.audio.set('track', track, attribute);
  else draft.warn('IGNORED_OPTION', `${attribute} has no effect: ${why}`);
}

/**
 * The renditions are mapped already; a map of something else would be missing from the result. Of a source
 * it chooses the tracks.
 */
const applyMap = ({ draft, attribute, value }: ProgramUse<string>): void => {
  const [, kind, number] = /^0(?::([va])(?::(\d+))?)?\??$/i.exec(value) ?? [];
  if (draft.isSource) {
    if (number !== undefined) {
      if (kind?.toLowerCase() === 'a') mapAudio(draft, attribute, Number(number));
      else draft.input.set('videoTrack', Number(number), attribute);
    } else if (!/^0(:[va])?\??$/i.test(value) && !value.endsWith('?')) {
      draft.issues.expected('a track such as "0:v:0" or "0:a:1"', attribute, value);
    }
    return;
  }
  if (/^0(:v(:0)?|:0)?\??$/.test(value)) return;
  if (value.includes(':a') && value.endsWith('?')) return;
  draft.issues.expected('the pushed video "0:v:0" or an optional stream', attribute, value);
};

const setNoAudio = bare(({ draft, value }) => {
  if (value !== false) draft.withoutAudio = true;
});

const setRealtime = bare((use) => {
  const { draft, attribute, value } = use;
  if (draft.isSource) draft.input.set('realtime', value !== false, attribute);
  else ignored.apply(use);
});

const nothing = bare(() => undefined);

const ignored = bare(({ draft, attribute }) => {
  draft.warn('IGNORED_OPTION', `${attribute} has no effect: no ffmpeg program is used`);
});

const grid = bare(({ draft, attribute }) => {
  draft.warn(
    'IGNORED_OPTION',
    `${attribute} has no effect: the segment grid and -gop place key frames`,
  );
});

const decoding = bare(({ draft, attribute }) => {
  draft.warn('IGNORED_OPTION', `${attribute} has no effect: decoding is in software`);
});

/** Which of several devices is meant is known with the encoder; see {@link chooseDevice}. */
const addDevice =
  (prefix: string) =>
  ({ draft, attribute, value }: ProgramUse<string>): void => {
    const device = parseDevice(prefix + value, draft.devices);
    if (device !== undefined) draft.devices.set(device.name, { ...device, attribute });
    else draft.issues.expected(DEVICE_FORMS, attribute, value);
  };

/** Not meant for this; with what to do instead. */
export const instead = (advice: string): ProgramOption =>
  bare(({ draft, attribute, value }) => {
    draft.issues.expected(advice, attribute, value);
  });

const codec = option(values.text, setCodec);
const filter = option(values.text, (use) => {
  forAll('filter', 'the filter chain is applied once, before scaling')(use);
});
const bitrate = option(values.bitrate, (use) => {
  forEach(use, 'bitrate');
});

/** What flags of libswscale ask for: a filter. The others are about its own precision. */
const SWS_FILTERS: ReadonlyMap<string, Scaling> = new Map([
  ['fast_bilinear', 'fast'],
  ['bilinear', 'fast'],
  ['bicubic', 'balanced'],
  ['lanczos', 'best'],
]);
const SWS_PRECISION = ['accurate_rnd', 'full_chroma_int', 'full_chroma_inp', 'bitexact'];

const swsFlags = option(values.text, (use) => {
  const flags = use.value.split('+').filter((flag) => !SWS_PRECISION.includes(flag));
  const [scaling] = flags.map((flag) => SWS_FILTERS.get(flag));
  if (flags.length > 1 || (flags.length === 1 && scaling === undefined)) {
    const filters = [...SWS_FILTERS.keys()].join(', ');
    use.draft.issues.expected(`one of ${filters}`, use.attribute, use.value);
  } else if (scaling !== undefined) {
    forAll('scaling', 'one scaler makes all sizes')({ ...use, value: scaling });
  } else {
    const { draft, attribute, value } = use;
    const message = `${attribute} ${value} has no effect: pictures are always scaled so precisely`;
    draft.warn('IGNORED_OPTION', message);
  }
});

function trim(key: 'start' | 'end' | 'duration'): ProgramOption {
  const kind = key === 'start' ? values.seconds : values.duration;
  const set = option(kind, ({ draft, attribute, value }) => {
    draft.trim.set(key, value, attribute);
  });
  return whole(set);
}

/** Every option of the ffmpeg program that is known here, without its dash. */
export const PROGRAM_OPTIONS: ReadonlyMap<string, ProgramOption> = new Map([
  ['c', codec],
  ['codec', codec],
  ['vcodec', codec],
  ['filter', filter],
  ['vf', filter],
  [
    'r',
    option(values.frameRate, (use) => {
      forEach(use, 'frameRate');
    }),
  ],
  ['s', option(values.size, setSize)],
  ['b', bitrate],
  ['vb', bitrate],
  [
    'g',
    option(values.wholeNumber(0), (use) => {
      forAll('gop', 'key frames are at the same times in all renditions')(use);
    }),
  ],
  [
    'pix_fmt',
    option(values.text, (use) => {
      forAll('pixelFormat', 'all renditions have the same layout')(use);
    }),
  ],
  [
    'aspect',
    option(values.aspect, (use) => {
      forAll('aspectRatio', 'all renditions have the same aspect')(use);
    }),
  ],
  ['sws_flags', swsFlags],
  ['metadata', whole(option(values.text, setMetadata))],
  ['f', whole(option(values.text, setFormat))],
  ['map', whole(option(values.text, applyMap))],
  ['ss', trim('start')],
  ['to', trim('end')],
  ['t', trim('duration')],
  ['an', whole(setNoAudio)],
  ['re', whole(setRealtime)],
  ...['sn', 'dn', 'shortest'].map((name) => [name, nothing] as const),
  ...['y', 'n', 'hide_banner', 'loglevel', 'v', 'nostdin', 'stats', 'nostats', 'report'].map(
    (name) => [name, ignored] as const,
  ),
  ...['keyint_min', 'force_key_frames'].map((name) => [name, grid] as const),
  ['init_hw_device', option(values.text, addDevice(''))],
  ['vaapi_device', option(values.text, addDevice('vaapi:'))],
  ['qsv_device', option(values.text, addDevice('qsv:'))],
  [
    'filter_hw_device',
    option(values.text, ({ draft, attribute, value }) => {
      draft.filterDevice = { name: value, attribute };
    }),
  ],
  ...['hwaccel', 'hwaccel_device', 'hwaccel_output_format', 'extra_hw_frames'].map(
    (name) => [name, decoding] as const,
  ),
  ['i', instead('no input, as it is the -video_source or pushed with stream(),')],
  ['vn', instead('no "-vn", as the renditions are video,')],
  ['filter_complex', instead('a simple chain with -vf instead')],
  ['pass', instead('no passes, as pictures come only once,')],
  ['q', instead('-crf, or -b:v for a bitrate, instead')],
  ['qscale', instead('-crf, or -b:v for a bitrate, instead')],
]);
