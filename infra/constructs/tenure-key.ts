import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { present } from '../../shared/domain/present.ts';
import type { DataKeyGrant, KeyUse } from '../registry-access.ts';
import { pinned } from './pinned.ts';

type Service = 'dynamodb' | 'sqs' | 's3';

/** What the account's administrators may do, and may grant by IAM policies. */
const ADMINISTRATION = [
  'CancelKeyDeletion CreateAlias CreateGrant Decrypt DeleteAlias DescribeKey DisableKey DisableKeyRotation EnableKey',
  'EnableKeyRotation Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GetKeyPolicy GetKeyRotationStatus',
  'ListGrants ListKeyPolicies ListKeyRotations ListResourceTags PutKeyPolicy ReEncryptFrom ReEncryptTo RetireGrant',
  'RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion TagResource UntagResource UpdateAlias UpdateKeyDescription',
].flatMap((line) => line.split(' ').map((verb) => `kms:${verb}`));

/**
 * The one key of a deployment: it encrypts table, bus, queues, log bucket and logs, and wraps the data keys in the
 * table. Roles may use it through a service for the data that the service stores, and directly only for data keys of
 * named families and scopes: a lane can open the locators of its own store and of no other.
 */
export class TenureKey extends Construct {
  /**
   * For everything that it encrypts. It is only a reference, because CDK constructs that get the key itself grant it to
   * every role that they are given, and with it every data key.
   */
  readonly key: kms.IKey;

  constructor(scope: Construct, id: string, { busName }: { readonly busName: string }) {
    super(scope, id);
    const stack = Stack.of(this);
    const { account, region, urlSuffix } = stack;
    const busArn = stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: busName });
    const key = pinned(
      new kms.Key(this, 'Key', {
        description: 'Encrypts everything that Tenure stores, and wraps its data keys',
        enableKeyRotation: true,
        pendingWindow: Duration.days(30),
        policy: new iam.PolicyDocument({
          statements: [
            statement('Administration', new iam.AccountRootPrincipal(), ADMINISTRATION),
            statement('Services', new iam.ServicePrincipal('events.amazonaws.com'), SERVICE_USE, {
              StringEquals: { 'aws:SourceAccount': account },
            }),
            // https://docs.aws.amazon.com/eventbridge/latest/userguide/encryption-archives.html
            statement('Archive', new iam.ServicePrincipal('events.amazonaws.com'), ARCHIVE_USE, {
              StringEquals: { 'kms:EncryptionContext:aws:events:event-bus:arn': busArn },
            }),
            statement('ArchiveKey', new iam.ServicePrincipal('events.amazonaws.com'), ['kms:DescribeKey'], {
              StringEqualsIfExists: { 'aws:SourceAccount': account },
            }),
            statement('Alarms', new iam.ServicePrincipal('cloudwatch.amazonaws.com'), SERVICE_USE, {
              StringEquals: { 'aws:SourceAccount': account },
            }),
            statement('Logs', new iam.ServicePrincipal(`logs.${region}.${urlSuffix}`), LOG_USE, {
              ArnLike: {
                'kms:EncryptionContext:aws:logs:arn': stack.formatArn({
                  service: 'logs',
                  resource: '*',
                }),
              },
            }),
          ],
        }),
      }),
      'TenureKey',
    );
    this.key = kms.Key.fromKeyArn(this, 'Reference', key.keyArn);
  }

  /**
   * Grants data keys of a family. A request without a context passes the condition, but it opens nothing, because every
   * data key was wrapped with a context.
   */
  grantDataKeys(grantee: iam.IGrantable, { family, scopes, uses }: DataKeyGrant): void {
    const granted = scopes === 'every' ? {} : { 'kms:EncryptionContext:scope': [...scopes] };
    grantee.grantPrincipal.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: uses.map(actionOf),
        resources: [this.key.keyArn],
        conditions: {
          StringEqualsIfExists: { 'kms:EncryptionContext:tenure': family, ...granted },
          'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['tenure', 'scope'] },
        },
      }),
    );
  }

  /**
   * Grants what these services encrypt for the role. This grant gives no access to data keys, and the grant of data
   * keys gives none to these services' data.
   */
  grantThrough(grantee: iam.IGrantable, ...services: readonly Service[]): void {
    this.#grantThrough(grantee, services, ['use', 'make']);
  }

  /** The same for a role that only writes objects of a bucket (`make`), or only reads them (`use`). */
  grantObjects(grantee: iam.IGrantable, use: KeyUse): void {
    this.#grantThrough(grantee, ['s3'], [use]);
  }

  #grantThrough(grantee: iam.IGrantable, services: readonly Service[], uses: readonly KeyUse[]): void {
    const { region, urlSuffix } = Stack.of(this);
    grantee.grantPrincipal.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: uses.map(actionOf),
        resources: [this.key.keyArn],
        conditions: {
          StringEquals: { 'kms:ViaService': services.map((service) => `${service}.${region}.${urlSuffix}`) },
        },
      }),
    );
  }
}

function actionOf(use: KeyUse): string {
  return use === 'make' ? 'kms:GenerateDataKey' : 'kms:Decrypt';
}

const SERVICE_USE = ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'];
/** Events are encrypted for the bus, and encrypted again for its archive. CDK grants it only to keys of the same app. */
const ARCHIVE_USE = ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];
const LOG_USE = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** In a key policy, `*` means the key itself. */
function statement(
  sid: string,
  principal: iam.IPrincipal,
  actions: readonly string[],
  conditions?: Record<string, Record<string, string>>,
): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid,
    principals: [principal],
    actions: [...actions],
    resources: ['*'],
    ...present({ conditions }),
  });
}
