import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../shared/domain/canonical-json.ts';
import { packEntries, unpackEntries } from '../../../shared/domain/log/bundles.ts';
import { checkpointText, openCheckpoint } from '../../../shared/domain/log/checkpoint.ts';
import { entryIn } from '../../../shared/domain/log/entry-schema.ts';
import { cosignaturesOf, cosignedText, parseWitnessVkey } from '../../../shared/domain/log/cosignature.ts';
import { noteText, openNote, parseNote, parseVkey } from '../../../shared/domain/log/note.ts';
import {
  consistencyRanges,
  inclusionRanges,
  isConsistent,
  leafHash,
  rangeHash,
  rootOfInclusion,
} from '../../../shared/domain/log/tree.ts';
import { countsOfLines } from '../../../shared/domain/record/due-line.ts';
import { listFault, packLines, rootOf } from '../../../shared/domain/record/page-list.ts';
import { mth } from '../../support/log/naive-tree.ts';

interface Vectors {
  readonly privateKey: string;
  readonly vkey: string;
  readonly entries: readonly string[];
  readonly leafHashes: readonly string[];
  readonly roots: readonly string[];
  readonly files: Readonly<Record<'tile/entries/000.p/3' | 'tile/0/000.p/3' | 'checkpoint', string>>;
  readonly inclusionOf1In3: readonly string[];
  readonly consistencyOf2With3: readonly string[];
  readonly due: {
    readonly parts: readonly (readonly string[])[];
    readonly roots: readonly string[];
    readonly root: string;
    readonly statement: string;
  };
  readonly witness: {
    readonly privateKey: string;
    readonly vkey: string;
    readonly at: string;
    readonly checkpoint: string;
  };
}

const page = readFileSync(new URL('../../../docs/log-format.md', import.meta.url), 'utf8');
const vectors = JSON.parse(/```json\n(?<json>.*?)\n```/s.exec(page)?.groups?.['json'] ?? '') as Vectors;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64');
const leaves = vectors.entries.map((entry) => Buffer.from(entry));
const range = ({ from, to }: { from: number; to: number }): string => base64(mth(leaves.slice(from, to)));

function secretOf(hex: string): KeyObject {
  const pkcs8 = Buffer.from(`302e020100300506032b657004220420${hex}`, 'hex');
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}

describe('the vectors of docs/log-format.md', () => {
  it('have entries in canonical JSON, of a form that the log knows', () => {
    for (const entry of vectors.entries) {
      expect(canonicalJson(JSON.parse(entry))).toBe(entry);
      expect(entryIn(JSON.parse(entry))).toBeDefined();
    }
  });

  it('have the hashes, the roots and the tile of the entries', () => {
    expect(leaves.map((leaf) => base64(leafHash(leaf)))).toEqual(vectors.leafHashes);
    expect(vectors.roots).toEqual([0, 1, 2, 3].map((size) => base64(mth(leaves.slice(0, size)))));
    const tile = Buffer.concat(vectors.leafHashes.map(bytesOf)).toString('hex');
    expect(vectors.files['tile/0/000.p/3']).toBe(tile);
  });

  it('have the bundle of the entries', () => {
    const bytes = Buffer.from(vectors.files['tile/entries/000.p/3'], 'hex');
    expect(Buffer.from(packEntries(leaves)).equals(bytes)).toBe(true);
    expect(unpackEntries(bytes, 3)?.map((entry) => Buffer.from(entry).toString())).toEqual(vectors.entries);
  });

  it('have the checkpoint that the key signs', () => {
    const { checkpoint: note } = vectors.files;
    const key = parseVkey(vectors.vkey);
    if (key === undefined) throw new Error('the key is not read');
    const secret = secretOf(vectors.privateKey);
    const text = checkpointText({ origin: key.name, size: 3, root: bytesOf(vectors.roots[3] ?? '') });
    const signature = sign(null, Buffer.from(text), secret);
    expect(noteText({ text, signatures: [{ ...key, signature }] })).toBe(note);
    expect(openNote(note, [key])).toMatchObject({ ok: true, text });
    expect(openCheckpoint(note, [key]).ok).toBe(true);
  });

  it('have the checkpoint that a witness cosigns', () => {
    const { privateKey, vkey, at, checkpoint } = vectors.witness;
    const key = parseWitnessVkey(vkey);
    const signed = parseNote(vectors.files.checkpoint);
    if (key === undefined || signed === undefined) throw new Error('the key or the checkpoint is not read');
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(Date.parse(at) / 1000));
    const text = cosignedText(BigInt(Date.parse(at) / 1000), signed.text);
    const signature = Buffer.concat([time, sign(null, Buffer.from(text), secretOf(privateKey))]);
    const { signatures } = signed;
    expect(noteText({ text: signed.text, signatures: [...signatures, { ...key, signature }] })).toBe(
      checkpoint,
    );
    const opened = cosignaturesOf(checkpoint, [key]);
    expect(opened).toMatchObject({ ok: true, cosignatures: [{ at: Date.parse(at) }] });
  });

  it('have proofs that lead to the root', () => {
    const [, first = '', second = '', third = ''] = vectors.roots;
    expect(first).not.toBe(second);
    expect(vectors.inclusionOf1In3).toEqual(inclusionRanges(1, 3).map(range));
    const leaf = { index: 1, hash: bytesOf(vectors.leafHashes[1] ?? '') };
    expect(base64(rootOfInclusion(leaf, 3, vectors.inclusionOf1In3.map(bytesOf)) ?? Buffer.alloc(0))).toBe(
      third,
    );
    const proof = vectors.consistencyOf2With3;
    expect(proof).toEqual(consistencyRanges(2, 3).map(range));
    const heads = [
      { size: 2, root: bytesOf(second) },
      { size: 3, root: bytesOf(third) },
    ] as const;
    expect(isConsistent(...heads, proof.map(bytesOf))).toBe(true);
    expect(
      base64(
        rangeHash({ from: 0, to: 3 }, ({ index, level }) =>
          mth(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)),
        ),
      ),
    ).toBe(third);
  });

  it('have the lists of what was due, with their roots', () => {
    const { parts, roots, root } = vectors.due;
    for (const [index, lines] of parts.entries()) {
      const due = countsOfLines(lines);
      expect(listFault({ records: lines.length, root: roots[index] ?? '', due }, lines)).toBeUndefined();
      expect(packLines(lines).root).toBe(roots[index]);
    }
    expect(Buffer.from(mth(roots.map((one) => Buffer.from(one)))).toString('hex')).toBe(root);
    expect(rootOf(roots)).toBe(root);
    const statement: unknown = JSON.parse(vectors.due.statement);
    expect(canonicalJson(statement)).toBe(vectors.due.statement);
    expect(entryIn(statement)).toMatchObject({
      parts: parts.length,
      root,
      due: countsOfLines(parts.flat()),
      datasets: [{ oldest: '2025-03-02' }, { personal: true }, { category: 'visits' }],
    });
  });
});
