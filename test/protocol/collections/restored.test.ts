import { beforeAll, describe, expect, test } from 'vitest';
import { restoreProgress } from '../../../shared/protocol/restore/restored.ts';
import { SEGMENTS } from '../../../shared/protocol/walk.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { PEOPLE, say } from '../../support/driver/people-with-collections.ts';
import { ORDERS, type Step, take } from '../../support/driver/restore-steps.ts';
import {
  archivedSince,
  type Former,
  type Life,
  lived,
  restored,
  TABLE,
} from '../../support/driver/restored-life.ts';

const HOUR = 3_600_000;

function written(d: Driver, contract: string, ids: readonly string[]): void {
  for (const id of ids) d.store.put([id], { contract });
}

function happens(d: Driver, type: string, contract: string): void {
  const sent = new Date(d.clock.now()).toISOString();
  d.happens(type, contract, sent, { sent });
}

/** What the table forgets: an erasure, that the customer came back, another contract, and the end of a third one. */
const life: Life = {
  options: { ...PEOPLE, rules: { ...PEOPLE.rules, notes: ['1 day after contract.ended'] } },
  ids: ['old', 'back', 'young', 'ended', 'ended again'],
  async until(d) {
    written(d, 'c-1', ['old']);
    written(d, 'c-3', ['ended']);
    for (const said of ['started', 'link'] as const) say(d, said);
    happens(d, 'contract.started', 'c-3');
    await d.runUntil('2026-03-03T10:30:00Z');
  },
  async after(d) {
    say(d, 'asked');
    d.happens('contract.ended', 'c-3', '2026-03-02T11:00:00Z');
    await d.pass(2 * HOUR);
    written(d, 'c-1', ['back']);
    happens(d, 'contract.renewed', 'c-1');
    written(d, 'c-2', ['young']);
    happens(d, 'contract.started', 'c-2');
    await d.pass(2 * HOUR);
    // The third one begins again, and ends again.
    written(d, 'c-3', ['ended again']);
    happens(d, 'contract.started', 'c-3');
    await d.pass(HOUR);
    d.happens('contract.ended', 'c-3', '2026-03-02T12:00:00Z', {
      sent: new Date(d.clock.now()).toISOString(),
    });
    await d.pass(2 * HOUR);
  },
};

/** What is left, and what each collection has come to. */
function stands(d: Driver) {
  const told = (id: string) => {
    const { state, generation, variants = [] } = d.collection(id) ?? {};
    return { state, generation, sent: state === 'active' ? variants.map(({ sent }) => sent) : [] };
  };
  const left = life.ids.filter((id) => d.store.fields([id]) !== undefined);
  return { left, 'c-1': told('c-1'), 'c-2': told('c-2'), 'c-3': told('c-3') };
}

const isErasure = (body: string): boolean => body.includes('tenure.request.erase');

const steps = { resumes: 'guarded' } as const;

async function play(former: Former, order: readonly Step[]): Promise<Driver> {
  const d = await restored(former);
  for (const step of order) await take(d, former, step, steps);
  expect(d.store.effects).toEqual([]);
  return toTheEnd(d, former);
}

/** A person follows the runbook. */
async function toTheEnd(d: Driver, former: Former): Promise<Driver> {
  for (const step of ['log', 'replay 1', 'replay 2', 'walk'] as const) await take(d, former, step, steps);
  return andGoesOn(d, former);
}

async function andGoesOn(d: Driver, former: Former): Promise<Driver> {
  await d.pass(HOUR);
  await take(d, former, 'walk', steps);
  await take(d, former, 'resume', steps);
  expect((await restoreProgress(d.core, TABLE)).missing).toEqual([]);
  await d.pass(24 * HOUR);
  return d;
}

describe('collections in a registry that was restored to an earlier time', () => {
  let former: Former;
  beforeAll(async () => {
    former = await lived(life);
  });

  /** A generation more says that there was nothing left. */
  function expectAsBefore(d: Driver, told: string): void {
    const { 'c-3': third, ...others } = stands(former.driver);
    const after = stands(d);
    const disposed: unknown = expect.objectContaining({ state: 'disposed' });
    expect({ told, ...after }).toEqual({ told, ...others, 'c-3': disposed });
    expect(after['c-3'].generation).toBeGreaterThanOrEqual(third.generation ?? 0);
  }

  test('are what they were, and what was written after an erasure stays', async () => {
    const before = stands(former.driver);
    expect(before.left).toEqual(['back', 'young']);
    expect(before['c-3']).toMatchObject({ state: 'disposed' });
    for (const order of ORDERS.filter((_order, index) => index % 4 === 0))
      expectAsBefore(await play(former, order), order.join(', '));
  }, 300_000);

  test.for([1, 2, 3])(
    'and where the archive comes just before the walk over the holdings writes the %i. time',
    async (time) => {
      const d = await restored(former);
      await take(d, former, 'log', steps);
      let writes = 0;
      for (let segment = 0; segment < SEGMENTS; segment += 1)
        d.onNext('sweep', async ({ name, make }) => {
          if (name === 'registry.writeHoldings') writes += 1;
          if (name === 'registry.writeHoldings' && writes === time) {
            // The bus promises no order. What ended a collection is not known yet when what began it again comes.
            d.replays(archivedSince(former, d).filter((body) => !isErasure(body)));
            await d.settle();
          }
          return make();
        });
      await take(d, former, 'walk', steps);
      expect(writes).toBeGreaterThanOrEqual(time);
      d.replays(archivedSince(former, d).filter(isErasure));
      await d.settle();
      expectAsBefore(await andGoesOn(d, former), `before write ${time}`);
    },
  );
});
