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
    ['Enabled', 'versions are enabled: an object is deleted with all its versions, and masked down to one'],
    [
      'Suspended',
      'versions are suspended: an object that is written while it is deleted may go, too; enable versions if the bucket is written all the time',
    ],
  ] as const)('whose versions are %s says what that means', async (Status, message) => {
    const VersioningConfiguration = { Status };
    await look.client.send(new PutBucketVersioningCommand({ Bucket: look.bucket, VersioningConfiguration }));
    expect(await look.said()).toEqual([`note: ${message}`]);
  });

  test('that is not there is said to be missing', async () => {
    expect(await look.said({ HEAD: { status: 404, body: '' } }, { bucket: 'peoples' })).toEqual([
      'fails: there is no bucket peoples; correct `options.bucket`',
    ]);
  });

  test.each([200, 301, 400, 403])('in another region says which, also with status %i', async (status) => {
    const HEAD = { status, body: '', headers: { 'x-amz-bucket-region': 'us-east-1' } };
    expect(await look.said({ HEAD, versioning: denied })).toEqual([
      'fails: the bucket lies in us-east-1, declared is eu-central-1; correct `region`',
    ]);
  });

  test('in another region that nobody names is wrong all the same', async () => {
    const versioning = s3Error('PermanentRedirect', 'secret', 301);
    expect(await look.said({ HEAD: { status: 301, body: '' }, versioning })).toEqual([
      `fails: the bucket ${look.bucket} does not lie in eu-central-1; correct \`region\``,
    ]);
  });

  test('of another account says so', async () => {
    expect(await look.said({}, { owner: '444455556666' })).toEqual([
      'fails: the bucket belongs to another account than 444455556666; correct `options.owner`',
    ]);
  });

  test('whose owner is not declared advises to declare it', async () => {
    expect(await look.said({}, { owner: undefined })).toEqual([
      "note: name the bucket's account in `options.owner`: without it a bucket of that name in another account would look empty",
    ]);
  });

  test('that may not be read is unknown, with the permission that is missing', async () => {
    const HEAD = { status: 403, body: '', headers: { 'x-amz-bucket-region': 'eu-central-1' } };
    expect(await look.said({ HEAD, versioning: denied })).toEqual([
      `unknown: the bucket ${look.bucket} could not be read: AccessDenied (s3:GetBucketVersioning), or it is not of the account 111122223333`,
    ]);
    expect(await look.said({ HEAD, versioning: denied }, { owner: undefined })).toEqual([
      `unknown: the bucket ${look.bucket} could not be read: AccessDenied (s3:GetBucketVersioning)`,
    ]);
    expect(await look.said({ versioning: s3Error('ExpiredToken', 'secret', 400) })).toEqual([
      `unknown: the bucket ${look.bucket} could not be read: ExpiredToken (s3:GetBucketVersioning)`,
    ]);
  });

  test('behind a closed door is unknown', async () => {
    const connection = { ...look.connection(), endpoint: 'http://127.0.0.1:1' };
    expect(await look.said({}, {}, { connection })).toEqual([
      "unknown: S3 could not be asked from here (ECONNREFUSED); run this where the lane's network lets you",
    ]);
  });

  test('with MFA delete cannot be a store', async () => {
    const versioning = xml(
      '<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>',
    );
    expect(await look.said({ versioning })).toEqual([
      'note: versions are enabled: an object is deleted with all its versions, and masked down to one',
      "fails: MFA delete is enabled: no program can delete a version; the account's root user has to disable it",
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
      'note: whether new versions are locked could not be read: AccessDenied (s3:GetBucketObjectLockConfiguration)',
      `${severity}: which key encrypts the bucket could not be read: AccessDenied (s3:GetEncryptionConfiguration)`,
      'note: whether objects are replicated could not be read: AccessDenied (s3:GetReplicationConfiguration)',
      'note: lifecycle rules could not be read: AccessDenied (s3:GetLifecycleConfiguration)',
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
