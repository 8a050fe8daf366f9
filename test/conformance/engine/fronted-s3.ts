import { afterAll, beforeEach } from 'vitest';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { type S3Bench, s3Bench } from '../store/store-s3-bench.ts';
import { type S3Front, s3Front } from './s3-front.ts';

/**
 * An S3 for the tests of one file, seen through a front. Each test begins with a front that lets everything pass, and has
 * seen nothing.
 */
export async function frontedS3(
  now?: () => Instant,
): Promise<{ readonly bench: S3Bench; readonly front: S3Front }> {
  const bench = await s3Bench('Enabled', undefined, now);
  const front = await s3Front(bench.endpoint);
  afterAll(async () => {
    front.stop();
    await bench.stop();
  });
  beforeEach(() => {
    front.intercept = () => undefined;
    front.seen.length = 0;
  });
  return { bench, front };
}
