import { describe, expect, test } from 'vitest';
import { exploreHolds, type HoldModel } from '../../support/holds/hold-model.ts';
import { OPERATIONS, type Operation } from '../../support/holds/hold-operations.ts';
import { SCOPES, type ScopeName } from '../../support/holds/hold-world.ts';
import { expectNothingWrong } from '../../support/model/expect-explored.ts';
import { type Explored, reportOf } from '../../support/model/explore.ts';

/**
 * Each three of what can happen to two records, two chunks, two workers and two holds, in every interleaving. What is
 * acted on after a hold was answered has to be named by the answer; and once all holds are released, what is due goes,
 * once, by hints and chunks alone.
 *
 * `TENURE_MODELS=all` explores each three under every scope. Otherwise each has one scope, and the largest ones are
 * sampled.
 */
const IS_ALL = process.env['TENURE_MODELS'] === 'all';
const NAMES = Object.keys(SCOPES) as readonly ScopeName[];
const SAMPLED = 150;
const TIMEOUT = IS_ALL ? 7_200_000 : 600_000;

type Triple = readonly [Operation, Operation, Operation];

const TRIPLES: readonly Triple[] = OPERATIONS.flatMap((a, i) =>
  OPERATIONS.slice(i + 1).flatMap((b, j) => OPERATIONS.slice(i + j + 2).map((c): Triple => [a, b, c])),
);

function isAboutHolds(operations: readonly Operation[]): boolean {
  return operations.includes('place') || operations.includes('release');
}

/** A dozen of them are larger than all others together. */
function isLarge({ operations, start }: HoldModel): boolean {
  const has = (...all: readonly Operation[]): boolean => all.every((one) => operations.includes(one));
  if (has('sweep')) return false;
  if (!isAboutHolds(operations)) return has('register') && !has('lease', 'act');
  return start === 'parked' && (has('lease') || has('act', 'extend'));
}

function modelsOf(operations: Triple): readonly HoldModel[] {
  const turn = NAMES[TRIPLES.indexOf(operations) % NAMES.length] ?? 'entity';
  const scopes = !isAboutHolds(operations) ? [turn] : IS_ALL ? NAMES : [turn];
  const starts = operations.includes('release') ? (['waits', 'parked'] as const) : (['waits'] as const);
  return scopes.flatMap((scope) => starts.map((start) => ({ operations, scope, start })));
}

/** The first of the three in their order: one line of the report for each. */
describe.each(OPERATIONS.slice(0, 6))('%s and two others', (first) => {
  const own = TRIPLES.filter(([one]) => one === first);

  test('nothing is acted on under a hold, and nothing is forgotten', { timeout: TIMEOUT }, async () => {
    const all: Explored[] = [];
    for (const operations of own) {
      for (const model of modelsOf(operations)) {
        const explored = await exploreHolds(model, isLarge(model) && !IS_ALL ? SAMPLED : undefined);
        const name = `${operations.join(', ')} (${model.scope}, ${model.start})`;
        if (process.env['TENURE_MODELS_TELL'] === 'yes')
          process.stdout.write(`${reportOf(name, explored)}\n`);
        expect(explored.wrong, reportOf(name, explored)).toEqual([]);
        all.push(explored);
      }
    }
    expectNothingWrong(`${first} and two others, ${all.length} models`, sumOf(all));
  });
});

function sumOf(all: readonly Explored[]): Explored {
  const sum = (count: (explored: Explored) => number): number => all.reduce((to, one) => to + count(one), 0);
  return {
    how: 'all',
    runs: sum(({ runs }) => runs),
    states: sum(({ states }) => states),
    interleavings: sum(({ interleavings }) => interleavings),
    seconds: sum(({ seconds }) => seconds),
    wrong: [],
  };
}
