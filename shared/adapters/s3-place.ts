import { awsDomain } from '../domain/aws-domain.ts';

/** A bucket, and who signs requests for it without the SDK. */
export interface S3Place {
  readonly bucket: string;
  readonly region: string;
  /** An emulator's. Without it, S3's own in the region. */
  readonly endpoint?: string | undefined;
  readonly credentials: () => Promise<{
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  }>;
}

/** Of an object whose key needs no escape. */
export function urlOf({ bucket, region, endpoint }: S3Place, key: string): URL {
  const at =
    endpoint === undefined
      ? `https://${bucket}.s3.${region}.${awsDomain(region)}`
      : `${endpoint.replace(/\/$/, '')}/${bucket}`;
  return new URL(`${at}/${key}`);
}

/** What `AwsV4Signer` has to know of the place. */
export async function signerOf({ region, credentials }: S3Place) {
  const { accessKeyId, secretAccessKey, sessionToken = '' } = await credentials();
  const session = sessionToken === '' ? {} : { sessionToken };
  return { accessKeyId, secretAccessKey, ...session, service: 's3', region };
}
