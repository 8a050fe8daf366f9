import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import { pauseOfRestored, type WideHold } from '../../../shared/domain/record/hold.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import type { LoggedStage } from '../../../shared/ports/results.ts';
import { startTables, type TestTables } from '../../support/registry-table.ts';
import { at } from '../../support/samples.ts';
import { registryKinds } from './registry-kinds.ts';

const NOW = at('2026-03-01T10:00:00Z');
const hold: WideHold = { id: 'hold-1', kind: 'hold', scope: { store: 'crm' }, state: 'placed', at: NOW };

function logged(holding: string, changes: Partial<LoggedStage> = {}): LoggedStage {
  return {
    holding: holding as LogRef,
    generation: 1,
    stage: 'delete',
    outcome: 'deleted',
    begunAt: NOW,
    at: NOW + 1000,
    token: '2026-03-01T10.a',
    line: 0,
    ...changes,
  };
}

describe.each(registryKinds)('a restored registry in $name', (kind) => {
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());

  test('pauses everything until a person says that it is complete', async () => {
    const registry = await kind.adopted();
    await registry.placeWideHold(hold);
    expect(await registry.wideHolds()).toEqual([pauseOfRestored(), hold]);
    for (const _ of [1, 2]) await registry.confirmRestored(NOW);
    expect(await registry.wideHolds()).toEqual([hold]);
  });

  test('has a pause only if it was adopted', async () => {
    const registry = await kind.fresh();
    expect(await registry.wideHolds()).toEqual([]);
    await registry.confirmRestored(NOW);
    expect(await registry.wideHolds()).toEqual([]);
  });

  test('keeps of every stage of a generation what the log told first', async () => {
    const registry = await kind.fresh();
    const first = logged('a');
    const others = [
      logged('a', { stage: 'anonymise', outcome: 'anonymised' }),
      logged('a', { generation: 2 }),
      logged('b', { outcome: 'already-so', line: 7 }),
    ];
    const reduced = logged('c', { stage: 'anonymise', part: 'purpose:marketing', outcome: 'anonymised' });
    const lifted = logged('c', { stage: 'lift', outcome: 'lifted' });
    await registry.putLogged([reduced, lifted]);
    await registry.putLogged([first, ...others, logged('a', { token: '2026-03-01T11.b' })]);
    await registry.putLogged([logged('a', { token: '2026-03-01T12.c' })]);
    const ask = (holding: string, generation = 1) => ({ holding: holding as LogRef, generation });
    expect(await registry.logged([ask('a'), ask('b'), ask('d')])).toHaveLength(3);
    const parts = ['purpose:service', 'purpose:marketing'];
    expect(new Set(await registry.logged([{ ...ask('c'), parts }]))).toEqual(new Set([reduced, lifted]));
    expect(await registry.logged([ask('a')])).toEqual(expect.arrayContaining([first, others[0]]));
    expect(await registry.logged([ask('a', 2)])).toEqual([others[1]]);
    expect(await registry.logged([ask('b')])).toEqual([others[2]]);
    expect(await registry.logged([])).toEqual([]);
  });

  test('takes what a whole bundle tells, and answers for a whole page of holdings', async () => {
    const registry = await kind.fresh();
    const all = Array.from({ length: 320 }, (_, n) => logged(`h-${n}`, { line: n }));
    await registry.putLogged(all);
    expect(await registry.logged(all)).toHaveLength(320);
  });
});

describe('a copy of a table that was confirmed', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await startTables();
  });
  afterAll(() => tables.stop());

  test('waits for a person again: what the first restore was confirmed with names another table', async () => {
    const name = await tables.create();
    const copy = await tables.create();
    await dynamoRegistry(tables.call, name, { isAdopted: true }).confirmRestored(NOW);
    const { body } = await tables.call('Query', {
      TableName: name,
      ConsistentRead: true,
      KeyConditionExpression: 'PK = :partition',
      ExpressionAttributeValues: { ':partition': { S: 'L#all' } },
    });
    for (const Item of body.Items ?? []) await tables.call('PutItem', { TableName: copy, Item });
    expect(await dynamoRegistry(tables.call, name, { isAdopted: true }).wideHolds()).toEqual([]);
    const second = dynamoRegistry(tables.call, copy, { isAdopted: true });
    expect(await second.wideHolds()).toEqual([pauseOfRestored()]);
    await second.confirmRestored(NOW);
    expect(await second.wideHolds()).toEqual([]);
  });
});
