// What ends in the head of a request, in a C string or in UTF-8: a line break would begin a header of somebody else's.
import { tmpdir } from 'node:os';

import { expect } from 'chai';

import { InvalidOptionsError, StreamGear, openFrames, probe } from '../src/index.js';
import type { StreamParams } from '../src/index.js';
import { unfitHeaderText } from '../src/base/header-text.js';
import { rejection } from './support/small.js';

const OPTIONS = ['user_agent', 'method', 'referer', 'content_type', 'http_proxy', 'tls_anything'];

/** The messages of what a StreamGear over HTTP is refused for. */
function wrong(streamParams: StreamParams): string[] {
  try {
    new StreamGear({ output: 'http://127.0.0.1:9/x.mpd', streamParams });
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error.issues.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe('Text of a header', () => {
  it('is one line, whatever the option', () => {
    for (const name of OPTIONS) {
      expect(unfitHeaderText(name, 'curl/8 (ü)')).to.equal(undefined);
      for (const character of ['\r\n', '\n', '\r', '\0', '\u0085', '\u007f']) {
        expect(unfitHeaderText(name, `a${character}X-Admin: 1`), name).to.be.a('string');
      }
    }
  });

  it('of headers is a line for each', () => {
    expect(unfitHeaderText('headers', 'X-A: 1\r\nX-B: two\tthree\r\n')).to.equal(undefined);
    expect(unfitHeaderText('headers', '')).to.equal(undefined);
    for (const value of ['no header', 'X A: 1', 'X-A: 1\rX-B: 2', ': 1', 'X-A: \0']) {
      expect(unfitHeaderText('headers', value), value).to.be.a('string');
    }
    expect(unfitHeaderText('cookies', 'a=1; path=/\nb=2')).to.equal(undefined);
    expect(unfitHeaderText('cookies', 'a=1\rb=2')).to.be.a('string');
  });

  it('is refused for outputs, before anything is sent', () => {
    const value = 'a\r\nX-Admin: 1';
    for (const name of ['-user_agent', '-method', '-referer', '-content_type'] as const) {
      expect(wrong({ [name]: value })).to.deep.equal([name]);
    }
    expect(wrong({ '-http_user_agent': value })).to.deep.equal(['-http_user_agent']);
    expect(wrong({ '-headers': 'X-A: 1\r\nX-B: 2' })).to.deep.equal([]);
    expect(wrong({ '-headers': 'X-A: 1\r\nnonsense' })).to.deep.equal(['-headers']);
  });

  it('is refused for sources, and so are line breaks in their URLs', async () => {
    const list = ['-user_agent', 'a\r\nX-Admin: 1', '-i', 'http://127.0.0.1:9/a.mp4'];
    const url = 'http://127.0.0.1:9/a.mp4 HTTP/1.1\r\nX-Admin: 1';
    for (const source of [list, url, ['-f', 'mp4', '-i', url]]) {
      for (const call of [probe(source), openFrames(source)]) {
        expect(await rejection(call)).to.be.instanceOf(InvalidOptionsError);
      }
      expect(
        () => new StreamGear({ output: `${tmpdir()}/x.mpd`, streamParams: { '-audio': source } }),
      ).to.throw(InvalidOptionsError);
    }
  });
});

describe('Text of any option', () => {
  it('has no NUL and no half a character', () => {
    for (const text of ['a\0b', '\ud800', 'a\udc00']) {
      expect(wrong({ '-metadata': `title=${text}` })).to.deep.equal(['-metadata']);
      expect(wrong({ '-vcodec': text })).to.deep.equal(['-vcodec']);
      expect(wrong({ '-utc_timing_url': text })).to.deep.equal(['-utc_timing_url']);
    }
  });
});
