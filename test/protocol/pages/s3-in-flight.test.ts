import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { frontedS3 } from '../../conformance/engine/fronted-s3.ts';
import { type Intercept, s3Error } from '../../conformance/engine/s3-front.ts';
import { put, type Versioning } from '../../conformance/store/store-s3-bench.ts';
import { entriesOf, leaseEnds } from '../../support/driver/dying-worker.ts';
import { dueInBucket } from '../../support/pages/bucket-collection.ts';
import { holdingOf, rowNames } from '../../support/pages/collection-world.ts';

/*
 * A collection of objects in the embedded S3, in batches of 40, two of which are deleted at the same time.
 */

const COUNT = 190;
const HOUR = 3_600_000;

const { bench, front } = await frontedS3();

const isDeletion = ({ method, url }: Parameters<Intercept>[0]): boolean =>
  method === 'POST' && url.includes('delete');

async function due(versioning: Versioning = 'Enabled') {
  const Bucket = await bench.bucket(versioning);
  const opened = await bench.open(Bucket, { endpoint: front.endpoint, timeoutSeconds: 30 });
  for (const name of rowNames(COUNT)) await put(bench.client, { Bucket, Key: `c-1/${name}`, Body: 'x' });
  await put(bench.client, { Bucket, Key: 'c-2/other', Body: 'x' });
  const { w, ref, chunk } = await dueInBucket();
  const core: LaneCore = { ...w.core, store: { ...opened, batch: 40, atOnce: 2 } };
  return {
    w,
    chunk,
    core,
    /** One attempt after the other, each when it may begin. */
    async ends(): Promise<void> {
      for (let attempts = 0; attempts < 30 && holdingOf(w, ref)?.state !== 'disposed'; attempts += 1) {
        await workOnChunk(core, chunk);
        w.clock.advance(3 * HOUR);
        await leaseEnds(w);
      }
      expect(holdingOf(w, ref)?.state).toBe('disposed');
    },
    left: async () => {
      const { Versions = [] } = await bench.client.send(new ListObjectVersionsCommand({ Bucket }));
      return Versions.map(({ Key }) => Key);
    },
    told: () => entriesOf(w).reduce((sum, { page }) => sum + (page?.records ?? 0), 0),
    writes: (name: string) => put(bench.client, { Bucket, Key: `c-1/${name}`, Body: 'new' }),
    close: () => opened.close(),
  };
}

describe('with two batches of a bucket in flight', () => {
  test.each<Versioning>(['Enabled', 'never'])(
    'an object that is rewritten after it was named stays with its versions until it was decided again (versioning: %s)',
    async (versioning) => {
      const one = await due(versioning);
      const registry: LaneCore['registry'] = {
        ...one.core.registry,
        async actOn(...asked) {
          const said = await one.core.registry.actOn(...asked);
          for (const name of ['r-000003', 'r-000100']) await one.writes(name);
          return said;
        },
      };
      await workOnChunk({ ...one.core, registry }, one.chunk);
      const copies = versioning === 'Enabled' ? 2 : 1;
      const expected = ['r-000003', 'r-000100'].flatMap((name) =>
        Array.from({ length: copies }, () => `c-1/${name}`),
      );
      expect(await one.left()).toEqual([...expected, 'c-2/other']);
      expect(entriesOf(one.w).map(({ page }) => [page?.records, page?.changed])).toEqual([[COUNT - 2, 2]]);
      await one.ends();
      expect(await one.left()).toEqual(['c-2/other']);
      expect(one.told()).toBe(COUNT);
      await one.close();
    },
  );

  test(
    'a bucket that asks to slow down loses nothing, and each object is told once',
    { timeout: 60_000 },
    async () => {
      const one = await due();
      let number = 0;
      front.intercept = (request) => {
        if (!isDeletion(request)) return undefined;
        number += 1;
        return number <= 12 && number % 3 !== 0 ? s3Error('SlowDown', '', 503) : undefined;
      };
      await one.ends();
      expect(await one.left()).toEqual(['c-2/other']);
      expect(one.told()).toBe(COUNT);
      await one.close();
    },
  );

  test.each([
    ['is cut off', '<DeleteResult><Deleted><Key>c-1/r-0000'],
    ['is empty', ''],
    ['names nothing', '<DeleteResult></DeleteResult>'],
  ])('objects that went although the answer %s are read back, and never called deleted', async (_, body) => {
    const one = await due();
    let number = 0;
    front.intercept = async (request) => {
      if (!isDeletion(request)) return undefined;
      number += 1;
      if (number !== 2) return undefined;
      const { method, url, headers } = request;
      const passed = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, String(value)]),
      );
      delete passed['host'];
      delete passed['connection'];
      delete passed['content-length'];
      const answer = await fetch(`${bench.endpoint}${url}`, { method, headers: passed, body: request.body });
      expect(answer.status).toBe(200);
      return { status: 200, body };
    };
    await one.ends();
    expect(await one.left()).toEqual(['c-2/other']);
    expect(one.told()).toBe(COUNT);
    await one.close();
  });
});
