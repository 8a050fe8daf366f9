import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosignaturesOf } from '../../../shared/domain/log/cosignature.ts';
import { makeReceipt, recordPath, tilesOfReceipt } from '../../../shared/domain/log/make-receipt.ts';
import { canonicalJson } from '../../../shared/domain/canonical-json.ts';
import { type Receipt, receiptText, verifyReceipt } from '../../../shared/domain/log/receipt.ts';
import { tilePath } from '../../../shared/domain/log/tiles.ts';
import { inclusionRanges } from '../../../shared/domain/log/tree.ts';
import { deletionEntry, refOf, treeFiles, withPage } from '../../support/log/generated-log.ts';
import { cosignedBy, signedBy, signedCheckpoint, testKey, testWitness } from '../../support/log/note-keys.ts';

const SIZE = 300;
const REFS = Array.from({ length: 5 }, (_none, n) => refOf(`record ${n}`)).toSorted();
const keys = [testKey().key];
const entries = Array.from({ length: SIZE }, (_none, n) =>
  n === 40 ? withPage(deletionEntry(n), REFS) : deletionEntry(n),
);
const leaves = entries.map((entry) => Buffer.from(canonicalJson(entry)));
const files = treeFiles(leaves);

function receiptOf(index: number): Receipt {
  const wanted = tilesOfReceipt(index, SIZE).map(tilePath);
  return makeReceipt({
    index,
    bytes: leaves[index] ?? Buffer.alloc(0),
    tiles: new Map(wanted.map((path) => [path, files.get(path) ?? Buffer.alloc(0)])),
    checkpoint: Buffer.from(files.get('checkpoint') ?? []).toString('utf8'),
    size: SIZE,
  });
}

function recordReceipt(ref: string): Receipt {
  const record = recordPath(ref, REFS);
  return { ...receiptOf(40), ...(record !== undefined && { record }) };
}

const faultOf = (data: unknown): string => {
  const verified = verifyReceipt(data, keys);
  return verified.ok ? 'right' : verified.fault;
};

describe('a receipt', () => {
  it('is right for every entry of a log', () => {
    for (let index = 0; index < SIZE; index += 1) expect(faultOf(receiptOf(index))).toBe('right');
  });

  it('is right when it is read from its text', () => {
    expect(faultOf(JSON.parse(receiptText(receiptOf(299))))).toBe('right');
  });

  it('has less than 4 kB for one entry of 10^8, with 27 hashes', () => {
    const proof = inclusionRanges(0, 100_000_000).map(() => Buffer.alloc(32, 255).toString('base64'));
    expect(proof.length).toBe(27);
    const checkpoint = signedCheckpoint({ size: 100_000_000, root: Buffer.alloc(32) });
    const receipt = { ...receiptOf(40), index: 67_108_863, proof, checkpoint };
    expect(Buffer.byteLength(receiptText(receipt))).toBeLessThan(4000);
  });

  it('has less than 4 kB with five cosignatures, while two keys sign the log', () => {
    const proof = inclusionRanges(0, 100_000_000).map(() => Buffer.alloc(32, 255).toString('base64'));
    const later = testKey(testKey().key.name, 8);
    const note = signedCheckpoint({ size: 100_000_000, root: Buffer.alloc(32) });
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const five = Array.from({ length: 5 }, (_none, n) =>
      testWitness(`witness-${n}.transparency.example/w${n}`, 20 + n),
    );
    const checkpoint = cosignedBy(signedBy(text, testKey(), later), ...five);
    const receipt = { ...receiptOf(40), index: 67_108_863, proof, checkpoint };
    expect(
      cosignaturesOf(
        checkpoint,
        five.map(({ key }) => key),
      ),
    ).toMatchObject({ ok: true, cosignatures: { length: 5 } });
    expect(Buffer.byteLength(receiptText(receipt))).toBeLessThan(4000);
  });

  it('of another entry, another place, other hashes or another log says what is wrong', () => {
    const receipt = receiptOf(7);
    expect(faultOf({ ...receipt, entry: { ...receipt.entry, outcome: 'failed' } })).toBe('other-root');
    expect(faultOf({ ...receipt, index: 8 })).toBe('other-root');
    expect(faultOf({ ...receipt, index: SIZE })).toBe('not-in-tree');
    expect(faultOf({ ...receipt, proof: receipt.proof.slice(1) })).toBe('other-number-of-hashes');
    expect(faultOf({ ...receipt, proof: receipt.proof.toReversed() })).toBe('other-root');
    expect(faultOf({ ...receipt, checkpoint: receipt.checkpoint.replace('300', '301') })).toBe(
      'bad-signature',
    );
    const other = signedCheckpoint({ size: SIZE, root: Buffer.alloc(32) }, testKey('other.example', 3));
    expect(faultOf({ ...receipt, checkpoint: other })).toBe('not-signed');
    expect(faultOf({ ...receipt, more: 1 })).toBe('not-a-receipt');
    expect(faultOf({ ...receipt, index: -1 })).toBe('not-a-receipt');
  });

  it('of one record of a page is right for every record, and for no other one', () => {
    for (const ref of REFS) expect(faultOf(recordReceipt(ref))).toBe('right');
    const receipt = recordReceipt(REFS[2] ?? '');
    const { record = { ref: '', index: 0, proof: [] } } = receipt;
    expect(faultOf({ ...receipt, record: { ...record, ref: refOf('another') } })).toBe('record-other-root');
    expect(faultOf({ ...receipt, record: { ...record, index: 3 } })).toBe('record-other-root');
    expect(faultOf({ ...receipt, record: { ...record, index: 5 } })).toBe('record-not-in-page');
    expect(faultOf({ ...receipt, record: { ...record, proof: [] } })).toBe('record-other-number-of-hashes');
    expect(faultOf({ ...receiptOf(7), record })).toBe('no-page');
    expect(recordPath('another', REFS)).toBeUndefined();
  });

  it('with one character of its text changed is refused, or says the same', () => {
    const text = receiptText(recordReceipt(REFS[1] ?? ''));
    const right = JSON.stringify(JSON.parse(text));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, char) => {
        const changed = `${text.slice(0, at)}${char}${text.slice(at + 1)}`;
        let data: unknown;
        try {
          data = JSON.parse(changed);
        } catch {
          return;
        }
        if (JSON.stringify(data) !== right) expect(faultOf(data)).not.toBe('right');
      }),
      { numRuns: 1500 },
    );
  });

  it('of any data is refused, and never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (data) => {
        expect(faultOf(data)).toBe('not-a-receipt');
      }),
    );
    const part = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, 0, '', []));
    const receipt = recordReceipt(REFS[1] ?? '');
    const name = fc.constantFrom<keyof Receipt>('format', 'index', 'entry', 'proof', 'checkpoint', 'record');
    fc.assert(
      fc.property(name, part, (member, value) => {
        fc.pre(JSON.stringify(value) !== JSON.stringify(receipt[member]));
        if (member !== 'record' || value !== undefined)
          expect(faultOf({ ...receipt, [member]: value })).not.toBe('right');
      }),
    );
  });
});
