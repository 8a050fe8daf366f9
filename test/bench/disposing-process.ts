import * as sdk from '@aws-sdk/client-dynamodb';
import { createTable } from '../../local/engines/create-table.ts';
import type { DynamoCall } from '../../shared/adapters/dynamodb/dynamo-call.ts';
import { signedDynamo } from '../../shared/adapters/dynamodb/signed-dynamo.ts';
import { parts } from '../../shared/domain/each.ts';
import { CHUNK_SIZE } from '../../shared/domain/record/work.ts';
import { DUE, ENDED, START } from '../support/counted/counted-disposal.ts';
import { tableWorld } from '../support/driver/table-world.ts';
import { median } from './median.ts';
import { engineApart } from './own-process.ts';

/**
 * Own CPU time of a disposal: dispose and seal, with the engine in another process and the records in memory. Warm: the
 * first third is not counted. `sdk` instead of `signed` sends the same requests through the SDK.
 *
 *     npx node test/bench/disposing-process.ts signed 6000
 */
const [kind = 'signed', wanted = '6000'] = process.argv.slice(2);
const COUNT = Number(wanted);
/** Chunks that are sealed together. */
const SEALED_TOGETHER = 10;
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const region = 'eu-central-1';

const commands = {
  GetItem: sdk.GetItemCommand,
  PutItem: sdk.PutItemCommand,
  UpdateItem: sdk.UpdateItemCommand,
  DeleteItem: sdk.DeleteItemCommand,
  Query: sdk.QueryCommand,
  Scan: sdk.ScanCommand,
  BatchGetItem: sdk.BatchGetItemCommand,
  BatchWriteItem: sdk.BatchWriteItemCommand,
  BatchExecuteStatement: sdk.BatchExecuteStatementCommand,
};

const engine = await engineApart('items');
try {
  const { endpoint } = engine;
  const client = new sdk.DynamoDBClient({ endpoint, region, credentials });
  const signed = signedDynamo({ endpoint, region, credentials: async () => credentials });
  await createTable(client, 'registry', [
    { name: 'PK', type: 'text' },
    { name: 'SK', type: 'text' },
  ]);
  const milliseconds = await disposal(kind === 'sdk' ? throughSdk(client) : signed);
  if (process.send === undefined) console.log(`${kind}: ${milliseconds.toFixed(3)} ms of own CPU a disposal`);
  else process.send(milliseconds);
  client.destroy();
} finally {
  engine.stop();
}
process.exit(0);

/** The median over parts of ten chunks, each with the sealing of its entries: other work on the machine disturbs some. */
async function disposal(call: DynamoCall): Promise<number> {
  const w = tableWorld({ call, table: 'registry' }, START);
  await w.prepare(COUNT, ENDED);
  const all = parts(await w.wake(DUE), SEALED_TOGETHER);
  const taken: number[] = [];
  for (const bells of all) {
    const start = spent();
    for (const bell of bells) {
      const ended = await w.work(bell);
      if (ended !== 'done') throw new Error(`a chunk ended as ${ended}`);
    }
    await w.seal();
    taken.push((spent() - start) / (bells.length * CHUNK_SIZE));
  }
  if (w.store.size() > 0) throw new Error(`${w.store.size()} records are left`);
  return median(taken.slice(Math.floor(all.length / 3)));
}

function spent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The same requests through the SDK, binary values converted as it wants them. */
function throughSdk(client: sdk.DynamoDBClient): DynamoCall {
  return (async (operation: keyof typeof commands, input: object) => {
    const Command = commands[operation] as unknown as new (input: unknown) => sdk.GetItemCommand;
    const answer = await client.send(
      new Command(binary(input, (text) => Buffer.from(String(text), 'base64'))),
    );
    return {
      body: binary(answer, (bytes) => Buffer.from(bytes as Uint8Array).toString('base64')),
      resent: false,
    };
  }) as unknown as DynamoCall;
}

function binary(value: unknown, to: (bytes: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => binary(one, to));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      const isBytes = name === 'B' && (typeof one === 'string' || one instanceof Uint8Array);
      return [name, isBytes ? to(one) : binary(one, to)];
    }),
  );
}
