import {
  GetBucketVersioningCommand,
  type GetBucketVersioningCommandOutput,
  HeadBucketCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';
import { present } from '../../shared/domain/present.ts';
import { OWN_LIMITS } from '../../shared/domain/request-limits.ts';
import { foundAt } from '../../shared/stores/aws-client.ts';
import { S3Options } from '../../shared/stores/s3/s3-options.ts';
import { networkFailure, textOf } from '../../shared/stores/store-failure.ts';
import { withoutRequests } from './datasets/preflight-datasets.ts';
import { type Finding, fails, note, unknown } from './preflight-finding.ts';
import type { StoreReach } from './preflight-reach.ts';
import { checkBucketSettings } from './preflight-s3-settings.ts';

/** Checks that the bucket exists in its region and account, and that its settings allow what the policies require. */
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
      return [
        fails(
          name,
          `the bucket is in ${region}, but the configuration declares ${store.region}; correct \`region\``,
        ),
      ];
    }
    const versioning = await versioningOf(client, name, store.region, options);
    if ('severity' in versioning) return [versioning];
    return [
      ...ownerless(name, options),
      ...versions(name, versioning),
      ...(await checkBucketSettings(client, name, options, reach)),
      ...listed(name, reach),
    ];
  } finally {
    client.destroy();
  }
}

function listed(name: string, { datasets = [], collections = [] }: StoreReach): Finding[] {
  return datasets.flatMap((dataset) => {
    const prefix = dataset.where?.['prefix'] ?? '';
    const which = prefix === '' ? 'all objects of the store are' : `all objects below ${prefix} are`;
    return [
      note(
        name,
        `the dataset ${dataset.category}: each day ${which} listed, with two requests for each 1,000; an object that is copied or restored begins again`,
      ),
      ...withoutRequests(name, dataset, collections),
    ];
  });
}

function clientOf(region: string, { connection }: StoreReach): S3Client {
  const forcePathStyle = connection?.endpoint !== undefined;
  return new S3Client({ region, ...foundAt(connection), forcePathStyle, ...OWN_LIMITS });
}

/**
 * S3 returns the region in every answer to this request, even if it refuses the request or is in another region.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
 */
async function regionOf(client: S3Client, Bucket: string): Promise<string | undefined> {
  try {
    return (await client.send(new HeadBucketCommand({ Bucket }))).BucketRegion;
  } catch (error) {
    return error instanceof S3ServiceException ? error.$response?.headers['x-amz-bucket-region'] : undefined;
  }
}

/**
 * First with the expected owner, as the lane does. If that is refused, without it: S3 does not say whether it refuses
 * the owner or the permission.
 */
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
      ? fails(name, `the bucket does not belong to the account ${owner}; correct \`options.owner\``)
      : unknown(
          name,
          `the bucket ${bucket} could not be read (AccessDenied); allow s3:GetBucketVersioning, or check that it belongs to the account ${owner}`,
        );
  }
}

function unreadable(name: string, bucket: string, region: string, error: unknown): Finding {
  const code = textOf(error, 'name') ?? 'unknown';
  if (code === 'NoSuchBucket') return fails(name, `bucket ${bucket} not found; correct \`options.bucket\``);
  if (code === 'PermanentRedirect')
    return fails(name, `the bucket ${bucket} is not in ${region}; correct \`region\``);
  if (networkFailure(error) !== undefined) {
    const cause = textOf(error, 'code') ?? 'no answer';
    return unknown(
      name,
      `S3 could not be reached from here (${cause}); run preflight from a network with access to it`,
    );
  }
  return unknown(
    name,
    `the bucket ${bucket} could not be read (${code}); this check needs s3:GetBucketVersioning`,
  );
}

function ownerless(name: string, { owner }: S3Options): Finding[] {
  if (owner !== undefined) return [];
  return [
    note(
      name,
      "set `options.owner` to the bucket's account: without it, a bucket with the same name in another account would look empty",
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
            "MFA delete is enabled, so the lane cannot delete versions; disable it as the account's root user",
          ),
        ]
      : []),
  ];
}

function versioningMeans(status: GetBucketVersioningCommandOutput['Status']): string {
  switch (status) {
    case 'Enabled':
      return 'versioning is enabled: an object is deleted with all its versions, and masking leaves only the masked version';
    case 'Suspended':
      return 'versioning is suspended: an object that is written while it is being deleted may be lost; enable versioning if the bucket is written to all the time';
    case undefined:
      return 'versioning is off, which is supported: a rewritten object is detected by its ETag';
  }
}
