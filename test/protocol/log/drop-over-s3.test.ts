import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditLog } from '../../../cli/log-commands/audit-log.ts';
import { type LocalS3, startS3 } from '../../../local/engines/s3.ts';
import { s3LogBucket, s3OldObjects } from '../../../shared/adapters/s3-log-bucket.ts';
import { noteKey } from '../../../shared/domain/log/note.ts';
import { writeLog } from '../../../shared/protocol/log/write-log.ts';
import { credentials, region } from '../../conformance/store/store-s3-bench.ts';
import type { LogFiles } from '../../support/log/generated-log.ts';
import { logWorld } from '../../support/log/log-world.ts';
import { memorySource } from '../../support/log/memory-source.ts';
import { testSigner } from '../../support/log/test-signer.ts';

const DAY = 86_400_000;
const Bucket = 'locked-log';
const KEY = noteKey('tenure/deletion-log', await testSigner().publicKey());

const w = logWorld();
let engine: LocalS3;
let client: S3Client;

beforeAll(async () => {
  engine = await startS3(() => w.clock.now());
  client = new S3Client({ region, credentials, endpoint: engine.endpoint, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
});
afterAll(async () => {
  client.destroy();
  await engine.stop();
});

async function lockFor(Days: number): Promise<void> {
  const Rule = { DefaultRetention: { Mode: 'GOVERNANCE', Days } } as const;
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule } as const;
  await client.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
}

/** The newest version of each object, as `aws s3 sync` copies it. */
async function files(): Promise<LogFiles> {
  const { Versions = [], DeleteMarkers } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  expect(DeleteMarkers ?? []).toEqual([]);
  const all: LogFiles = new Map();
  for (const { Key = '', IsLatest } of Versions) {
    if (IsLatest !== true) continue;
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    all.set(Key, (await Body?.transformToByteArray()) ?? new Uint8Array());
  }
  return all;
}

const audited = async () => auditLog(memorySource(await files()), { keys: [KEY] });

test('S3 keeps every object until its lock ends, whatever is asked, and nothing of a dropped bundle is left then', async () => {
  const old = s3OldObjects(client, Bucket);
  const core = { ...w.core, bucket: s3LogBucket(client, Bucket), keep: { days: 100, old } };
  await lockFor(200);
  for (const lines of [200, 400]) {
    await w.result(lines);
    await writeLog(core);
  }
  expect(await old.writtenAt('tile/entries/000')).toBe(w.clock.now());
  expect(await old.writtenAt('tile/entries/009')).toBeUndefined();
  await lockFor(100);
  w.clock.advance(102 * DAY);
  for (let run = 0; run < 3; run += 1) await writeLog(core);
  // Published, and locked.
  expect((await old.minimumIndex())?.text).toBe('512\n');
  expect(await audited()).toMatchObject({ ok: true, dropped: 0 });
  expect(w.reports.lines.map(({ code }) => code)).toContain('seal.drop-refused');
  expect(await old.drop('tile/entries/000')).toBe('locked');
  w.clock.advance(99 * DAY);
  await writeLog(core);
  expect(await audited()).toMatchObject({ ok: true, dropped: 512 });
  const left = [...(await files()).keys()];
  // With the partial ones.
  expect(left.filter((key) => /^tile\/(entries|0)\/00[01]/.test(key))).toEqual([]);
  expect(left.filter((key) => key.startsWith('entries/'))[0]).toBe('entries/00000000000000000200');
  expect(await old.drop('tile/entries/000')).toBe('gone');
  expect(await old.putMinimumIndex('768\n', undefined)).toBe('moved');
  expect(await old.putMinimumIndex('768\n', '"another"')).toBe('moved');
}, 120_000);
