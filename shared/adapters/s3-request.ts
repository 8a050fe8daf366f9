import { AwsV4Signer } from 'aws4fetch';
import { hash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { RequestLimits } from '../domain/request-limits.ts';
import { type S3Place, signerOf, urlOf } from './s3-place.ts';
import { unreachable } from './unreachable.ts';

const FIRST_WAIT_MILLISECONDS = 100;

export interface S3Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

interface NoAnswer {
  readonly cause: unknown;
}

/**
 * Sends a request about one object, signed without the SDK, which would be a large part of the bundle of a function that
 * needs nothing else of S3. With a body it is a `PUT`, and the signature covers its digest, so S3 refuses what arrives
 * changed. It is sent again after no answer, and after a status of 500 or more, which the last attempt answers. Throws
 * `S3_UNREACHABLE`.
 */
export async function requestS3(
  place: S3Place,
  limits: RequestLimits,
  { key, body }: { readonly key: string; readonly body?: Uint8Array<ArrayBuffer> },
): Promise<S3Answer> {
  const url = urlOf(place, key);
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt === limits.maxAttempts;
    const answer = await answerOf(place, limits, url, body);
    if ('cause' in answer) {
      if (isLast) throw unreachable('S3', url.host, answer.cause);
    } else if (isLast || answer.status < 500) return answer;
    await wait(Math.random() * FIRST_WAIT_MILLISECONDS * 2 ** attempt);
  }
}

async function answerOf(
  place: S3Place,
  limits: RequestLimits,
  url: URL,
  body: Uint8Array<ArrayBuffer> | undefined,
): Promise<S3Answer | NoAnswer> {
  const asked =
    body === undefined
      ? { method: 'GET' }
      : { method: 'PUT', headers: { 'x-amz-content-sha256': hash('sha256', body) } };
  const request = new AwsV4Signer({ ...asked, url: url.href, ...(await signerOf(place)) });
  const { method, headers } = await request.sign();
  const signal = AbortSignal.timeout(limits.requestHandler.requestTimeout);
  try {
    const answer = await fetch(url, { method, headers, body: body ?? null, redirect: 'manual', signal });
    return { status: answer.status, bytes: new Uint8Array(await answer.arrayBuffer()) };
  } catch (cause) {
    return { cause };
  }
}

/** The name of S3's error, without the rest of its answer. */
export function errorName({ bytes }: S3Answer): string {
  return /<Code>(\w+)<\/Code>/.exec(Buffer.from(bytes).toString('utf8'))?.[1] ?? 'no name';
}
