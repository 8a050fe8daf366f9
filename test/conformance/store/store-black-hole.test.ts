import { afterEach, describe, expect, test } from 'vitest';
import type { StoreConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { openStore, type DataStoreKindName } from '../../../shared/stores/kinds.ts';
import { fullBacklog, muteServer } from '../../support/black-hole.ts';
import { PSEUDONYM_KEY } from './store-bench.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const OPTIONS: Readonly<Record<DataStoreKindName, StoreConfiguration['options']>> = {
  dynamodb: { table: 'people' },
  postgresql: { host: 'db', database: 'crm', user: 'tenure', table: 'people', tls: 'off' },
  s3: { bucket: 'people' },
};

async function opened(kind: DataStoreKindName, port: number): Promise<Store> {
  const protocol = kind === 'postgresql' ? 'postgres' : 'http';
  const store = await openStore(
    { kind, region: 'eu-west-1', keys: [{ name: 'id', type: 'text' }], options: OPTIONS[kind] },
    {
      timeoutSeconds: 1,
      pseudonymKey: async () => PSEUDONYM_KEY,
      exports: { bucket: 'exports', region: 'eu-west-1' },
      connection: {
        endpoint: `${protocol}://127.0.0.1:${port}`,
        credentials: async () => ({ accessKeyId: 'test', secretAccessKey: 'test' }),
        password: async () => 'test',
      },
    },
  );
  cleanUps.push(() => store.close());
  return store;
}

describe.each(Object.keys(OPTIONS) as DataStoreKindName[])('a store of kind %s', (kind) => {
  test.each([
    ['accepts and never answers', muteServer],
    ['has a full backlog', fullBacklog],
  ])('at a port that %s answers that it does not know', async (_, open) => {
    const hole = await open();
    cleanUps.push(() => hole.stop());
    const store = await opened(kind, hole.port);
    const code = expect.stringMatching(/^STORE_(TIMEOUT|UNREACHABLE)$/) as string;
    expect(await store.look([['a']])).toEqual([{ state: 'unknown', code }]);
    const acted = await store.delete([{ locator: ['a'], version: 'v' }]);
    expect(acted).toEqual([{ outcome: 'failed', code }]);
    expect(await store.readBack([{ locator: ['a'], expect: 'gone' }])).toEqual([{ state: 'unknown', code }]);
    expect(await store.read([{ locator: ['a'], into: 'pieces/1' }])).toEqual([{ state: 'unknown', code }]);
    const by = kind === 's3' ? '{id}/' : 'id';
    expect(await store.list({ by, value: 'a' }, 10)).toEqual({ state: 'unknown', code });
    // Five calls, two of which ask two things at once where it is S3, with at most three attempts each.
    expect(hole.accepted()).toBeLessThanOrEqual(21);
  });
});
