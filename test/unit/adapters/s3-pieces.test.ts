import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { startS3 } from '../../../local/engines/s3.ts';
import { s3Pieces } from '../../../shared/adapters/s3-pieces.ts';
import { requestLimits } from '../../../shared/domain/request-limits.ts';
import { patterned } from '../../support/export/archive-samples.ts';

const KEY = 'pieces/crm/e-1/t-1/data-1';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test', sessionToken: 'session' };
const region = 'eu-central-1';
const QUICK = requestLimits(0.6);

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.closeAllConnections()));

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A server that answers with these, one after the other; `hang` never does. */
async function answering(answers: readonly (readonly [status: number, body: string] | 'hang' | 'reset')[]) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(seen.length, answers.length - 1)] ?? 'hang';
    seen.push({ method: request.method, url: request.url, headers: request.headers });
    request.resume().on('end', () => {
      if (answer === 'reset') request.socket.destroy();
      else if (answer !== 'hang') response.writeHead(answer[0]).end(answer[1]);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    seen,
    pieces: s3Pieces({ bucket: 'exports', region, endpoint, credentials: async () => credentials }, QUICK),
  };
}

describe('a piece', () => {
  test('is what S3 then has', async () => {
    const s3 = await startS3();
    const client = new S3Client({ endpoint: s3.endpoint, region, credentials, forcePathStyle: true });
    try {
      await client.send(new CreateBucketCommand({ Bucket: 'exports' }));
      const place = {
        bucket: 'exports',
        region,
        endpoint: s3.endpoint,
        credentials: async () => credentials,
      };
      for (const bytes of [patterned(0), patterned(300_000)]) {
        await s3Pieces(place).putPiece(KEY, bytes);
        const { Body } = await client.send(new GetObjectCommand({ Bucket: 'exports', Key: KEY }));
        expect(await Body?.transformToByteArray()).toEqual(bytes);
      }
    } finally {
      client.destroy();
      await s3.stop();
    }
  });

  test('is sent with the digest of its content, which is signed', async () => {
    const { seen, pieces } = await answering([[200, '']]);
    await pieces.putPiece(KEY, Buffer.from('abc'));
    expect(seen).toMatchObject([
      {
        method: 'PUT',
        url: `/exports/${KEY}`,
        headers: {
          'content-length': '3',
          'x-amz-content-sha256': 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
          'x-amz-security-token': 'session',
        },
      },
    ]);
    expect(seen[0]?.headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=test\/\d{8}\/eu-central-1\/s3\/aws4_request, SignedHeaders=[^,]*x-amz-content-sha256/,
    );
  });

  test.for([
    ['an error of S3', [503, '<Error><Code>SlowDown</Code></Error>']],
    ['a connection that breaks', 'reset'],
    ['no answer', 'hang'],
  ] as const)('is sent again after %s', async ([, answer]) => {
    const { seen, pieces } = await answering([answer, answer, [200, '']]);
    await pieces.putPiece(KEY, patterned(10));
    expect(seen).toHaveLength(3);
  });

  test('that S3 does not take after all attempts is an error with its name, and nothing else of the answer', async () => {
    const { seen, pieces } = await answering([
      [500, '<Error><Code>InternalError</Code><Key>k</Key></Error>'],
    ]);
    await expect(pieces.putPiece(KEY, patterned(10))).rejects.toMatchObject({
      code: 'EXPORT_REFUSED',
      message: expect.stringMatching(/InternalError, status 500\. Check/) as unknown,
    });
    expect(seen).toHaveLength(3);
  });

  test.for([
    [403, '<Error><Code>AccessDenied</Code></Error>', 'AccessDenied, status 403'],
    [301, '', 'no name, status 301'],
  ] as const)('that is refused with %d is not sent again', async ([status, body, said]) => {
    const { seen, pieces } = await answering([[status, body]]);
    await expect(pieces.putPiece(KEY, patterned(10))).rejects.toThrow(said);
    expect(seen).toHaveLength(1);
  });

  test('that cannot be sent says which host does not answer', async () => {
    const { pieces } = await answering(['reset']);
    await expect(pieces.putPiece(KEY, patterned(10))).rejects.toMatchObject({ code: 'S3_UNREACHABLE' });
  });
});
