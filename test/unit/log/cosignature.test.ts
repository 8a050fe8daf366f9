import { hash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkpointText, openCheckpoint } from '../../../shared/domain/log/checkpoint.ts';
import {
  cosignaturesOf,
  parseWitnessVkey,
  witnessKey,
  witnessVkeyOf,
} from '../../../shared/domain/log/cosignature.ts';
import { parseVkey, vkeyOf } from '../../../shared/domain/log/note.ts';
import { cosignedBy, signedBy, testKey, testWitness } from '../../support/log/note-keys.ts';

const log = testKey();
const [w1, w2] = [testWitness(), testWitness('witness.example/w2', 102)];
const text = checkpointText({ origin: log.key.name, size: 3, root: Buffer.alloc(32, 1) });
const note = signedBy(text, log);
const namesOf = (of: string, ...witnesses: readonly (typeof w1)[]): unknown => {
  const cosigned = cosignaturesOf(
    of,
    witnesses.map(({ key }) => key),
  );
  return cosigned.ok ? cosigned.cosignatures.map(({ key }) => key.name) : cosigned.fault;
};

/** `sha256sum` of the name, a newline, the byte 4, and 32 bytes 5. */
const KNOWN_ID = 'f0441a55';

describe('the key of a witness', () => {
  test('is read from the text that it is written as, and has another id than the same key of a log', () => {
    const text4 = witnessVkeyOf(w1.key);
    expect(text4).toMatch(/^witness\.example\/w1\+[0-9a-f]{8}\+B[A-P]/);
    expect(parseWitnessVkey(text4)).toEqual(w1.key);
    expect(w1.key.id).not.toBe(testKey(w1.key.name, 101).key.id);
  });

  test('has the id that C2SP computes from name, algorithm and key', () => {
    const key = witnessKey('example.com/w', Buffer.alloc(32, 5));
    expect(key.id.toString(16)).toBe(KNOWN_ID);
  });

  test('is never the key of a log, and the other way round', () => {
    expect(parseWitnessVkey(vkeyOf(log.key))).toBeUndefined();
    expect(parseVkey(witnessVkeyOf(w1.key))).toBeUndefined();
  });
});

test('a key under which anyone can sign is the key of no witness and of no log, however it is spelled', () => {
  const least = ['00'.repeat(32), `01${'00'.repeat(31)}`, 'ec', 'ed', 'ee'].map((hex) =>
    hex.length > 2 ? hex : `${hex}${'ff'.repeat(30)}7f`,
  );
  const eighth = [
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  ];
  for (const hex of [...least, ...eighth])
    for (const sign of [0, 0x80]) {
      const publicKey = Buffer.from(hex, 'hex');
      publicKey[31] = (publicKey[31] ?? 0) | sign;
      expect(() => witnessKey('witness.example/w1', publicKey)).toThrow(RangeError);
      for (const [algorithm, parse] of [
        [1, parseVkey],
        [4, parseWitnessVkey],
      ] as const) {
        const tail = Buffer.concat([Uint8Array.of(algorithm), publicKey]);
        const id = hash('sha256', Buffer.concat([Buffer.from('weak.example\n'), tail]), 'hex').slice(0, 8);
        expect(parse(`weak.example+${id}+${tail.toString('base64')}`)).toBeUndefined();
      }
    }
});

describe('cosignatures', () => {
  test('are found by the keys that are asked for, with the time that the witness says', () => {
    const cosigned = cosignaturesOf(cosignedBy(note, w1, w2), [w2.key]);
    expect(cosigned).toMatchObject({
      ok: true,
      cosignatures: [{ key: w2.key, at: Date.parse('2026-03-01T10:00:00Z') }],
    });
  });

  test('leave the note one that the log has signed, for readers who know nothing of witnesses', () => {
    expect(openCheckpoint(cosignedBy(note, w1, w2), [log.key])).toMatchObject({
      ok: true,
      signers: [log.key],
    });
  });

  test('of one key count once, also under two names and with two times', () => {
    const alias = testWitness('witness.example/alias', 101);
    expect(namesOf(cosignedBy(note, w1, w1), w1)).toEqual([w1.key.name]);
    expect(namesOf(note + w1.line(text, 1n) + w1.line(text, 2n), w1, w1)).toEqual([w1.key.name]);
    expect(namesOf(cosignedBy(note, w1, alias), w1, alias)).toEqual([w1.key.name]);
  });

  test('of another text, of another key under this name, or without a time are wrong', () => {
    const other = checkpointText({ origin: log.key.name, size: 4, root: Buffer.alloc(32, 1) });
    expect(namesOf(note + w1.line(other), w1)).toBe('bad-cosignature');
    const imitator = testWitness(w1.key.name, 66);
    expect(namesOf(cosignedBy(note, imitator), w1)).toEqual([]);
    expect(namesOf(note + w1.line(text, 0n), w1)).toBe('bad-cosignature');
    expect(namesOf(note + w1.line(text, 2n ** 63n), w1)).toBe('bad-cosignature');
  });

  test('are not made by a log that signs under the id of a witness', () => {
    const line = signedBy(text, { ...testKey(w1.key.name, 101), key: w1.key });
    expect(namesOf(line, w1)).toBe('bad-cosignature');
    expect(openCheckpoint(line, [w1.key])).toEqual({ ok: false, fault: 'other-origin' });
    expect(openCheckpoint(cosignedBy(note, w1), [w1.key])).toEqual({ ok: false, fault: 'bad-signature' });
  });

  test('with any byte changed are not accepted', () => {
    const whole = cosignedBy(note, w1);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 33, max: 126 }), (at, code) => {
        const changed = whole.slice(0, at) + String.fromCharCode(code) + whole.slice(at + 1);
        const opened = openCheckpoint(changed, [log.key]);
        const isRight = opened.ok && JSON.stringify(namesOf(changed, w1)) === JSON.stringify([w1.key.name]);
        expect(isRight).toBe(changed === whole);
      }),
    );
  });
});
