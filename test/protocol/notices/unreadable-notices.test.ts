import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromAttributes, toAttributes } from '../../../shared/adapters/dynamodb/attribute-values.ts';
import { SCHEMA } from '../../../shared/adapters/dynamodb/dynamo-item.ts';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import { sendNotices } from '../../../shared/protocol/notices/send-notices.ts';
import { world } from '../../support/driver/world.ts';
import { startTables, type TestTables } from '../../support/registry-table.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

test.each([
  ['of a kind that only a newer release knows', { k: 'brand-new' }],
  ['of a schema that only a newer release knows', { v: SCHEMA + 2 }],
  ['without its data', { d: undefined }],
])('a notice %s stays, and keeps no other from being sent', async (_, changes) => {
  const table = await tables.create();
  const registry = dynamoRegistry(tables.call, table);
  const notices = ['n-1', 'n-2', 'n-3'].map((id) => ({ id, kind: 'vendor', at: 1, data: {} }) as const);
  await registry.putNotices(notices);
  const Key = toAttributes({ PK: 'T#', SK: 'n-1' });
  const { Item = {} } = (await tables.call('GetItem', { TableName: table, Key, ConsistentRead: true })).body;
  const damaged = toAttributes({ ...fromAttributes(Item), ...changes });
  await tables.call('PutItem', { TableName: table, Item: damaged });
  const w = world();
  const told: string[] = [];
  const queues: typeof w.core.queues = {
    ...w.core.queues,
    async notify(all) {
      told.push(...all.map(({ id }) => id));
      return all.map(() => 'durable');
    },
  };
  for (let run = 0; run < 2; run += 1) await sendNotices({ ...w.core, registry, queues }, () => true);
  expect(told).toEqual(['n-2', 'n-3']);
  expect(await registry.notices()).toMatchObject({ items: [], damaged: 1 });
  const failed = w.reports.lines.filter(({ code }) => code === 'sweep.failed');
  expect(failed.map(({ fields }) => fields)).toEqual(Array(2).fill({ code: 'ITEM_INVALID', count: 1 }));
});
