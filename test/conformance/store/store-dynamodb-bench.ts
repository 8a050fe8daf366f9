import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { createTable } from '../../../local/engines/create-table.ts';
import { startDynamoDB } from '../../../local/engines/dynamodb.ts';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Locator, Store } from '../../../shared/ports/store.ts';
import { openStore } from '../../../shared/stores/kinds.ts';
import { inDocument, PSEUDONYM_KEY, type StoreBench } from './store-bench.ts';

const region = 'eu-west-1';
export const MARKER_ATTRIBUTE = 'restricted';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

export interface DynamoBench extends StoreBench {
  readonly client: DynamoDBClient;
  /** Creates a table and returns its name. */
  table(keys: readonly KeyColumn[]): Promise<string>;
  open(table: string, keys: readonly KeyColumn[], timeoutSeconds?: number, endpoint?: string): Promise<Store>;
  openWith(table: string, keys: readonly KeyColumn[], how: OpenWith): Promise<Store>;
  readonly endpoint: string;
}

interface OpenWith {
  readonly endpoint: string;
  readonly options?: object;
}

/** Any number of tables in one dynalite. */
export async function dynamoBench(versionAttribute?: string): Promise<DynamoBench> {
  const engine = await startDynamoDB();
  const client = new DynamoDBClient({ endpoint: engine.endpoint, region, credentials });
  let tables = 0;

  const open: DynamoBench['open'] = (table, keys, timeoutSeconds = 10, endpoint = engine.endpoint) =>
    openWith(table, keys, { endpoint }, timeoutSeconds);

  function openWith(
    table: string,
    keys: readonly KeyColumn[],
    { endpoint, options }: OpenWith,
    timeoutSeconds = 10,
  ) {
    return openStore(
      {
        kind: 'dynamodb',
        region,
        keys,
        options: {
          table,
          restrict: { attribute: MARKER_ATTRIBUTE },
          ...present({ versionAttribute }),
          ...options,
        },
      },
      {
        timeoutSeconds,
        pseudonymKey: async () => PSEUDONYM_KEY,
        connection: { endpoint, credentials: async () => credentials },
      },
    );
  }

  async function table(keys: readonly KeyColumn[]): Promise<string> {
    tables += 1;
    const TableName = `people-${tables}`;
    await createTable(client, TableName, keys);
    return TableName;
  }

  return {
    client,
    endpoint: engine.endpoint,
    table,
    open,
    openWith,
    async collection(keys) {
      const TableName = await table(keys);
      const keyOf = (locator: Locator) => keyItem(keys, locator);
      return {
        store: await open(TableName, keys),
        // As applications do: first a whole item, later updates that increase the version.
        async put(locator, { mail, born, score, note }) {
          const before = await client.send(
            new GetItemCommand({ TableName, Key: keyOf(locator), ConsistentRead: true }),
          );
          const version = Number(before.Item?.['version']?.N ?? 0) + 1;
          const Item: Record<string, AttributeValue> = {
            ...keyOf(locator),
            mail: { S: mail },
            born: { S: born },
            score: { N: String(score) },
            version: { N: String(version) },
            note: note === null ? { NULL: true } : { S: note },
          };
          await client.send(new PutItemCommand({ TableName, Item }));
        },
        remove: async (locator) => {
          await client.send(new DeleteItemCommand({ TableName, Key: keyOf(locator) }));
        },
        async read(locator) {
          const { Item } = await client.send(
            new GetItemCommand({ TableName, Key: keyOf(locator), ConsistentRead: true }),
          );
          const text = (name: string) => Item?.[name]?.S ?? Item?.[name]?.N ?? null;
          return Item && { mail: text('mail'), born: text('born'), score: text('score'), note: text('note') };
        },
        count: async () =>
          (await client.send(new ScanCommand({ TableName, ConsistentRead: true }))).Count ?? 0,
        exported: inDocument,
        // As the application reads what it may use: with a filter.
        async isRestricted(locator) {
          const { Items = [] } = await client.send(
            new ScanCommand({
              TableName,
              ConsistentRead: true,
              FilterExpression: 'attribute_exists(#restricted)',
              ExpressionAttributeNames: { '#restricted': MARKER_ATTRIBUTE },
            }),
          );
          const wanted = JSON.stringify(keyOf(locator));
          return Items.some((item) => JSON.stringify(keyIn(keys, item)) === wanted);
        },
      };
    },
    unreachable: (keys) => open('people', keys, 10, 'http://127.0.0.1:1'),
    withoutTable: (keys) => open('nowhere', keys),
    async stop() {
      client.destroy();
      await engine.stop();
    },
  };
}

export function keyItem(keys: readonly KeyColumn[], locator: Locator): Record<string, AttributeValue> {
  return Object.fromEntries(
    keys.map(({ name, type }, index) => {
      const text = String(locator[index]);
      if (type === 'binary') return [name, { B: Buffer.from(text, 'base64url') }];
      return [name, type === 'integer' || type === 'decimal' ? { N: text } : { S: text }];
    }),
  );
}

function keyIn(
  keys: readonly KeyColumn[],
  item: Record<string, AttributeValue>,
): Record<string, AttributeValue | undefined> {
  return Object.fromEntries(keys.map(({ name }) => [name, item[name]]));
}

/** One attribute of one item, as the application writes it. */
export async function setAttribute(
  client: DynamoDBClient,
  { TableName, Key }: { readonly TableName: string; readonly Key: Record<string, AttributeValue> },
  name: string,
  value: AttributeValue,
): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression: 'SET #name = :value',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: { ':value': value },
    }),
  );
}
