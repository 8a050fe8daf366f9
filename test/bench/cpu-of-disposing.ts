import { fork } from 'node:child_process';
import { once } from 'node:events';
import * as sdk from '@aws-sdk/client-dynamodb';
import { createTable } from '../../local/engines/create-table.ts';
import type { DynamoCall } from '../../shared/adapters/dynamodb/dynamo-call.ts';
import { dynamoBatches } from '../../shared/adapters/dynamodb/dynamo-batches.ts';
import { toStateItem } from '../../shared/adapters/dynamodb/dynamo-entity-item.ts';
import { holdingKey, toHoldingItem } from '../../shared/adapters/dynamodb/dynamo-holding-item.ts';
import { dynamoRegistry } from '../../shared/adapters/dynamodb/dynamo-registry.ts';
import { signedDynamo } from '../../shared/adapters/dynamodb/signed-dynamo.ts';
import { workOnChunk } from '../../shared/protocol/lane/work-on-chunk.ts';
import { seal } from '../../shared/protocol/seal.ts';
import { sweepWake } from '../../shared/protocol/sweep-lanes.ts';
import { world } from '../support/driver/world.ts';

/**
 * Own CPU time of a disposal: sweep, dispose and seal, with the engine in another process and records in memory. Warm:
 * the first third of the chunks is not counted.
 *
 *     node test/next/cpu/cpu-of-disposing.ts signed 6000
 *     node test/next/cpu/cpu-of-disposing.ts sdk 6000
 */
const [kind = 'signed', wanted = '6000'] = process.argv.slice(2);
const COUNT = Number(wanted);
const DUE = Date.parse('2026-04-01T00:02:00Z');
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const region = 'eu-central-1';

const engine = fork(new URL('engine.ts', import.meta.url));
const [endpoint] = (await once(engine, 'message')) as [string];
const client = new sdk.DynamoDBClient({ endpoint, region, credentials });
const signed = signedDynamo({ endpoint, region, credentials: async () => credentials });

/** The same requests through the SDK, binary values converted as it wants them. */
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
const throughSdk = (async (operation: keyof typeof commands, input: object) => {
  const Command = commands[operation] as unknown as new (input: unknown) => sdk.GetItemCommand;
  const body = await client.send(new Command(binary(input, (text) => Buffer.from(String(text), 'base64'))));
  return {
    body: binary(body, (bytes) => Buffer.from(bytes as Uint8Array).toString('base64')),
    resent: false,
  };
}) as unknown as DynamoCall;
const call = kind === 'sdk' ? throughSdk : signed;

const w = world({ start: '2026-03-01T10:00:00Z' });
for (let n = 0; n < COUNT; n += 1) {
  const contract = w.entity('contract', `c-${n}`);
  w.store.put([`n-${n}`]);
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  await w.register(await w.registration(`n-${n}`, [contract]));
}
await createTable(client, 'registry', [
  { name: 'PK', type: 'text' },
  { name: 'SK', type: 'text' },
]);
const registry = dynamoRegistry(call, 'registry');
await dynamoBatches(signed, 'registry').putAll([
  ...w.registry.allHoldings().map((holding) => toHoldingItem(holdingKey(holding.ref), holding)),
  ...[...w.registry.allStates()].map(([entity, state]) => toStateItem(entity, state)),
]);
await registry.putHints(w.registry.allHints());
const core = { ...w.core, registry };

let calls = 0;
function spent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
w.clock.set(DUE);
const sweeping = spent();
await sweepWake(core);
const swept = spent() - sweeping;
for (const sent of w.heartbeats.splice(0)) await registry.putHeartbeat(sent);
const bells = w.bells.splice(0).map(({ message }) => message);
const cold = Math.floor(bells.length / 3);
let counted = 0;
let start = spent();
for (const [index, bell] of bells.entries()) {
  if (index === cold) {
    await seal({ ...core, bucket: w.bucket });
    start = spent();
  }
  if ((await workOnChunk(core, bell)) !== 'done') throw new Error('a chunk was not done');
  if (index >= cold) counted += 100;
  if (index > cold && (index - cold) % 10 === 0) await seal({ ...core, bucket: w.bucket });
}
await seal({ ...core, bucket: w.bucket });
const worked = (spent() - start) / counted;
calls += counted;
console.log(
  `${kind}: ${worked.toFixed(3)} ms of own CPU a disposal (${calls} holdings), sweep ${(swept / COUNT).toFixed(4)} ms, cold; left in the store: ${w.store.size()}`,
);
client.destroy();
engine.kill();
process.exit(0);
