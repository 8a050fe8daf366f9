import { OWN_LIMITS, type RequestLimits } from '../domain/request-limits.ts';
import type { LogFiles } from '../ports/log.ts';
import { AdapterError } from './adapter-error.ts';
import type { S3Place } from './s3-place.ts';
import { errorName, requestS3 } from './s3-request.ts';

/**
 * Reads the log's objects. Needs `s3:GetObject`, and `s3:ListBucket`: without it, S3 answers 403 for what is not there.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function s3LogFiles(place: S3Place, limits: RequestLimits = OWN_LIMITS): LogFiles {
  return {
    async read(path) {
      const answer = await requestS3(place, limits, { key: path });
      if (answer.status === 200) return answer.bytes;
      const name = errorName(answer);
      if (answer.status === 404 && name === 'NoSuchKey') return undefined;
      throw new AdapterError(
        'LOG_REFUSED',
        `S3 refused to read the deletion log: ${name}, status ${answer.status}. Check that the log's bucket is there, and that the role may read it.`,
      );
    },
  };
}
