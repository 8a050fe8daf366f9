import { describe, expect, test } from 'vitest';
import retention from '../../../retention.config.ts';
import {
  ofType,
  ownFunctions,
  statementsOf,
  statementsOfRole,
  synthesized,
} from '../../support/house/synthesized.ts';

const { state, service } = synthesized();
const stores = Object.keys(retention.stores);

interface Rule {
  readonly Id: string;
  readonly Prefix?: string;
  readonly ExpirationInDays?: number;
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number };
}

function bucketOf(template: typeof state) {
  const found = ofType(template, 'AWS::S3::Bucket').find(({ id }) => id === 'Exports');
  if (found === undefined) throw new Error('there is no bucket of exports');
  return found.Properties;
}

function rulesOf(template: typeof state): readonly Rule[] {
  return (bucketOf(template)['LifecycleConfiguration'] as { readonly Rules: readonly Rule[] }).Rules;
}

describe('the bucket of exports', () => {
  test('is encrypted with the deployment’s key, closed to the public, and has no versions', () => {
    expect(bucketOf(state)).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: {
              SSEAlgorithm: 'aws:kms',
              KMSMasterKeyID: { 'Fn::GetAtt': ['TenureKey', 'Arn'] },
            },
          },
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(bucketOf(state)).not.toHaveProperty('VersioningConfiguration');
    const denied = statementsOf(state).filter(({ where }) => where.startsWith('ExportsBucketPolicy'));
    expect(
      denied.map(({ Effect, Principal, Action, Condition }) => ({ Effect, Principal, Action, Condition })),
    ).toEqual(
      [{ Bool: { 'aws:SecureTransport': 'false' } }, { NumericLessThan: { 's3:TlsVersion': 1.2 } }].map(
        (Condition) => ({ Effect: 'Deny', Principal: { AWS: '*' }, Action: ['s3:*'], Condition }),
      ),
    );
  });

  test.for([
    [undefined, 9],
    [1, 3],
    [30, 32],
  ] as const)(
    'deletes everything by itself: an archive with exportDays %s after %d days',
    ([exportDays, days]) => {
      const config = exportDays === undefined ? retention : { ...retention, requests: { exportDays } };
      const rules = rulesOf(exportDays === undefined ? state : synthesized(config).state);
      expect(rules).toEqual([
        { Id: 'Pieces', Status: 'Enabled', Prefix: 'pieces/', ExpirationInDays: 2 },
        { Id: 'Archives', Status: 'Enabled', Prefix: 'archives/', ExpirationInDays: days },
        { Id: 'Uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
      ]);
    },
  );

  test('is named in the outputs, and known to lanes, sweep and api only', () => {
    state.hasOutput('ExportsBucket', {});
    const knowing = ownFunctions(service).filter(({ Properties }) => {
      const { Variables } = Properties['Environment'] as { readonly Variables: Record<string, unknown> };
      return 'EXPORTS_BUCKET' in Variables;
    });
    expect(knowing.map(({ id }) => id.replace(/(Dispose)?Function.*$/, '')).toSorted()).toEqual(
      ['Api', ...stores.map((store) => `Lane${store.replaceAll('-', '')}`), 'Sweep'].toSorted(),
    );
  });
});

/** What a role may do in the bucket, whose name is known only after the deployment. */
function inBucket(role: RegExp): unknown[] {
  return statementsOfRole(service, role)
    .map(({ Action, Resource, Condition }) => ({ Action, Condition, on: JSON.stringify(Resource) }))
    .filter(({ on }) => /"[^"]*Exports[^"]*"/.test(on))
    .map(({ Action, Condition, on }) => [/"(\/[^"]*)"/.exec(on)?.[1] ?? 'the bucket', Action, Condition]);
}

/** What a role may have the key do for objects. */
function throughS3(role: RegExp): unknown[] {
  return statementsOfRole(service, role)
    .filter(({ Condition }) => JSON.stringify(Condition ?? {}).includes('"s3.eu-central-1.'))
    .map(({ Action }) => Action);
}

describe('in the bucket of exports', () => {
  test.for(stores)('the lane of %s writes pieces of its own store, and reads nothing', (store) => {
    const role = new RegExp(`Lane${store.replaceAll('-', '')}DisposeRole`);
    expect(inBucket(role)).toEqual([[`/pieces/${store}/*`, ['s3:PutObject'], undefined]]);
    expect(throughS3(role)).toEqual([['kms:GenerateDataKey']]);
  });

  test('the sweep reads pieces and makes archives, and writes no piece', () => {
    expect(inBucket(/SweepRole/)).toEqual([
      ['/pieces/*', ['s3:GetObject'], undefined],
      ['/archives/*', ['s3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'], undefined],
      ['the bucket', ['s3:ListBucket'], undefined],
    ]);
    expect(throughS3(/SweepRole/)).toEqual([['kms:Decrypt', 'kms:GenerateDataKey']]);
  });

  test('the api reads archives, and writes nothing', () => {
    expect(inBucket(/ApiRole/)).toEqual([['/archives/*', ['s3:GetObject'], undefined]]);
    expect(throughS3(/ApiRole/)).toEqual([['kms:Decrypt']]);
  });

  test.for(['Ingest', 'Seal'])('%s may do nothing', (name) => {
    const role = new RegExp(`${name}\\w*Role`);
    expect(statementsOfRole(service, role).length).toBeGreaterThan(0);
    expect(inBucket(role)).toEqual([]);
  });
});
