// Messages: one sentence form, the nearest name, and paths as the caller wrote them.

import { expect } from 'chai';
import { InvalidOptionsError, StreamError } from '../src/errors.js';
import { Issues, sentence, show } from '../src/issues.js';
import { OptionNames } from '../src/option-path.js';
import { nearest } from '../src/nearest.js';

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
