// Tags as sources have them: whatever bytes a title or a language is made of, manifests stay well-formed.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { AdaptiveStream } from '../src/index.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { parseMpd, parseXml } from './support/mpd.js';
import { output } from './support/run.js';

const TITLE = 'title-title-title';
const LANGUAGE = 'qtz';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** As many bytes as are replaced; what is left over stays. */
const TITLES: Readonly<Record<string, Buffer>> = {
  'Latin-1': latin1('Caf\xe9 \xfcber alles'),
  'cut within a character': Buffer.from('abcdefghijklm🎬').subarray(0, TITLE.length - 1),
  'U+FFFE and U+FFFF': Buffer.from('a\uFFFEb\uFFFFc'),
  'half of a pair': latin1('\xed\xa0\xbd title'),
  'markup and controls': latin1('"><&\'\x01\x1b\x7f\n\t]]>'),
  'overlong and beyond Unicode': latin1('\xc0\xaf\xf4\x90\x80\x80\xfe\xff'),
};

const decoder = new TextDecoder('utf-8', { fatal: true });

describe('tags of a source that are no text', function () {
  let folder: TemporaryFolder;
  let clip: Buffer;
  before(async () => {
    folder = await temporaryFolder();
    const source = join(folder.path, 'tagged.mkv');
    await output('ffmpeg', [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'color=s=64x64:r=10:d=0.2'],
      ...['-f', 'lavfi', '-i', 'sine=d=0.2', '-c:v', 'libx264', '-preset', 'ultrafast'],
      ...['-metadata:s:a:0', `title=${TITLE}`, '-metadata:s:a:0', `language=${LANGUAGE}`, source],
    ]);
    clip = await readFile(source);
    expect(clip.includes(TITLE)).to.equal(true);
    expect(clip.includes(LANGUAGE)).to.equal(true);
  });
  after(() => folder[Symbol.asyncDispose]());

  async function manifestOf(
    extension: 'mpd' | 'm3u8',
    tags: { title?: Buffer; language?: Buffer },
  ): Promise<string> {
    const source = join(folder.path, 'damaged.mkv');
    const damaged = Buffer.from(clip);
    tags.title?.copy(damaged, damaged.indexOf(TITLE));
    tags.language?.copy(damaged, damaged.indexOf(LANGUAGE));
    await writeFile(source, damaged);
    const manifest = join(folder.path, `out.${extension}`);
    const stream = await AdaptiveStream.transcode(source, {
      renditions: [{}],
      video: { preset: 'ultrafast' },
      output: manifest,
    });
    await stream.finish();
    return decoder.decode(await readFile(manifest));
  }

  for (const [what, title] of Object.entries(TITLES)) {
    it(`a title with ${what}`, async () => {
      const mpd = await manifestOf('mpd', { title });
      parseXml(mpd);
      expect(mpd)
        .to.match(/<Label>/)
        .and.not.to.match(/[\uFFFE\uFFFF]|(?![\n\t])\p{Cc}(?<!\x7f)/u);
      const playlist = await manifestOf('m3u8', { title });
      expect(playlist)
        .to.match(/NAME="[^"\p{Cc}]+",/u)
        .and.not.to.match(/(?!\n)\p{Cc}/u);
    });
  }

  it('a language that is none', async () => {
    for (const language of ['\xff\xfe\xfd', '"/>', 'q z', '123']) {
      const mpd = await manifestOf('mpd', { language: latin1(language) });
      parseXml(mpd);
      expect(mpd, language).not.to.contain(' lang=');
      expect(await manifestOf('m3u8', { language: latin1(language) })).not.to.contain('LANGUAGE');
    }
    const { periods } = parseMpd(await manifestOf('mpd', { language: latin1('ger') }));
    const sound = periods[0]?.sets[1];
    expect(sound?.attributes['lang']).to.equal('de');
  });
});
