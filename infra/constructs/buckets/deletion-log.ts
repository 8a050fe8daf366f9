import { Duration } from 'aws-cdk-lib';
import {
  AnyPrincipal,
  Effect,
  type IGrantable,
  type IRole,
  PolicyStatement,
  type PolicyStatementProps,
} from 'aws-cdk-lib/aws-iam';
import { Bucket, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { DeploymentSettings } from '../../deployment-schema.ts';
import { excuse, excuseWildcard } from '../excuse.ts';
import { pinned } from '../pinned.ts';
import type { TenureKey } from '../tenure-key.ts';
import { privateBucket } from './private-bucket.ts';

export interface DeletionLogProps {
  readonly key: TenureKey;
  readonly lock: DeploymentSettings['deletionLog'];
  /** The role that drops entries, if the settings say when. */
  readonly seal: IRole;
}

/** The objects that are replaced: the newest signed root of the log, as it is published and before its witnesses are asked. */
const CHECKPOINTS = ['checkpoint', 'unwitnessed'];
const [PUBLISHED = ''] = CHECKPOINTS;

/** Says which entries were dropped; there is none before the first ones are. */
const MINIMUM_INDEX = 'minimum-index';

/**
 * Entries, the lists of the records that entries about pages of collections are about, and the tree over all entries:
 * tiles of hashes, and the entries once more in bundles.
 */
const TREE = 'tile/*';
const WRITTEN = ['entries/*', 'lists/*', TREE];

/** What may go when it is old. Tiles above the leaves stay: proofs between later trees are made from them. */
const DROPPED = ['entries/*', 'lists/*', 'tile/entries/*', 'tile/0/*'];

/**
 * The deletion log's objects: versioned, and locked for the configured time. The bucket policy denies deletion and
 * replacement to every principal. Where old entries are dropped, `seal` is excepted, for versions of certain objects, and
 * only after their lock has ended: that is for S3 to see to.
 */
export class DeletionLog extends Construct {
  readonly bucket: Bucket;
  readonly #key: TenureKey;

  constructor(scope: Construct, id: string, { key, lock, seal }: DeletionLogProps) {
    super(scope, id);
    this.#key = key;
    const days = Duration.days(lock.days);
    this.bucket = pinned(
      new Bucket(this, 'Bucket', {
        ...privateBucket(key),
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
    const drops = lock.keepDays !== undefined;
    this.#deny('DenyDeletion', {
      actions: [
        's3:BypassGovernanceRetention',
        's3:DeleteObject',
        ...(drops ? [] : ['s3:DeleteObjectVersion']),
      ],
      resources: [this.bucket.arnForObjects('*')],
    });
    if (drops) this.#denyDropping(seal);
    this.#denyReplacing(drops ? [...CHECKPOINTS, MINIMUM_INDEX] : CHECKPOINTS);
  }

  /** No marker hides an object, and what is above the leaves of the tree stays for ever. */
  #denyDropping(seal: IRole): void {
    const dropped = DROPPED.map((prefix) => this.bucket.arnForObjects(prefix));
    this.#deny('DenyDeletingTree', { actions: ['s3:DeleteObjectVersion'], notResources: dropped });
    this.#deny('DenyDroppingByOthers', {
      actions: ['s3:DeleteObjectVersion'],
      resources: dropped,
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': seal.roleArn } },
    });
  }

  /**
   * Every object is made once. The name of one that is there cannot be used again, and no marker frees it: deletions are
   * denied, and so are the two settings with which S3 itself would make markers and copies, a lifecycle rule and a
   * replication into the bucket. An upload in parts names no condition, so it is denied, too. Only the checkpoints, and
   * what says which entries were dropped, are replaced, by who names the one that is replaced.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
   */
  #denyReplacing(replaced: readonly string[]): void {
    const all = this.bucket.arnForObjects('*');
    this.#deny('DenyUnconditionalWrite', {
      actions: ['s3:PutObject'],
      resources: [all],
      conditions: { Null: { 's3:if-none-match': 'true', 's3:if-match': 'true' } },
    });
    this.#deny('DenyReplacement', {
      actions: ['s3:PutObject'],
      notResources: replaced.map((key) => this.bucket.arnForObjects(key)),
      conditions: { Null: { 's3:if-none-match': 'true' } },
    });
    this.#deny('DenyReplication', {
      actions: ['s3:ReplicateDelete', 's3:ReplicateObject'],
      resources: [all],
    });
    this.#deny('DenyLifecycle', {
      actions: ['s3:PutLifecycleConfiguration'],
      resources: [this.bucket.bucketArn],
    });
  }

  #deny(sid: string, props: PolicyStatementProps): void {
    this.bucket.addToResourcePolicy(
      new PolicyStatement({ sid, effect: Effect.DENY, principals: [new AnyPrincipal()], ...props }),
    );
  }

  /**
   * Creating objects, and reading what was written first: an object that is there already is compared with what was to
   * be written. Its first version is found in the list of its versions, and the newest checkpoint in its own.
   */
  grantWrite(grantee: IGrantable): void {
    const policy = grantee.grantPrincipal;
    const objects = WRITTEN.map((prefix) => this.bucket.arnForObjects(prefix));
    policy.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:GetObjectVersion', 's3:PutObject'],
        resources: [...CHECKPOINTS.map((key) => this.bucket.arnForObjects(key)), ...objects],
      }),
    );
    policy.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucketVersions'],
        resources: [this.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': [...CHECKPOINTS, ...WRITTEN] } },
      }),
    );
    for (const arn of objects)
      excuseWildcard(
        grantee,
        arn,
        'The key of an object has the index of its first entry, and only entries, the lists of their records and the tree over them have these prefixes.',
      );
    this.#key.grantThrough(grantee, 's3');
  }

  /** Taking old objects away, version by version, and saying first which ones. */
  grantDrop(grantee: IGrantable): void {
    const policy = grantee.grantPrincipal;
    const dropped = DROPPED.map((prefix) => this.bucket.arnForObjects(prefix));
    policy.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:DeleteObjectVersion'], resources: dropped }),
    );
    policy.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:GetObjectVersion', 's3:PutObject'],
        resources: [this.bucket.arnForObjects(MINIMUM_INDEX)],
      }),
    );
    policy.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucketVersions'],
        resources: [this.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': [MINIMUM_INDEX] } },
      }),
    );
    for (const arn of dropped)
      excuseWildcard(
        grantee,
        arn,
        'The key of an object has the index of its first entry. S3 refuses while its lock lasts, and the policy of the bucket lets no one else delete.',
      );
  }

  /**
   * Reading the tree and its newest root. It looks whether an object is there: without the list, S3 answers 403 for what
   * is not there, which would look like a missing permission. Names of objects are numbers only.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
   */
  grantReadTree(grantee: IGrantable): void {
    const tree = this.bucket.arnForObjects(TREE);
    const policy = grantee.grantPrincipal;
    policy.addToPrincipalPolicy(
      new PolicyStatement({
        sid: 'DeletionLog',
        actions: ['s3:GetObject'],
        resources: [PUBLISHED, MINIMUM_INDEX, TREE].map((key) => this.bucket.arnForObjects(key)),
      }),
    );
    policy.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }),
    );
    excuseWildcard(grantee, tree, 'The key of a tile has its place in the tree, which grows.');
    this.#key.grantObjects(grantee, 'use');
  }
}
