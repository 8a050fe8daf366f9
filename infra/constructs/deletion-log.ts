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

  /** Reading includes listing: without it, S3 answers "access denied" for an absent object. */
  grantRead(grantee: IGrantable): void {
    this.#grant(grantee, ['s3:GetObject']);
  }

  grantWrite(grantee: IGrantable): void {
    this.#grant(grantee, ['s3:GetObject', 's3:PutObject']);
  }

  #grant(grantee: IGrantable, actions: readonly string[]): void {
    const policy = grantee.grantPrincipal;
    const chunks = this.bucket.arnForObjects('chunks/*');
    policy.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources: [chunks] }));
    excuseWildcard(
      grantee,
      chunks,
      'The keys of chunks are generated when they are written, and only chunks have this prefix.',
    );
    policy.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }),
    );
    this.#key.grantThrough(grantee, 's3');
  }
}
