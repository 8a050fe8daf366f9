import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { treeHash } from '../../../shared/domain/merkle.ts';

/**
 * The vectors of Certificate Transparency's own implementations: the tree hash of the first 0, 1, 2, … of these leaves.
 * https://github.com/transparency-dev/merkle/blob/main/rfc6962/rfc6962_test.go and testonly/constants.go
 */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The definition of RFC 9162, §2.1.1, word for word. */
function byDefinition(leaves: readonly Uint8Array[]): Uint8Array {
  const sha256 = (...parts: readonly Uint8Array[]): Uint8Array =>
    createHash('sha256').update(Buffer.concat(parts)).digest();
  const [only] = leaves;
  if (only === undefined) return sha256();
  if (leaves.length === 1) return sha256(Uint8Array.of(0), only);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Uint8Array.of(1), byDefinition(leaves.slice(0, k)), byDefinition(leaves.slice(k)));
}

describe('the Merkle tree hash', () => {
  it('is that of the published vectors', () => {
    const leaves = LEAVES.map((leaf) => Buffer.from(leaf, 'hex'));
    expect(ROOTS.map((_, size) => hex(treeHash(leaves.slice(0, size))))).toEqual(ROOTS);
  });

  it('of one leaf that is text is that of the published vector', () => {
    expect(hex(treeHash([Buffer.from('L123456')]))).toBe(
      '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
    );
  });

  it('is what the definition says, for every size of a list', () => {
    for (let size = 0; size <= 130; size += 1) {
      const leaves = Array.from({ length: size }, (_, index) => Buffer.from(`leaf ${index}`));
      expect(hex(treeHash(leaves)), `${size} leaves`).toBe(hex(byDefinition(leaves)));
    }
  });

  it('takes a text as its bytes in UTF-8', () => {
    const list = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 9 });
    fc.assert(
      fc.property(list, (texts) => {
        expect(hex(treeHash(texts))).toBe(hex(treeHash(texts.map((text) => Buffer.from(text)))));
      }),
    );
  });

  it('differs for lists that differ in a leaf, its place, or where a leaf ends', () => {
    const list = fc.array(fc.uint8Array({ maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(list, list, (one, other) => {
        const same = JSON.stringify(one.map(hex)) === JSON.stringify(other.map(hex));
        expect(hex(treeHash(one)) === hex(treeHash(other))).toBe(same);
      }),
    );
  });
});
