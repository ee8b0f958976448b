// Live with audio: both in one window, deleted together, and together after a stall; a clock that drifts.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from 'chai';

import { AdaptiveStream } from '../src/index.js';
import { observe, syncFaults } from './support/av-sync.js';
import { decodeErrors } from './support/ffprobe.js';
import { lintDashHistory, lintHlsHistory } from './support/history.js';
import {
  Broadcast,
  CASES,
  lint,
  listed,
  PERIOD,
  published,
  RATE,
  RHYTHM,
  runLiveAudio,
  SEGMENTS,
  type LiveAudioRun,
} from './support/live-audio.js';
import { expectWholeWhenKilled } from './support/killed-live.js';
import { isSegment, SEGMENT_SECONDS } from './support/live.js';
import { temporaryFolder } from './support/media.js';
import { SMALL, until } from './support/small.js';

/** Dates of the segments of a playlist by their number. */
function dates(text: string): Map<number, number> {
  const found = text.matchAll(/#EXT-X-PROGRAM-DATE-TIME:(\S+)\n#EXTINF:.*\n\S+-(\d+)\.\w+/g);
  return new Map(
    [...found].map(([, date = '', number = '']) => [Number(number), Date.parse(date)]),
  );
}

describe('a live presentation with audio', () => {
  for (const live of CASES) {
    describe(live.name, () => {
      let run: LiveAudioRun;
      before(async () => {
        run = await runLiveAudio(live);
      });
      after(() => run.folder[Symbol.asyncDispose]());

      it('names only files that exist and are whole, at every instant', () => {
        for (const { segments, broken } of run.snapshots) {
          expect(broken, `after ${segments} segments`).to.deep.equal([]);
        }
      });

      it('obeys the rules while it runs and after its end', async () => {
        expect(run.violations).to.deep.equal([]);
        expect(await lint(run.manifest, true)).to.deep.equal([]);
        expect(await decodeErrors(run.manifest)).to.equal('');
      });

      it('keeps its history consistent', () => {
        for (const list of new Set(live.lists)) {
          const texts = run.snapshots.map((snapshot) => snapshot.texts.get(list) ?? '');
          const check = list.endsWith('.mpd') ? lintDashHistory : lintHlsHistory;
          expect(check(texts)).to.deep.equal([]);
        }
      });

      it('lists the same segments of both', () => {
        for (const snapshot of run.snapshots.slice(0, SEGMENTS)) {
          const [video, audio] = live.lists.map((list, track) => listed(snapshot, list, track));
          expect(audio, `after ${snapshot.segments}`).to.deep.equal(video);
        }
      });

      // In DASH there is one clock for all.
      if (live.file.endsWith('.m3u8')) {
        it('dates both alike', () => {
          for (const { texts } of run.snapshots) {
            const [video, audio] = live.lists.map((list) => dates(texts.get(list) ?? ''));
            expect(audio?.size).to.be.greaterThan(0);
            for (const [number, date] of audio ?? []) {
              const other = video?.get(number) ?? NaN;
              // Sound is cut at the first of its frames behind the border.
              expect(date - other, `segment ${number}`).to.be.within(-1, 44);
            }
          }
        });
      }

      it('deletes the sound with the picture', () => {
        for (const { files, segments } of run.snapshots.slice(0, SEGMENTS)) {
          const count = (track: number): number =>
            files.filter((name) => name.startsWith(`chunk-stream${track}-`)).length;
          // A snapshot may lie between the two that are written, and between the two that are deleted.
          expect(Math.abs(count(0) - count(1)), `after ${segments}`).to.be.at.most(2);
        }
        const last = run.snapshots.at(-1)?.files.filter(isSegment) ?? [];
        expect(last.length).to.be.at.most(2 * 15);
      });
    });

    it(`${live.name}: comes back from a stall of ten seconds with both in step`, async () => {
      await using folder = await temporaryFolder();
      const manifest = join(folder.path, live.file);
      const broadcast = await Broadcast.open(manifest, { ...live.packaging, live: { window: 0 } });
      await broadcast.both(3.2);
      await broadcast.finished(6);
      await published(folder.path, live, 6);
      expect(await lint(manifest, false)).to.deep.equal([]);
      broadcast.skip(13);
      await broadcast.both(18);
      const summary = await broadcast.stream.finish();
      expect(summary.duration).to.be.closeTo(18, 0.06);
      expect(summary.audio?.gaps).to.equal(1);
      expect(await decodeErrors(manifest)).to.equal('');
      const { flashes, beeps } = await observe(manifest);
      const expected = [1.5, 3, 13.5, 15, 16.5];
      expect(flashes.map((time) => Math.round(time * 100) / 100)).to.deep.equal(expected);
      expect(beeps).to.have.length.at.least(expected.length);
      for (const time of expected) {
        const nearest = Math.min(...beeps.map((beep) => Math.abs(beep - time)));
        expect(nearest, `${time}: ${beeps.join()}`).to.be.at.most(0.02);
      }
    });

    it(`${live.name}: pictures that pause hold up the sound, and nothing else`, async () => {
      await using folder = await temporaryFolder();
      const manifest = join(folder.path, live.file);
      const broadcast = await Broadcast.open(manifest, { ...live.packaging, live: { window: 0 } });
      await broadcast.both(2);
      // The sound goes on until it is ten seconds ahead, and waits there.
      let ahead = 2;
      const speaking = (async () => {
        while (ahead < 20) {
          await broadcast.sound(ahead + 0.5);
          ahead += 0.5;
        }
      })();
      await until(() => ahead >= 9);
      expect(ahead).to.be.at.most(14);
      await broadcast.pictures(20);
      await speaking;
      await broadcast.stream.finish();
      const count = Math.floor((20 - 0.1) / PERIOD);
      expect(syncFaults(await observe(manifest), RHYTHM, count)).to.deep.equal([]);
    });
  }

  it('deletes everything that it wrote with removeAtExit', async () => {
    await using folder = await temporaryFolder();
    const broadcast = await Broadcast.open(join(folder.path, 'live.m3u8'), { removeAtExit: true });
    await broadcast.both(4);
    await broadcast.stream.finish();
    expect(readdirSync(folder.path)).to.deep.equal([]);
  });

  for (const format of ['dash', 'hls'] as const) {
    it(`that is killed leaves ${format} manifests that name only whole segments`, async () => {
      await expectWholeWhenKilled(format, 'audio');
    });
  }
});

describe('a device that drifts', () => {
  it('is held to the clock of the frames, and the correction is told', async () => {
    await using folder = await temporaryFolder();
    const manifest = join(folder.path, 'live.mpd');
    const SECONDS = 24;
    const FAST = 1.003;
    // In its own seconds, of which there are 0.3 % more than there are on the clock of the wall.
    const tone = `0.8*sin(2*PI*1000*t)*lt(mod(t,${PERIOD}),0.08)*gte(t,${PERIOD})`;
    const rate = Math.round(48_000 * FAST);
    const device = `aevalsrc='${tone}':s=${rate}:n=480,arealtime,asetrate=48000`;
    const stream = await AdaptiveStream.open({
      input: { ...SMALL, pixelFormat: 'gray', frameRate: RATE },
      video: { preset: 'ultrafast' },
      audio: { source: ['-f', 'lavfi', '-i', device], clock: 'wall', sampleRate: 48_000 },
      packaging: { live: { window: 0 }, segmentDuration: SEGMENT_SECONDS },
      output: manifest,
    });
    const begin = performance.now();
    const elapsed = (): number => (performance.now() - begin) / 1000;
    const frame = { data: new Uint8Array(SMALL.width * SMALL.height), ...SMALL };
    const corrections: number[] = [];
    for (let index = 0; index < SECONDS * RATE; index++) {
      await sleep(Math.max(0, index / RATE - elapsed()) * 1000);
      // As of a camera: a frame that comes late, as this process was held up, says so.
      await stream.write({ ...frame, pixelFormat: 'gray', timestamp: elapsed() });
      corrections.push(stream.stats().audio?.drift.correction ?? NaN);
    }
    const { audio } = await stream.finish();
    // Beeps come at equal distances of the wall's clock; uncorrected each would be 4.5 ms later.
    const { beeps } = await observe(manifest);
    expect(beeps.length).to.be.at.least(12);
    const steps = beeps.map((time) => time - PERIOD * Math.round(time / PERIOD));
    // One that was read late, as the thread was held up, is no drift.
    const middle = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[1] ?? NaN;
    const drift = middle(steps.slice(-3)) - middle(steps.slice(0, 3));
    const uncorrected = (beeps.length - 3) * PERIOD * (FAST - 1);
    expect(Math.abs(drift), steps.map((step) => step.toFixed(3)).join()).to.be.below(
      uncorrected / 2,
    );
    // Played faster, so that there is less of it.
    expect(Math.max(...corrections.slice(RATE * 12))).to.be.above(0);
    expect(audio?.drift.corrected).to.be.below(-0.01);
  });
});
