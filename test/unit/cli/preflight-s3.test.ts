import { PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { checkStores } from '../../../cli/preflight/preflight-stores.ts';
import { s3Error } from '../../conformance/engine/s3-front.ts';
import { bucketLook, denied, OFF, xml } from '../../support/bucket-look.ts';
import { compiled, goodConfig } from '../../support/rules/configuration-text.ts';

const look = bucketLook();

describe('a bucket', () => {
  test('on which nothing is set says only that versions are off, and is only read', async () => {
    expect(await look.found()).toEqual([OFF]);
    expect(look.methods()).toEqual(new Set(['HEAD', 'GET']));
  });

  test.each([
    [
      'Enabled',
      'versioning is enabled: an object is deleted with all its versions, and masking leaves only the masked version',
    ],
    [
      'Suspended',
      'versioning is suspended: an object that is written while it is being deleted may be lost; enable versioning if the bucket is written to all the time',
    ],
  ] as const)('whose versions are %s says what that means', async (Status, message) => {
    const VersioningConfiguration = { Status };
    await look.client.send(new PutBucketVersioningCommand({ Bucket: look.bucket, VersioningConfiguration }));
    expect(await look.said()).toEqual([`note: ${message}`]);
  });

  test('that is not there is said to be missing', async () => {
    expect(await look.said({ HEAD: { status: 404, body: '' } }, { bucket: 'peoples' })).toEqual([
      'fails: bucket peoples not found; correct `options.bucket`',
    ]);
  });

  test.each([200, 301, 400, 403])('in another region says which, also with status %i', async (status) => {
    const HEAD = { status, body: '', headers: { 'x-amz-bucket-region': 'us-east-1' } };
    expect(await look.said({ HEAD, versioning: denied })).toEqual([
      'fails: the bucket is in us-east-1, but the configuration declares eu-central-1; correct `region`',
    ]);
  });

  test('in another region is wrong, also when the answer does not name the region', async () => {
    const versioning = s3Error('PermanentRedirect', 'secret', 301);
    expect(await look.said({ HEAD: { status: 301, body: '' }, versioning })).toEqual([
      `fails: the bucket ${look.bucket} is not in eu-central-1; correct \`region\``,
    ]);
  });

  test('of another account says so', async () => {
    expect(await look.said({}, { owner: '444455556666' })).toEqual([
      'fails: the bucket does not belong to the account 444455556666; correct `options.owner`',
    ]);
  });

  test('whose owner is not declared advises to declare it', async () => {
    expect(await look.said({}, { owner: undefined })).toEqual([
      "note: set `options.owner` to the bucket's account: without it, a bucket with the same name in another account would look empty",
    ]);
  });

  test('that may not be read is unknown, with the permission that is missing', async () => {
    const HEAD = { status: 403, body: '', headers: { 'x-amz-bucket-region': 'eu-central-1' } };
    expect(await look.said({ HEAD, versioning: denied })).toEqual([
      `unknown: the bucket ${look.bucket} could not be read (AccessDenied); allow s3:GetBucketVersioning, or check that it belongs to the account 111122223333`,
    ]);
    expect(await look.said({ HEAD, versioning: denied }, { owner: undefined })).toEqual([
      `unknown: the bucket ${look.bucket} could not be read (AccessDenied); this check needs s3:GetBucketVersioning`,
    ]);
    expect(await look.said({ versioning: s3Error('ExpiredToken', 'secret', 400) })).toEqual([
      `unknown: the bucket ${look.bucket} could not be read (ExpiredToken); this check needs s3:GetBucketVersioning`,
    ]);
  });

  test('that cannot be reached is unknown', async () => {
    const connection = { ...look.connection(), endpoint: 'http://127.0.0.1:1' };
    expect(await look.said({}, {}, { connection })).toEqual([
      'unknown: S3 could not be reached from here (ECONNREFUSED); run preflight from a network with access to it',
    ]);
  });

  test('with MFA delete cannot be a store', async () => {
    const versioning = xml(
      '<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>',
    );
    expect(await look.said({ versioning })).toEqual([
      'note: versioning is enabled: an object is deleted with all its versions, and masking leaves only the masked version',
      "fails: MFA delete is enabled, so the lane cannot delete versions; disable it as the account's root user",
    ]);
  });

  test('whose settings may not be read says which, and with which permission they may', async () => {
    const settings = {
      'object-lock': denied,
      encryption: denied,
      replication: denied,
      lifecycle: denied,
    };
    const lines = (severity: string) => [
      'note: the Object Lock settings could not be read (AccessDenied); this check needs s3:GetBucketObjectLockConfiguration',
      `${severity}: the encryption settings could not be read (AccessDenied); this check needs s3:GetEncryptionConfiguration`,
      'note: the replication settings could not be read (AccessDenied); this check needs s3:GetReplicationConfiguration',
      'note: the lifecycle rules could not be read (AccessDenied); this check needs s3:GetLifecycleConfiguration',
    ];
    expect(await look.said(settings)).toEqual(lines('note'));
    expect(await look.said(settings, {}, { masked: ['mail'] })).toEqual(lines('unknown'));
  });
});

test('a look at all stores looks at buckets', async () => {
  expect(await look.found()).toEqual([OFF]);
  const configuration = { ...compiled(goodConfig()), stores: { people: look.store() } };
  const findings = await checkStores(configuration, () => ({ connection: look.connection() }));
  expect(findings.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([OFF]);
});

test('a dataset in a bucket says that its objects are listed, and what does not reach them', async () => {
  const dataset = {
    category: 'logs',
    producer: 'crm',
    clock: { 'record.created': { column: 'LastModified' } },
    by: 'record.created',
  };
  const entities = { account: 'users/{id}/' };
  const listed = (which: string) =>
    `note: the dataset logs: each day ${which} listed, with two requests for each 1,000; an object that is copied or restored begins again`;
  expect(await look.said({}, {}, { datasets: [{ ...dataset, where: { prefix: 'logs/' } }] })).toEqual([
    listed('all objects below logs/ are'),
  ]);
  expect(await look.said({}, {}, { datasets: [{ ...dataset, entities }] })).toEqual([
    listed('all objects of the store are'),
    expect.stringMatching(/^note: the dataset logs: what a person asks for does not reach its rows/),
  ]);
});
