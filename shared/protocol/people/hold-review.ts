import { pages } from '../../domain/each.ts';
import type { LegalHold } from '../../domain/record/hold.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { codeOf } from '../../domain/error-code.ts';
import type { TooLong } from '../../ports/report.ts';
import type { Core } from '../core.ts';

const DAY = 86_400_000;

/** The day by which somebody had to look at it is over, and it still keeps data. */
export function isReviewOverdue({ state, reviewBy }: LegalHold, now: Instant): boolean {
  return state === 'placed' && reviewBy !== undefined && now >= reviewBy + DAY;
}

/** Once a day. Reads the records of all holds; if it cannot, that is said, and the rest of the census goes on. */
export async function reportReviews({
  registry,
  clock,
  report,
}: Pick<Core, 'registry' | 'clock' | 'report'>): Promise<void> {
  const now = clock.now();
  const late: LegalHold[] = [];
  try {
    for await (const { items } of pages((after) => registry.holdRecords(after)))
      late.push(...items.filter((hold) => isReviewOverdue(hold, now)));
  } catch (error) {
    return report('sweep.failed', { code: codeOf(error) });
  }
  if (late.length === 0) return;
  const oldest = Math.min(...late.map(({ reviewBy = now }) => reviewBy));
  report('sweep.waiting-too-long', {
    code: 'hold-review' satisfies TooLong,
    count: late.length,
    seconds: Math.floor((now - oldest - DAY) / 1000),
  });
}
