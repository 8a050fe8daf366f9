import { describe, test } from 'vitest';
import { expectNothingWrong } from '../../support/model/expect-explored.ts';
import { reportOf } from '../../support/model/explore.ts';
import { exploreHolds } from '../../support/holds/hold-model.ts';
import { OPERATIONS, type Operation } from '../../support/holds/hold-operations.ts';

function triples(): readonly (readonly [Operation, Operation, Operation])[] {
  return OPERATIONS.flatMap((a, i) =>
    OPERATIONS.slice(i + 1).flatMap((b, j) => OPERATIONS.slice(i + j + 2).map((c) => [a, b, c] as const)),
  );
}

describe('three at the same time', () => {
  test.each(triples())('%s, %s and %s', async (...operations) => {
    for (const start of operations.includes('release') ? (['waits', 'parked'] as const) : (['waits'] as const)) {
      const explored = await exploreHolds({ operations, start, scope: 'everything' });
      console.log(reportOf(`${operations.join()} ${start}`, explored));
      expectNothingWrong(operations.join(), explored);
    }
  });
});
