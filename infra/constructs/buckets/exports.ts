import { Duration } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { excuse, excuseWildcard } from '../excuse.ts';
import { pinned } from '../pinned.ts';
import type { TenureKey } from '../tenure-key.ts';
import { privateBucket } from './private-bucket.ts';

export interface ExportsProps {
  readonly key: TenureKey;
  /** For how many days an archive can be fetched. */
  readonly days: number;
}

/** Days until a piece goes, and an archive that is not finished: an export is made within hours. */
const PIECE_DAYS = 2;
const UPLOAD_DAYS = 1;
/**
 * S3 counts days from the beginning of an archive's upload, and rounds up to the next midnight. It removes an upload after
 * less than two days, so an archive that was finished never goes before its time.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
const DAYS_TO_FINISH = 2;
const PIECES = 'pieces/';
const ARCHIVES = 'archives/';

/**
 * Copies for people: the pieces that lanes write, and the archives that the sweep makes of them. These are personal data,
 * so the bucket itself deletes them when their time is over, whatever the functions do. It is not versioned: what is
 * deleted is gone.
 */
export class Exports extends Construct {
  readonly bucket: Bucket;
  readonly #key: TenureKey;

  constructor(scope: Construct, id: string, { key, days }: ExportsProps) {
    super(scope, id);
    this.#key = key;
    this.bucket = pinned(
      new Bucket(this, 'Bucket', {
        ...privateBucket(key),
        lifecycleRules: [
          { id: 'Pieces', prefix: PIECES, expiration: Duration.days(PIECE_DAYS) },
          { id: 'Archives', prefix: ARCHIVES, expiration: Duration.days(days + DAYS_TO_FINISH) },
          { id: 'Uploads', abortIncompleteMultipartUploadAfter: Duration.days(UPLOAD_DAYS) },
        ],
      }),
      'Exports',
    );
    excuse(
      this.bucket,
      'S1',
      'Who gets a link is in the deletion log, and CloudTrail can record each request; an access log would be one more place with the addresses of people.',
    );
  }

  /** For every function that works on exports. */
  get variables(): { readonly EXPORTS_BUCKET: string } {
    return { EXPORTS_BUCKET: this.bucket.bucketName };
  }

  /** Writing pieces of one store's records, and reading none: not even its own. */
  grantPieces(grantee: IGrantable, store: string): void {
    this.#grant(grantee, ['s3:PutObject'], `${PIECES}${store}/*`);
    this.#key.grantObjects(grantee, 'make');
  }

  /**
   * Making archives of pieces, by uploads in parts. It looks whether a piece or an archive is there: without the list, S3
   * answers 403 for what is not there, which would look like a missing permission.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
   */
  grantBuild(grantee: IGrantable): void {
    this.#grant(grantee, ['s3:GetObject'], `${PIECES}*`);
    this.#grant(grantee, ['s3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'], `${ARCHIVES}*`);
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }),
    );
    this.#key.grantThrough(grantee, 's3');
  }

  /** Reading archives. A link that it signs may do no more than it may itself. */
  grantRead(grantee: IGrantable): void {
    this.#grant(grantee, ['s3:GetObject'], `${ARCHIVES}*`);
    this.#key.grantObjects(grantee, 'use');
  }

  #grant(grantee: IGrantable, actions: readonly string[], keys: string): void {
    const objects = this.bucket.arnForObjects(keys);
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: [...actions], resources: [objects] }),
    );
    excuseWildcard(grantee, objects, 'Every key has the id of an export in it, which is random.');
  }
}
