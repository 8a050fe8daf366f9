import { describe, expect, test } from 'vitest';
import retention from '../../retention.config.ts';
import { queueSettings } from '../../shared/domain/configuration/queue-settings.ts';
import { bundlePath } from '../../shared/domain/log/tiles.ts';
import { bundleKey } from '../../shared/protocol/log/bundle.ts';
import { listsObject } from '../../shared/protocol/log/page-lists.ts';
import { DEFAULT_TIMING } from '../../shared/domain/configuration/configuration.ts';
import { ofType, statementsOf, statementsOfRole, synthesized } from '../support/house/synthesized.ts';

const { service } = synthesized();
const inOrder = (a: unknown, b: unknown): number => String(a).localeCompare(String(b));

describe('a lane', () => {
  const role = (store: string): RegExp => new RegExp(`Lane${store.replaceAll('-', '')}DisposeRole`);
  const stores = Object.keys(retention.stores);
  const text = (value: unknown): string => JSON.stringify(value);

  test('reaches its own store, and no other', () => {
    const reach = stores.map((store) =>
      statementsOfRole(service, role(store))
        .filter(({ Sid }) => Sid === 'Store' || Sid === 'Login')
        .map(({ Action, Resource }) => ({ Action, Resource })),
    );
    expect(Object.fromEntries(stores.map((store, index) => [store, reach[index]]))).toEqual({
      usage: [
        {
          Action: [
            'dynamodb:BatchGetItem',
            'dynamodb:BatchWriteItem',
            'dynamodb:DeleteItem',
            'dynamodb:DescribeContinuousBackups',
            'dynamodb:DescribeTable',
            'dynamodb:UpdateItem',
          ],
          Resource: ['arn:aws:dynamodb:eu-central-1:111122223333:table/usage'],
        },
      ],
      contacts: [
        {
          Action: ['rds-db:connect'],
          Resource: [
            'arn:aws:rds-db:eu-central-1:111122223333:dbuser:cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ/tenure',
          ],
        },
      ],
      invoices: [
        {
          Action: ['secretsmanager:GetSecretValue'],
          Resource: ['arn:aws:secretsmanager:eu-central-1:111122223333:secret:billing/tenure-AbCdEf'],
        },
      ],
      // A vendor is reached without AWS: only its secret is read.
      mailings: [
        {
          Action: ['secretsmanager:GetSecretValue'],
          Resource: ['arn:aws:secretsmanager:eu-central-1:111122223333:secret:mailings/tenure-AbCdEf'],
        },
      ],
      'invoice-files': [
        {
          Action: [
            's3:AbortMultipartUpload',
            's3:DeleteObject',
            's3:DeleteObjectVersion',
            's3:GetBucketVersioning',
            's3:GetObject',
            's3:GetObjectLegalHold',
            's3:GetObjectRetention',
            's3:GetObjectTagging',
            's3:GetObjectVersion',
            's3:GetObjectVersionTagging',
            's3:GetReplicationConfiguration',
            's3:ListBucketMultipartUploads',
            's3:ListBucketVersions',
            's3:PutObject',
            's3:PutObjectTagging',
            // It may restrict objects.
            's3:PutObjectVersionTagging',
          ],
          Resource: ['arn:aws:s3:::invoices-of-the-agency', 'arn:aws:s3:::invoices-of-the-agency/invoices/*'],
        },
      ],
    });
  });

  test.for(stores)('%s: its role has the tag that policies of buckets except', (store) => {
    const roles = ofType(service, 'AWS::IAM::Role').filter(({ id }) => role(store).test(id));
    expect(roles.map(({ Properties }) => Properties['Tags'])).toEqual([
      expect.arrayContaining([{ Key: 'deployment', Value: retention.deployment.name }]),
    ]);
  });

  test.for(stores)('%s: everything else that its role may do is Tenure’s own', (store) => {
    const others = stores.filter((other) => other !== store);
    for (const { Sid, Resource, Action } of statementsOfRole(service, role(store))) {
      if (Sid === 'Store' || Sid === 'Login' || Sid === 'Network') continue;
      expect(
        Resource.every((resource) => /Fn::|"Ref"/.test(text(resource))),
        text(Action),
      ).toBe(true);
      for (const other of others) expect(text(Resource)).not.toContain(`Lane${other}`);
    }
  });

  test.for(stores)('%s: opens data keys of its own store only, and makes none for locators', (store) => {
    const keys = statementsOfRole(service, role(store))
      .filter(({ Condition }) => Condition?.['StringEqualsIfExists'] !== undefined)
      .map(({ Action, Condition }) => ({ Action, ...Condition?.['StringEqualsIfExists'] }));
    const context = (family: string, scope?: string) => ({
      'kms:EncryptionContext:tenure': family,
      ...(scope === undefined ? {} : { 'kms:EncryptionContext:scope': [scope] }),
    });
    expect(keys).toEqual([
      { Action: ['kms:Decrypt'], ...context('seal', store) },
      { Action: ['kms:Decrypt', 'kms:GenerateDataKey'], ...context('pseudonym', store) },
      { Action: ['kms:Decrypt', 'kms:GenerateDataKey'], ...context('log') },
    ]);
  });

  test('of a vendor only decrypts with the key of its secret', () => {
    const key = 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000';
    const { usage, mailings } = retention.stores;
    if (!usage || !mailings) throw new Error('the example has these stores');
    const stores = {
      ...retention.stores,
      usage: { ...usage, lane: { key } },
      mailings: { ...mailings, lane: { key } },
    };
    const made = synthesized({ ...retention, stores }).service;
    const actions = (store: string) =>
      statementsOfRole(made, role(store))
        .filter(({ Resource }) => Resource.includes(key))
        .map(({ Action }) => Action);
    expect(actions('mailings')).toEqual([['kms:Decrypt']]);
    expect(actions('usage')).toEqual([['kms:Decrypt', 'kms:GenerateDataKey']]);
  });

  test('uses the key only through a service, or for data keys', () => {
    const direct = statementsOf(service).filter(
      ({ Action, Condition }) =>
        Action.some((action) => action.startsWith('kms:')) &&
        // The key that signs is another one, and has no data keys.
        !Action.includes('kms:GetPublicKey') &&
        Condition?.['StringEquals']?.['kms:ViaService'] === undefined,
    );
    for (const { Condition } of direct) {
      expect(Condition?.['StringEqualsIfExists']?.['kms:EncryptionContext:tenure']).toBeTypeOf('string');
      expect(Condition?.['ForAllValues:StringEquals']).toEqual({
        'kms:EncryptionContextKeys': ['tenure', 'scope'],
      });
    }
    expect(direct.length).toBeGreaterThan(8);
  });

  test('neither deletes the table, nor reads it as a whole, nor deletes from the log', () => {
    for (const store of stores) {
      // What it may do in its store is tested above, resource by resource.
      const actions = statementsOfRole(service, role(store))
        .filter(({ Sid }) => Sid !== 'Store')
        .flatMap(({ Action }) => Action);
      for (const forbidden of [
        'dynamodb:DeleteTable',
        'dynamodb:Scan',
        's3:DeleteObject',
        's3:DeleteObjectVersion',
      ])
        expect(actions).not.toContain(forbidden);
    }
  });

  test('writes the table by the actions that its requests are judged by, PartiQL’s own among them', () => {
    for (const store of stores) {
      const actions = statementsOfRole(service, role(store))
        .filter(
          ({ Sid, Action }) => Sid !== 'Store' && Action.some((action) => action.startsWith('dynamodb:')),
        )
        .flatMap(({ Action }) => Action);
      expect([...new Set(actions)].toSorted(inOrder)).toEqual([
        'dynamodb:BatchGetItem',
        'dynamodb:BatchWriteItem',
        'dynamodb:DeleteItem',
        'dynamodb:GetItem',
        'dynamodb:PartiQLInsert',
        'dynamodb:PartiQLUpdate',
        'dynamodb:PutItem',
        'dynamodb:Query',
      ]);
    }
  });

  test('has no part in the bucket of the log: only seal writes it, where its entries lie, and only the api reads it', () => {
    const onObjects = statementsOf(service).filter(
      ({ Action, Sid }) => Sid !== 'Store' && Action.some((action) => action.startsWith('s3:')),
    );
    // test/infra/buckets/exports.test.ts says who does what there.
    const onLog = onObjects.filter(({ Resource }) => !/"[^"]*Exports[^"]*"/.test(text(Resource)));
    expect(onObjects.length - onLog.length).toBe(stores.length + 4);
    const grants = onLog.filter(({ where }) => !where.startsWith('Api'));
    const ofApi = onLog.filter((one) => !grants.includes(one));
    expect(ofApi.map(({ Action, Resource }) => [Action, Resource.length])).toEqual([
      [['s3:GetObject'], 3],
      [['s3:ListBucket'], 1],
    ]);
    expect(text(ofApi[0]?.Resource)).toContain('"/checkpoint"');
    expect(text(ofApi[0]?.Resource)).toContain('"/minimum-index"');
    expect(text(ofApi[0]?.Resource)).toContain('"/tile/*"');
    expect(grants.every(({ where }) => where.startsWith('Seal'))).toBe(true);
    expect(grants.map(({ Action, Resource }) => [Action, Resource.length])).toEqual([
      [['s3:GetObjectVersion', 's3:PutObject'], 5],
      [['s3:ListBucketVersions'], 1],
    ]);
    expect(text(grants[0]?.Resource)).toContain('"/checkpoint"');
    expect(text(grants[1])).toContain('"checkpoint"');
    for (const key of [bundleKey(0), listsObject(0, []).key, bundlePath({ index: 0, width: 256 })]) {
      const [folder = ''] = key.split('/');
      expect(text(grants[0]?.Resource)).toMatch(new RegExp(`"/${folder}/\\*"`));
      expect(text(grants[1])).toContain(`"${folder}/*"`);
    }
  });

  test('rings its own bell, and no other lane’s', () => {
    for (const store of stores) {
      const id = `Lane${store.replaceAll('-', '')}`;
      const [worker] = ofType(service, 'AWS::Lambda::Function').filter((one) =>
        one.id.startsWith(`${id}Dispose`),
      );
      const environment = worker?.Properties['Environment'] as
        | { Variables?: Record<string, unknown> }
        | undefined;
      const url = environment?.Variables?.['LANE_QUEUE_URL'];
      expect(text(url)).toMatch(new RegExp(`^\\{"Ref":"${id}ChunksQueue`));
      const sends = statementsOfRole(service, role(store)).filter(({ Action }) =>
        Action.includes('sqs:SendMessage'),
      );
      const targets = text(sends.map(({ Resource }) => Resource));
      expect(targets).toContain(`"${id}ChunksQueue`);
      for (const other of stores.filter((each) => each !== store))
        expect(targets).not.toContain(`"Lane${other.replaceAll('-', '')}ChunksQueue`);
    }
  });

  test('hides a bell for longer than a lease that begins late, on any clock, and is alone in the network that its settings name', () => {
    service.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { LANE: 'contacts', DATABASE_LOGIN: 'iam' } },
      VpcConfig: { SubnetIds: ['subnet-0123456789abcdef0'], SecurityGroupIds: ['sg-0123456789abcdef0'] },
      ReservedConcurrentExecutions: 2,
      Timeout: DEFAULT_TIMING.functionTimeout,
    });
    const { lane } = queueSettings(DEFAULT_TIMING);
    const { functionTimeout, lease, clockTolerance } = DEFAULT_TIMING;
    expect(lane.visibilitySeconds).toBeGreaterThanOrEqual(functionTimeout + lease + 2 * clockTolerance);
    const inNetwork = ofType(service, 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties['VpcConfig'] !== undefined,
    );
    expect(inNetwork.map(({ id }) => id.replace(/Dispose.*/, '')).toSorted(inOrder)).toEqual([
      'Lanecontacts',
      'Laneinvoices',
    ]);
    for (const { Properties } of ofType(service, 'AWS::SQS::Queue').filter(({ id }) =>
      /^Lane.*ChunksQueue/.test(id),
    ))
      expect(Properties['VisibilityTimeout']).toBe(lane.visibilitySeconds);
  });
});
