import type { LogHead } from '../../shared/ports/log.ts';
import { BATCH } from '../../shared/protocol/seal.ts';

/** The largest head that the log can have: a full batch, with numbers that no log will reach. */
export const longestHead: LogHead = {
  version: 1,
  size: 1_234_567_890,
  batch: Array.from({ length: BATCH }, (_, n) => ({
    chunk: `2026-03-01T10/${'A'.repeat(26)}/${n}`,
    first: 1_234_567_891 + n * 100,
    count: 99,
  })),
  published: false,
  settledHour: '2026-03-01T09',
};
