import { Duration } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { DeploymentSettings } from '../deployment-schema.ts';
import { excuse, excuseWildcard } from './excuse.ts';
import { pinned } from './pinned.ts';
import type { TenureKey } from './tenure-key.ts';

export interface DeletionLogProps {
  readonly key: TenureKey;
  readonly lock: DeploymentSettings['deletionLog'];
}

/**
 * The deletion log's objects: versioned, and locked for the configured time. The bucket policy denies deletion to every
 * principal.
 */
export class DeletionLog extends Construct {
  readonly bucket: Bucket;
  readonly #key: TenureKey;

  constructor(scope: Construct, id: string, { key, lock }: DeletionLogProps) {
    super(scope, id);
    this.#key = key;
    const days = Duration.days(lock.days);
    this.bucket = pinned(
      new Bucket(this, 'Bucket', {
        encryption: BucketEncryption.KMS,
        encryptionKey: key.key,
        bucketKeyEnabled: true,
        blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
        enforceSSL: true,
        minimumTLSVersion: 1.2,
        versioned: true,
        objectLockEnabled: true,
        objectLockDefaultRetention:
          lock.lock === 'compliance'
            ? ObjectLockRetention.compliance(days)
            : ObjectLockRetention.governance(days),
      }),
      'DeletionLog',
    );
    excuse(
      this.bucket,
      'S1',
      'Only roles of Tenure read and write here, and CloudTrail can record them; an access log would need another bucket to lock and retain.',
    );
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'DenyDeletion',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:BypassGovernanceRetention', 's3:DeleteObject', 's3:DeleteObjectVersion'],
        resources: [this.bucket.arnForObjects('*')],
      }),
    );
  }

  /**
   * Creating objects, and reading them: an object that is there already is compared with what was to be written.
   */
  grantWrite(grantee: IGrantable): void {
    const policy = grantee.grantPrincipal;
    const entries = this.bucket.arnForObjects('entries/*');
    policy.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:GetObject', 's3:PutObject'], resources: [entries] }),
    );
    excuseWildcard(
      grantee,
      entries,
      'The key of an object is the index of its first entry, and only entries have this prefix.',
    );
    this.#key.grantThrough(grantee, 's3');
  }
}
