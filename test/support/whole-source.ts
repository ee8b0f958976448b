// What every whole source must come out as: sound manifests, and the times and pictures of ffmpeg's own decoder.
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import type { StreamParams } from '../../src/index.js';
import { awkward, SIZE } from './awkward.js';
import { faults } from './presentation.js';
import {
  compared,
  decodedTimes,
  pictureTimes,
  streamOf,
  transcode,
  type Comparison,
  type Transcoded,
} from './transcoded.js';

/** Containers keep times in milliseconds at worst. */
const TIME_TOLERANCE = 0.0011;

export interface Whole extends Comparison {
  /** Default 320x180. */
  size?: string;
  /** Default "1:1". */
  sampleAspectRatio?: string;
  /** Codes of the warnings, without repetitions. Default none. */
  warnings?: readonly string[];
  /** Least decibels of luma. Default 38. */
  luma?: number;
  /** Least decibels of chroma. Default 34. */
  chroma?: number;
  /** Rules of the lints that do not hold for this source. */
  except?: readonly string[];
}

/** A folder that nobody has used. */
export function freshFolder(parent: string): Promise<string> {
  return mkdtemp(join(parent, 'out-'));
}

/** Transcodes one of the awkward files to DASH, and compares it with what ffmpeg makes of the file. */
export async function expectWhole(
  name: string,
  folder: string,
  whole: Whole = {},
  params: StreamParams = {},
): Promise<Transcoded> {
  const source = await awkward(name, folder);
  const out = await freshFolder(folder);
  const made = await transcode(source, join(out, 'out.mpd'), params);
  const { except = [], warnings = [] } = whole;
  const found = await faults(made.manifest);
  expect(found.filter((fault) => !except.some((rule) => fault.startsWith(rule)))).to.deep.equal([]);
  expect([...new Set(made.warnings.map(({ code }) => code))]).to.deep.equal(warnings);
  await expectTimes(made, await decodedTimes(source));
  if (params['-vcodec'] === 'copy') return made;
  const { size = `${SIZE.width}x${SIZE.height}`, sampleAspectRatio = '1:1' } = whole;
  const video = await streamOf(made.manifest, 'video');
  expect(`${video.width}x${video.height}`).to.equal(size);
  expect(video.sampleAspectRatio).to.equal(sampleAspectRatio);
  expect(video.pixelFormat).to.equal('yuv420p');
  expect(video.colorRange).to.equal('tv');
  expect(video.colorSpace).not.to.equal('');
  await expectPictures(made, source, out, whole);
  return made;
}

/** The pictures come at these times, seconds from the first one. */
export async function expectTimes(
  { manifest, summary }: Transcoded,
  expected: readonly number[],
): Promise<void> {
  const times = await pictureTimes(manifest);
  expect(times).to.have.length(expected.length);
  const wrong = times.filter(
    (time, index) => Math.abs(time - (expected[index] ?? NaN)) > TIME_TOLERANCE,
  );
  expect(wrong, `instead of ${expected.join()}`).to.deep.equal([]);
  // The last picture is shown for some time, but not for long.
  expect(summary.duration - (times.at(-1) ?? NaN)).to.be.within(0.001, 0.5);
}

async function expectPictures(
  made: Transcoded,
  source: string,
  out: string,
  { luma = 38, chroma = 34, ...comparison }: Whole,
): Promise<void> {
  const { y, u, v } = await compared(made, source, out, comparison);
  const planes = `PSNR ${y}, ${u}, ${v}`;
  expect(y, planes).to.be.at.least(luma);
  expect(Math.min(u, v), planes).to.be.at.least(chroma);
}
