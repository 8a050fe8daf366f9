import { describe, test } from 'vitest';
import type { WideHold } from '../../../shared/domain/record/hold.ts';
import { exploreHolds, type HoldModel } from '../../support/holds/hold-model.ts';
import type { Alter, Operation } from '../../support/holds/hold-operations.ts';
import { expectCaught } from '../../support/model/expect-explored.ts';

/** Each is a step in another order, or left out. The model finds what the right order is for. */
interface Wrong {
  readonly what: string;
  readonly operations: HoldModel['operations'];
  readonly scope: HoldModel['scope'];
  readonly start?: HoldModel['start'];
  readonly by: Operation;
  readonly alter: Alter;
  readonly finds: RegExp;
}

const NOT_NAMED = /after the answer of a hold that did not name the attempt/;
const FORGOTTEN = /due for ever/;

/** What this call would have answered when that other one is made. */
function early<Method extends 'workRecords' | 'wideHolds' | 'states' | 'parked'>(
  method: Method,
  before: 'recordHold' | 'begin' | 'recordRelease',
  ...asked: readonly unknown[]
): Alter {
  return (registry) => {
    const ask = registry[method] as (...args: readonly unknown[]) => Promise<unknown>;
    const then = registry[before] as (...args: readonly unknown[]) => Promise<unknown>;
    let answer: Promise<unknown> | undefined;
    return {
      ...registry,
      [before]: async (...args: readonly unknown[]) => {
        answer ??= ask(...asked);
        await answer;
        return then(...args);
      },
      [method]: async (...args: readonly unknown[]) => answer ?? ask(...args),
    };
  };
}

const WRONG: readonly Wrong[] = [
  {
    what: 'a hold that reads the work records before it is put',
    operations: ['place', 'lease', 'extend'],
    scope: 'everything',
    by: 'place',
    alter: early('workRecords', 'recordHold', 'notes'),
    finds: NOT_NAMED,
  },
  {
    what: 'a hold on an entity that reads the work records before it is put',
    operations: ['place', 'sweep', 'lease'],
    scope: 'entity',
    by: 'place',
    alter: early('workRecords', 'recordHold', 'notes'),
    finds: NOT_NAMED,
  },
  {
    what: 'a hold whose answer names no attempt',
    operations: ['place', 'act', 'extend'],
    scope: 'category',
    by: 'place',
    alter: (registry) => ({ ...registry, workRecords: async () => [] }),
    finds: NOT_NAMED,
  },
  {
    what: 'a worker that reads the holds before it puts its work record',
    operations: ['place', 'sweep', 'lease'],
    scope: 'policy',
    by: 'lease',
    alter: early('wideHolds', 'begin'),
    finds: NOT_NAMED,
  },
  {
    what: 'a worker that parks without reading the hold again',
    operations: ['release', 'sweep', 'lease'],
    scope: 'store',
    by: 'lease',
    alter: (registry) => ({
      ...registry,
      wideHold: async (id): Promise<WideHold> => ({
        id,
        kind: 'hold',
        scope: { store: 'notes' },
        state: 'placed',
        at: 0,
      }),
    }),
    finds: FORGOTTEN,
  },
  {
    what: 'a release that lists what is parked before it ends the hold',
    operations: ['release', 'sweep', 'lease'],
    scope: 'everything',
    by: 'release',
    alter: early('parked', 'recordRelease', 'h-1'),
    finds: FORGOTTEN,
  },
  {
    what: 'a release that hints nothing',
    operations: ['place', 'release', 'sweep'],
    scope: 'everything',
    start: 'parked',
    by: 'release',
    alter: (registry) => ({ ...registry, putHints: async () => undefined }),
    finds: FORGOTTEN,
  },
  {
    what: 'a registration that takes a record out of the parked ones without a hint',
    operations: ['release', 'sweep', 'register'],
    scope: 'entity',
    start: 'parked',
    by: 'register',
    alter: (registry) => ({ ...registry, putHints: async () => undefined }),
    finds: FORGOTTEN,
  },
];

describe('the models of holds catch', () => {
  test.each(WRONG)('$what', async ({ what, operations, scope, start = 'waits', by, alter, finds }) => {
    expectCaught(what, await exploreHolds({ operations, scope, start, alter: { [by]: alter } }), finds);
  });
});
