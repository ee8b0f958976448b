// An MPD as plain data: fast-xml-parser's tree, with inheritance and segment lists worked out
// (ISO/IEC 23009-1).
import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** Attributes are strings, child elements lists. */
export interface XmlElement {
  attributes: Readonly<Record<string, string>>;
  children: Readonly<Record<string, XmlElement[]>>;
  text: string;
}

export interface MpdSegment {
  /** File relative to the MPD. */
  uri: string;
  number: number;
  /** Ticks; undefined without a SegmentTimeline, where only the nominal duration is stated. */
  time: number | undefined;
  /** Ticks. */
  duration: number;
}

export interface MpdRepresentation {
  id: string;
  attributes: Readonly<Record<string, string>>;
  /** Value of AudioChannelConfiguration; '' when there is none. */
  channels: string;
  timescale: number;
  presentationTimeOffset: number;
  startNumber: number;
  initialization: string;
  /** With $Number$ left in; undefined with a SegmentList. */
  media: string | undefined;
  /** Nominal duration in ticks of @duration; undefined with a SegmentTimeline. */
  nominalDuration: number | undefined;
  segments: MpdSegment[];
}

export interface MpdAdaptationSet {
  attributes: Readonly<Record<string, string>>;
  representations: MpdRepresentation[];
}

export interface Mpd {
  attributes: Readonly<Record<string, string>>;
  utcTiming: { scheme: string; value: string }[];
  periods: { attributes: Readonly<Record<string, string>>; sets: MpdAdaptationSet[] }[];
}

const TEXT_KEY = '#text';

function toElement(node: unknown): XmlElement {
  const attributes: Record<string, string> = {};
  const children: Record<string, XmlElement[]> = {};
  let text = '';
  if (typeof node === 'object' && node !== null) {
    for (const [key, value] of Object.entries(node)) {
      if (key.startsWith('@')) attributes[key.slice(1)] = String(value);
      else if (key === TEXT_KEY) text = String(value);
      else children[key] = (Array.isArray(value) ? value : [value]).map(toElement);
    }
  } else {
    text = String(node);
  }
  return { attributes, children, text };
}

/** Parses XML; throws with line and reason when it is not well formed. */
export function parseXml(text: string): XmlElement {
  // Its successor is one more dependency for the same check.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const verdict = XMLValidator.validate(text);
  if (verdict !== true) throw new Error(`line ${verdict.err.line}: ${verdict.err.msg}`);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseAttributeValue: false,
    parseTagValue: false,
    textNodeName: TEXT_KEY,
  });
  return toElement(parser.parse(text));
}

/** ISO 8601 duration in seconds, "PT1M4.004S"; NaN when it is none. */
export function isoDuration(text: string | undefined): number {
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text ?? '');
  if (found === null) return NaN;
  const [, days, hours, minutes, seconds] = found;
  const part = (value: string | undefined): number => Number(value ?? 0);
  return part(days) * 86_400 + part(hours) * 3600 + part(minutes) * 60 + part(seconds);
}

type Values = Readonly<Record<string, string | number>>;

/** Replaces $RepresentationID$, $Number%05d$, $Time$, $Bandwidth$ and $$. */
export function expandTemplate(template: string, values: Values): string {
  return template.replace(
    /\$(?:(\w+)(?:%0(\d+)d)?)?\$/g,
    (whole, name: string | undefined, width: string | undefined) => {
      if (name === undefined) return '$';
      const value = values[name];
      return value === undefined ? whole : String(value).padStart(Number(width ?? 0), '0');
    },
  );
}

/** The element of that name, inherited from the outermost to the innermost level. */
function inherited(levels: readonly XmlElement[], name: string): XmlElement | undefined {
  const found = levels.flatMap((level) => level.children[name] ?? []);
  if (found.length === 0) return undefined;
  return {
    attributes: Object.assign({}, ...found.map(({ attributes }) => attributes)) as Record<
      string,
      string
    >,
    children: Object.assign({}, ...found.map(({ children }) => children)) as Record<
      string,
      XmlElement[]
    >,
    text: '',
  };
}

function timeline(element: XmlElement): { time: number; duration: number }[] {
  const list: { time: number; duration: number }[] = [];
  let time = 0;
  for (const { attributes } of element.children['S'] ?? []) {
    time = Number(attributes['t'] ?? time);
    const duration = Number(attributes['d']);
    for (let repeat = Number(attributes['r'] ?? 0); repeat >= 0; repeat--) {
      list.push({ time, duration });
      time += duration;
    }
  }
  return list;
}

function representationOf(levels: readonly XmlElement[], seconds: number): MpdRepresentation {
  const attributes = Object.assign(
    {},
    ...levels.slice(1).map((level) => level.attributes),
  ) as Record<string, string>;
  const own = levels.at(-1)?.attributes ?? {};
  const template = inherited(levels, 'SegmentTemplate');
  const base = template ?? inherited(levels, 'SegmentList');
  if (base === undefined) throw new Error('Representation without SegmentTemplate or SegmentList');
  const number = (name: string, fallback: number): number =>
    Number(base.attributes[name] ?? fallback);
  const id = own['id'] ?? '';
  const values = { RepresentationID: id, Bandwidth: own['bandwidth'] ?? '' };
  const timescale = number('timescale', 1);
  const startNumber = number('startNumber', 1);
  const nominal = base.attributes['duration'];
  const urls = (base.children['SegmentURL'] ?? []).map((url) => url.attributes['media'] ?? '');
  const [written] = base.children['SegmentTimeline'] ?? [];
  const entries = written && timeline(written);
  const nominalTicks = nominal === undefined ? NaN : Number(nominal);
  const count =
    entries?.length ??
    (template === undefined ? urls.length : Math.ceil((seconds * timescale) / nominalTicks - 1e-6));
  const segments = Array.from({ length: Number.isFinite(count) ? count : 0 }, (_, index) => {
    const entry = entries?.[index];
    const time = entry?.time;
    const media = template?.attributes['media'] ?? '';
    const at = { ...values, Number: startNumber + index, Time: time ?? 0 };
    return {
      uri: template === undefined ? (urls[index] ?? '') : expandTemplate(media, at),
      number: startNumber + index,
      time,
      duration: entry?.duration ?? nominalTicks,
    };
  });
  return {
    id,
    attributes,
    channels: inherited(levels, 'AudioChannelConfiguration')?.attributes['value'] ?? '',
    timescale,
    presentationTimeOffset: number('presentationTimeOffset', 0),
    startNumber,
    initialization: expandTemplate(
      template?.attributes['initialization'] ??
        base.children['Initialization']?.[0]?.attributes['sourceURL'] ??
        '',
      values,
    ),
    media: template && expandTemplate(template.attributes['media'] ?? '', values),
    nominalDuration: nominal === undefined ? undefined : nominalTicks,
    segments,
  };
}

/**
 * Parses an MPD. Segments of @duration without a timeline are counted from
 * mediaPresentationDuration, and are none while it is not known (a running live presentation).
 */
export function parseMpd(text: string): Mpd {
  const [root] = parseXml(text).children['MPD'] ?? [];
  if (root === undefined) throw new Error('No MPD element');
  const seconds = isoDuration(root.attributes['mediaPresentationDuration']);
  return {
    attributes: root.attributes,
    utcTiming: (root.children['UTCTiming'] ?? []).map(({ attributes }) => ({
      scheme: attributes['schemeIdUri'] ?? '',
      value: attributes['value'] ?? '',
    })),
    periods: (root.children['Period'] ?? []).map((period) => ({
      attributes: period.attributes,
      sets: (period.children['AdaptationSet'] ?? []).map((set) => ({
        attributes: set.attributes,
        representations: (set.children['Representation'] ?? []).map((representation) =>
          representationOf([period, set, representation], seconds),
        ),
      })),
    })),
  };
}
