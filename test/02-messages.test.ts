// Messages: one sentence form, the nearest name, and paths as the caller wrote them.

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { InvalidOptionsError, StreamError } from '../src/report/errors.js';
import { Issues, sentence, show } from '../src/check/issues.js';
import { OptionNames } from '../src/check/option-path.js';
import { nearest } from '../src/base/nearest.js';
import { withoutSecrets } from '../src/base/secrets.js';

describe('did you mean', () => {
  it('finds the nearest name', () => {
    expect(nearest('-seg_duraton', ['-seg_duration', '-frag_duration'])).to.equal('-seg_duration');
    expect(nearest('presett', ['preset', 'profile'])).to.equal('preset');
    expect(nearest('dahs', ['dash', 'hls'])).to.equal('dash');
    expect(nearest('HLS', ['dash', 'hls'])).to.equal('hls');
    expect(nearest('seg-duration', ['seg_duration'])).to.equal('seg_duration');
  });

  it('finds nothing when nothing is near', () => {
    expect(nearest('webm', ['dash', 'hls'])).to.equal(undefined);
    expect(nearest('xyz', [])).to.equal(undefined);
    expect(nearest('-banana', ['-preset', '-crf', '-tune'])).to.equal(undefined);
  });

  it('does not compare what is no name any more', () => {
    let compared = 0;
    const candidates = function* (): Generator<string> {
      for (; compared < 10; compared++) yield 'x'.repeat(20_000);
    };
    expect(nearest('y'.repeat(20_000), candidates())).to.equal(undefined);
    expect(compared, 'candidates that were looked at').to.equal(0);
  });

  it('is asked for the first of many wrong names only', () => {
    const issues = new Issues();
    let asked = 0;
    const candidates = { [Symbol.iterator]: () => (asked++, ['-crf'][Symbol.iterator]()) };
    for (let i = 0; i < 1000; i++)
      issues.unknown('an option', 'streamParams', `-c${i}`, candidates);
    expect(issues.list).to.have.length(1000);
    expect(asked).to.be.below(50);
  });
});

describe('secrets', () => {
  // A text and what is left of it, a pair per line; native/test/secrets_test.cc reads the same.
  const table = readFileSync(new URL('fixtures/secrets.tsv', import.meta.url), 'utf8');

  for (const row of table.trimEnd().split('\n')) {
    const [text = '', expected = ''] = row.split('\t');
    it(`are left out of ${text}`, () => {
      expect(withoutSecrets(text)).to.equal(expected);
      expect(withoutSecrets(expected), 'a second time').to.equal(expected);
    });
  }

  it('are in no message, whatever was received', () => {
    const list = ['-f', 'mpegts', '-headers', 'Authorization: Bearer hunter2', '-i', 'x'];
    const values = [
      'http://me:hunter2@host/x?hunter2',
      { headers: 'X: hunter2', url: 'srt://h?passphrase=hunter2' },
      [list, { passphrase: 'hunter2' }],
      list,
    ];
    for (const value of values) expect(show(value)).not.to.contain('hunter2');
    for (const path of ['-headers', 'packaging.protocolOptions.headers', '-srt_passphrase']) {
      expect(sentence('nothing', path, 'hunter2'))
        .to.contain(path)
        .and.not.to.contain('hunter2');
    }
    const error = new StreamError('Not http://a:hunter2@b', {
      code: 'ABORTED',
      log: 'sig=hunter2',
    });
    expect(`${error.message} ${error.log ?? ''}`).not.to.contain('hunter2');
  });
});

describe('messages', () => {
  it('have one form', () => {
    expect(sentence('a bitrate such as "2500k"', '-streams[1].-video_bitrate', '5Q')).to.equal(
      'Expected a bitrate such as "2500k" for -streams[1].-video_bitrate but received "5Q"',
    );
    expect(sentence('"dash" or "hls"', 'format', 'dahs', ['dash', 'hls'])).to.equal(
      'Expected "dash" or "hls" for format but received "dahs". Did you mean "dash"?',
    );
  });

  it('show every value in a few characters', () => {
    expect(show(undefined)).to.equal('nothing');
    expect(show(null)).to.equal('null');
    expect(show(12n)).to.equal('12n');
    expect(show(new Uint8Array(1000))).to.equal('Uint8Array');
    expect(show({ a: 1 })).to.equal('{"a":1}');
    expect(show('x'.repeat(500)).length).to.be.below(90);
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(show(circular)).to.equal('an object');
  });

  it('name the path that the caller knows', () => {
    const issues = new Issues(
      new OptionNames([
        [['renditions', 1], '-streams[0]'],
        [['renditions', 1, 'bitrate'], '-streams[0].-video_bitrate'],
        [['video', 'options', 'a'], '-a'],
      ]),
    );
    const nameOf = (...keys: (string | number)[]): string => issues.nameOf(keys);
    expect(nameOf('renditions', 1, 'bitrate')).to.equal('-streams[0].-video_bitrate');
    expect(nameOf('renditions', 1, 'options', 'crf')).to.equal('-streams[0].options.crf');
    expect(nameOf('renditions', 10, 'bitrate')).to.equal('renditions[10].bitrate');
    // A key of the caller's is one key, whatever it holds.
    expect(nameOf('video', 'options', 'a.b')).to.equal('video.options.a.b');
    expect(nameOf('video', 'options', '__proto__')).to.equal('video.options.__proto__');
    expect(nameOf('streamParams', '-gop')).to.equal('-gop');
  });

  it('list every wrong value', () => {
    const issues = new Issues();
    issues.throwIfAny();
    issues.expected('a size', 'a', 1);
    issues.expected('a rate', 'b', 2);
    expect(() => {
      issues.throwIfAny();
    })
      .to.throw(
        InvalidOptionsError,
        /2 options are wrong:\n- Expected a size .*\n- Expected a rate/,
      )
      .with.property('issues')
      .that.has.length(2);
  });
});

describe('errors', () => {
  it('carry what is known and nothing else', () => {
    const error = new StreamError('No.', {
      code: 'ENCODER_FAILED',
      stage: 'encoder',
      rendition: 1,
    });
    expect(error).to.include({
      name: 'StreamError',
      code: 'ENCODER_FAILED',
      stage: 'encoder',
      rendition: 1,
    });
    expect(error).not.to.have.any.keys('averror', 'log', 'cause');
    expect(new StreamError('No.', { code: 'ENCODER_FAILED', cause: 0 }).cause).to.equal(0);
    expect(new InvalidOptionsError([{ path: 'a', message: 'Wrong.' }])).to.include({
      name: 'InvalidOptionsError',
      code: 'INVALID_OPTIONS',
      message: 'Wrong.',
    });
  });
});
