import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  listFault,
  listLine,
  packList,
  rootOf,
  unpackList,
} from '../../../shared/domain/record/page-list.ts';
import { aLogRef } from '../../support/log/paged-results.ts';

const numbers = fc.uniqueArray(fc.nat(5000), { minLength: 1, maxLength: 60 });

describe('the list of a page', () => {
  test('has every record once, sorted, and comes back as it was packed, in whatever order its records came', () => {
    fc.assert(
      fc.property(numbers, (all) => {
        const refs = all.map(aLogRef);
        const packed = packList(refs);
        expect(packed).toEqual(packList(refs.toReversed()));
        expect(unpackList(packed.list)).toEqual(refs.toSorted());
        expect(
          listFault({ records: refs.length, root: packed.root }, unpackList(packed.list)),
        ).toBeUndefined();
      }),
    );
  });

  test('is refused with any record more, less, twice, exchanged or elsewhere', () => {
    fc.assert(
      fc.property(numbers, fc.nat(), fc.nat(), (all, a, b) => {
        const { list, root } = packList(all.map(aLogRef));
        const refs = unpackList(list);
        const [from, to] = [a % refs.length, b % refs.length];
        const page = { records: refs.length, root };
        const moved = refs.toSpliced(from, 1).toSpliced(to, 0, refs[from] ?? '');
        const wrong = [
          [...refs, aLogRef(9999)],
          refs.toSpliced(from, 1),
          refs.toSpliced(from, 0, refs[from] ?? ''),
          refs.with(from, aLogRef(9999)),
          ...(from === to ? [] : [moved]),
        ];
        for (const other of wrong) expect(listFault(page, other)).toBeDefined();
        for (const other of wrong) expect(rootOf(other)).not.toBe(root);
      }),
    );
  });

  test.each([
    ['not-a-reference', [aLogRef(1), 'short'], { line: 2 }],
    ['not-a-reference', ['name@example.org______'], { line: 1 }],
    ['not-in-order', [aLogRef(2), aLogRef(1)], { line: 2 }],
    ['not-in-order', [aLogRef(1), aLogRef(1)], { line: 2 }],
    ['other-count', [aLogRef(1)], {}],
    ['other-root', [aLogRef(1), aLogRef(3)], {}],
  ])('is %s', (code, refs, where) => {
    const { root } = packList([aLogRef(1), aLogRef(2)]);
    expect(listFault({ records: 2, root }, refs)).toEqual({ code, ...where });
  });

  test('that is empty is none', () => {
    const { root, list } = packList([]);
    expect(listFault({ records: 0, root }, unpackList(list))).toEqual({ code: 'other-count' });
  });

  test('has a root that is known', () => {
    // printf '\0%s' "$ref" | sha256sum
    expect(rootOf([aLogRef(1)])).toBe('7ad9a755a188963f36d40ab669ad2df0bc82da16b4a3f3f26202c73fcddcdffb');
  });

  test('is one line of canonical JSON', () => {
    expect(listLine({ root: 'r', records: ['b'], index: 3 })).toBe(
      '{"index":3,"records":["b"],"root":"r"}\n',
    );
  });
});
