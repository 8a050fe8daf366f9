import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pagesOf } from '../../../shared/domain/export/export-part.ts';
import { anExportPage } from '../../support/people-requests.ts';

/** What runs left: each wrote its page after one of the pages before. */
const left = fc.array(fc.nat(), { minLength: 1, maxLength: 12 }).map((parents) =>
  parents.reduce<readonly ReturnType<typeof anExportPage>[]>((all, parent, n) => {
    const before = all[parent % (all.length + 1)];
    const name = `run-${n}`;
    if (before === undefined) return [...all, anExportPage({ name })];
    return [...all, anExportPage({ name, page: before.page + 1, before: before.name })];
  }, []),
);

test('the pages of a part lead from the last to the first, and no other run’s page is among them', () => {
  fc.assert(
    fc.property(left, fc.nat(), (all, which) => {
      const last = all[which % all.length];
      if (last === undefined) throw new Error('there is one');
      const found = pagesOf({ pages: last.page, last: last.name }, all) ?? [];
      expect(found.map(({ page }) => page)).toEqual(
        Array.from({ length: last.page }, (_, n) => last.page - n),
      );
      expect(found[0]).toBe(last);
      expect(found.at(-1)?.before).toBeUndefined();
      for (const [index, { before }] of found.entries()) expect(before).toBe(found[index + 1]?.name);
      // Without any of them it is not whole.
      for (const gone of found)
        expect(
          pagesOf(
            { pages: last.page, last: last.name },
            all.filter((one) => one !== gone),
          ),
        ).toBeUndefined();
    }),
  );
});

test('a part without pages has none, and one that counts others than it names is not whole', () => {
  const one = anExportPage();
  expect(pagesOf({ pages: 0 }, [one])).toEqual([]);
  expect(pagesOf({ pages: 2, last: one.name }, [one])).toBeUndefined();
  expect(pagesOf({ pages: 0, last: one.name }, [one])).toBeUndefined();
  // A circle would have no first page.
  const circle = [{ ...one, before: 'b', page: 2 }, anExportPage({ name: 'b', before: one.name, page: 1 })];
  expect(pagesOf({ pages: 2, last: one.name }, circle)).toBeUndefined();
});
