// The door to native code: a name of an enumeration that it does not know is an error, whichever it is.
import { expect } from 'chai';

import { Issues } from '../src/check/issues.js';
import type { NativeComponent } from '../src/native/native-binding.js';
import type {
  NativeFrameReaderConfig,
  NativeLogConfig,
  NativePipelineConfig,
} from '../src/native/native-config.js';
import { nativeBinding } from '../src/native/native.js';
import { resolveOptions } from '../src/plan/resolve.js';

type PipelineConfig = NativePipelineConfig & NativeLogConfig;

const UNKNOWN = 'no-such-name';

const LIMITS = { protocols: '', refusedFormats: '', maxPixels: 0, openTimeout: 0 };

/** A config with all that a pipeline may have, but for a source. */
function pipelineConfig(): PipelineConfig {
  const issues = new Issues();
  const options = {
    input: { width: 320, height: 180 },
    audio: { push: { sampleRate: 48000, channels: 2 } },
    output: '/tmp/never-written/out.mpd',
  };
  const plan = resolveOptions(options, issues, nativeBinding);
  issues.throwIfAny();
  if (plan === undefined) throw new Error('Expected a plan');
  return { ...structuredClone(plan.config), debugLog: false };
}

function sourceConfig(): PipelineConfig {
  const source = {
    videoStream: 0,
    start: 0,
    duration: -1,
    copyVideo: false,
    deinterlace: 'auto',
    realtime: false,
    holdFirst: false,
    holdLast: false,
    threads: 0,
  } as const;
  return { ...pipelineConfig(), source };
}

function readerConfig(): NativeFrameReaderConfig {
  const base = { source: 'never-opened.mp4', format: '', options: [], limits: LIMITS };
  return { ...base, pixelFormat: 'bgr24', width: 0, height: 0, start: 0, duration: -1, threads: 0 };
}

/** Sets what lies at a path like `packaging.format`. */
function set(config: object, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce<unknown>((from, key) => Reflect.get(from as object, key), config);
  expect(parent).to.have.property(last);
  Reflect.set(parent as object, last, value);
}

/** What making a pipeline throws. */
function refusal(make: () => unknown): unknown {
  try {
    make();
  } catch (error) {
    return error;
  }
  return undefined;
}

const noEvents = (): void => undefined;
const newPipeline = (config: PipelineConfig): unknown =>
  new (nativeBinding().Pipeline)(config, noEvents);
const newReader = (config: NativeFrameReaderConfig): unknown =>
  new (nativeBinding().FrameReader)(config, noEvents);

/** Each enumeration that a config of a pipeline has, and two of its names. */
const OF_PIPELINES = {
  'input.pixelFormat': ['rgb24', 'nv12'],
  'input.colorSpace': ['bt709', 'bt2020nc'],
  scaling: ['fast', 'best'],
  'packaging.manifests.0.format': ['dash', 'hls'],
  'packaging.segmentType': ['fmp4', 'mpegts'],
  'packaging.playlistType': ['', 'event'],
  'audio.origin': ['input', 'push'],
  'audio.pushFormat': ['f32-planar', 's16'],
  'audio.clock': ['', 'wall'],
} as const;

describe('An enumeration that crosses the door to native code', () => {
  for (const [path, names] of Object.entries(OF_PIPELINES)) {
    it(`is refused with an unknown name: ${path}`, () => {
      for (const name of names) {
        const config = pipelineConfig();
        set(config, path, name);
        expect(() => newPipeline(config), name).not.to.throw();
      }
      const key = path.split('.').pop() ?? '';
      for (const wrong of [UNKNOWN, key === 'clock' ? 'Wall' : key, 'constructor', 7, null]) {
        const config = pipelineConfig();
        set(config, path, wrong);
        const error = refusal(() => newPipeline(config));
        expect(error, String(wrong)).to.be.instanceOf(TypeError);
        expect(error).to.have.property('message').that.contains(`the native option ${key}`);
      }
    });
  }

  it('is refused with an unknown name: source.deinterlace', () => {
    for (const wrong of [UNKNOWN, '', 'on', 7, undefined]) {
      const config = sourceConfig();
      set(config, 'source.deinterlace', wrong);
      const error = refusal(() => newPipeline(config));
      expect(error, String(wrong)).to.be.instanceOf(TypeError);
      expect(error).to.have.property('message').that.contains('the native option deinterlace');
    }
    // With a name that is known, only the source is missing.
    const error = refusal(() => newPipeline(sourceConfig()));
    expect(error).to.have.property('code', 'SOURCE_NOT_OPEN');
  });

  it('is refused with an unknown name: the pixel format of a reader', () => {
    expect(() => newReader(readerConfig())).not.to.throw();
    const config = { ...readerConfig(), pixelFormat: UNKNOWN as 'bgr24' };
    expect(() => newReader(config)).to.throw(TypeError, 'the native option pixelFormat');
  });

  it('is refused with an unknown name: the kind of a component', () => {
    const binding = nativeBinding();
    expect(binding.options('protocol', 'http')).not.to.be.empty;
    for (const wrong of [UNKNOWN, '', 'Encoder', undefined]) {
      const kind = wrong as NativeComponent;
      const message = 'Expected one of "encoder", "muxer", "demuxer", "protocol"';
      expect(() => binding.options(kind, 'http')).to.throw(TypeError, message);
      expect(() => binding.checkOption(kind, 'http', 'method', 'PUT')).to.throw(TypeError, message);
    }
  });

  it('says which names there are, and which one came', () => {
    const config = pipelineConfig();
    set(config, 'audio.clock', UNKNOWN);
    expect(() => newPipeline(config)).to.throw(
      TypeError,
      'Expected one of "", "samples", "wall" for the native option clock but received "no-such-name"',
    );
  });
});
