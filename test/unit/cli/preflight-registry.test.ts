import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { checkAdopted } from '../../../cli/preflight/preflight-registry.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const SOURCE = 'arn:aws:dynamodb:eu-central-1:111122223333:table/registry';
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/one';
const OTHER = 'arn:aws:kms:eu-central-1:111122223333:key/two';
const FORMER = { TableName: 'registry', SSEDescription: { KMSMasterKeyArn: KEY } };
const RESTORED = {
  TableName: 'restored',
  TableArn: `${SOURCE}-restored`,
  TableStatus: 'ACTIVE',
  KeySchema: [
    { AttributeName: 'SK', KeyType: 'RANGE' },
    { AttributeName: 'PK', KeyType: 'HASH' },
  ],
  SSEDescription: { KMSMasterKeyArn: KEY },
  DeletionProtectionEnabled: true,
  RestoreSummary: { SourceTableArn: SOURCE, RestoreDateTime: 1_772_533_800, RestoreInProgress: false },
};

/** DynamoDB with these tables, by the name or ARN with which they are asked for. */
async function dynamodb(tables: Readonly<Record<string, object>>, recovery = 'ENABLED') {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { TableName } = JSON.parse(Buffer.concat(parts).toString()) as { TableName: string };
      const target = String(request.headers['x-amz-target']).split('.')[1];
      const table = tables[TableName];
      const answer =
        target === 'DescribeTable'
          ? { Table: table }
          : {
              ContinuousBackupsDescription: {
                ContinuousBackupsStatus: 'ENABLED',
                PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: recovery },
              },
            };
      const missing = { __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException' };
      response.writeHead(table === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(table === undefined ? missing : answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => server.close());
  return placeAt((server.address() as AddressInfo).port);
}

function placeAt(port: number) {
  const credentials = async () => ({ accessKeyId: 'any', secretAccessKey: 'any' });
  return { region: 'eu-central-1', credentials, endpoint: `http://127.0.0.1:${port}` };
}

async function findings(restored: object, former: object | undefined = FORMER, recovery?: string) {
  const tables = { restored, ...(former === undefined ? {} : { [SOURCE]: former }) };
  const found = await checkAdopted('restored', await dynamodb(tables, recovery));
  return found.map(({ severity, where, message }) => `${severity} ${where}: ${message}`);
}

describe('the table that a deployment adopts', () => {
  test('is not asked for if there is none', async () => {
    expect(await checkAdopted(undefined, placeAt(1))).toEqual([]);
  });

  test('that is ready, with the key of its source, has nothing to say', async () => {
    expect(await findings(RESTORED)).toEqual([]);
  });

  test('that is not there is said to be missing', async () => {
    const found = await checkAdopted('restored', await dynamodb({}));
    expect(found).toEqual([
      {
        severity: 'fails',
        where: 'registry',
        message: 'table restored not found in eu-central-1; correct `deployment.registry.adopt`',
      },
    ]);
  });

  test.each([
    ['is being created', { TableStatus: 'CREATING' }, 'CREATING'],
    [
      'is being restored',
      { RestoreSummary: { ...RESTORED.RestoreSummary, RestoreInProgress: true } },
      'ACTIVE',
    ],
  ])('that %s has to be waited for', async (_, part, status) => {
    expect(await findings({ ...RESTORED, ...part })).toEqual([
      `fails registry: table restored is ${status}, and its restore has not ended; wait until it is ACTIVE`,
    ]);
  });

  test('with other key attributes is not the table of a registry', async () => {
    const KeySchema = [{ AttributeName: 'id', KeyType: 'HASH' }];
    expect(await findings({ ...RESTORED, KeySchema })).toEqual([
      'fails registry: the key of table restored is id HASH, not PK HASH, SK RANGE; name the table of a registry',
    ]);
  });

  test.each([
    ['was not restored', {}],
    [
      'is the registry itself',
      { RestoreSummary: { ...RESTORED.RestoreSummary, SourceTableArn: RESTORED.TableArn } },
    ],
  ])('that %s is said to be one that should not be adopted', async (_, part) => {
    const { RestoreSummary: _summary, ...own } = RESTORED;
    expect(await findings({ ...own, ...part })).toEqual([
      'unknown registry: table restored does not say from which table it was restored; adopt only a table that DynamoDB restored from the registry, never the registry itself',
    ]);
  });

  test.each([
    ['another key', { KMSMasterKeyArn: OTHER }, OTHER],
    ['no key of the account', undefined, 'a key that AWS owns'],
  ])('that is encrypted with %s would deny every function', async (_, SSEDescription, named) => {
    expect(await findings({ ...RESTORED, SSEDescription })).toEqual([
      `fails registry: table restored is encrypted with ${named}, but the table that it was restored from with ${KEY}, so every function would be denied access; restore it again with that key`,
    ]);
  });

  test('whose source is deleted cannot be compared', async () => {
    const found = await checkAdopted('restored', await dynamodb({ restored: RESTORED }));
    expect(found.map(({ severity }) => severity)).toEqual(['unknown']);
    expect(found[0]?.message).toContain(`make sure that ${KEY} is the key of the deployment`);
  });

  test('may be without protection until it is adopted', async () => {
    expect(await findings({ ...RESTORED, DeletionProtectionEnabled: false }, FORMER, 'DISABLED')).toEqual([
      'note registry: table restored is without point-in-time recovery and deletion protection until the deployment switches it on',
    ]);
  });

  test('that cannot be read is not known', async () => {
    const [found] = await checkAdopted('restored', placeAt(1));
    expect(found).toMatchObject({ severity: 'unknown', where: 'registry' });
    expect(found?.message).toContain('this check needs dynamodb:DescribeTable');
  });
});
