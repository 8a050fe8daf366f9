import {
  GetBucketVersioningCommand,
  type GetBucketVersioningCommandOutput,
  HeadBucketCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';
import { present } from '../../shared/domain/present.ts';
import { foundAt } from '../../shared/stores/aws-client.ts';
import { S3Options } from '../../shared/stores/s3/s3-options.ts';
import { networkFailure, textOf } from '../../shared/stores/store-failure.ts';
import { type Finding, fails, note, unknown } from './preflight-finding.ts';
import type { StoreReach } from './preflight-reach.ts';
import { checkBucketSettings } from './preflight-s3-settings.ts';

/** The bucket is there, in its region and account, and nothing that is set on it forbids what policies ask. */
export async function checkBucket(
  name: string,
  store: StoreConfiguration,
  reach: StoreReach,
): Promise<readonly Finding[]> {
  const options = S3Options.parse(store.options);
  const client = clientOf(store.region, reach);
  try {
    const region = await regionOf(client, options.bucket);
    if (region !== undefined && region !== store.region) {
      return [fails(name, `the bucket lies in ${region}, declared is ${store.region}; correct \`region\``)];
    }
    const versioning = await versioningOf(client, name, store.region, options);
    if ('severity' in versioning) return [versioning];
    return [
      ...ownerless(name, options),
      ...versions(name, versioning),
      ...(await checkBucketSettings(client, name, options, reach)),
    ];
  } finally {
    client.destroy();
  }
}

function clientOf(region: string, { connection }: StoreReach): S3Client {
  const forcePathStyle = connection?.endpoint !== undefined;
  return new S3Client({ region, ...foundAt(connection), forcePathStyle, maxAttempts: 2 });
}

/**
 * S3 says it with every answer to this request, also when it refuses it and wherever it was sent.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
 */
async function regionOf(client: S3Client, Bucket: string): Promise<string | undefined> {
  try {
    return (await client.send(new HeadBucketCommand({ Bucket }))).BucketRegion;
  } catch (error) {
    return error instanceof S3ServiceException ? error.$response?.headers['x-amz-bucket-region'] : undefined;
  }
}

/** Asked as the lane asks, with the owner; then without, for S3 does not say which of the two it refuses. */
async function versioningOf(
  client: S3Client,
  name: string,
  region: string,
  { bucket, owner }: S3Options,
): Promise<GetBucketVersioningCommandOutput | Finding> {
  const ask = (ExpectedBucketOwner?: string) =>
    client.send(
      new GetBucketVersioningCommand({
        Bucket: bucket,
        ...present({ ExpectedBucketOwner }),
      }),
    );
  try {
    return await ask(owner);
  } catch (error) {
    const isRefused = textOf(error, 'name') === 'AccessDenied';
    if (!isRefused || owner === undefined) return unreadable(name, bucket, region, error);
    const isOthers = await ask().then(
      () => true,
      () => false,
    );
    return isOthers
      ? fails(name, `the bucket belongs to another account than ${owner}; correct \`options.owner\``)
      : unknown(
          name,
          `the bucket ${bucket} could not be read: AccessDenied (s3:GetBucketVersioning), or it is not of the account ${owner}`,
        );
  }
}

function unreadable(name: string, bucket: string, region: string, error: unknown): Finding {
  const code = textOf(error, 'name') ?? 'unknown';
  if (code === 'NoSuchBucket') return fails(name, `there is no bucket ${bucket}; correct \`options.bucket\``);
  if (code === 'PermanentRedirect')
    return fails(name, `the bucket ${bucket} does not lie in ${region}; correct \`region\``);
  if (networkFailure(error) !== undefined) {
    const cause = textOf(error, 'code') ?? 'no answer';
    return unknown(
      name,
      `S3 could not be asked from here (${cause}); run this where the lane's network lets you`,
    );
  }
  return unknown(name, `the bucket ${bucket} could not be read: ${code} (s3:GetBucketVersioning)`);
}

function ownerless(name: string, { owner }: S3Options): Finding[] {
  if (owner !== undefined) return [];
  return [
    note(
      name,
      "name the bucket's account in `options.owner`: without it a bucket of that name in another account would look empty",
    ),
  ];
}

function versions(
  name: string,
  { Status, MFADelete }: Pick<GetBucketVersioningCommandOutput, 'Status' | 'MFADelete'>,
): Finding[] {
  return [
    note(name, versioningMeans(Status)),
    ...(MFADelete === 'Enabled'
      ? [
          fails(
            name,
            "MFA delete is enabled: no program can delete a version; the account's root user has to disable it",
          ),
        ]
      : []),
  ];
}

function versioningMeans(status: GetBucketVersioningCommandOutput['Status']): string {
  switch (status) {
    case 'Enabled':
      return 'versions are enabled: an object is deleted with all its versions, and masked down to one';
    case 'Suspended':
      return 'versions are suspended: an object that is written while it is deleted may go, too; enable versions if the bucket is written all the time';
    case undefined:
      return 'versions are off, which works: an object that is rewritten meanwhile is told by its ETag';
  }
}
