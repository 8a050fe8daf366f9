import { describe, expect, test } from 'vitest';
import { bucketLook, denied, OWNER, xml } from '../../support/bucket-look.ts';

const look = bucketLook();

describe('a lock by default', () => {
  const lock = (retention: string) =>
    xml(
      `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>${retention}</ObjectLockConfiguration>`,
    );
  const rule = (retention: string) => lock(`<Rule><DefaultRetention>${retention}</DefaultRetention></Rule>`);

  test.each([
    ['<Mode>GOVERNANCE</Mode><Days>30</Days>', '30 days (governance mode)'],
    ['<Mode>COMPLIANCE</Mode><Days>1</Days>', '1 day (compliance mode)'],
    ['<Mode>COMPLIANCE</Mode><Years>7</Years>', '7 years (compliance mode)'],
  ])('of %s says for how long disposals are refused', async (retention, span) => {
    expect(await look.said({ 'object-lock': rule(retention) })).toEqual([
      `note: every new version is locked for ${span}; S3 refuses its disposal until then`,
    ]);
  });

  test('by an event hold says what ends it', async () => {
    const held = rule('<DefaultEventHold><Years>1</Years></DefaultEventHold>');
    expect(await look.said({ 'object-lock': held })).toEqual([
      'note: every new version has an event hold; S3 refuses its disposal until 1 year after the release of the hold',
    ]);
  });

  test('that locks nothing by itself is not mentioned', async () => {
    expect(await look.said({ 'object-lock': lock('') })).toEqual([]);
  });
});

describe('a key of the customer', () => {
  const encrypted = (algorithm: string, key?: string) =>
    xml(
      `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>${algorithm}</SSEAlgorithm>${
        key === undefined ? '' : `<KMSMasterKeyID>${key}</KMSMasterKeyID>`
      }</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`,
    );
  const KEY = `arn:aws:kms:eu-central-1:${OWNER}:key/01234567-89ab-cdef-0123-456789abcdef`;

  test.each(['aws:kms', 'aws:kms:dsse'])('fails a policy that masks under %s', async (algorithm) => {
    const encryption = encrypted(algorithm, KEY);
    expect(await look.said({ encryption }, {}, { masked: ['mail'] })).toEqual([
      'fails: the bucket is encrypted with a customer-managed key; name it in `lane.key`, otherwise masking is denied (kms:Decrypt, kms:GenerateDataKey)',
    ]);
  });

  test('does not matter to deletes, and is noted', async () => {
    expect(await look.said({ encryption: encrypted('aws:kms', KEY) })).toEqual([
      'note: the bucket is encrypted with a customer-managed key, which deleting does not need; name it in `lane.key` before a policy masks objects here',
    ]);
  });

  test('that the lane has is not mentioned', async () => {
    const more = { masked: ['mail'], laneKey: KEY };
    expect(await look.said({ encryption: encrypted('aws:kms', KEY) }, {}, more)).toEqual([]);
    expect((await look.said({ encryption: denied }, {}, more))[0]).toMatch(/^note: the encryption settings/);
  });

  test.each([
    ['AES256', undefined],
    ['aws:kms', undefined],
    ['aws:kms', `arn:aws:kms:eu-central-1:${OWNER}:alias/aws/s3`],
  ])('is not that of S3 (%s, %s)', async (algorithm, key) => {
    expect(await look.said({ encryption: encrypted(algorithm, key) }, {}, { masked: ['mail'] })).toEqual([]);
  });
});

describe('copies and expiry', () => {
  const replicated = (...rules: readonly string[]) =>
    xml(
      `<ReplicationConfiguration><Role>arn:aws:iam::${OWNER}:role/replication</Role>${rules.join('')}</ReplicationConfiguration>`,
    );
  const copy = (to: string, filter = '', status = 'Enabled') =>
    `<Rule><Status>${status}</Status>${filter}<Destination><Bucket>arn:aws:s3:::${to}</Bucket></Destination></Rule>`;
  const lifecycle = (...rules: readonly string[]) =>
    xml(`<LifecycleConfiguration>${rules.join('')}</LifecycleConfiguration>`);
  const rule = (id: string, body: string, status = 'Enabled') =>
    `<Rule><ID>${id}</ID><Status>${status}</Status>${body}</Rule>`;

  test('replicas are named, each bucket once', async () => {
    const replication = replicated(
      copy('people-copy'),
      copy('people-copy', '<Filter><Prefix>crm/</Prefix></Filter>'),
      copy('people-far', '<Prefix>crm/eu/</Prefix>'),
      copy('people-off', '', 'Disabled'),
      copy('people-logs', '<Filter><And><Prefix>logs/</Prefix></And></Filter>'),
    );
    expect(await look.said({ replication }, { prefix: 'crm/' })).toEqual(
      ['people-copy', 'people-far'].map(
        (place) =>
          `note: objects are replicated to ${place}, and the copies there are neither deleted nor masked; configure that bucket as a store, too, or set \`backupDays\` to the number of days for which the copies are kept`,
      ),
    );
  });

  test('rules that let objects expire are named with their time', async () => {
    const said30 =
      'expires objects after 30 days, even under a legal hold, and without an entry in the deletion log; remove it if a policy covers these objects';
    const found30 = await look.said(
      {
        lifecycle: lifecycle(
          rule('old', '<Filter/><Expiration><Days>30</Days></Expiration>'),
          rule('day', '<Prefix/><Expiration><Date>2027-01-01T00:00:00.000Z</Date></Expiration>'),
          rule('off', '<Filter/><Expiration><Days>30</Days></Expiration>', 'Disabled'),
          rule('else', '<Filter><Prefix>logs/</Prefix></Filter><Expiration><Days>30</Days></Expiration>'),
        ),
      },
      { prefix: 'crm/' },
    );
    expect(found30).toEqual([
      `note: the lifecycle rule "old" ${said30}`,
      `note: the lifecycle rule "day" ${said30.replace('after 30 days', 'on 2027-01-01')}`,
    ]);
  });

  test('rules for noncurrent versions, markers and uploads need no word', async () => {
    const tidy = rule(
      'tidy',
      '<Filter/><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>' +
        '<NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration>' +
        '<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>',
    );
    expect(await look.said({ lifecycle: lifecycle(tidy) }, {}, { masked: ['mail'] })).toEqual([]);
  });

  test('rules that archive are named where a policy masks', async () => {
    const archive = (storage: string) =>
      lifecycle(
        rule(
          'cold',
          `<Filter/><Transition><Days>90</Days><StorageClass>${storage}</StorageClass></Transition>`,
        ),
      );
    const masks = { masked: ['mail'] };
    for (const storage of ['GLACIER', 'DEEP_ARCHIVE']) {
      expect(await look.said({ lifecycle: archive(storage) }, {}, masks)).toEqual([
        'note: the lifecycle rule "cold" archives objects after 90 days; archived objects can be deleted, but not masked',
      ]);
    }
    expect(await look.said({ lifecycle: archive('GLACIER_IR') }, {}, masks)).toEqual([]);
    expect(await look.said({ lifecycle: archive('GLACIER') })).toEqual([]);
  });
});

describe('the option `restrict`', () => {
  const restrict = { tag: 'blocked' };
  const open =
    'note: the policy of the bucket denies nothing by the tag blocked, so restricted objects can still be read; add the statements in docs/stores/s3.md';
  const policy = (condition: object) => ({
    status: 200,
    body: JSON.stringify({ Statement: [{ Effect: 'Deny', Condition: { StringEquals: condition } }] }),
  });

  test('needs a policy of the bucket that names its tag', async () => {
    expect(await look.said({}, { restrict })).toEqual([open]);
    const others = [{}, { 's3:ExistingObjectTag/blocked-by-team': 'true' }];
    for (const other of others)
      expect(await look.said({ policy: policy(other) }, { restrict })).toEqual([open]);
    const denying = policy({ 's3:ExistingObjectTag/blocked': 'true' });
    expect(await look.said({ policy: denying }, { restrict })).toEqual([]);
  });

  test('says when the policy could not be read', async () => {
    expect(await look.said({ policy: denied }, { restrict })).toEqual([
      'note: the policy of the bucket could not be read (AccessDenied), so it is not known whether it denies reading restricted objects; this check needs s3:GetBucketPolicy',
    ]);
  });

  test('is not asked about if it is not there', async () => {
    expect(await look.said({ policy: denied })).toEqual([]);
  });
});
