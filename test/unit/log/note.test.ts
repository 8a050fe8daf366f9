import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  noteKey,
  noteText,
  openNote,
  parseNote,
  parseVkey,
  vkeyOf,
} from '../../../shared/domain/log/note.ts';
import { signedBy, testKey } from '../../support/log/note-keys.ts';

/** From golang.org/x/mod/sumdb/note, note_test.go and example_test.go: a key and a note that were made elsewhere. */
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETER_TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_NOTE = `${PETER_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

const log = testKey();
const other = testKey('other.example/log', 9);
const TEXT = 'tenure.example/log\n0\nroot\n';
const NOTE = signedBy(TEXT, log);

function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('nothing was read');
  return value;
}

describe('a verifier key', () => {
  it('that another program made is read, and written in the same way', () => {
    expect(vkeyOf(must(parseVkey(PETER)))).toBe(PETER);
  });

  it('has an id that is computed from its name and key', () => {
    expect(must(parseVkey(PETER)).id).toBe(0xc74f20a3);
    expect(parseVkey(PETER.replace('c74f20a3', 'c74f20a4'))).toBeUndefined();
    expect(parseVkey(PETER.replace('Peter', 'Qeter'))).toBeUndefined();
  });

  it('with any one character changed is another key or none', () => {
    fc.assert(
      fc.property(
        fc.nat(PETER.length - 1),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
        (at, unit) => {
          fc.pre(PETER[at] !== unit);
          expect(parseVkey(PETER.slice(0, at) + unit + PETER.slice(at + 1))).toBeUndefined();
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('of another algorithm, or with a name that cannot be one, is refused', () => {
    expect(parseVkey('a+00000000+AgAA')).toBeUndefined();
    for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\u0085b', 'a\nb', '\ud800'])
      expect(() => noteKey(name, Buffer.alloc(32))).toThrow('the name of a key');
    expect(() => noteKey('a', Buffer.alloc(31))).toThrow('32 bytes');
  });
});

describe('a signed note', () => {
  it('that another program signed is opened', () => {
    const key = must(parseVkey(PETER));
    expect(openNote(PETER_NOTE, [key])).toEqual({ ok: true, text: PETER_TEXT, signers: [key] });
  });

  it('is read as it was written', () => {
    expect(noteText(must(parseNote(NOTE)))).toBe(NOTE);
    expect(noteText(must(parseNote(PETER_NOTE)))).toBe(PETER_NOTE);
  });

  it('that none of the keys signed is not opened', () => {
    expect(openNote(NOTE, [])).toEqual({ ok: false, fault: 'not-signed' });
    expect(openNote(NOTE, [other.key])).toEqual({ ok: false, fault: 'not-signed' });
    expect(openNote(NOTE, [testKey(log.key.name, 9).key])).toEqual({ ok: false, fault: 'not-signed' });
  });

  it('is opened by one known key beside unknown ones, and names who signed', () => {
    const both = signedBy(TEXT, other, log);
    expect(openNote(both, [log.key])).toEqual({ ok: true, text: TEXT, signers: [log.key] });
    expect(openNote(both, [log.key, other.key])).toMatchObject({ signers: [other.key, log.key] });
  });

  it('is refused if a known key is named and did not sign this text, even beside a good signature', () => {
    const forged = { ...other, sign: () => log.sign(TEXT) };
    expect(openNote(signedBy(TEXT, log, forged), [log.key, other.key])).toEqual({
      ok: false,
      fault: 'bad-signature',
    });
    expect(openNote(NOTE.replace('\n0\n', '\n1\n'), [log.key])).toEqual({
      ok: false,
      fault: 'bad-signature',
    });
  });

  it('with any byte changed, added or taken away is not opened', () => {
    const bytes = Buffer.from(NOTE);
    let changed = 0;
    for (let at = 0; at < bytes.length; at += 1)
      for (const flip of [1, 0x20, 0x80]) {
        const copy = Buffer.from(bytes);
        copy[at] = (copy[at] ?? 0) ^ flip;
        expect(openNote(copy.toString('utf8'), [log.key]).ok).toBe(false);
        changed += 1;
      }
    for (let at = 0; at < NOTE.length; at += 1) {
      expect(openNote(NOTE.slice(0, at) + NOTE.slice(at + 1), [log.key]).ok).toBe(false);
      expect(openNote(`${NOTE.slice(0, at)}\n${NOTE.slice(at)}`, [log.key]).ok).toBe(false);
    }
    expect(changed).toBe(bytes.length * 3);
  });

  it('of any text with any signatures is read as it is written, and never throws', () => {
    const lines = fc.array(
      fc.constantFrom('', 'a', '\u2014 a AAAAAAA=', '\u2014 a b', 'é', '\t', '\u2014 a+b AAAAAAA='),
      {
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          lines.map((all) => all.join('\n')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          const parsed = parseNote(text);
          if (parsed !== undefined) expect(noteText(parsed)).toBe(text);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is text up to the last empty line', () => {
    const text = 'a\n\n— tenure.example/log AAAA\n\n';
    expect(parseNote(signedBy(text, log))?.text).toBe(text);
  });

  it('has at most a hundred signatures', () => {
    const many = (count: number): string => signedBy(TEXT, ...Array.from({ length: count }, () => other));
    expect(parseNote(many(100))?.signatures.length).toBe(100);
    expect(parseNote(many(101))).toBeUndefined();
  });
});
