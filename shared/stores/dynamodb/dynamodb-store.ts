import { maskTree } from '../../domain/record/mask-tree.ts';
import type {
  Acted,
  Locator,
  Member,
  Presence,
  Promised,
  Read,
  ReadBack,
  Store,
  Target,
  ToRead,
} from '../../ports/store.ts';
import { answerEach, type Asked } from '../answer-each.ts';
import { clientConfig } from '../aws-client.ts';
import { deadline, eachParallel } from '../bounded-calls.ts';
import { listPage, rangePage } from '../listing.ts';
import { itemRead } from './dynamodb-document.ts';
import type { DynamoOptions } from './dynamodb-options.ts';
import { type DynamoTable, presenceOf, READ_SIZE, readItems } from './dynamodb-calls.ts';
import { conditionally, deleteAll } from './dynamodb-conditional.ts';
import { conditionalUpdate, wantedVersion } from './dynamodb-expressions.ts';
import { DynamoPosition, listItems, partitions } from './dynamodb-listing.ts';
import { type ItemMasking, itemMarking, itemMasking, itemShows } from './dynamodb-masks.ts';
import { membersOf } from './dynamodb-members.ts';
import { RangePosition, ranging } from './dynamodb-range.ts';
import { isOfRead } from './dynamodb-read-version.ts';
import { recoveryOf } from './dynamodb-recovery.ts';
import { replicaCheck } from './dynamodb-replicas.ts';
import { surveyTable } from './dynamodb-survey.ts';
import { dynamoKey, type Item, versionText } from './dynamodb-values.ts';
import { actedFailure } from '../store-failure.ts';
import { isAboutRestriction, keyFor, type StoreTools, unsupported } from '../store-kind.ts';

type AskedTarget = Asked<Target, Item>;

/** `editOf`: `undefined` if the item cannot be changed in this way. */
interface Edit {
  readonly editOf: (item: Item) => ItemMasking | undefined;
  readonly outcome: 'anonymised' | 'restricted' | 'lifted';
}

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
  { versionAttribute, restrict, replicas }: Omit<DynamoOptions, 'table'>,
  tools: StoreTools,
): Store {
  const refusal = replicaCheck(at, replicas !== undefined);
  const partitionOf = partitions(at);
  const marker = (): string => {
    if (restrict === undefined) throw unsupported('dynamodb', 'restrict');
    return restrict.attribute;
  };
  const keyNames = tools.keys.map(({ name }) => name);
  const versionNames = versionAttribute === undefined ? [] : [versionAttribute];
  const rangeOf = ranging(at, versionNames);
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

  /** Changes one item as it was read; `editOf` says how, or that it cannot be. */
  async function edit(
    { item, key }: AskedTarget,
    found: Item,
    { editOf, outcome }: Edit,
    signal: AbortSignal,
  ): Promise<Acted> {
    const version = versionAttribute === undefined ? undefined : versionText(found, versionAttribute);
    if (versionAttribute !== undefined && version === undefined) return SCHEMA;
    if (version !== undefined && item.version !== undefined && item.version !== version) return CHANGED;
    const editing = editOf(found);
    if (!editing) return SCHEMA;
    if (editing.changes.length === 0) return ALREADY_SO;
    // Without a version, the changed fields themselves must be unchanged since they were read.
    const expected =
      versionAttribute === undefined ? editing.expected : wantedVersion(versionAttribute, version);
    const update = conditionalUpdate({ key, found }, editing.changes, expected, versionAttribute);
    if (!update) return SCHEMA;
    return conditionally(at, key, signal, async () => {
      await at.client.send(new at.sdk.UpdateItemCommand({ TableName: at.table, Key: key, ...update }), {
        abortSignal: signal,
      });
      return { outcome, answer: 'UpdateItem' };
    });
  }

  /** Reads these attributes of each item, and changes each. */
  function editing(
    batch: readonly Target[],
    fields: readonly string[],
    prepare: () => Promise<Edit>,
  ): Promise<Acted[]> {
    return answerEach<Target, Item, Acted>(batch, {
      ...targets,
      detailOf: ({ version }) => version ?? '',
      ask: async (asked) => {
        const signal = deadline(tools);
        const code = await refusal(signal);
        if (code !== undefined) return asked.map(() => actedFailure(code));
        const how = await prepare();
        const found = await read(
          asked.map(({ key }) => key),
          [...versionNames, ...fields],
          signal,
        );
        const pairs = asked.map((target, index) => ({ target, got: found[index] }));
        return eachParallel(pairs, async ({ target, got }) => {
          if (!got || 'code' in got) return actedFailure(got?.code ?? 'STORE_ERROR');
          return got.item ? edit(target, got.item, how, signal) : ALREADY_SO;
        });
      },
    });
  }

  return {
    batch: READ_SIZE,
    atOnce: 1,

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
          return found.map((got) => presenceOf(got, versionAttribute));
        },
      });
    },

    delete(batch) {
      return answerEach<Target, Item, Acted>(batch, {
        ...targets,
        detailOf: ({ version = '' }) => (versionAttribute !== undefined || isOfRead(version) ? version : ''),
        ask: async (asked) => {
          const signal = deadline(tools);
          const code = await refusal(signal);
          if (code !== undefined) return asked.map(() => actedFailure(code));
          return deleteAll(at, asked, versionAttribute, signal);
        },
      });
    },

    async anonymise(batch, masks) {
      const tree = maskTree(masks);
      if (!tree) return answerEach(batch, { ...targets, ask: async (asked) => asked.map(() => SCHEMA) });
      return editing(batch, [...tree.fields.keys()], async () => {
        const pseudonymKey = await keyFor(masks, tools);
        return { editOf: (item) => itemMasking(item, tree, pseudonymKey), outcome: 'anonymised' };
      });
    },

    async restrict(batch, on) {
      const attribute = marker();
      return editing(batch, [attribute], async () => ({
        editOf: (item) => itemMarking(item, attribute, on),
        outcome: on ? 'restricted' : 'lifted',
      }));
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
          const trees = asked.map(({ item }) => maskTree(item.masks ?? {}));
          const marks = asked.flatMap(({ item: { expect } }) =>
            isAboutRestriction(expect) ? [marker()] : [],
          );
          const fields = [...trees.flatMap((tree) => [...(tree?.fields.keys() ?? [])]), ...marks];
          const found = await read(
            asked.map(({ key }) => key),
            fields,
            deadline(tools),
          );
          const pseudonymKeys = await Promise.all(asked.map(({ item }) => keyFor(item.masks ?? {}, tools)));
          return asked.map(({ item }, index) => {
            const got = found[index];
            if (!got || 'code' in got) return { state: 'unknown', code: got?.code ?? 'STORE_ERROR' };
            // A record that is gone no longer shows what was to be masked.
            if (!got.item) return { state: 'kept' };
            const how = { tree: trees[index], pseudonymKey: pseudonymKeys[index], attribute: marks[0] };
            return { state: itemShows(got.item, item, how) ? 'kept' : 'broken' };
          });
        },
      });
    },

    read(batch) {
      return answerEach<ToRead, Item, Read>(batch, {
        keys: tools.keys,
        keyOf,
        locatorOf: ({ locator }) => locator,
        impossible: { state: 'gone' },
        wrong: { state: 'unknown', code: 'STORE_SCHEMA' },
        ask: async (asked) => {
          const keys = asked.map(({ key }) => key);
          return (await readItems(at, keys, 'all', deadline(tools))).map((got) => {
            if ('code' in got) return { state: 'unknown', code: got.code };
            return got.item ? itemRead(got.item) : { state: 'gone' };
          });
        },
      });
    },

    list: (place, limit, after) =>
      listPage({ limit, after }, DynamoPosition, (begin) =>
        listItems(at, partitionOf, place, { limit, at: begin, signal: deadline(tools), versionAttribute }),
      ),

    idsOf(batch, place) {
      return answerEach<Locator, Item, Member>(batch, {
        keys: tools.keys,
        keyOf,
        locatorOf: (locator) => locator,
        impossible: { state: 'out' },
        wrong: { state: 'unknown', code: 'STORE_SCHEMA' },
        ask: (asked) =>
          membersOf(
            at,
            asked.map(({ key }) => key),
            place,
            deadline(tools),
          ),
      });
    },

    survey: (question) => surveyTable(at, question, deadline(tools)),

    range(range, limit, after) {
      return rangePage({ limit, after }, RangePosition, (begin) =>
        rangeOf(range, { limit, at: begin, signal: deadline(tools) }),
      );
    },

    recovery: () => recoveryOf(at, replicas !== undefined, deadline(tools)),

    async close() {
      at.client.destroy();
    },
  };
}
