import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { MarshalledItem } from './item-size.ts';
import { itemSize, writeUnits } from './item-size.ts';

export interface CountedWrite {
  readonly command: 'PutItem' | 'UpdateItem' | 'DeleteItem';
  readonly PK: string;
  readonly SK: string;
  /** `false`: its condition did not hold. It costs all the same. */
  readonly written: boolean;
  /** Of the larger of the item before and after. */
  readonly bytes: number;
  readonly units: number;
}

export interface RequestCounter {
  /** Requests by command, e.g. `{ PutItem: 3, BatchGetItem: 1 }`. A command that was not sent is not there. */
  requests(): Readonly<Record<string, number>>;
  totalRequests(): number;
  writes(): readonly CountedWrite[];
  /** Write units of all writes, or of those that the filter takes, e.g. `({ PK }) => PK.startsWith('B#')`: the hints. */
  writeUnits(filter?: (write: CountedWrite) => boolean): number;
  /** Forgets what was counted, but not how large the items are. */
  reset(): void;
}

interface WriteBody {
  readonly TableName: string;
  readonly Item?: MarshalledItem;
  readonly Key?: MarshalledItem;
}

/**
 * Counts what a client sends, and computes by DynamoDB's rules what its writes cost:
 *
 *     const tables = await startTables();
 *     const counter = countRequests(tables.client, tables.connect());
 *     const registry = dynamoRegistry(tables.documents, await tables.create());
 *     …
 *     counter.reset(); await register(…); expect(counter.writeUnits()).toBe(5);
 *
 * A request counts once, however often the SDK retries it. Old sizes are known from the writes that were counted, so
 * set the table up through the same client. After an update the item is read through `uncounted` to learn its size.
 */
export function countRequests(counted: DynamoDBClient, uncounted: DynamoDBClient): RequestCounter {
  const sizes = new Map<string, number>();
  let requests: Record<string, number> = {};
  let writes: CountedWrite[] = [];

  async function sizeAfter(
    command: CountedWrite['command'],
    body: WriteBody,
    key: MarshalledItem,
  ): Promise<number> {
    switch (command) {
      case 'PutItem':
        return itemSize(body.Item ?? {});
      case 'DeleteItem':
        return 0;
      case 'UpdateItem': {
        const read = new GetItemCommand({ TableName: body.TableName, Key: { ...key }, ConsistentRead: true });
        return itemSize((await uncounted.send(read)).Item ?? {});
      }
    }
  }

  function record(
    command: CountedWrite['command'],
    key: MarshalledItem,
    written: boolean,
    bytes: number,
  ): void {
    const { PK, SK } = { PK: text(key['PK']), SK: text(key['SK']) };
    writes.push({ command, PK, SK, written, bytes, units: writeUnits(bytes) });
  }

  counted.middlewareStack.add(
    (next) => async (args) => {
      const { headers, body: bytes } = args.request as { headers: Record<string, string>; body: Uint8Array };
      const command = headers['x-amz-target']?.split('.')[1] ?? 'unknown';
      requests[command] = (requests[command] ?? 0) + 1;
      if (command === 'BatchWriteItem' || command.startsWith('Transact')) {
        throw new Error(`${command} is not counted: the registry writes item by item.`);
      }
      if (command !== 'PutItem' && command !== 'UpdateItem' && command !== 'DeleteItem') return next(args);

      const body = JSON.parse(new TextDecoder().decode(bytes)) as WriteBody;
      const key = body.Key ?? {
        PK: body.Item?.['PK'] as AttributeValue,
        SK: body.Item?.['SK'] as AttributeValue,
      };
      const id = `${body.TableName}/${text(key['PK'])}/${text(key['SK'])}`;
      const before = sizes.get(id) ?? 0;
      try {
        const answer = await next(args);
        const after = await sizeAfter(command, body, key);
        sizes.set(id, after);
        record(command, key, true, Math.max(before, after));
        return answer;
      } catch (error) {
        const isFailedCondition = error instanceof Error && error.name === 'ConditionalCheckFailedException';
        const attempted = command === 'PutItem' ? itemSize(body.Item ?? {}) : 0;
        if (isFailedCondition) record(command, key, false, Math.max(before, attempted));
        throw error;
      }
    },
    { step: 'build', name: 'countRequests', priority: 'low' },
  );

  return {
    requests: () => ({ ...requests }),
    totalRequests: () => Object.values(requests).reduce((sum, count) => sum + count, 0),
    writes: () => [...writes],
    writeUnits: (filter = () => true) => writes.filter(filter).reduce((sum, { units }) => sum + units, 0),
    reset() {
      requests = {};
      writes = [];
    },
  };
}

function text(value: AttributeValue | undefined): string {
  return value?.S ?? '';
}
