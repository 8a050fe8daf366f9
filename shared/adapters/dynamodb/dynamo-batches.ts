import { setTimeout as wait } from 'node:timers/promises';
import { AdapterError } from '../adapter-error.ts';
import { type AttributeMap, fromAttributes, toAttributes } from './attribute-values.ts';
import type { DynamoCall, WriteRequest } from './dynamo-call.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { type ConditionalWrite, writeEach } from './dynamo-statements.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const KEYS_PER_READ = 100;
/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const ITEMS_PER_WRITE = 25;
const IDLE_ROUNDS = 6;
const FIRST_WAIT_MILLISECONDS = 25;
/** Requests of one call that are under way at once. */
const WIDTH = 4;

export interface DynamoBatches {
  /** One request for 100 keys, and more while some are left unprocessed. Missing ones are left out. */
  batchGet(keys: readonly ItemKey[]): Promise<StoredItem[]>;
  /** Without conditions; 25 to a request. Of two items with one key the later one counts. */
  putAll(items: readonly (StoredItem & ItemKey)[]): Promise<void>;
  /** What is not there is nothing; 25 to a request. */
  deleteAll(keys: readonly ItemKey[]): Promise<void>;
  /**
   * One conditional write each, 25 to a request, answered in order: `false` where the condition did not hold. Every key
   * at most once.
   */
  writeEach(writes: readonly ConditionalWrite[]): Promise<boolean[]>;
}

export function dynamoBatches(call: DynamoCall, tableName: string): DynamoBatches {
  async function batchGet(keys: readonly ItemKey[]): Promise<StoredItem[]> {
    const found: StoredItem[] = [];
    const names = new Map(keys.map(({ PK, SK }) => [`${PK}\n${SK}`, toAttributes({ PK, SK })]));
    await eachPart([...names.values()], KEYS_PER_READ, async (part) => {
      await untilDone(part, async (open) => {
        const { body } = await call('BatchGetItem', {
          RequestItems: { [tableName]: { Keys: open, ConsistentRead: true } },
        });
        for (const item of body.Responses?.[tableName] ?? []) found.push(fromAttributes(item));
        return body.UnprocessedKeys?.[tableName]?.Keys ?? [];
      });
    });
    return found;
  }

  async function writeAll(requests: ReadonlyMap<string, WriteRequest>): Promise<void> {
    await eachPart([...requests.values()], ITEMS_PER_WRITE, async (part) => {
      await untilDone(part, async (open) => {
        const { body } = await call('BatchWriteItem', { RequestItems: { [tableName]: open } });
        return body.UnprocessedItems?.[tableName] ?? [];
      });
    });
  }

  return {
    batchGet,
    putAll: (items) =>
      writeAll(new Map(items.map((item) => [nameOf(item), { PutRequest: { Item: toAttributes(item) } }]))),
    deleteAll: (keys) =>
      writeAll(
        new Map(
          keys.map(({ PK, SK }) => {
            const Key: AttributeMap = toAttributes({ PK, SK });
            return [nameOf({ PK, SK }), { DeleteRequest: { Key } }];
          }),
        ),
      ),
    async writeEach(writes) {
      const answers: boolean[] = [];
      await eachPart([...writes.entries()], ITEMS_PER_WRITE, async (part) => {
        const written = await writeEach(
          { call, tableName, batchGet },
          part.map(([, write]) => write),
        );
        for (const [at, [index]] of part.entries()) answers[index] = written[at] === true;
      });
      return answers;
    },
  };
}

function nameOf({ PK, SK }: ItemKey): string {
  return `${PK}\n${SK}`;
}

/** All parts are answered before the first error is thrown. */
async function eachPart<Item>(
  items: readonly Item[],
  size: number,
  work: (part: readonly Item[]) => Promise<void>,
): Promise<void> {
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => index * size).values();
  const errors: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const start of starts) {
      try {
        await work(items.slice(start, start + size));
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
  if (errors.length > 0) throw errors[0];
}

/** Sends again what was left unprocessed, with growing waits while nothing gets done. */
async function untilDone<Item>(
  all: readonly Item[],
  send: (open: readonly Item[]) => Promise<readonly Item[]>,
): Promise<void> {
  let open = all;
  for (let idle = 0; open.length > 0;) {
    const left = await send(open);
    idle = left.length < open.length ? 0 : idle + 1;
    if (idle > IDLE_ROUNDS) throw unprocessed();
    if (left.length > 0) await wait(FIRST_WAIT_MILLISECONDS * 2 ** idle);
    open = left;
  }
}

function unprocessed(): AdapterError {
  return new AdapterError(
    'REGISTRY_UNPROCESSED',
    'The registry table left a part of a batch unprocessed again and again: it is throttled. The message returns by itself; if this persists, look at the table’s throttling metrics.',
  );
}
