import { AwsV4Signer } from 'aws4fetch';
import { awsDomain } from '../domain/aws-domain.ts';
import type { ArchiveLinks } from '../ports/exports.ts';

export interface LinkPlace {
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

/**
 * Links to archives, signed without the SDK, which would be half of the bundle of a function that needs nothing else of S3.
 * Making one sends no request. https://docs.aws.amazon.com/AmazonS3/latest/developerguide/sigv4-query-string-auth.html
 */
export function s3ArchiveLinks({ bucket, region, endpoint, credentials }: LinkPlace): ArchiveLinks {
  const at =
    endpoint === undefined
      ? `https://${bucket}.s3.${region}.${awsDomain(region)}`
      : `${endpoint.replace(/\/$/, '')}/${bucket}`;
  return {
    async link(key, seconds, fileName) {
      if (!/^[\w.-]+$/.test(fileName))
        throw new RangeError('a name in a link has letters, digits, . _ and -');
      const url = new URL(`${at}/${key}`);
      url.searchParams.set('X-Amz-Expires', String(seconds));
      // Without a space, which has two spellings in a query.
      url.searchParams.set('response-content-disposition', `attachment;filename="${fileName}"`);
      const { accessKeyId, secretAccessKey, sessionToken = '' } = await credentials();
      const signer = new AwsV4Signer({
        url: url.href,
        accessKeyId,
        secretAccessKey,
        ...(sessionToken === '' ? {} : { sessionToken }),
        service: 's3',
        region,
        signQuery: true,
      });
      return (await signer.sign()).url.href;
    },
  };
}
