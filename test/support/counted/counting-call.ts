import { parseStatement } from '../../../local/engines/statements.ts';
import type { AttributeMap, AttributeValue } from '../../../shared/adapters/dynamodb/attribute-values.ts';
import {
  type DynamoCall,
  type DynamoOperations,
  DynamoRefusal,
} from '../../../shared/adapters/dynamodb/dynamo-call.ts';
import { itemSize, writeUnits } from './item-size.ts';

export interface CountedWrite {
  readonly PK: string;
  readonly SK: string;
  /** `false`: its condition did not hold. It costs all the same. */
  readonly written: boolean;
  /** Of the larger of the item before and after. */
  readonly bytes: number;
  readonly units: number;
}

export interface RequestCounter {
  readonly call: DynamoCall;
  /** Requests by operation, e.g. `{ PutItem: 3, BatchGetItem: 1 }`. One that was not sent is not there. */
  requests(): Readonly<Record<string, number>>;
  totalRequests(): number;
  writes(): readonly CountedWrite[];
  /** Write units of all writes, or of those that the filter takes. */
  writeUnits(filter?: (write: CountedWrite) => boolean): number;
  /** Forgets what was counted, but not how large the items are. */
  reset(): void;
}

interface OneWrite {
  readonly key: AttributeMap;
  /** The item afterwards, from the item before. Absent: it is read. */
  readonly after?: (before: AttributeMap) => AttributeMap | undefined;
}

type Input<Name extends keyof DynamoOperations> = DynamoOperations[Name][0];

/**
 * Counts what is sent, and computes by DynamoDB's rules what its writes cost. It follows every item, so set the table
 * up through the same call. A request counts once, however often it is sent again.
 */
export function countingCall(inner: DynamoCall): RequestCounter {
  const items = new Map<string, AttributeMap>();
  let requests: Record<string, number> = {};
  let writes: CountedWrite[] = [];

  async function record(table: string, { key, after }: OneWrite, written: boolean): Promise<void> {
    const [PK, SK] = [textOf(key['PK']), textOf(key['SK'])];
    const name = `${PK}\n${SK}`;
    const before = items.get(name) ?? {};
    let next: AttributeMap | undefined = before;
    if (written) next = after === undefined ? await read(table, key) : after(before);
    if (next === undefined) items.delete(name);
    else if (written) items.set(name, next);
    const attempted = written ? (next ?? {}) : (after?.(before) ?? {});
    const bytes = Math.max(itemSize(before), itemSize(attempted));
    writes.push({ PK, SK, written, bytes, units: writeUnits(bytes) });
  }

  async function read(TableName: string, Key: AttributeMap): Promise<AttributeMap> {
    const { body } = await inner('GetItem', { TableName, Key, ConsistentRead: true });
    return body.Item ?? {};
  }

  const call: DynamoCall = async (operation, input) => {
    requests[operation] = (requests[operation] ?? 0) + 1;
    const [table, all] = writesOf(operation, input);
    try {
      const answer = await inner(operation, input);
      const { Responses } = answer.body as { readonly Responses?: readonly { readonly Error?: object }[] };
      for (const [index, write] of all.entries())
        await record(
          table,
          write,
          operation !== 'BatchExecuteStatement' || Responses?.[index]?.Error === undefined,
        );
      return answer;
    } catch (error) {
      if (error instanceof DynamoRefusal && error.name === 'ConditionalCheckFailedException')
        for (const write of all) await record(table, write, false);
      throw error;
    }
  };

  return {
    call,
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

function writesOf(operation: keyof DynamoOperations, input: unknown): [string, readonly OneWrite[]] {
  switch (operation) {
    case 'PutItem': {
      const { TableName, Item } = input as Input<'PutItem'>;
      return [TableName, [{ key: Item, after: () => Item }]];
    }
    case 'UpdateItem': {
      const { TableName, Key } = input as Input<'UpdateItem'>;
      return [TableName, [{ key: Key }]];
    }
    case 'DeleteItem': {
      const { TableName, Key } = input as Input<'DeleteItem'>;
      return [TableName, [{ key: Key, after: () => undefined }]];
    }
    case 'BatchWriteItem': {
      const tables = Object.entries((input as Input<'BatchWriteItem'>).RequestItems);
      const all = tables.flatMap(([, requests]) => requests);
      return [
        '',
        all.map((one) =>
          'PutRequest' in one
            ? { key: one.PutRequest.Item, after: () => one.PutRequest.Item }
            : { key: one.DeleteRequest.Key, after: () => undefined },
        ),
      ];
    }
    case 'BatchExecuteStatement': {
      const { Statements } = input as Input<'BatchExecuteStatement'>;
      return ['', Statements.map(({ Statement, Parameters }) => statementWrite(Statement, Parameters))];
    }
    case 'GetItem':
    case 'Query':
    case 'Scan':
    case 'BatchGetItem':
      return ['', []];
  }
}

function statementWrite(text: string, parameters: readonly AttributeValue[]): OneWrite {
  const { operation, input } = parseStatement(text, parameters);
  if (operation === 'PutItem') {
    const Item = input['Item'] as AttributeMap;
    return { key: Item, after: () => Item };
  }
  const names = [...text.matchAll(/(SET|REMOVE) "(\w+)"/g)];
  const set = names.filter(([, verb]) => verb === 'SET').map(([, , name = '']) => name);
  const removed = new Set(names.filter(([, verb]) => verb === 'REMOVE').map(([, , name]) => name));
  return {
    key: input['Key'] as AttributeMap,
    after: (before) => ({
      ...Object.fromEntries(Object.entries(before).filter(([name]) => !removed.has(name))),
      ...Object.fromEntries(set.map((name, index) => [name, parameters[index] as AttributeValue])),
    }),
  };
}

function textOf(value: AttributeValue | undefined): string {
  return value !== undefined && 'S' in value ? value.S : '';
}
