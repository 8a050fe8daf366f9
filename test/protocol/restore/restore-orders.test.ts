import { beforeAll, describe, expect, test } from 'vitest';
import type { Entry } from '../../../shared/domain/record/entry.ts';
import { restoreProgress } from '../../../shared/protocol/restore/restored.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { ORDERS, type Step, type Steps, take } from '../../support/driver/restore-steps.ts';
import { type Former, type Life, lived, restored, TABLE } from '../../support/driver/restored-life.ts';
import { entriesOfLog } from '../../support/log/wrong-lists.ts';
import { isResultEntry, violations } from '../../support/driver/violations.ts';

const HOUR = 3_600_000;

/** Deleted one day after the end of the contract. */
const life: Life = {
  options: {
    rules: { notes: ['1 day after contract.ended'] },
    policy: { writeLagSeconds: 60 },
    start: '2026-03-03T08:30:00Z',
  },
  ids: ['gone', 'again', 'young', 'twice', 'later', 'kept', 'masked'],
  async until(d) {
    for (const id of ['gone', 'again', 'later', 'kept']) {
      d.registers(id, [`c-${id}`]);
      d.store.put([id], {});
    }
    for (const id of ['gone', 'again']) d.happens('contract.ended', `c-${id}`, '2026-03-02T12:00:00Z');
    d.happens('contract.ended', 'c-kept', '2026-03-03T12:00:00Z', { id: 'end-of-kept' });
    await d.runUntil('2026-03-03T10:30:00Z');
  },
  async after(d) {
    // Registered and disposed of after the restore point; the second of them twice.
    for (const id of ['young', 'twice']) {
      d.registers(id, [`c-${id}`]);
      d.store.put([id], {});
      d.happens('contract.ended', `c-${id}`, '2026-03-02T11:00:00Z');
    }
    await d.runUntil('2026-03-03T13:30:00Z');
    for (const id of ['gone', 'again', 'young', 'twice'])
      if (d.holding(id)?.state !== 'disposed') throw new Error(`${id} is ${d.holding(id)?.state}`);
    // The application re-uses two keys. One of the new records ends at once.
    for (const id of ['again', 'twice']) {
      d.registers(id, [`c-${id}-2`]);
      d.store.put([id], {});
    }
    d.happens('contract.ended', 'c-twice-2', '2026-03-02T14:00:00Z');
    // This contract has ended later than was said.
    d.corrects('contract.ended', 'c-kept', '2026-03-06T12:00:00Z', 'end-of-kept');
    d.happens('contract.ended', 'c-later', '2026-03-04T12:00:00Z');
    await d.runUntil('2026-03-03T16:30:00Z');
    if (d.holding('twice')?.state !== 'disposed' || d.holding('twice')?.generation !== 2)
      throw new Error('the second record was not disposed of');
  },
};

/** Until when each record has to stay. */
const DUE: Readonly<Record<string, string>> = {
  later: '2026-03-05T12:00:00Z',
  kept: '2026-03-07T12:00:00Z',
  again: '2026-03-09T12:00:00Z',
};

function linesOf(d: Driver): readonly Entry[] {
  return entriesOfLog(d.bucket.allObjects()).filter((line) => 'outcome' in line);
}

/** Everything that must never be. */
async function wrongIn(d: Driver): Promise<string[]> {
  const wrong: string[] = [];
  for (const [id, due] of Object.entries(DUE)) {
    const acts = d.effectsOn(id);
    if (acts.some(({ at }) => at < Date.parse(due))) wrong.push(`${id} was disposed of early`);
    if (acts.length !== 1) wrong.push(`${id} was disposed of ${acts.length} times`);
  }
  for (const id of life.ids.filter((one) => DUE[one] === undefined))
    if (d.effectsOn(id).length > 0) wrong.push(`${id} was disposed of again`);
  const told = linesOf(d).filter(isResultEntry);
  const names = told.map(({ holding, generation, stage }) => `${holding} ${generation} ${stage}`);
  if (new Set(names).size < names.length) wrong.push('the log tells one stage twice');
  // What came again after what was sent later may be taken for a new record. The store then says that there is none.
  const others = told.filter(({ generation }) => generation > 2);
  if (others.some(({ outcome }) => outcome !== 'already-so')) wrong.push('a record was disposed of twice');
  if (told.length - others.length !== 8) wrong.push(`the log tells ${told.length - others.length} stages`);
  for (const id of life.ids.slice(0, -1)) {
    const { state, generation } = d.holding(id) ?? {};
    const generations = id === 'twice' ? 2 + others.length : id === 'again' ? 2 : 1;
    if (state !== 'disposed' || generation !== generations)
      wrong.push(`${id} is ${state} in generation ${generation}`);
  }
  // Workers of the former deployment wrote those entries.
  const always = (await violations(d)).filter((what) => !what.endsWith('its worker did nothing'));
  return [...wrong, ...always];
}

async function play(former: Former, order: readonly Step[], steps: Steps): Promise<string[]> {
  const d = await restored(former);
  for (const step of order) await take(d, former, step, steps);
  const before = d.store.effects.length;
  // In the end a person follows the runbook, whatever was done in which order.
  for (const step of ['log', 'replay 1', 'replay 2', 'walk'] as const) await take(d, former, step, steps);
  await d.pass(HOUR);
  await take(d, former, 'walk', steps);
  await take(d, former, 'resume', { resumes: 'guarded' });
  const { missing } = await restoreProgress(d.core, TABLE);
  d.happens('contract.ended', 'c-again-2', '2026-03-08T12:00:00Z');
  await d.runUntil('2026-03-10T12:00:00Z');
  return [
    ...(missing.length > 0 ? [`missing in the end: ${missing.join()}`] : []),
    ...(before > 0 ? ['something was disposed of during the restore'] : []),
    ...(await wrongIn(d)),
  ];
}

describe('a registry that was restored to an earlier time', () => {
  let former: Former;
  beforeAll(async () => {
    former = await lived(life);
  });

  test.each([
    ['what the API allows', 'guarded', 4],
    ['lanes that go on before all holdings were compared with the log', 'early', 1],
  ] as const)(
    'ends as the former one would have, in whatever order it learns the log and the archive: %s',
    async (_, resumes, each) => {
      const wrong: string[] = [];
      const orders = ORDERS.filter((_order, index) => index % each === 0);
      for (const order of orders) {
        const found = await play(former, order, { resumes });
        wrong.push(...found.map((what) => `${order.join(', ')}: ${what}`));
        if (wrong.length > 5) break;
      }
      expect(wrong).toEqual([]);
      expect(orders).toHaveLength(124 / each);
    },
    300_000,
  );

  test('whose lanes go on at once disposes of what was kept or written again: it is caught', async () => {
    const wrong = await play(former, ['resume', 'lanes', 'later', 'log', 'replay', 'walk'], {
      resumes: 'at once',
    });
    expect(wrong.join()).toMatch(/kept was disposed of early/);
  });
});
