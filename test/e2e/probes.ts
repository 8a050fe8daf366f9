import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT, run } from './command.ts';
import type { ProbeCall } from './probe-handler.ts';
import type { LaneName } from './records.ts';
import type { Scoreboard } from './scoreboard.ts';
import { exportsBucketOf, MEMBERS_TABLE, PICTURES_BUCKET, type World } from './world.ts';

const DENIED = ['AccessDenied', 'AccessDeniedException'];

/** What each lane's role may do in its own store, and what it attempts in other stores. */
function ownCall(lane: LaneName, { ordersLogin }: World): ProbeCall {
  switch (lane) {
    case 'members': {
      const RequestItems = { [MEMBERS_TABLE]: { Keys: [{ member: { S: 'nobody' } }] } };
      return { service: 'dynamodb', command: 'BatchGetItem', input: { RequestItems } };
    }
    case 'orders':
      return { service: 'secrets', command: 'GetSecretValue', input: { SecretId: ordersLogin } };
    case 'pictures':
      return { service: 's3', command: 'ListObjectVersions', input: { Bucket: PICTURES_BUCKET, MaxKeys: 1 } };
  }
}

/** A function with each lane's role attempts what only another lane, or no lane, is allowed to do. */
export async function probeRoles(world: World, board: Scoreboard, lanes: readonly LaneName[]): Promise<void> {
  const { owner } = world;
  const zip = await probeZip();
  const functions = await owner.functions();
  for (const lane of lanes) {
    await board.scenario(`the role of lane ${lane} reaches its own store and nothing else`, async () => {
      const found = functions.find(({ Environment }) => Environment?.Variables?.['LANE'] === lane);
      if (found === undefined) throw new Error(`there is no function of lane ${lane}`);
      const name = `probe-${lane}`;
      await owner.createFunction(name, found.Role, zip);
      try {
        const forbidden = forbiddenCalls(world, lane, lanes);
        const calls = [ownCall(lane, world), ...forbidden.map(({ call }) => call)];
        const answers = (await owner.invoke(name, { calls })) as readonly string[];
        if (answers[0] !== 'done') throw new Error(`its own store answered ${answers[0]}`);
        for (const [index, { attempt }] of forbidden.entries()) {
          board.refused(`the role of lane ${lane} ${attempt}`, answers[index + 1] ?? 'nothing', DENIED);
        }
        return `1 call done, ${forbidden.length} denied`;
      } finally {
        await owner.deleteFunction(name);
      }
    });
  }
}

function forbiddenCalls(
  world: World,
  lane: LaneName,
  lanes: readonly LaneName[],
): readonly { readonly attempt: string; readonly call: ProbeCall }[] {
  const { registryTable: TableName, logBucket: Bucket } = world;
  const Key = 'entries/any';
  const others = lanes.filter((other) => other !== lane);
  const PK = { S: 'H#any' };
  const item = (command: 'GetItem' | 'DeleteItem', partition: string): ProbeCall => ({
    service: 'dynamodb',
    command,
    input: { TableName, Key: { PK: { S: partition }, SK: { S: 'any' } } },
  });
  const put = (partition: string): ProbeCall => ({
    service: 'dynamodb',
    command: 'PutItem',
    input: { TableName, Item: { PK: { S: partition }, SK: { S: 'any' } } },
  });
  return [
    ...others.map((other) => ({ attempt: `reads the store ${other}`, call: ownCall(other, world) })),
    {
      attempt: 'writes into the log',
      call: { service: 's3', command: 'PutObject', input: { Bucket, Key, Body: '{}', IfNoneMatch: '*' } },
    },
    {
      attempt: 'reads the log',
      call: { service: 's3', command: 'GetObject', input: { Bucket, Key } },
    },
    {
      attempt: 'lists the log',
      call: { service: 's3', command: 'ListObjectsV2', input: { Bucket, MaxKeys: 1 } },
    },
    {
      attempt: 'deletes from the log',
      call: { service: 's3', command: 'DeleteObject', input: { Bucket, Key } },
    },
    {
      attempt: 'deletes a version of the log',
      call: { service: 's3', command: 'DeleteObject', input: { Bucket, Key, VersionId: 'null' } },
    },
    {
      attempt: "switches the log's versions off",
      call: {
        service: 's3',
        command: 'PutBucketVersioning',
        input: { Bucket, VersioningConfiguration: { Status: 'Suspended' } },
      },
    },
    ...forbiddenInExports(exportsBucketOf(world), lane, others),
    {
      attempt: 'deletes the table',
      call: { service: 'dynamodb', command: 'DeleteTable', input: { TableName } },
    },
    ...others.flatMap((other) => [
      { attempt: `reads a chunk of ${other}`, call: item('GetItem', `K#${other}`) },
      { attempt: `deletes a work record of ${other}`, call: item('DeleteItem', `W#${other}`) },
      { attempt: `reads the data keys of ${other}`, call: item('GetItem', `D#seal/${other}/2026-03-01`) },
    ]),
    { attempt: 'deletes a data key of its own', call: item('DeleteItem', `D#seal/${lane}/2026-03-01`) },
    { attempt: 'lifts a hold', call: item('DeleteItem', 'L#all') },
    { attempt: 'reports a heartbeat', call: put('M#heartbeat') },
    { attempt: 'moves a cursor', call: put('S#0') },
    { attempt: 'writes the order of the log', call: put('M#log') },
    {
      attempt: 'puts a result into the index of the log',
      call: statement(`INSERT INTO "${TableName}" VALUE {'PK': 'I#2026-03-01', 'SK': 'any'}`),
    },
    {
      attempt: 'deletes from the table with a statement',
      call: statement(`DELETE FROM "${TableName}" WHERE "PK"='H#any' AND "SK"='H'`),
    },
    {
      attempt: 'reads the table with a statement',
      call: statement(`SELECT * FROM "${TableName}" WHERE "PK"='H#any' AND "SK"='H'`),
    },
    {
      attempt: 'scans the table',
      call: {
        service: 'dynamodb',
        command: 'Scan',
        input: { TableName, Limit: 1, FilterExpression: 'PK = :p', ExpressionAttributeValues: { ':p': PK } },
      },
    },
  ];
}

/** It only writes pieces of its own store's records. What it has written it cannot read. */
function forbiddenInExports(
  Bucket: string,
  lane: LaneName,
  others: readonly LaneName[],
): ReturnType<typeof forbiddenCalls> {
  const object = (command: string, Key: string): ProbeCall => ({
    service: 's3',
    command,
    input: { Bucket, Key, ...(command === 'PutObject' ? { Body: '{}' } : {}) },
  });
  return [
    { attempt: 'reads a piece of its own for copies', call: object('GetObject', `pieces/${lane}/any`) },
    { attempt: 'deletes a piece of its own', call: object('DeleteObject', `pieces/${lane}/any`) },
    { attempt: 'reads a copy for a person', call: object('GetObject', 'archives/any.tar') },
    { attempt: 'writes a copy for a person', call: object('PutObject', 'archives/any.tar') },
    {
      attempt: 'lists the copies',
      call: { service: 's3', command: 'ListObjectsV2', input: { Bucket, MaxKeys: 1 } },
    },
    ...others.map((other) => ({
      attempt: `writes a piece of ${other}`,
      call: object('PutObject', `pieces/${other}/any`),
    })),
  ];
}

function statement(Statement: string): ProbeCall {
  return { service: 'dynamodb', command: 'BatchExecuteStatement', input: { Statements: [{ Statement }] } };
}

async function probeZip(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'tenure-probe-'));
  try {
    const file = join(folder, 'index.mjs');
    await build({
      entryPoints: [join(ROOT, 'test/e2e/probe-handler.ts')],
      outfile: file,
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      mainFields: ['module', 'main'],
      banner: { js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);" },
      logLevel: 'error',
    });
    const zip = join(folder, 'probe.zip');
    await run('python3', ['-m', 'zipfile', '-c', zip, file]);
    return await readFile(zip);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
