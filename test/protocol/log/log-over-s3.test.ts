import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ObjectVersion,
  S3Client,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { s3LogBucket } from '../../../shared/adapters/s3-log-bucket.ts';
import { writeLog } from '../../../shared/protocol/log/write-log.ts';
import { frontedS3 } from '../../conformance/engine/fronted-s3.ts';
import type { S3Front } from '../../conformance/engine/s3-front.ts';
import { credentials, region } from '../../conformance/store/store-s3-bench.ts';
import { logWorld, type LogWorld } from '../../support/log/log-world.ts';
import { unsigned, wrongTree } from '../../support/log/wrong-tree.ts';

/*
 * The log over S3 that fails before or after it has done what it was asked: whatever it answers, there is one tree.
 */

const { bench, front } = await frontedS3();

const error = (code: string, status: number) => ({
  status,
  body: `<Error><Code>${code}</Code><Message>m</Message></Error>`,
});
const FAULTS = {
  busy: error('SlowDown', 503),
  broken: error('InternalError', 500),
  conflict: error('ConditionalRequestConflict', 409),
  refused: error('PreconditionFailed', 412),
  denied: error('AccessDenied', 403),
  empty: { status: 200, body: '' },
} as const;
type Fault = keyof typeof FAULTS | 'done, but broken' | 'done, but conflict' | 'none';
const ALL: readonly Fault[] = [
  ...(Object.keys(FAULTS) as (keyof typeof FAULTS)[]),
  'done, but broken',
  'done, but conflict',
  'none',
  'none',
  'none',
];

/** The engine does it, and the answer is lost. */
async function passed(request: Parameters<S3Front['intercept']>[0]): Promise<void> {
  const names = ['host', 'connection', 'content-length', 'transfer-encoding', 'expect'];
  const headers = Object.entries(request.headers)
    .filter(([name]) => !names.includes(name))
    .map(([name, value]): [string, string] => [name, String(value)]);
  const { method, url, body } = request;
  await fetch(`${bench.endpoint}${url}`, {
    method,
    headers,
    ...(method === 'PUT' && { body: Buffer.from(body, 'latin1') }),
  });
}

async function inBucket(Bucket: string): Promise<Pick<LogWorld['bucket'], 'allObjects' | 'allCheckpoints'>> {
  const { client } = bench;
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  const read = async ({ Key, VersionId }: ObjectVersion) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, VersionId }));
    return { key: Key ?? '', bytes: (await Body?.transformToByteArray()) ?? new Uint8Array() };
  };
  const all = await Promise.all(Versions.map(read));
  // S3 lists the newest version first.
  const checkpoints = all.filter(({ key }) => key === 'checkpoint').toReversed();
  const objects = all.filter(({ key }) => key !== 'checkpoint');
  const names = objects.map(({ key }) => key);
  expect(new Set(names).size).toBe(names.length);
  return {
    allObjects: () => objects,
    allCheckpoints: () => checkpoints.map(({ bytes }) => Buffer.from(bytes).toString()),
  };
}

describe('two runs over an S3 that fails', () => {
  test('make one tree, and sign all of it once S3 answers', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...ALL), { minLength: 10, maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 3 }),
        async (faults, results) => {
          const Bucket = await bench.bucket('Enabled');
          const w = logWorld();
          const client = new S3Client({
            region,
            credentials,
            endpoint: front.endpoint,
            forcePathStyle: true,
            maxAttempts: 1,
          });
          const core = { ...w.core, bucket: s3LogBucket(client, Bucket) };
          let index = 0;
          front.intercept = async (request) => {
            const fault = faults[index] ?? 'none';
            index += 1;
            if (fault === 'none') return undefined;
            if (fault === 'done, but broken' || fault === 'done, but conflict') {
              await passed(request);
              return fault === 'done, but broken' ? FAULTS.broken : FAULTS.conflict;
            }
            return FAULTS[fault];
          };
          for (const lines of results) {
            await w.result(lines);
            await Promise.allSettled([writeLog(core), writeLog(core)]);
          }
          front.intercept = () => undefined;
          await writeLog(core);
          const bucket = await inBucket(Bucket);
          expect(await wrongTree({ bucket, signer: w.signer })).toEqual([]);
          expect(unsigned({ bucket })).toEqual([]);
          expect((await w.registry.head()).size).toBe(results.reduce((sum, lines) => sum + lines, 0));
          client.destroy();
        },
      ),
      { numRuns: 12, endOnFailure: true },
    );
  });
});
