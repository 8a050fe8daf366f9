import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ENTRY_BYTES, packEntries, unpackEntries } from '../../../shared/domain/log/bundles.ts';

const entries = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 });

describe('a bundle of entries', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(entries, (written) => {
        expect(unpackEntries(packEntries(written), written.length)?.map((entry) => [...entry])).toEqual(
          written.map((entry) => [...entry]),
        );
      }),
    );
  });

  it('has the length of each entry before it, the high byte first', () => {
    expect([...packEntries([Buffer.from('ab'), Buffer.alloc(258)])].slice(0, 6)).toEqual([
      0, 2, 97, 98, 1, 2,
    ]);
  });

  it('has room for the longest entry, and for no longer one', () => {
    const longest = Buffer.alloc(MAX_ENTRY_BYTES, 'x');
    expect(unpackEntries(packEntries([longest]), 1)).toEqual([longest]);
    expect(() => packEntries([Buffer.alloc(MAX_ENTRY_BYTES + 1)])).toThrow('65536 bytes');
  });

  it('with bytes missing, bytes too many, or another number of entries is not read', () => {
    fc.assert(
      fc.property(entries, fc.nat(), (written, seed) => {
        const bytes = packEntries(written);
        expect(unpackEntries(bytes, written.length + 1)).toBeUndefined();
        if (written.length > 0) expect(unpackEntries(bytes, written.length - 1)).toBeUndefined();
        expect(unpackEntries(Buffer.concat([bytes, Uint8Array.of(0)]), written.length)).toBeUndefined();
        if (bytes.length > 0)
          expect(unpackEntries(bytes.subarray(0, seed % bytes.length), written.length)).toBeUndefined();
      }),
    );
  });

  it('of any bytes is either not read, or gives these bytes when it is written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(4), (bytes, count) => {
        const read = unpackEntries(bytes, count);
        if (read !== undefined) expect([...packEntries(read)]).toEqual([...bytes]);
      }),
      { numRuns: 2000 },
    );
  });
});
