// Audio without libav: options, attributes, and the entrance of pushed samples.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { AudioIngest } from '../src/stream/audio-ingest.js';
import { InvalidFrameError, InvalidOptionsError } from '../src/report/errors.js';
import { StreamEmitter } from '../src/stream/stream-emitter.js';
import type { WarningEvent } from '../src/report/events.js';
import { Issues } from '../src/check/issues.js';
import type { NativeAudioConfig, NativePipelineConfig } from '../src/native/native-config.js';
import type { AdaptiveStreamOptions, AudioOptions } from '../src/options/options.js';
import { resolveOptions } from '../src/plan/resolve.js';
import type { StreamPlan } from '../src/plan/resolve.js';
import type { StreamGearOptions, StreamParams } from '../src/gear/stream-gear-options.js';
import { planStreamGear } from '../src/gear/stream-gear-plan.js';
import { Timeline } from '../src/frames/timeline.js';
import { getFakeBinding } from './fake-binding.js';
import { planOfFrame } from './support/planned.js';

/** A file that is there. */
const file = import.meta.filename;
const input = { width: 1920, height: 1080 };
const push = { sampleRate: 48_000 };
const outputs = { dash: join(tmpdir(), 'out.mpd'), hls: join(tmpdir(), 'out.m3u8') };

function plan(options: Partial<AdaptiveStreamOptions>): StreamPlan {
  const issues = new Issues();
  const all = { input, output: outputs.dash, ...options };
  const resolved = resolveOptions(all, issues, getFakeBinding);
  issues.throwIfAny();
  if (resolved === undefined) throw new Error('No plan and no issues');
  return resolved;
}

function audioOf(
  audio: AudioOptions,
  rest: Partial<AdaptiveStreamOptions> = {},
): NativeAudioConfig {
  const { config } = plan({ audio, ...rest });
  if (config.audio === null) throw new Error('No audio');
  return config.audio;
}

function wrong(audio: object, rest: object = {}): string[] {
  const issues = new Issues();
  resolveOptions({ input, output: outputs.dash, audio, ...rest }, issues, getFakeBinding);
  return issues.list.map(({ message }) => message);
}

const LIMITS = { protocols: 'file', maxPixels: 8192 * 8192, openTimeout: 30 };
const ON_DISK = {
  ...LIMITS,
  refusedFormats: 'hls,dash,concat,imf,sdp,vobsub,avisynth,vapoursynth',
};
const DEVICE = { ...LIMITS, refusedFormats: '' };

describe('audio options', () => {
  it('have a default for everything but where the samples come from', () => {
    expect(audioOf({ source: file })).to.deep.equal({
      origin: 'input',
      input: { url: file, format: '', options: [], limits: ON_DISK },
      optional: false,
      pushSampleRate: 0,
      pushChannels: 2,
      pushFormat: 'f32',
      stream: -1,
      track: -1,
      start: 0,
      clock: '',
      sampleRate: 0,
      channels: 0,
      filter: '',
      fillGaps: true,
      language: '',
      name: '',
      renditions: [{ codec: 'aac', bitrate: 0, options: [] }],
    });
    expect(audioOf({ push })).to.deep.include({
      origin: 'push',
      pushSampleRate: 48_000,
      pushChannels: 2,
      pushFormat: 'f32',
      renditions: [{ codec: 'aac', bitrate: 128_000, options: [] }],
    });
    expect(plan({}).config.audio).to.equal(null);
  });

  it('fill gaps where audio is encoded, unless that is not wanted', () => {
    expect(audioOf({ push }).fillGaps).to.equal(true);
    expect(audioOf({ source: file, fillGaps: false }).fillGaps).to.equal(false);
    expect(audioOf({ source: file, codec: 'copy' }).fillGaps).to.equal(false);
  });

  it('take files, URLs and devices', () => {
    const inputOf = (source: AudioOptions['source'] & {}): unknown => audioOf({ source }).input;
    expect(inputOf(pathToFileURL(file))).to.include({ url: file });
    expect(inputOf('https://host/a.m4a')).to.include({ url: 'https://host/a.m4a' });
    expect(inputOf(['-f', 'alsa', '-i', 'hw:1'])).to.deep.equal({
      url: 'hw:1',
      format: 'alsa',
      options: [],
      limits: DEVICE,
    });
    expect(inputOf(['-f', 'alsa', '-ac', 1, '-i', 'hw:1'])).to.deep.include({
      options: [['channels', '1']],
      limits: DEVICE,
    });
  });

  it('reach the pipeline', () => {
    const audio = audioOf({
      source: file,
      codec: 'opus',
      bitrate: '96k',
      sampleRate: 24_000,
      channels: 1,
      filter: 'volume=0.5',
      options: { application: 'voip' },
      track: 1,
      start: '500ms',
      clock: 'wall',
      fillGaps: true,
      language: 'eng',
      name: 'English',
    });
    expect(audio).to.deep.include({
      track: 1,
      start: 0.5,
      clock: 'wall',
      sampleRate: 24_000,
      channels: 1,
      filter: 'volume=0.5',
      fillGaps: true,
      language: 'en',
      name: 'English',
      renditions: [{ codec: 'libopus', bitrate: 96_000, options: [['application', 'voip']] }],
    });
  });

  it('make one audio rendition per bitrate that differs', () => {
    const { config } = plan({
      audio: { push },
      renditions: [{}, { height: 720, audioBitrate: '128k' }, { height: 360, audioBitrate: '64k' }],
    });
    expect(config.audio?.renditions.map(({ bitrate }) => bitrate)).to.deep.equal([128_000, 64_000]);
    expect(config.renditions.map(({ audio }) => audio)).to.deep.equal([0, 0, 1]);
    const all = plan({ audio: { source: file }, renditions: [{ audioBitrate: 96_000 }] });
    expect(all.config.audio?.renditions.map(({ bitrate }) => bitrate)).to.deep.equal([96_000]);
    const byName = audioOf({ push, options: { b: '80k', flags: 'bitexact' } });
    expect(byName.renditions).to.deep.equal([
      { codec: 'aac', bitrate: 80_000, options: [['flags', '+bitexact']] },
    ]);
  });

  it('without audio have no effect, and say so', () => {
    const { config, warnings } = plan({ renditions: [{ audioBitrate: '64k' }] });
    expect(config.renditions[0]?.audio).to.equal(0);
    expect(warnings).to.deep.equal([
      {
        code: 'NO_AUDIO',
        message: 'renditions[0].audioBitrate has no effect: there is no audio',
      },
    ]);
  });

  it('make playlists of several renditions', () => {
    const names = plan({ audio: { push }, output: outputs.hls }).config.packaging;
    expect(names).to.include({
      initName: 'init_%v.mp4',
      segmentName: 'chunk-stream%v-%03d.m4s',
      playlistName: 'stream_%v.m3u8',
    });
    expect(
      wrong({ push }, { output: outputs.hls, packaging: { names: { segment: 's-%d.m4s' } } })[0],
    ).to.match(/^Expected a name with "%v", as there are several renditions/);
  });

  it('begin with the first frame that is kept', () => {
    const start = (trim: object, frameRate = 25, audio: AudioOptions = { source: file }): number =>
      audioOf(audio, { input: { ...input, frameRate }, trim }).start;
    expect(start({ start: 2 })).to.equal(2);
    expect(start({ start: 2.01 })).to.be.closeTo(2.04, 1e-9);
    expect(start({ start: 1 }, 29.97)).to.be.closeTo((30 * 1001) / 30_000, 1e-9);
    expect(start({ start: 2 }, 25, { source: file, start: 3 })).to.equal(5);
    expect(start({ start: 2 }, 25, { push })).to.equal(0);
  });

  it('that are wrong are listed all at once', () => {
    expect(
      wrong({
        source: 'missing.mp3',
        codec: 'lipopus',
        bitrate: '5Q',
        language: 'english language',
        clok: 1,
      }),
    ).to.deep.equal([
      'Expected a bitrate such as "2500k" for audio.bitrate but received "5Q"',
      'Expected a language tag such as "en" or "pt-BR" for audio.language but received "english language"',
      'Expected one of source, protocols, maxPixels, openTimeout, push, codec, bitrate, sampleRate, channels, filter, options, track, start, clock, fillGaps, language, name for audio but received "clok". Did you mean "clock"?',
      'Expected an existing file for audio.source but received "missing.mp3"',
      'Expected an audio encoder of the local libavcodec for audio.codec but received "lipopus". Did you mean "libopus"?',
    ]);
    const received = { sampleRate: 10, channels: 9, sampleFormat: 's24' };
    expect(wrong({ push: received })).to.deep.equal([
      'Expected a whole number from 1000 to 384000 for audio.push.sampleRate but received 10',
      'Expected a whole number from 1 to 8 for audio.push.channels but received 9',
      'Expected "f32", "f32-planar" or "s16" for audio.push.sampleFormat but received "s24"',
    ]);
  });

  it('need a source or push, not both', () => {
    expect(wrong({})).to.deep.equal(['Expected either a source or push for audio but received {}']);
    expect(wrong({ source: file, push })[0]).to.match(
      /^Expected either a source or push for audio/,
    );
    expect(wrong({ push, track: 1, start: 1 })).to.deep.equal([
      'Expected nothing with push for audio.track but received 1',
      'Expected nothing with push for audio.start but received 1',
    ]);
  });

  it('need an encoder that the container takes', () => {
    const mpegts = { output: outputs.hls, packaging: { segmentType: 'mpegts' } };
    expect(wrong({ push, codec: 'libopus' }, mpegts)).to.deep.equal([
      'Expected an encoder of aac, mp3, ac3, eac3, as MPEG-TS segments cannot hold opus, for audio.codec but received "libopus"',
    ]);
    expect(wrong({ push, codec: 'libmp3lame' }, mpegts)).to.deep.equal([]);
    expect(wrong({ push, codec: 'pcm_s16le' })[0]).to.match(
      /as fMP4 segments cannot hold pcm_s16le/,
    );
  });

  it('are checked against what libavfilter takes', () => {
    expect(wrong({ push, filter: 'volum=2' })).to.deep.equal([
      'Expected a filter chain that libavfilter takes (No such filter: volum=2) for audio.filter but received "volum=2"',
    ]);
  });

  it('are checked against what the encoder says of itself', () => {
    expect(wrong({ push, codec: 'libopus', sampleRate: 44_100 })).to.deep.equal([
      'Expected one of 24000, 48000, as libopus takes, for audio.sampleRate but received 44100',
    ]);
    expect(wrong({ push, codec: 'libmp3lame', channels: 6 })).to.deep.equal([
      'Expected one of 1, 2, as libmp3lame takes, for audio.channels but received 6',
    ]);
    expect(wrong({ push, options: { aac_coda: 'fast', ar: 44_100, cutoff: 1 } })).to.deep.equal([
      'Expected an option of encoder aac for audio.options but received "aac_coda". Did you mean "aac_coder"?',
      'Expected audio.sampleRate instead for audio.options.ar but received "44100"',
    ]);
  });

  it('change nothing of what is copied', () => {
    expect(audioOf({ source: file, codec: 'copy' }).renditions).to.deep.equal([
      { codec: 'copy', bitrate: 0, options: [] },
    ]);
    const rest = { renditions: [{ audioBitrate: '64k' }] };
    expect(
      wrong({ source: file, codec: 'copy', filter: 'apad', options: { b: 1 } }, rest),
    ).to.deep.equal([
      'Expected nothing, as audio is copied, for audio.filter but received "apad"',
      'Expected nothing, as audio is copied, for audio.options.b but received "1"',
      'Expected nothing, as audio is copied, for renditions[0].audioBitrate but received 64000',
    ]);
    expect(wrong({ push, codec: 'copy' })).to.deep.equal([
      'Expected an encoder, as samples are pushed, for audio.codec but received "copy"',
    ]);
  });
});

describe('audio attributes', () => {
  function gear(streamParams: object, rest: Partial<StreamGearOptions> = {}): typeof planned {
    const options = { output: outputs.dash, streamParams: streamParams as StreamParams, ...rest };
    const planned = planStreamGear(options, getFakeBinding);
    return planned;
  }

  function configOf(streamParams: object, rest = {}): NativePipelineConfig {
    return planOfFrame(gear(streamParams, rest), input).config;
  }

  function issuesOf(streamParams: object, rest: object = {}): Record<string, string> {
    try {
      gear(streamParams, rest);
    } catch (error) {
      expect(error).to.be.instanceOf(InvalidOptionsError);
      const { issues } = error as InvalidOptionsError;
      return Object.fromEntries(issues.map(({ path, message }) => [path, message]));
    }
    return {};
  }

  const ladder = [
    { '-resolution': '1280x720', '-video_bitrate': '2M', '-audio_bitrate': '96k' },
    { '-resolution': '640x360', '-video_bitrate': '1M' },
  ];

  it('are a file, a URL, a device or push', () => {
    const audio = (value: unknown): NativeAudioConfig | null => configOf({ '-audio': value }).audio;
    expect(audio(` ${file} `)?.input.url).to.equal(file);
    expect(audio(new URL('https://host/a.mp3'))?.input.url).to.equal('https://host/a.mp3');
    expect(audio(['-f', 'lavfi', '-i', 'sine'])?.input).to.include({
      format: 'lavfi',
      url: 'sine',
    });
    expect(audio({ push: { sampleRate: '44100' } })).to.include({
      origin: 'push',
      pushSampleRate: 44_100,
    });
  });

  it('mean what they mean in ffmpeg', () => {
    const { audio } = configOf({
      '-audio': file,
      '-acodec': 'libopus',
      '-b:a': '96k',
      '-ar': 48_000,
      '-ac': 1,
      '-af': 'volume=2',
      '-application': 'voip',
      '-metadata:s:a:0': 'language=eng',
      '-clones': ['-metadata:s:a:0', 'title=Commentary = 1'],
    });
    expect(audio).to.deep.include({
      sampleRate: 48_000,
      channels: 1,
      filter: 'volume=2',
      language: 'en',
      name: 'Commentary = 1',
      renditions: [{ codec: 'libopus', bitrate: 96_000, options: [['application', 'voip']] }],
    });
    const long = configOf({ '-audio': file, '-c:a': 'aac', '-filter:a': 'apad', '-b:a:0': 64_000 });
    expect(long.audio).to.deep.include({ filter: 'apad' });
    expect(long.audio?.renditions[0]?.bitrate).to.equal(64_000);
  });

  it('make further audio renditions only where bitrates differ', () => {
    const { audio, renditions } = configOf({ '-audio': file, '-streams': ladder, '-b:a:2': '96k' });
    expect(audio?.renditions.map(({ bitrate }) => bitrate)).to.deep.equal([0, 96_000]);
    expect(renditions.map((rendition) => rendition.audio)).to.deep.equal([0, 1, 1]);
  });

  it('without a specifier are the video encoder’s', () => {
    const config = configOf({ '-audio': file, '-profile': 'main', '-flags': 'low_delay' });
    expect(config.audio?.renditions[0]?.options).to.deep.equal([]);
    const aac = configOf({ '-audio': file, '-profile:a': 1, '-aac_coder': 'fast' });
    expect(aac.audio?.renditions[0]?.options).to.deep.equal([
      ['profile', '1'],
      ['aac_coder', 'fast'],
    ]);
    expect(Object.fromEntries(aac.renditions[0]?.options ?? [])['profile']).to.equal('high');
  });

  it('have no effect without audio', () => {
    const codes = (params: object): string[] => gear(params).warnings.map(({ code }) => code);
    expect(codes({ '-acodec': 'aac', '-b:a': '1k', '-af': 'x', '-profile:a': 1 })).to.deep.equal(
      Array<string>(4).fill('NO_AUDIO'),
    );
    expect(codes({ '-streams': ladder })).to.deep.equal(['NO_AUDIO']);
    expect(codes({ '-audio': file, '-an': '' })).to.deep.equal(['IGNORED_OPTION']);
    expect(configOf({ '-audio': file, '-an': true }).audio).to.equal(null);
    expect(codes({ '-audio': file, '-shortest': '' })).to.deep.equal([]);
  });

  it('take the adaptation sets that are written', () => {
    const sets = (value: string, audio = true): object =>
      issuesOf({ '-adaptation_sets': value, ...(audio ? { '-audio': file } : {}) });
    expect(sets('id=0,streams=v id=1,streams=a')).to.deep.equal({});
    expect(sets('id=0,streams=v')).to.have.all.keys('-adaptation_sets');
    expect(sets('id=0,streams=v id=1,streams=a', false)).to.have.all.keys('-adaptation_sets');
  });

  it('that are wrong are named as they were written', () => {
    const issues = issuesOf({
      '-audio': 'missing.aac',
      '-streams': [{ '-resolution': '640x360', '-video_bitrate': '1M', '-audio_bitrate': '5Q' }],
    });
    expect(issues['-audio']).to.equal(
      'Expected an existing file for -audio but received "missing.aac"',
    );
    expect(issues['-streams[0].-audio_bitrate']).to.match(/^Expected a bitrate such as "2500k"/);
    const more = issuesOf({
      '-audio': file,
      '-c:a': 'libopsu',
      '-b:a:3': '64k',
      '-profil:a': 1,
      '-q:a': 2,
      '-metadata:s:a': 'artist=me',
    });
    expect(more).to.have.all.keys('-c:a', '-b:a:3', '-profil:a', '-q:a', '-metadata:s:a');
    expect(more['-c:a']).to.match(/Did you mean "libopus"\?$/);
    expect(more['-profil:a']).to.match(/Did you mean "-profile:a"\?$/);
    expect(issuesOf({ '-audio': ['-f', 'alsa'] })['-audio']).to.match(/ends in "-i" and a name/);
    const push = { sampleRate: 5 };
    expect(issuesOf({ '-audio': { push } })).to.have.all.keys('-audio.push.sampleRate');
    expect(issuesOf({ '-audio': 5 })).to.have.all.keys('-audio');
    const hls = { output: outputs.hls, format: 'hls' };
    expect(issuesOf({ '-audio': file, '-acodec': 'libopus' }, hls)['-acodec']).to.match(/MPEG-TS/);
    const several = { '-audio': file, '-streams': ladder, '-c:a:1': 'aac' };
    expect(issuesOf(several)['-c:a:1']).to.match(/^Expected no number in the stream specifier/);
  });

  it('that are wrong leave out the audio when not strict', () => {
    const { warnings, outline } = gear({ '-audio': 'missing.aac' }, { strict: false });
    expect(warnings.map(({ code }) => code)).to.deep.equal(['INVALID_OPTION']);
    expect(outline?.audio.config).to.equal(null);
  });

  it('never change the object of the caller', () => {
    const audio = Object.freeze({ push: Object.freeze({ sampleRate: 48_000 }) });
    expect(configOf({ '-audio': audio, '-b:a': '64k' }).audio?.renditions[0]?.bitrate).to.equal(
      64_000,
    );
  });
});

describe('pushed samples', () => {
  interface Call {
    id: number;
    count: number;
    timestamp: number;
    first: number | undefined;
  }

  /** An entrance whose audio thread takes what `takes` says. */
  function entrance(options: AudioOptions['push'] & {} = push): {
    ingest: AudioIngest;
    calls: Call[];
    warnings: WarningEvent[];
    attach: (timeline?: Timeline, takes?: () => boolean) => void;
  } {
    const events = new StreamEmitter();
    const warnings: WarningEvent[] = [];
    events.on('warning', (warning) => warnings.push(warning));
    const ingest = AudioIngest.of(audioOf({ push: options }), events);
    if (ingest === undefined) throw new Error('No entrance');
    const calls: Call[] = [];
    const attach = (
      timeline = new Timeline({ num: 25, den: 1 }),
      takes: () => boolean = () => true,
    ): void => {
      ingest.attach({
        timeline,
        pipeline: {
          writeAudio: (id, planes, count, timestamp) => {
            const [plane] = planes as Float32Array[];
            calls.push({ id, count, timestamp, first: plane?.[0] });
            return takes();
          },
        },
      });
    };
    return { ingest, calls, warnings, attach };
  }

  /** A tenth of a second, in which each sample is its number. */
  function tenth(from = 0): Float32Array {
    return Float32Array.from({ length: 4800 * 2 }, (_, index) => from + Math.floor(index / 2));
  }

  function codeOf(call: () => unknown): string {
    try {
      call();
    } catch (error) {
      expect(error).to.be.instanceOf(InvalidFrameError);
      return (error as InvalidFrameError).code;
    }
    return '';
  }

  it('are whole samples of all channels, in the format that was said', () => {
    const f32 = entrance().ingest;
    const planar = entrance({ ...push, sampleFormat: 'f32-planar' }).ingest;
    const s16 = entrance({ ...push, channels: 1, sampleFormat: 's16' }).ingest;
    for (const wrongCall of [
      () => f32.write(new Float32Array(3), undefined),
      () => f32.write([new Float32Array(2), new Float32Array(2)], undefined),
      () => f32.write(new Float64Array(2), undefined),
      () => f32.write(undefined, undefined),
      () => f32.write(new Float32Array(2), Number.NaN),
      () => planar.write(new Float32Array(2), undefined),
      () => planar.write([new Float32Array(2)], undefined),
      () => planar.write([new Float32Array(2), new Float32Array(1)], undefined),
      () => s16.write(new Uint8Array(2), undefined),
    ]) {
      expect(codeOf(wrongCall)).to.equal('INVALID_SAMPLES');
    }
    expect(() => s16.write(Buffer.alloc(4), undefined)).to.throw(
      'Expected an interleaved Int16Array such as new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2)',
    );
    const moved = new Float32Array(2);
    structuredClone(moved, { transfer: [moved.buffer] });
    expect(codeOf(() => f32.write(moved, undefined))).to.equal('BUFFER_DETACHED');
    expect(codeOf(() => planar.write([], undefined))).to.equal('INVALID_SAMPLES');
  });

  it('go on where those before ended, and settle when they are taken', async () => {
    const { ingest, calls, attach } = entrance();
    attach();
    const writes = [ingest.write(tenth(), undefined), ingest.write(tenth(), undefined)];
    expect(calls.map(({ count, timestamp }) => [count, timestamp])).to.deep.equal([
      [4800, -1],
      [4800, -1],
    ]);
    expect(ingest.pending).to.equal(2);
    for (const { id } of calls) ingest.taken(id);
    expect(await Promise.all(writes)).to.deep.equal([true, true]);
    expect(ingest.pending).to.equal(0);
  });

  it('are on the clock of the frames', async () => {
    const { ingest, calls, attach } = entrance();
    const timeline = new Timeline({ num: 25, den: 1 });
    attach(timeline);
    // Nobody knows yet when the presentation begins: they wait, without making the caller wait.
    expect(await ingest.write(tenth(), 999.95)).to.equal(true);
    expect(await ingest.write(tenth(), 999.8)).to.equal(true);
    expect(calls).to.deep.equal([]);
    timeline.place(1000);
    ingest.release();
    expect(calls).to.have.length(1);
    expect(calls[0]).to.include({ count: 2400, first: 2400 });
    expect(calls[0]?.timestamp).to.be.closeTo(0, 1e-9);
    void ingest.write(tenth(), 1001.5);
    expect(calls[1]?.timestamp).to.be.closeTo(1.5, 1e-9);
    expect(ingest.dropped).to.equal(2400 + 4800);
  });

  it('before the trim are left out', async () => {
    const { ingest, calls, attach } = entrance();
    const timeline = new Timeline({ num: 25, den: 1 }, { start: 0.25, end: 9 });
    attach(timeline);
    expect(await ingest.write(tenth(), undefined)).to.equal(false);
    expect(await ingest.write(tenth(4800), undefined)).to.equal(false);
    expect(await ingest.write(tenth(9600), undefined)).to.equal(true);
    for (let frame = 0; frame < 7; frame++) timeline.place(undefined);
    ingest.release();
    expect(calls).to.deep.equal([]);
    timeline.place(undefined);
    ingest.release();
    // The first frame after 0.25 s is at 0.28 s.
    expect(calls).to.deep.equal([{ id: 0, count: 960, timestamp: -1, first: 13_440 }]);
    expect(ingest.dropped).to.equal(13_440);
  });

  it('that wait for the first frame are bounded', async () => {
    const { ingest, calls, attach } = entrance();
    const samples = new Float32Array(48_000 * 2);
    for (let second = 0; second < 10; second++) await ingest.write(samples, undefined);
    const waiting = ingest.write(samples, undefined);
    expect(ingest.pending).to.equal(1);
    // They were copied: the caller may use the memory again.
    samples.fill(1);
    attach();
    expect(calls.map(({ first }) => first)).to.deep.equal(Array<number>(11).fill(0));
    for (const { id } of calls) ingest.taken(id);
    expect(await waiting).to.equal(true);
  });

  it('that nobody awaits are told of once', () => {
    const { ingest, warnings, attach } = entrance();
    attach();
    for (let call = 0; call < 30; call++) void ingest.write(new Float32Array(96_000), undefined);
    expect(warnings.map(({ code }) => code)).to.deep.equal(['MANY_PENDING_SAMPLES']);
  });

  it('settle at the end, well or not', async () => {
    const outcome = async (error?: Error): Promise<unknown[]> => {
      const { ingest, attach } = entrance();
      attach();
      const timeless = ingest.write(tenth(), undefined);
      const timed = Array.from({ length: 102 }, () => ingest.write(tenth(), 5));
      ingest.end(error);
      const last = [timeless, ...timed.slice(-1)];
      return Promise.all(last.map((call) => call.catch((reason: unknown) => reason)));
    };
    expect(await outcome()).to.deep.equal([false, false]);
    const error = new Error('lost');
    expect(await outcome(error)).to.deep.equal([error, error]);
    const { ingest, attach } = entrance();
    attach(undefined, () => false);
    expect(await ingest.write(tenth(), undefined)).to.equal(false);
  });
});
