import type { Acted, Target } from '../../ports/store.ts';
import type { Asked } from '../answer-each.ts';
import { eachParallel } from '../bounded-calls.ts';
import { actedFailure } from '../store-failure.ts';
import {
  deleteItems,
  dynamoFailure,
  type DynamoTable,
  isConditionFailure,
  readItems,
} from './dynamodb-calls.ts';
import { conditions, type Expected, wantedVersion } from './dynamodb-expressions.ts';
import { asWasRead } from './dynamodb-read-version.ts';
import type { Item } from './dynamodb-values.ts';

type AskedTarget = Asked<Target, Item>;

/** Acts on a condition. If it fails, reads again to find out why. */
export async function conditionally(
  at: DynamoTable,
  key: Item,
  signal: AbortSignal,
  act: () => Promise<Acted>,
): Promise<Acted> {
  try {
    return await act();
  } catch (error) {
    if (!isConditionFailure(error)) return actedFailure(dynamoFailure(error));
    const names = at.keys.map(({ name }) => name);
    const [got] = await readItems(at, [key], names, signal);
    if (!got || 'code' in got) return actedFailure(got?.code ?? 'STORE_ERROR');
    return { outcome: got.item ? 'changed' : 'already-so' };
  }
}

/**
 * Deletes each item on condition of its version. What has none goes 25 at a time, whatever was written meanwhile, if the
 * table has no attribute for versions.
 */
export async function deleteAll(
  at: DynamoTable,
  asked: readonly AskedTarget[],
  versionAttribute: string | undefined,
  signal: AbortSignal,
): Promise<Acted[]> {
  const wanted = asked.map((one) => ({ one, expected: expectedOf(one.item.version, versionAttribute) }));
  const free = wanted.filter(({ expected }) => expected === undefined).map(({ one }) => one);
  const failures = await deleteItems(
    at,
    free.map(({ key }) => key),
    signal,
  );
  const freed = new Map(free.map(({ id }, index) => [id, failures[index]]));
  return eachParallel(wanted, async ({ one: { id, key }, expected }): Promise<Acted> => {
    if (expected !== undefined) return deleteItem(at, key, expected, signal);
    const code = freed.get(id);
    return code === undefined ? { outcome: 'deleted', answer: 'BatchWriteItem' } : actedFailure(code);
  });
}

/** `undefined` where nothing says what the item has to be. */
function expectedOf(
  version: string | undefined,
  versionAttribute: string | undefined,
): readonly Expected[] | undefined {
  const read = version === undefined ? undefined : asWasRead(version);
  if (read !== undefined) return read;
  return versionAttribute === undefined ? undefined : wantedVersion(versionAttribute, version);
}

function deleteItem(
  at: DynamoTable,
  key: Item,
  expected: readonly Expected[],
  signal: AbortSignal,
): Promise<Acted> {
  return conditionally(at, key, signal, async () => {
    const condition = conditions(key, expected);
    await at.client.send(new at.sdk.DeleteItemCommand({ TableName: at.table, Key: key, ...condition }), {
      abortSignal: signal,
    });
    return { outcome: 'deleted', answer: 'DeleteItem' };
  });
}
