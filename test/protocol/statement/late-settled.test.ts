import { expect, test } from 'vitest';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { lanesBefore } from '../../../shared/protocol/statement/stated-days.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { STORE, world } from '../../support/driver/world.ts';
import { nameOf, statedIn } from '../../support/log/stated.ts';

const START = '2026-03-01T08:00:00Z';

async function due(at: string): Promise<Driver> {
  const d = await driver({ start: START, rules: { notes: ['1 day after contract.ended'] } });
  d.registers('a', ['c-a']);
  d.store.put(['a'], {});
  d.happens('contract.ended', 'c-a', `2026-03-01T${at}Z`);
  return d;
}

/** The worker dies at this call, and its lane stands still until this time. */
function dies(d: Driver, at: string): void {
  d.onNext('dispose', (call) => {
    if (call.name !== at) return call.make();
    d.down.add('dispose');
    call.abandon();
    return new Promise(() => undefined);
  });
}

/** By the last day of each statement, the states of the first generation. */
async function states(d: Driver, name: string): Promise<readonly string[]> {
  return statedIn(d.registry).flatMap(({ statement, lines }) =>
    lines.flatMap((line) =>
      line.startsWith(`${name} `) ? [`${statement.last} ${line.slice(name.length + 1)}`] : [],
    ),
  );
}

test.each([
  ['23:55:40', '2026-03-02 settled'],
  // At 23:59:20, and its tombstone says 00:00.
  ['23:56:40', '2026-03-02 settled'],
])('what was disposed of in the last minutes of a day was settled on it (%s)', async (at, state) => {
  const d = await due(at);
  await d.runUntil('2026-03-05T08:00:00Z');
  expect(await states(d, await nameOf(d.core.keys, d.holding('a') as never))).toEqual([state]);
});

test.each([
  // The next attempt reads back, four days later, after the record was registered again.
  ['registry.putResult', '2026-03-06 settled'],
  // The entry is of 2 March already.
  ['registry.writeHoldings', undefined],
])(
  'what a worker acted on before it died at %s is open until it is settled, although it was registered again',
  async (call, settled) => {
    const d = await due('10:00:00');
    await d.runUntil('2026-03-02T09:50:00Z');
    dies(d, call);
    await d.runUntil('2026-03-02T10:05:00Z');
    expect(d.effectsOn('a')).toHaveLength(1);
    const name = await nameOf(d.core.keys, d.holding('a') as never);
    d.registers('a', ['c-b']);
    await d.runUntil('2026-03-06T10:05:00Z');
    d.down.clear();
    await d.runUntil('2026-03-08T08:00:00Z');
    expect(d.holding('a')?.generation).toBe(2);
    const open = ['02', '03', '04', '05'].map((day) => `2026-03-${day} open`);
    expect(await states(d, name)).toEqual([...open, ...(settled === undefined ? [] : [settled])]);
  },
);

test('what was settled before its worker died is not open on the days after that', async () => {
  const d = await due('10:00:00');
  await d.runUntil('2026-03-02T09:50:00Z');
  dies(d, 'registry.deleteChunk');
  await d.runUntil('2026-03-05T08:00:00Z');
  expect(d.holding('a')?.state).toBe('disposed');
  expect((await d.registry.workRecords(STORE)).flatMap(({ actedOn }) => actedOn)).toHaveLength(1);
  const name = await nameOf(d.core.keys, d.holding('a') as never);
  expect(await states(d, name)).toEqual(['2026-03-02 settled']);
});

test('what a worker acted on before it died is open while its lane is paused, although nothing works on it', async () => {
  const d = await due('10:00:00');
  await d.runUntil('2026-03-02T09:50:00Z');
  dies(d, 'registry.putResult');
  await d.runUntil('2026-03-02T10:05:00Z');
  const name = await nameOf(d.core.keys, d.holding('a') as never);
  const pause = { id: 'p', kind: 'pause', scope: { everything: true }, state: 'placed', at: 0 } as const;
  await placeHold(d.core, pause);
  d.down.clear();
  d.registers('a', ['c-b']);
  await d.runUntil('2026-03-05T08:00:00Z');
  expect(await d.registry.workRecords(STORE)).toEqual([]);
  await release(d.core, pause);
  await d.runUntil('2026-03-07T08:00:00Z');
  expect(await states(d, name)).toEqual([
    ...['02', '03', '04'].map((day) => `2026-03-${day} open`),
    '2026-03-05 settled',
  ]);
});

test('what was acted on after the end of the days was not due in them for that', async () => {
  const w = world();
  const days = { from: Date.parse('2026-03-02'), to: Date.parse('2026-03-03') };
  const one = { stage: 'delete', version: 1, ref: w.ref('a') } as const;
  const actedOn = [
    { ...one, generation: 1, lookedAt: days.to - 1, records: 'sealed' },
    { ...one, generation: 2, lookedAt: days.to },
  ];
  Object.assign(w.registry, { workRecords: async () => [{ actedOn }] });
  expect([...(await lanesBefore(w.core, days)).actedOn]).toEqual([
    [`${w.ref('a')} 1`, [{ stage: 'delete', version: 1 }]],
  ]);
  expect((await lanesBefore(w.core, undefined)).actedOn.size).toBe(0);
});
