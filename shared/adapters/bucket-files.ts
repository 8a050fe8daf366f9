import type { LogBucket, LogFiles } from '../ports/log.ts';

/** The files of a bucket that has one version of each. */
export function bucketFiles(bucket: Pick<LogBucket, 'get' | 'checkpoint'>): LogFiles {
  return {
    async read(path) {
      if (path !== 'checkpoint') return bucket.get(path);
      const checkpoint = await bucket.checkpoint();
      return checkpoint && Buffer.from(checkpoint.text);
    },
  };
}
