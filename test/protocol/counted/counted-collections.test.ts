import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { happened } from '../../support/driver/envelopes.ts';
import { PRODUCER, SOURCE } from '../../support/driver/world.ts';
import { countedWorld, type CountedWorld, requestsOf } from '../../support/counted/counted-world.ts';
import { startTables, type TestTables } from '../../support/registry-table.ts';

let tables: TestTables;
let w: CountedWorld;
let sent = 0;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

const options = {
  start: '2026-03-01T10:00:00Z',
  rules: {
    notes: ['30 days after contract.ended'],
    letters: ['30 days after contract.ended'],
    files: ['30 days after contract.ended'],
  },
};
const collections = ['notes', 'letters', 'files'].map((category) => ({
  category,
  entity: 'contract',
  by: 'contract',
  producer: PRODUCER,
}));

async function happens(type: string): Promise<void> {
  sent += 1;
  const sending = { source: SOURCE, id: `sent-${sent}`, arrived: w.clock.now() };
  const body = happened(sending, type, { type: 'contract', id: 'c-1' }, '2026-03-01');
  expect(await ingest(w.core, body, 1)).toBe('done');
}

describe('an event, with three collections of its entity in one store', () => {
  beforeEach(async () => {
    w = await countedWorld(tables, { ...options, collections });
  });

  test('costs two write units for each of them when it is the first', async () => {
    expect(await w.unitsOf(() => happens('contract.started'))).toEqual({ E: 2 + 3, H: 3 });
  });

  test('costs no write unit and one read for all of them when they are there', async () => {
    await happens('contract.started');
    const after = await requestsOf(w, () => happens('contract.renewed'));
    const units = await w.unitsOf(() => happens('contract.renewed'));
    w = await countedWorld(tables, options);
    await happens('contract.started');
    const without = await requestsOf(w, () => happens('contract.renewed'));
    expect(units).toEqual(await w.unitsOf(() => happens('contract.renewed')));
    // The collections; and, as for any record of the entity, the holdings and their entities' states to plan them again.
    expect(after.registry - without.registry).toBe(1 + 2);
  });
});
