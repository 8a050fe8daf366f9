import { AwsV4Signer } from 'aws4fetch';
import { setTimeout as wait } from 'node:timers/promises';
import { OWN_LIMITS, type RequestLimits } from '../domain/request-limits.ts';
import type { LogFiles } from '../ports/log.ts';
import { AdapterError } from './adapter-error.ts';
import { type S3Place, signerOf, urlOf } from './s3-place.ts';
import { unreachable } from './unreachable.ts';

const FIRST_WAIT_MILLISECONDS = 100;

/**
 * Reads the log's objects without the SDK, which would be half of the bundle of a function that needs nothing else of S3.
 * Needs `s3:GetObject`, and `s3:ListBucket`: without it, S3 answers 403 for what is not there.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function s3LogFiles(place: S3Place, limits: RequestLimits = OWN_LIMITS): LogFiles {
  async function get(url: URL): Promise<Answer | NoAnswer> {
    const request = new AwsV4Signer({ url: url.href, ...(await signerOf(place)) });
    const { headers } = await request.sign();
    const signal = AbortSignal.timeout(limits.requestHandler.requestTimeout);
    try {
      const answer = await fetch(url, { headers, redirect: 'manual', signal });
      return { status: answer.status, bytes: new Uint8Array(await answer.arrayBuffer()) };
    } catch (cause) {
      return { cause };
    }
  }

  return {
    async read(path) {
      const url = urlOf(place, path);
      for (let attempt = 1; ; attempt += 1) {
        const isLast = attempt === limits.maxAttempts;
        const answer = await get(url);
        if ('cause' in answer) {
          if (isLast) throw unreachable('S3', url.host, answer.cause);
        } else {
          if (answer.status === 200) return answer.bytes;
          const name = errorName(answer);
          if (answer.status === 404 && name === 'NoSuchKey') return undefined;
          if (isLast || answer.status < 500) throw refusal(name, answer.status);
        }
        await wait(Math.random() * FIRST_WAIT_MILLISECONDS * 2 ** attempt);
      }
    },
  };
}

interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

interface NoAnswer {
  readonly cause: unknown;
}

function errorName({ bytes }: Answer): string {
  return /<Code>(\w+)<\/Code>/.exec(Buffer.from(bytes).toString('utf8'))?.[1] ?? 'no name';
}

/** The name of S3's error, without the rest of its answer. */
function refusal(name: string, status: number): AdapterError {
  return new AdapterError(
    'LOG_REFUSED',
    `S3 refused to read the deletion log: ${name}, status ${status}. Check that the log's bucket is there, and that the role may read it.`,
  );
}
