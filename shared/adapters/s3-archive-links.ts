import { AwsV4Signer } from 'aws4fetch';
import type { ArchiveLinks } from '../ports/exports.ts';
import { type S3Place, signerOf, urlOf } from './s3-place.ts';

/**
 * Links to archives, signed without the SDK, which would be half of the bundle of a function that needs nothing else of S3.
 * Making one sends no request. https://docs.aws.amazon.com/AmazonS3/latest/developerguide/sigv4-query-string-auth.html
 */
export function s3ArchiveLinks(place: S3Place): ArchiveLinks {
  return {
    async link(key, seconds, fileName) {
      if (!/^[\w.-]+$/.test(fileName))
        throw new RangeError('a name in a link has letters, digits, . _ and -');
      const url = urlOf(place, key);
      url.searchParams.set('X-Amz-Expires', String(seconds));
      // Without a space, which has two spellings in a query.
      url.searchParams.set('response-content-disposition', `attachment;filename="${fileName}"`);
      const request = new AwsV4Signer({ url: url.href, ...(await signerOf(place)), signQuery: true });
      return (await request.sign()).url.href;
    },
  };
}
