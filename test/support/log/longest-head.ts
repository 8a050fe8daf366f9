import type { LogHead } from '../../../shared/ports/results.ts';
import { BATCH } from '../../../shared/protocol/log/seal.ts';

/** The largest head that the log can have: a full batch, with numbers that no log will reach. */
export const longestHead: LogHead = {
  version: 1_234_567,
  size: 1_234_567_890,
  batch: Array.from({ length: BATCH }, (_, n) => ({
    token: `2026-03-01T10.${'A'.repeat(22)}`,
    first: 1_234_567_891 + n * 100,
    count: 100,
  })),
  published: false,
};
