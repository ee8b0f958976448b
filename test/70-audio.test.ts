// Audio beside the pictures, from every origin, in every container, as it is heard when it is decoded.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { expect } from 'chai';

import { AdaptiveStream, StreamGear } from '../src/index.js';
import type {
  AdaptiveStreamOptions,
  AudioOptions,
  AudioSamples,
  PackagingOptions,
  SegmentEvent,
  StreamParams,
  StreamSummary,
  WarningEvent,
} from '../src/index.js';
import { decodeErrors, streams } from './support/ffprobe.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { isoDuration, parseXml, type XmlElement } from './support/mpd.js';
import { faults } from './support/presentation.js';
import { serve, type StaticServer } from './support/server.js';
import { pushSmall, rejection, smallFrame, smallOptions, until } from './support/small.js';
import {
  audioSpan,
  audioTimes,
  heard,
  interleaved,
  makeTones,
  tone,
  toneSource,
  toInt16,
} from './support/tones.js';

const FPS = 25;
const RATE = 48_000;
/** Samples of a frame. */
const STEP = RATE / FPS;

interface Packaging {
  name: string;
  file: string;
  packaging: PackagingOptions;
}

const PACKAGINGS: readonly Packaging[] = [
  { name: 'DASH', file: 'out.mpd', packaging: {} },
  { name: 'HLS with fMP4', file: 'out.m3u8', packaging: { segmentType: 'fmp4' } },
  { name: 'HLS with MPEG-TS', file: 'out.m3u8', packaging: { segmentType: 'mpegts' } },
];

interface Made {
  manifest: string;
  summary: StreamSummary;
  segments: SegmentEvent[];
  warnings: WarningEvent[];
}

/** The element that a path of names leads to, the first of each. */
function element(root: XmlElement | undefined, ...path: string[]): XmlElement[] {
  let found = root === undefined ? [] : [root];
  for (const name of path) found = found.flatMap(({ children }) => children[name] ?? []);
  return found;
}

describe('Audio', () => {
  let folder: TemporaryFolder;
  let server: StaticServer;
  let music: string;
  let count = 0;

  before(async () => {
    folder = await temporaryFolder();
    const encoding = ['-c:a', 'aac', '-b:a', '96k', '-metadata:s:a:0', 'language=deu'];
    music = await makeTones(join(folder.path, 'music.m4a'), [440, 880], 4, encoding);
    server = await serve({ '/': { folder: folder.path } });
  });
  after(async () => {
    await server.close();
    await folder[Symbol.asyncDispose]();
  });

  /** Options of a presentation in a folder of its own. */
  function options(
    audio: AudioOptions,
    { file, packaging }: Omit<Packaging, 'name'>,
    more: Partial<AdaptiveStreamOptions> = {},
  ): AdaptiveStreamOptions {
    count++;
    return {
      ...smallOptions(folder.path),
      audio,
      ...more,
      packaging: { segmentDuration: 0.8, ...packaging, ...more.packaging },
      output: join(folder.path, String(count), file),
    };
  }

  const [dash, fmp4, mpegts] = PACKAGINGS as [Packaging, Packaging, Packaging];

  /** Pushes frames, and with each frame what `samples` gives for it. */
  async function make(
    given: AdaptiveStreamOptions,
    frames = 50,
    samples?: (frame: number) => AudioSamples,
  ): Promise<Made> {
    await using stream = await AdaptiveStream.open(given);
    const segments: SegmentEvent[] = [];
    const warnings: WarningEvent[] = [];
    stream.on('segment', (event) => segments.push(event));
    stream.on('warning', (event) => warnings.push(event));
    for (let frame = 0; frame < frames; frame++) {
      await stream.write(smallFrame(frame));
      if (samples !== undefined) await stream.writeAudio(samples(frame));
    }
    const summary = await stream.finish();
    return { manifest: summary.manifest, summary, segments, warnings };
  }

  /** A stereo tone of 440 Hz. */
  function stereo(frame: number): Float32Array {
    const samples = tone(frame * STEP, STEP, 440);
    return interleaved([samples, samples]);
  }

  async function expectTone(
    manifest: string,
    frequency: number,
    from = 0.2,
    to = 0.8,
  ): Promise<void> {
    const { frequency: found, level } = await heard(manifest, from, to);
    expect(found).to.be.closeTo(frequency, 3);
    expect(level).to.be.closeTo(0.35, 0.06);
  }

  for (const packaging of PACKAGINGS) {
    describe(`in ${packaging.name}`, () => {
      const origins: Record<string, () => AudioOptions> = {
        'a file': () => ({ source: music }),
        'a URL': () => ({ source: new URL(`${server.origin}/music.m4a`) }),
        'a device': () => ({ source: ['-f', 'lavfi', '-i', toneSource([440], 9)] }),
        'pushed samples': () => ({ push: { sampleRate: RATE } }),
      };
      for (const [name, audio] of Object.entries(origins)) {
        it(`from ${name} is sound, and ends with the video`, async () => {
          const given = options(audio(), packaging);
          const made = await make(given, 50, given.audio?.push === undefined ? undefined : stereo);
          expect(await faults(made.manifest)).to.deep.equal([]);
          await expectTone(made.manifest, 440);
          const span = await audioSpan(made.manifest);
          expect(span.start).to.be.closeTo(0, 0.03);
          expect(span.end).to.be.closeTo(2, 0.03);
          expect(made.summary.duration).to.equal(2);
          expect(made.warnings).to.deep.equal([]);
          const [track] = made.summary.audio?.renditions ?? [];
          expect(track).to.include({ index: 2, codec: 'aac', codecs: 'mp4a.40.2', segments: 3 });
          expect(made.summary.audio).to.deep.include({ pending: 0, gaps: 0 });
          expect(made.summary.audio?.position).to.be.within(1.97, 2);
          expect(made.summary.audio?.drift.offset).to.equal(0);
        });
      }

      it('is told segment by segment, behind the video', async () => {
        const { segments } = await make(options({ source: music }, packaging));
        const audio = segments.filter(({ media }) => media === 'audio');
        expect(audio.map(({ rendition }) => rendition)).to.deep.equal([2, 2, 2]);
        const video = segments.filter(({ media }) => media === 'video');
        expect(new Set(video.map(({ rendition }) => rendition))).to.deep.equal(new Set([0, 1]));
        for (const [index, { start, duration, path }] of audio.entries()) {
          expect(start).to.be.closeTo(index * 0.8, 0.025);
          expect(duration).to.be.closeTo(index === 2 ? 0.4 : 0.8, 0.025);
          expect(path).to.match(/chunk-stream2-\d+\.(m4s|ts)$/);
        }
      });

      it('that is longer is cut, that is shorter leaves the video alone', async () => {
        const short = await makeTones(join(folder.path, `short-${count}.wav`), [440], 1);
        const { manifest, summary, warnings } = await make(
          options({ source: short, fillGaps: false }, packaging),
        );
        expect(await faults(manifest)).to.deep.equal([]);
        expect(summary.duration).to.equal(2);
        const span = await audioSpan(manifest);
        expect(span.end).to.be.closeTo(1, 0.05);
        expect(warnings).to.deep.equal([]);
        const silent = await make(options({ source: short }, packaging));
        expect(await faults(silent.manifest)).to.deep.equal([]);
        expect((await audioSpan(silent.manifest)).end).to.be.closeTo(2, 0.03);
        expect((await heard(silent.manifest, 0.2, 0.8)).level).to.be.greaterThan(0.05);
        expect((await heard(silent.manifest, 1.2, 1.8)).level).to.be.lessThan(0.01);
        const padded = await make(options({ source: short, filter: 'apad' }, packaging));
        expect(await faults(padded.manifest)).to.deep.equal([]);
        const whole = await audioSpan(padded.manifest);
        expect(whole.end).to.be.closeTo(2, 0.03);
        expect((await heard(padded.manifest, 1.2, 1.8)).level).to.be.lessThan(0.01);
      });
    });
  }

  it('that ends long before the video says so once, with both times', async () => {
    const short = await makeTones(join(folder.path, 'half.wav'), [440], 0.5);
    for (const [frames, codes] of [
      [75, ['AUDIO_ENDED_EARLY']],
      [35, []],
    ] as const) {
      const { warnings, summary } = await make(
        options({ source: short, fillGaps: false }, dash),
        frames,
      );
      expect(warnings.map(({ code }) => code)).to.deep.equal(codes);
      expect(summary.audio?.position).to.be.closeTo(0.5, 0.05);
      for (const { message } of warnings) {
        expect(message).to.contain('ends at 0.5 s, the video at 3.0 s').and.to.contain('fillGaps');
      }
    }
    const filled = await make(options({ source: short }, dash), 75);
    expect(filled.warnings).to.deep.equal([]);
    expect((await audioSpan(filled.manifest)).end).to.be.closeTo(3, 0.03);
  });

  describe('in the manifests', () => {
    it('of DASH is a set of its own, with language, channels and rate', async () => {
      const { manifest } = await make(options({ source: music }, dash));
      const document = parseXml(await readFile(manifest, 'utf8'));
      const [root] = element(document, 'MPD');
      expect(isoDuration(root?.attributes['mediaPresentationDuration'])).to.equal(2);
      const sets = element(document, 'MPD', 'Period', 'AdaptationSet');
      expect(sets.map(({ attributes }) => attributes['contentType'])).to.deep.equal([
        'video',
        'audio',
      ]);
      const [, audio] = sets;
      expect(audio?.attributes['lang']).to.equal('de');
      const [representation] = element(audio, 'Representation');
      expect(representation?.attributes).to.include({
        id: '2',
        mimeType: 'audio/mp4',
        codecs: 'mp4a.40.2',
        audioSamplingRate: '48000',
      });
      const [channels] = element(audio, 'Representation', 'AudioChannelConfiguration');
      expect(channels?.attributes['value']).to.equal('2');
    });

    it('of HLS is a group of its own, with language, name and channels', async () => {
      for (const packaging of [fmp4, mpegts]) {
        const { manifest } = await make(options({ source: music }, packaging));
        const text = await readFile(manifest, 'utf8');
        const [media = ''] = /^#EXT-X-MEDIA:.*$/m.exec(text) ?? [];
        for (const part of ['TYPE=AUDIO', 'LANGUAGE="de"', 'CHANNELS="2"']) {
          expect(media).to.include(part);
        }
        expect(media).to.include('URI="stream_2.m3u8"');
        const variants = text.match(/^#EXT-X-STREAM-INF:.*$/gm) ?? [];
        expect(variants).to.have.length(2);
        for (const variant of variants) {
          expect(variant).to.match(/CODECS="avc1\.\w+,mp4a\.40\.2"/);
          expect(variant).to.include('AUDIO="audio"');
        }
      }
    });

    it('has the language and name of the source, or those that were asked for', async () => {
      const tags = ['-metadata:s:a:0', 'language=fre', '-metadata:s:a:0', 'title=Musique'];
      const source = await makeTones(join(folder.path, 'tagged.mka'), [440], 3, tags);
      const own = await readFile((await make(options({ source }, fmp4))).manifest, 'utf8');
      expect(own).to.include('LANGUAGE="fr"').and.to.include('NAME="Musique"');
      const audio = { source, language: 'spa', name: 'Música' };
      const { manifest, summary } = await make(options(audio, fmp4));
      const text = await readFile(manifest, 'utf8');
      expect(text).to.include('LANGUAGE="es"').and.to.include('NAME="Música"');
      expect(summary.audio?.renditions[0]?.language).to.equal('es');
      const inDash = await make(options(audio, dash));
      expect(await readFile(inDash.manifest, 'utf8'))
        .to.include(' lang="es"')
        .and.to.include('<Label>Música</Label>');
      expect(await faults(inDash.manifest)).to.deep.equal([]);
    });

    it('is further renditions only where bitrates differ', async () => {
      const renditions = [
        { height: 180, bitrate: '400k' },
        { height: 90, bitrate: '150k', audioBitrate: '48k' },
        { height: 60, bitrate: '100k', audioBitrate: '48k' },
      ];
      for (const packaging of [dash, mpegts]) {
        const given = options({ source: music, bitrate: '128k' }, packaging, { renditions });
        const { manifest, summary } = await make(given);
        expect(await faults(manifest)).to.deep.equal([]);
        const tracks = summary.audio?.renditions ?? [];
        expect(tracks.map(({ index }) => index)).to.deep.equal([3, 4]);
        expect(tracks.map(({ bitrate }) => bitrate.declared)).to.deep.equal([128_000, 48_000]);
        expect(tracks[0]?.bytes).to.be.greaterThan((tracks[1]?.bytes ?? 0) * 1.5);
        await expectTone(manifest, 440);
        const text = await readFile(manifest, 'utf8');
        if (packaging === dash) expect(text.match(/mimeType="audio\/mp4"/g)).to.have.length(2);
        else {
          expect(text.match(/^#EXT-X-MEDIA:/gm)).to.have.length(2);
          const groups = [...text.matchAll(/AUDIO="([^"]+)"/g)].map(([, group]) => group);
          expect(groups).to.deep.equal(['audio', 'audio-1', 'audio-1']);
        }
      }
    });
  });

  describe('encoded', () => {
    const codecs = [
      { codec: 'libopus', name: 'opus', codecs: /^opus$/i, container: [dash, fmp4] },
      {
        codec: 'libmp3lame',
        name: 'mp3',
        codecs: /^mp4a\.(40\.34|6[9Bb])$/,
        container: PACKAGINGS,
      },
      { codec: 'ac3', name: 'ac3', codecs: /^ac-3$/, container: PACKAGINGS },
      { codec: 'eac3', name: 'eac3', codecs: /^ec-3$/, container: PACKAGINGS },
      { codec: 'flac', name: 'flac', codecs: /^fLaC$/, container: [dash, fmp4] },
    ];
    for (const { codec, name, codecs: stated, container } of codecs) {
      it(`by ${codec} is as sound`, async () => {
        for (const packaging of container) {
          const { manifest, summary } = await make(options({ source: music, codec }, packaging));
          expect(await faults(manifest), packaging.name).to.deep.equal([]);
          await expectTone(manifest, 440);
          const span = await audioSpan(manifest);
          expect(span.end).to.be.within(1.96, 2 + 0.104); // a whole frame of FLAC
          const [track] = summary.audio?.renditions ?? [];
          expect(track?.codec).to.equal(name);
          expect(track?.codecs).to.match(stated);
          const found = await streams(manifest);
          expect(found.find(({ kind }) => kind === 'audio')?.codec).to.equal(name);
        }
      });
    }

    it('not at all, but copied', async () => {
      for (const packaging of PACKAGINGS) {
        const { manifest, summary } = await make(
          options({ source: music, codec: 'copy' }, packaging),
        );
        expect(await faults(manifest), packaging.name).to.deep.equal([]);
        await expectTone(manifest, 440);
        const [track] = summary.audio?.renditions ?? [];
        expect(track).to.include({ codec: 'aac', sampleRate: RATE, channels: 2 });
        const span = await audioSpan(manifest);
        expect(span.start).to.be.closeTo(0, 0.03);
        expect(span.end).to.be.closeTo(2, 0.03);
      }
    });

    it('not at all, but copied from Matroska, whose milliseconds are no gaps', async () => {
      const encoding = ['-c:a', 'aac', '-ar', '44100'];
      const source = await makeTones(join(folder.path, 'rounded.mkv'), [440], 4, encoding);
      const made = await make(options({ source, codec: 'copy' }, dash), 90);
      expect(await faults(made.manifest)).to.deep.equal([]);
      expect(made.summary.audio).to.include({ gaps: 0, droppedSamples: 0 });
    });

    it('with the rate, channels and filter that were asked for', async () => {
      const audio = { source: music, sampleRate: 24_000, filter: 'volume=0.5' };
      const { manifest, summary } = await make(options(audio, dash));
      expect(summary.audio?.renditions[0]).to.include({ sampleRate: 24_000, channels: 2 });
      const { frequency, level } = await heard(manifest, 0.2, 0.8);
      expect(frequency).to.be.closeTo(440, 3);
      expect(level).to.be.closeTo(0.35 / 2, 0.04);
    });

    it('with options of the encoder', async () => {
      const audio = { source: music, codec: 'libopus', options: { application: 'lowdelay' } };
      expect(await faults((await make(options(audio, dash))).manifest)).to.deep.equal([]);
    });

    it('from surround sound, kept or mixed down', async () => {
      const six = await makeTones(join(folder.path, 'six.flac'), [440], 3, [], '5.1');
      const kept = await make(options({ source: six }, dash));
      expect(kept.summary.audio?.renditions[0]).to.include({ channels: 6 });
      expect(await faults(kept.manifest)).to.deep.equal([]);
      const mixed = await make(options({ source: six, channels: 2 }, mpegts));
      expect(mixed.summary.audio?.renditions[0]).to.include({ channels: 2 });
      expect((await heard(mixed.manifest, 0.2, 0.8)).frequency).to.be.closeTo(440, 3);
    });
  });

  describe('of a source', () => {
    it('begins where it was asked to, and with the first frame that is kept', async () => {
      const later = await make(options({ source: music, start: 1.1 }, dash));
      await expectTone(later.manifest, 880);
      const trimmed = await make(options({ source: music }, dash, { trim: { start: 1.2 } }), 60);
      expect(trimmed.summary.duration).to.be.closeTo(1.2, 1e-6);
      await expectTone(trimmed.manifest, 880);
      const span = await audioSpan(trimmed.manifest);
      expect(span.end).to.be.closeTo(1.2, 0.03);
    });

    it('is the track that was asked for', async () => {
      const path = join(folder.path, 'tracks.mka');
      const second = ['-f', 'lavfi', '-i', toneSource([1000], 3), '-map', '0', '-map', '1'];
      await makeTones(path, [500], 3, [...second, '-c:a', 'flac']);
      for (const [track, frequency] of [
        [0, 500],
        [1, 1000],
      ] as const) {
        const { manifest } = await make(options({ source: path, track }, dash));
        expect((await heard(manifest, 0.2, 0.8)).frequency).to.be.closeTo(frequency, 3);
      }
      const error = await rejection(AdaptiveStream.open(options({ source: path, track: 2 }, dash)));
      expect(error).to.include({ code: 'NO_AUDIO' });
    });

    it('that cannot be used is one clear error', async () => {
      const silent = join(folder.path, 'silent.mp4');
      await makeTones(silent, [440], 1, [
        ...['-f', 'lavfi', '-i', 'color=size=64x64:duration=1', '-map', '1:v', '-c:v', 'libx264'],
      ]);
      const text = join(import.meta.dirname, 'types.test-d.ts');
      const pcm = await makeTones(join(folder.path, 'pcm.wav'), [440], 1);
      const failure = async (audio: AudioOptions): Promise<{ code: string; message: string }> =>
        rejection(AdaptiveStream.open(options(audio, dash)));
      expect(await failure({ source: silent })).to.include({ code: 'NO_AUDIO' });
      expect((await failure({ source: text })).message).to.include('types.test-d.ts');
      expect((await failure({ source: `${server.origin}/none.mp3` })).message).to.match(/404|none/);
      expect(await failure({ source: pcm, codec: 'copy' })).to.include({
        code: 'CODEC_NOT_IN_CONTAINER',
      });
    });
  });

  describe('that is pushed', () => {
    const push = { sampleRate: RATE };

    it('may be planar, of 16 bits, of any rate and number of channels', async () => {
      const planar = { ...push, sampleFormat: 'f32-planar' } as const;
      const planes = (frame: number): AudioSamples => [
        tone(frame * STEP, STEP, 440),
        tone(frame * STEP, STEP, 440),
      ];
      await expectTone((await make(options({ push: planar }, dash), 50, planes)).manifest, 440);
      const s16 = { ...push, channels: 1, sampleFormat: 's16' } as const;
      const words = (frame: number): AudioSamples => toInt16(tone(frame * STEP, STEP, 440));
      const mono = await make(options({ push: s16 }, dash), 50, words);
      expect(mono.summary.audio?.renditions[0]).to.include({ channels: 1 });
      await expectTone(mono.manifest, 440);
      const odd = { sampleRate: 22_050, channels: 1 };
      const slow = (): AudioSamples => new Float32Array(882);
      const low = await make(options({ push: odd, codec: 'libopus' }, dash), 50, slow);
      expect(low.summary.audio?.renditions[0]).to.include({ sampleRate: 48_000 });
    });

    it('is copied at once: the memory may be used again', async () => {
      const samples = new Float32Array(STEP * 2);
      await using stream = await AdaptiveStream.open(options({ push }, dash));
      for (let frame = 0; frame < 50; frame++) {
        samples.set(stereo(frame));
        const written = stream.writeAudio(samples);
        samples.fill(0.9);
        await Promise.all([written, stream.write(smallFrame(frame))]);
      }
      const { manifest } = await stream.finish();
      await expectTone(manifest, 440);
    });

    it('may come before the first frame, and after the last', async () => {
      await using stream = await AdaptiveStream.open(options({ push }, dash));
      for (let frame = 0; frame < 50; frame++)
        expect(await stream.writeAudio(stereo(frame))).to.equal(true);
      await pushSmall(stream, 50);
      const early = await stream.finish();
      await expectTone(early.manifest, 440);
      // However long one chunk is: only what comes behind it waits.
      await using whole = await AdaptiveStream.open(options({ push }, dash));
      const song = tone(0, 15 * RATE, 440);
      expect(await whole.writeAudio(interleaved([song, song]))).to.equal(true);
      await pushSmall(whole, 50);
      await expectTone((await whole.finish()).manifest, 440);
      await using other = await AdaptiveStream.open(options({ push }, dash));
      await pushSmall(other, 50);
      for (let frame = 0; frame < 50; frame++) await other.writeAudio(stereo(frame));
      const late = await other.finish();
      await expectTone(late.manifest, 440);
      expect(await faults(late.manifest)).to.deep.equal([]);
    });

    it('waits when it is ten seconds ahead, and says so', async () => {
      await using stream = await AdaptiveStream.open(options({ push }, dash));
      const warnings: string[] = [];
      stream.on('warning', ({ code }) => warnings.push(code));
      const second = new Float32Array(RATE * 2);
      let taken = 0;
      const writes = Array.from({ length: 16 }, async () => {
        if (await stream.writeAudio(second)) taken++;
      });
      await until(() => taken >= 9);
      expect(taken).to.be.at.most(13);
      expect(stream.stats().audio?.pending).to.equal(16 - taken);
      expect(warnings).to.include('MANY_PENDING_SAMPLES');
      await pushSmall(stream, 175);
      await Promise.all(writes);
      expect(taken).to.equal(16);
      const { duration } = await stream.finish();
      expect(duration).to.equal(7);
    });

    it('is on the clock of the frames', async () => {
      await using stream = await AdaptiveStream.open(options({ push }, dash));
      const began = 1_000_000;
      // The audio was there half a second before the camera.
      for (let chunk = 0; chunk < 60; chunk++) {
        const time = began - 0.5 + chunk / FPS;
        const frequency = chunk < 25 ? 440 : 880;
        const samples = tone(chunk * STEP, STEP, frequency);
        await stream.writeAudio(interleaved([samples, samples]), time);
        if (chunk >= 13) {
          const frame = { ...smallFrame(chunk), timestamp: began + (chunk - 13) / FPS };
          await stream.write(frame);
        }
      }
      const { manifest, audio } = await stream.finish();
      // 440 Hz until 0.5 s before the 25th chunk: half a second of presentation.
      await expectTone(manifest, 440, 0.1, 0.45);
      await expectTone(manifest, 880, 0.55, 1.4);
      // Half a second before the first frame, and perhaps half a frame behind the last.
      expect(audio?.droppedSamples).to.be.within(RATE / 2, RATE / 2 + STEP);
    });

    async function withGap(fillGaps: boolean): Promise<StreamSummary> {
      await using stream = await AdaptiveStream.open(options({ push, fillGaps }, fmp4));
      for (let frame = 0; frame < 50; frame++) {
        await stream.write(smallFrame(frame));
        if (frame < 20 || frame >= 35) await stream.writeAudio(stereo(frame), frame / FPS);
      }
      return await stream.finish();
    }

    /** Where the segments of a playlist begin and end, by their EXTINF. */
    async function borders(manifest: string, name: string): Promise<number[]> {
      const text = await readFile(join(dirname(manifest), name), 'utf8');
      let end = 0;
      return [...text.matchAll(/#EXTINF:([\d.]+)/g)].map(
        ([, duration]) => (end += Number(duration)),
      );
    }

    for (const [name, until] of [
      ['crosses a border', 25],
      ['is longer than a segment', 47],
    ] as const) {
      for (const packaging of [fmp4, mpegts]) {
        it(`may have a gap that ${name}: ${packaging.name} lists it beside the video`, async () => {
          await using stream = await AdaptiveStream.open(
            options({ push, fillGaps: false }, packaging),
          );
          for (let frame = 0; frame < 75; frame++) {
            await stream.write(smallFrame(frame));
            if (frame < 18 || frame >= until) await stream.writeAudio(stereo(frame), frame / FPS);
          }
          const { manifest, audio } = await stream.finish();
          expect(audio?.gaps).to.equal(1);
          const video = await borders(manifest, 'stream_0.m3u8');
          const sound = await borders(manifest, 'stream_2.m3u8');
          expect(video.at(-1)).to.be.closeTo(3, 1e-3);
          expect(sound).to.have.length(video.length);
          for (const [index, end] of sound.entries()) {
            expect(end).to.be.closeTo(video[index] ?? NaN, 1024 / RATE + 1e-3);
          }
          if (until > 40) return; // ffmpeg knows no EXT-X-GAP
          const times = await audioTimes(manifest);
          expect(times.filter((time) => time > 0.75 && time < 0.97)).to.deep.equal([]);
          expect(times.at(-1)).to.be.closeTo(3, 0.05);
        });
      }
    }

    it('keeps its gaps where that is wanted', async () => {
      const { manifest, audio } = await withGap(false);
      expect(audio?.gaps).to.equal(1);
      expect(await decodeErrors(manifest)).to.equal('');
      const times = await audioTimes(manifest);
      expect(times.filter((time) => time > 0.85 && time < 1.35)).to.deep.equal([]);
      expect(times.filter((time) => time > 1.4)).to.have.length.greaterThan(25);
    });

    it('has them filled with silence', async () => {
      const { manifest, audio } = await withGap(true);
      expect(audio?.gaps).to.equal(1);
      expect(await faults(manifest)).to.deep.equal([]);
      expect((await heard(manifest, 0.9, 1.3)).level).to.be.lessThan(0.02);
      await expectTone(manifest, 440, 1.5, 1.9);
    });

    it('has what is missing at either end filled alike, up to the end of the video', async () => {
      await using stream = await AdaptiveStream.open(options({ push }, fmp4));
      const warnings: string[] = [];
      stream.on('warning', ({ code }) => warnings.push(code));
      for (let frame = 0; frame < 75; frame++) {
        await stream.write(smallFrame(frame));
        if (frame >= 15 && frame < 35) await stream.writeAudio(stereo(frame), frame / FPS);
      }
      const { manifest, audio } = await stream.finish();
      expect(await faults(manifest)).to.deep.equal([]);
      expect(warnings).to.deep.equal([]);
      expect(audio?.position).to.equal(3);
      const span = await audioSpan(manifest);
      expect(span.start).to.be.closeTo(0, 0.03);
      expect(span.end).to.be.closeTo(3, 0.03);
      await expectTone(manifest, 440, 0.7, 1.3);
      for (const [from, to] of [
        [0.05, 0.55],
        [1.5, 2.9],
      ] as const) {
        expect((await heard(manifest, from, to)).level).to.be.lessThan(0.02);
      }
    });

    it('that nobody can use does not end the stream', async () => {
      await using stream = await AdaptiveStream.open(options({ push }, dash));
      const refused = await rejection(stream.writeAudio(new Float32Array(3)));
      expect(refused).to.include({ name: 'InvalidFrameError', code: 'INVALID_SAMPLES' });
      const nonsense = new Float32Array(STEP * 2).fill(NaN);
      await stream.writeAudio(nonsense);
      await pushSmall(stream, 25);
      expect((await stream.finish()).duration).to.equal(1);
    });

    it('whose time is on another clock is refused, and the stream goes on', async () => {
      await using stream = await AdaptiveStream.open(options({ push }, dash));
      const warnings: { code: string; message: string }[] = [];
      stream.on('warning', (warning) => warnings.push(warning));
      const half = new Float32Array(RATE).fill(0.1); // of two channels
      await stream.writeAudio(half, 0);
      // Before the first frame nobody knows what is far: it is promised, and told afterwards.
      await stream.writeAudio(half, Date.now() / 1000);
      await pushSmall(stream, 50);
      for (const time of [Date.now() / 1000, Date.now(), 1e300, 2 * 3600, -Date.now() / 1000]) {
        const refused = await rejection(stream.writeAudio(half, time));
        expect(refused).to.include({ name: 'InvalidFrameError', code: 'INVALID_SAMPLES' });
        expect(String(refused)).to.contain('epoch seconds');
      }
      await stream.writeAudio(half, 1);
      const { manifest, audio } = await stream.finish();
      expect(warnings.map(({ code }) => code)).to.deep.equal(['SAMPLES_LEFT_OUT']);
      expect(warnings[0]?.message).to.contain('epoch seconds');
      expect(audio).to.include({ gaps: 1 });
      expect(await faults(manifest)).to.deep.equal([]);
      expect((await audioSpan(manifest)).end).to.be.closeTo(2, 0.03);
    });

    it('settles however the stream ends', async () => {
      const open = (): Promise<AdaptiveStream> => AdaptiveStream.open(options({ push }, dash));
      const second = new Float32Array(RATE * 2);
      const aborted = await open();
      const writes = Array.from({ length: 14 }, () => aborted.writeAudio(second));
      const outcomes = Promise.allSettled(writes);
      await aborted.abort('enough');
      const last = (await outcomes).at(-1);
      expect(last?.status === 'rejected' ? last.reason : last).to.include({ code: 'ABORTED' });
      expect(await rejection(aborted.writeAudio(second))).to.include({ code: 'ABORTED' });
      const finished = await open();
      await pushSmall(finished, 25);
      const late = Array.from({ length: 14 }, () => finished.writeAudio(second));
      await finished.finish();
      for (const settled of await Promise.all(late)) expect(settled).to.be.a('boolean');
      const error = await rejection(finished.writeAudio(second));
      expect(error).to.include({ name: 'InvalidStateError' });
    });

    it('needs to be asked for', async () => {
      await using stream = await AdaptiveStream.open(options({ source: music }, dash));
      const error = await rejection(stream.writeAudio(new Float32Array(2)));
      expect(error.message).to.include('audio: { push');
      await pushSmall(stream, 25);
    });

    it('never or before any frame, leaves an empty presentation alone', async () => {
      const stream = await AdaptiveStream.open(options({ push }, dash));
      await stream.writeAudio(stereo(0));
      const { framesIn, duration } = await stream.finish();
      expect({ framesIn, duration }).to.deep.equal({ framesIn: 0, duration: 0 });
      const never = await make(options({ push }, dash));
      expect(never.summary.audio?.position).to.equal(0);
      expect(await faults(never.manifest)).to.deep.equal([]);
    });
  });

  describe('of StreamGear', () => {
    function gear(streamParams: StreamParams, format: 'dash' | 'hls' = 'dash'): StreamGear {
      const file = format === 'dash' ? 'gear.mpd' : 'gear.m3u8';
      const output = join(folder.path, `gear-${count++}`, file);
      return new StreamGear({
        output,
        format,
        streamParams: { '-preset': 'ultrafast', ...streamParams },
      });
    }

    const ladder = [
      { '-resolution': '160x90', '-video_bitrate': '150k', '-audio_bitrate': '64k' },
    ] as const;

    it('is -audio, for all renditions', async () => {
      for (const format of ['dash', 'hls'] as const) {
        const live = gear({ '-audio': music, '-streams': ladder, '-ac': 1, '-b:a': '96k' }, format);
        for (let frame = 0; frame < 50; frame++) await live.stream(smallFrame(frame));
        const { manifest, audio, duration } = await live.close();
        expect(await faults(manifest)).to.deep.equal([]);
        expect(duration).to.equal(2);
        expect(audio?.renditions.map(({ bitrate }) => bitrate.declared)).to.deep.equal([
          96_000, 64_000,
        ]);
        expect(audio?.renditions[0]?.channels).to.equal(1);
        expect((await heard(manifest, 0.2, 0.8)).frequency).to.be.closeTo(440, 3);
      }
    });

    it('is pushed, from before the first frame on', async () => {
      const live = gear({ '-audio': { push: { sampleRate: RATE } } });
      for (let frame = 0; frame < 50; frame++) {
        expect(await live.writeAudio(stereo(frame))).to.equal(true);
        await live.stream(smallFrame(frame));
      }
      const { manifest } = await live.close();
      expect(await faults(manifest)).to.deep.equal([]);
      await expectTone(manifest, 440);
      const error = await rejection(live.writeAudio(stereo(0)));
      expect(error).to.include({ name: 'InvalidStateError' });
    });

    it('settles without any frame, too', async () => {
      const second = new Float32Array(RATE * 2);
      const closed = gear({ '-audio': { push: { sampleRate: RATE } } });
      const held = Array.from({ length: 12 }, () => closed.writeAudio(second));
      expect((await closed.close()).framesIn).to.equal(0);
      const settled = await Promise.all(held);
      expect([settled[0], settled.at(-1)]).to.deep.equal([true, false]);
      const aborted = gear({ '-audio': { push: { sampleRate: RATE } } });
      const pending = Array.from({ length: 12 }, () => aborted.writeAudio(second)).at(-1);
      await aborted.abort();
      expect(await rejection(pending ?? Promise.resolve())).to.include({ code: 'ABORTED' });
      const none = await rejection(gear({}).writeAudio(second));
      expect(none.message).to.include('"-audio": { push');
    });
  });
});
