import { describe, expect, test } from 'vitest';
import retention from '../../retention.config.ts';
import { ofType, resourcesOf, statementsOf, synthesized } from '../support/house/synthesized.ts';

const { state, tenure } = synthesized();

/**
 * Resources that store or carry data, and those that others refer to. A changed logical id would replace the resource,
 * and lose its data or break those references.
 */
const STATEFUL = {
  ApiRole: 'AWS::IAM::Role',
  AuditorPolicy: 'AWS::IAM::ManagedPolicy',
  DeletionLog: 'AWS::S3::Bucket',
  EventArchive: 'AWS::Events::Archive',
  EventBus: 'AWS::Events::EventBus',
  Exports: 'AWS::S3::Bucket',
  HttpApi: 'AWS::ApiGatewayV2::Api',
  IngestDeadLetters: 'AWS::SQS::Queue',
  IngestQueue: 'AWS::SQS::Queue',
  IngestRule: 'AWS::Events::Rule',
  IngestRuleHeartbeats: 'AWS::Events::Rule',
  IngestRuleOtherRequests: 'AWS::Events::Rule',
  OperatorPolicy: 'AWS::IAM::ManagedPolicy',
  ProducerPolicy: 'AWS::IAM::ManagedPolicy',
  Registry: 'AWS::DynamoDB::GlobalTable',
  SealRole: 'AWS::IAM::Role',
  SenderPolicy: 'AWS::IAM::ManagedPolicy',
  SigningKey: 'AWS::KMS::Key',
  SweepRole: 'AWS::IAM::Role',
  TenureKey: 'AWS::KMS::Key',
};

describe('the state stack', () => {
  test('keeps every stateful resource, under its pinned logical id', () => {
    // A claim says only to which deployment a store belongs, and goes with the store.
    const policies = /^AWS::(SQS::QueuePolicy|S3::BucketPolicy|SSM::Parameter)$/;
    // A producer's rule goes with the producer: then the rule for everything else carries what it still sends.
    const stateful = resourcesOf(state).filter(
      ({ id, Type }) => !policies.test(Type) && !id.startsWith('IntakeIngestRule'),
    );
    expect(Object.fromEntries(stateful.map(({ id, Type }) => [id, Type]))).toEqual(STATEFUL);
    for (const { id, DeletionPolicy, UpdateReplacePolicy } of stateful) {
      expect({ id, DeletionPolicy, UpdateReplacePolicy }).toEqual({
        id,
        // Stays, unless the deployment that made it fails: test/infra/first-deployment.test.ts.
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    }
    expect(tenure.state.terminationProtection).toBe(true);
  });

  test('protects the table: recovery of 35 days, deletion protection, time to live, the customer-managed key', () => {
    state.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: [
        {
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
          SSESpecification: { KMSMasterKeyId: { 'Fn::GetAtt': ['TenureKey', 'Arn'] } },
        },
      ],
    });
  });

  test('lets EventBridge encrypt for the archive, for this bus alone, and describe the key', () => {
    const ofEvents = statementsOf(state).filter(
      ({ Principal }) => JSON.stringify(Principal) === '{"Service":"events.amazonaws.com"}',
    );
    const onKey = ofEvents.filter(({ where }) => where === 'TenureKey');
    const bus = 'arn:aws:events:eu-central-1:111122223333:event-bus/tenure';
    expect(onKey.map(({ Sid, Action, Condition }) => ({ Sid, Action, Condition }))).toEqual([
      {
        Sid: 'Services',
        Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'],
        Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
      },
      {
        Sid: 'Archive',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
        Condition: { StringEquals: { 'kms:EncryptionContext:aws:events:event-bus:arn': bus } },
      },
      {
        Sid: 'ArchiveKey',
        Action: ['kms:DescribeKey'],
        Condition: { StringEqualsIfExists: { 'aws:SourceAccount': '111122223333' } },
      },
    ]);
  });

  test('archives every event for as long as the table can be restored', () => {
    state.hasResourceProperties('AWS::Events::Archive', {
      RetentionDays: 35,
      EventPattern: { version: ['0'] },
    });
  });

  // `ingest-rules.test.ts` says which rule carries what.
  test('carries events to queues that keep them for 14 days', () => {
    for (const { Properties } of ofType(state, 'AWS::SQS::Queue')) {
      expect(Properties['MessageRetentionPeriod']).toBe(14 * 86_400);
    }
  });

  test('lets applications send to the bus by a policy that does not go with the service', () => {
    const sending = statementsOf(state).filter(({ where }) => where === 'SenderPolicy');
    expect(sending.map(({ Effect, Action }) => ({ Effect, Action }))).toEqual([
      { Effect: 'Allow', Action: ['events:PutEvents'] },
    ]);
    state.hasOutput('SenderPolicyArn', {});
  });

  test('locks the objects of the deletion log for the configured time', () => {
    state.hasResourceProperties('AWS::S3::Bucket', {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: retention.deployment.deletionLog.days } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    });
  });

  test('signs the deletion log with a key of its own, and only the seal may use it', () => {
    state.hasResourceProperties('AWS::KMS::Key', {
      KeySpec: 'ECC_NIST_EDWARDS25519',
      KeyUsage: 'SIGN_VERIFY',
      PendingWindowInDays: 30,
    });
    const signing = statementsOf(state).filter(({ Action }) => [Action].flat().includes('kms:Sign'));
    expect(signing.map(({ where, Principal, Condition }) => ({ where, Principal, Condition }))).toEqual([
      {
        where: 'SigningKey',
        Principal: { AWS: { 'Fn::GetAtt': ['SealRole', 'Arn'] } },
        Condition: {
          StringEquals: { 'kms:MessageType': 'RAW', 'kms:SigningAlgorithm': 'ED25519_SHA_512' },
        },
      },
    ]);
    state.hasOutput('SigningKeyArn', {});
    state.hasOutput('LogKeyParameter', { Value: '/tenure/log-keys/tenure' });
    state.hasOutput('DeletionLogOrigin', { Value: 'tenure/deletion-log' });
  });

  test('has a key for each day in laterKeys, and only the seal may sign with it', () => {
    const deletionLog = { ...retention.deployment.deletionLog, laterKeys: ['2027-01-01', '2028-06-01'] };
    const later = synthesized({ ...retention, deployment: { ...retention.deployment, deletionLog } });
    const signing = statementsOf(later.state).filter(({ Action }) => [Action].flat().includes('kms:Sign'));
    expect(signing.map(({ where }) => where)).toEqual(['SigningKey', 'SigningKey2', 'SigningKey3']);
    expect(new Set(signing.map(({ Principal }) => JSON.stringify(Principal))).size).toBe(1);
    later.state.hasOutput('SigningKey2Arn', {});
    const [seal] = ofType(later.service, 'AWS::Lambda::Function').filter(({ id }) => id.startsWith('Seal'));
    expect(JSON.stringify(seal?.Properties['Environment'])).toMatch(
      /LATER_SIGNING_KEYS.*2027-01-01=.*2028-06-01=/,
    );
  });

  test('encrypts everything with its one key, which rotates', () => {
    state.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    const arn = { 'Fn::GetAtt': ['TenureKey', 'Arn'] };
    for (const { id, Properties } of ofType(state, 'AWS::SQS::Queue'))
      expect({ id, key: Properties['KmsMasterKeyId'] }).toEqual({ id, key: arn });
    state.hasResourceProperties('AWS::Events::EventBus', { KmsKeyIdentifier: arn });
    state.hasResourceProperties('AWS::Events::Archive', { KmsKeyIdentifier: arn });
    state.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arn } },
        ],
      },
    });
  });
});
