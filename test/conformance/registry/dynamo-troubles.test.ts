import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../../local/engines/loopback.ts';
import type { DynamoCall, DynamoOperations } from '../../../shared/adapters/dynamodb/dynamo-call.ts';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import { signedDynamo } from '../../../shared/adapters/dynamodb/signed-dynamo.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { aHolding, aHoldingRef, anEntityRef, aState } from '../../support/samples.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';
import { aChunk, aResult, aWorkRecord, change, putNew, readOne } from './registry-samples.ts';

type Operation = keyof DynamoOperations;
type Body = Record<string, unknown>;

let tables: TestTables;
let registry: Registry;
/** Given what is asked, and how to ask it; answers in DynamoDB's place. */
type Trouble = (operation: Operation, input: Body, send: (input: Body) => Promise<Body>) => Promise<Body>;
let trouble: Trouble;
const none: Trouble = (_, input, send) => send(input);

beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());
beforeEach(async () => {
  trouble = none;
  registry = dynamoRegistry(troubled(tables.call), await tables.create());
});

/** Stands between the adapter and DynamoDB. */
function troubled(call: DynamoCall): DynamoCall {
  return async (operation, input) => {
    const send = async (asked: Body) => (await call(operation, asked as never)).body as Body;
    return { body: await trouble(operation, input as unknown as Body, send), resent: false };
  };
}

/** A server in front of the engine that carries a request out and then loses the first answer. */
async function losingFront(lost: (operation: string) => boolean) {
  const seen: string[] = [];
  const front = await listenOnLoopback(
    createServer((request, response) => {
      void (async () => {
        const parts: Buffer[] = [];
        for await (const part of request) parts.push(part as Buffer);
        const target = String(request.headers['x-amz-target']);
        const headers = new Headers({ 'x-amz-target': target });
        for (const name of ['content-type', 'authorization', 'x-amz-date'])
          headers.set(name, String(request.headers[name]));
        const answer = await fetch(tables.endpoint, { method: 'POST', headers, body: Buffer.concat(parts) });
        const text = await answer.text();
        const operation = target.split('.')[1] ?? '';
        seen.push(operation);
        if (lost(operation) && seen.filter((one) => one === operation).length === 1) request.socket.destroy();
        else response.writeHead(answer.status).end(text);
      })();
    }),
  );
  return { ...front, seen };
}

describe('an answer that is lost', () => {
  async function losing(operation: Operation) {
    const front = await losingFront((one) => one === operation);
    const credentials = async () => ({ accessKeyId: 'test', secretAccessKey: 'test' });
    const call = signedDynamo({ endpoint: front.endpoint, region: 'eu-central-1', credentials });
    return { ...front, registry: dynamoRegistry(call, await tables.create()) };
  }

  test('of a batch of changes: what was written by the first try is answered as written', async () => {
    const front = await losing('BatchExecuteStatement');
    const stored = Array.from({ length: 3 }, (_, n) => aHolding(n));
    const answers = await front.registry.writeHoldings(stored.map((after) => ({ before: undefined, after })));
    expect(answers).toEqual(['written', 'written', 'written']);
    expect(front.seen).toEqual(['BatchExecuteStatement', 'BatchExecuteStatement', 'BatchGetItem']);
    await front.stop();
  });

  test('of a batch of changes: what another had written is still answered as moved', async () => {
    await putNew(registry, aHolding(1));
    await putNew(registry, aHolding(2));
    await registry.writeHoldings([change(aHolding(1), { state: 'pending' })]);
    let tries = 0;
    trouble = async (operation, input, send) => {
      const body = await send(input);
      tries += 1;
      const isFirst = operation === 'BatchExecuteStatement' && tries === 1;
      const lost = { Responses: [{}, {}].map(() => ({ Error: { Code: 'InternalServerError' } })) };
      return isFirst ? lost : body;
    };
    const changes = [change(aHolding(1), { hintAt: 7 }), change(aHolding(2), { hintAt: 7 })];
    expect(await registry.writeHoldings(changes)).toEqual(['moved', 'written']);
    trouble = none;
    expect((await readOne(registry, aHoldingRef(1)))?.state).toBe('pending');
    expect((await readOne(registry, aHoldingRef(2)))?.hintAt).toBe(7);
  });

  test('of a conditional put or delete: the same', async () => {
    const put = await losing('PutItem');
    expect(await put.registry.putState(anEntityRef(1), aState())).toBe('written');
    expect(await put.registry.putWork(aWorkRecord(aChunk('a'), 't.1'))).toBe('written');
    await put.stop();
    const result = await losing('PutItem');
    expect(await result.registry.putResult(aResult('2026-03-01T10.token', 2))).toBe('written');
    await result.stop();
    const gone = await losing('DeleteItem');
    await gone.registry.putChunks([aChunk('a')]);
    expect(await gone.registry.deleteChunk(aChunk('a'))).toBe('deleted');
    await gone.stop();
  });
});

describe('a table that is throttled', () => {
  test('statements that were throttled are sent again, and nothing else', async () => {
    await putNew(registry, aHolding(3));
    const sent: number[] = [];
    trouble = async (operation, input, send) => {
      if (operation !== 'BatchExecuteStatement') return send(input);
      const statements = input['Statements'] as object[];
      sent.push(statements.length);
      if (sent.length > 1) return send(input);
      const { Responses } = await send({ Statements: statements.filter((_, n) => n !== 1) });
      return { Responses: (Responses as object[]).toSpliced(1, 0, { Error: { Code: 'ThrottlingError' } }) };
    };
    const all = Array.from({ length: 4 }, (_, n) => ({ before: undefined, after: aHolding(n) }));
    expect(await registry.writeHoldings(all)).toEqual(['written', 'written', 'written', 'moved']);
    expect(sent).toEqual([4, 1]);
    expect((await registry.holdings(all.map(({ after }) => after.ref))).size).toBe(4);
  });

  test('statements that stay throttled are an error', async () => {
    trouble = async () => ({ Responses: [{ Error: { Code: 'ProvisionedThroughputExceeded' } }] });
    await expect(registry.writeHoldings([{ before: undefined, after: aHolding(1) }])).rejects.toMatchObject({
      code: 'REGISTRY_UNPROCESSED',
    });
  });

  test('any other refusal throws, after every statement is answered', async () => {
    let sent = 0;
    trouble = async (operation, input, send) => {
      const body = await send(input);
      if (operation === 'BatchExecuteStatement') sent += 1;
      const isSecond = operation === 'BatchExecuteStatement' && sent === 2;
      return isSecond ? { Responses: [{ Error: { Code: 'ValidationError' } }] } : body;
    };
    const all = Array.from({ length: 60 }, (_, n) => ({ before: undefined, after: aHolding(n) }));
    await expect(registry.writeHoldings(all)).rejects.toMatchObject({ name: 'ValidationError' });
    expect(sent).toBeGreaterThanOrEqual(3);
    expect((await registry.holdings(all.map(({ after }) => after.ref))).size).toBe(60);
  });

  test('keys and items that a batch left unprocessed are sent again', async () => {
    const refs = [1, 2, 3].map(aHoldingRef);
    let rounds = 0;
    trouble = async (operation, input, send) => {
      if (operation !== 'BatchWriteItem' || rounds > 2) return send(input);
      rounds += 1;
      const name = tables.newest();
      const all = (input['RequestItems'] as Record<string, object[]>)[name] ?? [];
      await send({ RequestItems: { [name]: all.slice(0, 1) } });
      return all.length > 1 ? { UnprocessedItems: { [name]: all.slice(1) } } : {};
    };
    await registry.park('hold-1', refs);
    expect(rounds).toBe(3);
    expect((await registry.parked('hold-1')).items).toEqual(refs.toSorted());
  });

  test('keys that stay unprocessed are an error, never missing holdings', async () => {
    trouble = async () => ({
      Responses: {},
      UnprocessedKeys: { [tables.newest()]: { Keys: [keyOf('H#a')], ConsistentRead: true } },
    });
    await expect(registry.holdings([aHoldingRef(2)])).rejects.toMatchObject({
      code: 'REGISTRY_UNPROCESSED',
    });
  });
});

test('a refusal names the operation and DynamoDB’s word for it, and none of its text', async () => {
  const call = dynamoRegistry(tables.call, 'no-such-table');
  const error: unknown = await call.heartbeat().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'ResourceNotFoundException', status: 400 });
  expect(String(error)).toContain('DynamoDB refused GetItem: ResourceNotFoundException');
});

function keyOf(name: string) {
  return { PK: { S: name }, SK: { S: 'H' } };
}
