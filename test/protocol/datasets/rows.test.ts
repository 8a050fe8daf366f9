import { describe, expect, test } from 'vitest';
import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import { logRef } from '../../../shared/domain/configuration/references.ts';
import { rootOf, unpackList } from '../../../shared/domain/record/page-list.ts';
import { entriesOf } from '../../support/driver/dying-worker.ts';
import { refOfRow, rowNames } from '../../support/pages/collection-world.ts';
import { LOGS_REF, rowsWorld, sweptRows, worked, writesRows } from '../../support/datasets/rows-world.ts';

describe('rows of a dataset that are due', () => {
  test('are deleted, read back, and told in one entry with the root of their list and when they were due', async () => {
    const w = rowsWorld();
    writesRows(w, rowNames(5), { days: 31 });
    writesRows(w, rowNames(3, 'young'), { days: 3 });
    const chunk = await sweptRows(w);
    expect(await worked(w.core, chunk)).toEqual(['done']);
    expect(w.store.size()).toBe(3);
    const [entry, ...more] = entriesOf(w);
    expect(more).toEqual([]);
    const key = await w.core.keys.logKey(yearOf(w.clock.now()));
    expect(entry).toMatchObject({
      holding: logRef(key, LOGS_REF),
      generation: 1,
      stage: 'delete',
      outcome: 'deleted',
      categories: ['logs'],
      subjects: [],
      policy: 'test-policy',
      basis: 'policy',
      facts: [{ type: 'record.created' }],
      page: { records: 5, range: { first: '2026-02-28T10:00:00.000Z', last: '2026-02-28T10:01:00.000Z' } },
    });
    for (const field of ['due', 'window']) expect(entry).not.toHaveProperty(field);
    expect(entry?.facts[0]).not.toHaveProperty('occurred');
    const [result] = w.registry.allResults().flatMap((one) => ('void' in one ? [] : [one]));
    const list = unpackList(result?.lists?.[entry?.page?.root ?? ''] ?? '');
    const refs = await Promise.all(rowNames(5).map((row) => refOfRow(w, row)));
    expect(list).toEqual(refs.map((one) => logRef(key, one)).toSorted());
    expect(rootOf(list)).toBe(entry?.page?.root);
    expect([w.registry.allChunks(), w.registry.allWorkRecords()]).toEqual([[], []]);
  });
});
