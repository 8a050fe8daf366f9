import { type MaskedFields, maskTree } from '../../domain/record/mask-tree.ts';
import type { Acted, Locator, Presence, Promised, ReadBack, Store, Target } from '../../ports/store.ts';
import { answerEach, type Asked } from '../answer-each.ts';
import { clientConfig } from '../aws-client.ts';
import { deadline, eachParallel } from '../bounded-calls.ts';
import type { DynamoOptions } from './dynamodb-options.ts';
import {
  deleteItems,
  dynamoFailure,
  type DynamoTable,
  isConditionFailure,
  readItems,
} from './dynamodb-calls.ts';
import { conditionalUpdate, conditions, wantedVersion } from './dynamodb-expressions.ts';
import { itemMasking } from './dynamodb-masks.ts';
import { replicaCheck } from './dynamodb-replicas.ts';
import { dynamoKey, type Item, versionText } from './dynamodb-values.ts';
import { actedFailure } from '../store-failure.ts';
import { isAboutRestriction, keyFor, type StoreTools, unsupported } from '../store-kind.ts';

type AskedTarget = Asked<Target, Item>;

const ALREADY_SO: Acted = { outcome: 'already-so' };
const SCHEMA: Acted = { outcome: 'refused', code: 'STORE_SCHEMA' };
const CHANGED: Acted = { outcome: 'changed' };

export async function openDynamoStore(options: DynamoOptions, tools: StoreTools): Promise<Store> {
  const sdk = await import('@aws-sdk/client-dynamodb');
  const client = new sdk.DynamoDBClient(clientConfig(tools));
  return dynamoStore({ sdk, client, table: options.table, keys: tools.keys }, options, tools);
}

function dynamoStore(
  at: DynamoTable,
  { versionAttribute, replicas }: Pick<DynamoOptions, 'versionAttribute' | 'replicas'>,
  tools: StoreTools,
): Store {
  const refusal = replicaCheck(at, replicas !== undefined);
  const keyNames = tools.keys.map(({ name }) => name);
  const versionNames = versionAttribute === undefined ? [] : [versionAttribute];
  const keyOf = (locator: Locator) => dynamoKey(tools.keys, locator);
  const targets = {
    keys: tools.keys,
    keyOf,
    locatorOf: (target: Target) => target.locator,
    impossible: ALREADY_SO,
    wrong: SCHEMA,
  };
  const read = (keys: readonly Item[], fields: readonly string[], signal: AbortSignal) =>
    readItems(at, keys, [...new Set([...keyNames, ...fields])], signal);

  /** The condition failed: reads again to find out why. */
  async function insteadOf(key: Item, signal: AbortSignal): Promise<Acted> {
    const [got] = await read([key], [], signal);
    if (!got || 'code' in got) return actedFailure(got?.code ?? 'STORE_ERROR');
    return got.item ? CHANGED : ALREADY_SO;
  }

  async function conditionally(key: Item, signal: AbortSignal, act: () => Promise<Acted>): Promise<Acted> {
    try {
      return await act();
    } catch (error) {
      return isConditionFailure(error) ? insteadOf(key, signal) : actedFailure(dynamoFailure(error));
    }
  }

  function deleteVersion({ item, key }: AskedTarget, version: string, signal: AbortSignal): Promise<Acted> {
    return conditionally(key, signal, async () => {
      const condition = conditions(key, wantedVersion(version, item.version));
      await at.client.send(new at.sdk.DeleteItemCommand({ TableName: at.table, Key: key, ...condition }), {
        abortSignal: signal,
      });
      return { outcome: 'deleted', answer: 'DeleteItem' };
    });
  }

  async function mask(
    { item, key }: AskedTarget,
    found: Item,
    { tree, pseudonymKey }: { tree: MaskedFields; pseudonymKey: Uint8Array },
    signal: AbortSignal,
  ): Promise<Acted> {
    const version = versionAttribute === undefined ? undefined : versionText(found, versionAttribute);
    if (versionAttribute !== undefined && version === undefined) return SCHEMA;
    if (version !== undefined && item.version !== undefined && item.version !== version) return CHANGED;
    const masking = itemMasking(found, tree, pseudonymKey);
    if (!masking) return SCHEMA;
    if (masking.changes.length === 0) return ALREADY_SO;
    // Without a version, the masked fields themselves must be unchanged since they were read.
    const expected =
      versionAttribute === undefined ? masking.expected : wantedVersion(versionAttribute, version);
    const update = conditionalUpdate({ key, found }, masking.changes, expected, versionAttribute);
    if (!update) return SCHEMA;
    return conditionally(key, signal, async () => {
      await at.client.send(new at.sdk.UpdateItemCommand({ TableName: at.table, Key: key, ...update }), {
        abortSignal: signal,
      });
      return { outcome: 'anonymised', answer: 'UpdateItem' };
    });
  }

  return {
    look(batch) {
      return answerEach<Locator, Item, Presence>(batch, {
        keys: tools.keys,
        keyOf,
        locatorOf: (locator) => locator,
        impossible: { state: 'gone' },
        wrong: { state: 'unknown', code: 'STORE_SCHEMA' },
        ask: async (asked) => {
          const found = await read(
            asked.map(({ key }) => key),
            versionNames,
            deadline(tools),
          );
          return found.map((got) => {
            if ('code' in got) return { state: 'unknown', code: got.code };
            if (!got.item) return { state: 'gone' };
            if (versionAttribute === undefined) return { state: 'present' };
            const version = versionText(got.item, versionAttribute);
            return version === undefined
              ? { state: 'unknown', code: 'STORE_SCHEMA' }
              : { state: 'present', version };
          });
        },
      });
    },

    delete(batch) {
      return answerEach<Target, Item, Acted>(batch, {
        ...targets,
        detailOf: ({ version }) => (versionAttribute === undefined ? '' : (version ?? '')),
        ask: async (asked) => {
          const signal = deadline(tools);
          const code = await refusal(signal);
          if (code !== undefined) return asked.map(() => actedFailure(code));
          if (versionAttribute !== undefined) {
            return eachParallel(asked, (target) => deleteVersion(target, versionAttribute, signal));
          }
          const failures = await deleteItems(
            at,
            asked.map(({ key }) => key),
            signal,
          );
          return failures.map((code) =>
            code === undefined ? { outcome: 'deleted', answer: 'BatchWriteItem' } : actedFailure(code),
          );
        },
      });
    },

    anonymise(batch, masks) {
      return answerEach<Target, Item, Acted>(batch, {
        ...targets,
        detailOf: ({ version }) => version ?? '',
        ask: async (asked) => {
          const signal = deadline(tools);
          const tree = maskTree(masks);
          if (!tree) return asked.map(() => SCHEMA);
          const code = await refusal(signal);
          if (code !== undefined) return asked.map(() => actedFailure(code));
          const fields = [...versionNames, ...tree.fields.keys()];
          const masking = { tree, pseudonymKey: await keyFor(masks, tools) };
          const found = await read(
            asked.map(({ key }) => key),
            fields,
            signal,
          );
          const pairs = asked.map((target, index) => ({ target, got: found[index] }));
          return eachParallel(pairs, async ({ target, got }) => {
            if (!got || 'code' in got) return actedFailure(got?.code ?? 'STORE_ERROR');
            return got.item ? mask(target, got.item, masking, signal) : ALREADY_SO;
          });
        },
      });
    },

    async restrict() {
      throw unsupported('dynamodb', 'restrict');
    },

    readBack(batch) {
      return answerEach<Promised, Item, ReadBack>(batch, {
        keys: tools.keys,
        keyOf,
        locatorOf: ({ locator }) => locator,
        detailOf: ({ expect, masks }) => JSON.stringify([expect, masks]),
        impossible: { state: 'kept' },
        wrong: { state: 'unknown', code: 'STORE_SCHEMA' },
        ask: async (asked) => {
          if (asked.some(({ item }) => isAboutRestriction(item.expect)))
            throw unsupported('dynamodb', 'restrict');
          const trees = asked.map(({ item }) => maskTree(item.masks ?? {}));
          const fields = trees.flatMap((tree) => [...(tree?.fields.keys() ?? [])]);
          const found = await read(
            asked.map(({ key }) => key),
            fields,
            deadline(tools),
          );
          const pseudonymKeys = await Promise.all(asked.map(({ item }) => keyFor(item.masks ?? {}, tools)));
          return asked.map(({ item: { expect, masks } }, index) => {
            const pseudonymKey = pseudonymKeys[index] ?? new Uint8Array();
            const got = found[index];
            if (!got || 'code' in got) return { state: 'unknown', code: got?.code ?? 'STORE_ERROR' };
            // A record that is gone no longer shows what was to be masked.
            if (!got.item) return { state: 'kept' };
            const tree = trees[index];
            const isKept =
              expect === 'masked' &&
              masks !== undefined &&
              tree !== undefined &&
              itemMasking(got.item, tree, pseudonymKey)?.changes.length === 0;
            return { state: isKept ? 'kept' : 'broken' };
          });
        },
      });
    },

    async close() {
      at.client.destroy();
    },
  };
}
