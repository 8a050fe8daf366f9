import { AwsV4Signer } from 'aws4fetch';
import { hash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { OWN_LIMITS, type RequestLimits } from '../domain/request-limits.ts';
import type { Exports } from '../ports/exports.ts';
import { AdapterError } from './adapter-error.ts';
import { type S3Place, signerOf, urlOf } from './s3-place.ts';
import { unreachable } from './unreachable.ts';

const FIRST_WAIT_MILLISECONDS = 100;

/**
 * What lanes write to the bucket of exports, signed without the SDK: S3's client would be a fifth of the bundle of a lane
 * that keeps no objects. The signature covers the digest of the content, so S3 refuses what arrives changed.
 */
export function s3Pieces(place: S3Place, limits: RequestLimits = OWN_LIMITS): Pick<Exports, 'putPiece'> {
  async function put(url: URL, body: Uint8Array<ArrayBuffer>): Promise<Answer | NoAnswer> {
    const request = new AwsV4Signer({
      method: 'PUT',
      url: url.href,
      headers: { 'x-amz-content-sha256': hash('sha256', body) },
      ...(await signerOf(place)),
    });
    const { headers } = await request.sign();
    const signal = AbortSignal.timeout(limits.requestHandler.requestTimeout);
    try {
      const answer = await fetch(url, { method: 'PUT', headers, body, redirect: 'manual', signal });
      return { status: answer.status, text: await answer.text() };
    } catch (cause) {
      return { cause };
    }
  }

  return {
    async putPiece(key, bytes) {
      const url = urlOf(place, key);
      const body = new Uint8Array(bytes);
      for (let attempt = 1; ; attempt += 1) {
        const isLast = attempt === limits.maxAttempts;
        const answer = await put(url, body);
        if ('cause' in answer) {
          if (isLast) throw unreachable('S3', url.host, answer.cause);
        } else {
          if (answer.status === 200) return;
          if (isLast || answer.status < 500) throw refusal(answer);
        }
        await wait(Math.random() * FIRST_WAIT_MILLISECONDS * 2 ** attempt);
      }
    },
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface NoAnswer {
  readonly cause: unknown;
}

/** The name of S3's error, without the rest of its answer. */
function refusal({ status, text }: Answer): AdapterError {
  const [, name = 'no name'] = /<Code>(\w+)<\/Code>/.exec(text) ?? [];
  return new AdapterError(
    'EXPORT_REFUSED',
    `S3 refused to store a part of a person's copy: ${name}, status ${status}. Check that the bucket of exports is there, and that the lane's role may write to its pieces.`,
  );
}
