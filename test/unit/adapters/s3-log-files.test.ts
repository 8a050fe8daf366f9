import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { startS3 } from '../../../local/engines/s3.ts';
import { s3LogFiles } from '../../../shared/adapters/s3-log-files.ts';
import { requestLimits } from '../../../shared/domain/request-limits.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test', sessionToken: 'session' };
const region = 'eu-central-1';
const QUICK = requestLimits(0.6);
const MISSING = '<Error><Code>NoSuchKey</Code></Error>';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.closeAllConnections()));

/** What is read from a server that answers with these, one after the other; `hang` never does. */
async function read(answers: readonly (readonly [status: number, body: string] | 'hang' | 'reset')[]) {
  let asked = 0;
  const server = createServer((request, response) => {
    const answer = answers[Math.min(asked, answers.length - 1)] ?? 'hang';
    asked += 1;
    if (answer === 'reset') request.socket.destroy();
    else if (answer !== 'hang') response.writeHead(answer[0]).end(answer[1]);
  });
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const place = { bucket: 'log', region, endpoint, credentials: async () => credentials };
  const found = await s3LogFiles(place, QUICK)
    .read('tile/0/000')
    .catch((error: unknown) => error);
  return { found, asked };
}

test('a file of the log is read as S3 has it, and one that is not there is nothing', async () => {
  const s3 = await startS3();
  const client = new S3Client({ endpoint: s3.endpoint, region, credentials, forcePathStyle: true });
  try {
    await client.send(new CreateBucketCommand({ Bucket: 'log' }));
    const bytes = Uint8Array.from({ length: 8192 }, (_none, n) => n % 251);
    await client.send(new PutObjectCommand({ Bucket: 'log', Key: 'tile/0/x001/234.p/7', Body: bytes }));
    const files = s3LogFiles({
      bucket: 'log',
      region,
      endpoint: s3.endpoint,
      credentials: async () => credentials,
    });
    expect(await files.read('tile/0/x001/234.p/7')).toEqual(bytes);
    expect(await files.read('checkpoint')).toBeUndefined();
  } finally {
    client.destroy();
    await s3.stop();
  }
});

test('a read that S3 did not answer is tried again', async () => {
  for (const first of ['reset', 'hang', [503, '<Code>SlowDown</Code>']] as const)
    expect(await read([first, [200, 'ab']])).toEqual({ found: Uint8Array.of(97, 98), asked: 2 });
});

test('what S3 does not say is not there is never taken as missing', async () => {
  expect(await read([[404, MISSING]])).toEqual({ found: undefined, asked: 1 });
  for (const answer of [
    [404, '<Error><Code>NoSuchBucket</Code></Error>'],
    [403, '<Error><Code>AccessDenied</Code></Error>'],
    [302, ''],
  ] as const)
    expect(await read([answer])).toMatchObject({ found: { code: 'LOG_REFUSED' }, asked: 1 });
  expect((await read(['reset'])).found).toMatchObject({ code: 'S3_UNREACHABLE' });
});
