import { expect, test } from 'vitest';
import { sweepHandler } from '../../../functions/sweep/handler.ts';
import { isReviewOverdue, reportReviews } from '../../../shared/protocol/people/hold-review.ts';
import { listAttention } from '../../../shared/protocol/attention/list-attention.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { world } from '../../support/driver/world.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { at } from '../../support/driver/dying-worker.ts';

const DAY = 86_400_000;
const REVIEW = at('2026-06-30T00:00:00Z');

function held(pageSize = 2) {
  const w = world({ start: '2026-03-01T10:00:00Z', pageSize });
  const person = w.entity('person', 'p-1').ref;
  const hold = (id: string, reviewBy?: number) =>
    aHoldOn(person, { id, ...(reviewBy !== undefined && { reviewBy }) });
  return { w, hold };
}

const lateOf = ({ w }: ReturnType<typeof held>) =>
  w.reports.lines
    .filter(({ fields }) => fields?.code === 'hold-review')
    .map(({ code, fields }) => [code, fields?.count, fields?.seconds]);

test('a hold is past its review date when that day is over, and not once it is released', () => {
  const { hold } = held();
  const one = hold('h-1', REVIEW);
  expect(isReviewOverdue(one, REVIEW + DAY - 1)).toBe(false);
  expect(isReviewOverdue(one, REVIEW + DAY)).toBe(true);
  expect(isReviewOverdue({ ...one, state: 'released' }, REVIEW + DAY)).toBe(false);
  expect(isReviewOverdue(hold('h-2'), REVIEW + 1000 * DAY)).toBe(false);
});

test('holds past their review date are reported with their number and how late the oldest is', async () => {
  const it = held();
  const { w, hold } = it;
  const all = [hold('h-1', REVIEW), hold('h-2', REVIEW - DAY), hold('h-3'), hold('h-4', REVIEW - 2 * DAY)];
  for (const one of all) await placeHold(w.core, one);
  await reportReviews(w.core);
  expect(lateOf(it)).toEqual([]);
  w.clock.set(REVIEW + DAY + 5000);
  await release(w.core, hold('h-4'));
  await reportReviews(w.core);
  expect(lateOf(it)).toEqual([['sweep.waiting-too-long', 2, 86_400 + 5]]);
});

test('the daily census reports them, and goes on if they cannot be read', async () => {
  const it = held();
  const { w, hold } = it;
  await placeHold(w.core, hold('h-1', REVIEW));
  w.clock.set(REVIEW + 2 * DAY);
  const message = (segment: number) =>
    ({ messageId: 'm', body: JSON.stringify({ kind: 'walk', walk: 'census/2026-07-02', segment }) }) as never;
  await sweepHandler(w.core)({ Records: [message(1)] });
  expect(lateOf(it)).toEqual([]);
  await sweepHandler(w.core)({ Records: [message(0)] });
  expect(lateOf(it)).toHaveLength(1);
  const core = {
    ...w.core,
    registry: { ...w.registry, holdRecords: () => Promise.reject(new Error('down')) },
  };
  expect(await sweepHandler(core)({ Records: [message(0)] })).toEqual({ batchItemFailures: [] });
  expect(lateOf(it)).toHaveLength(1);
  expect(w.reports.lines.filter(({ code }) => code === 'sweep.failed')).toHaveLength(1);
});

test('attention lists them as they are now', async () => {
  const { w, hold } = held();
  for (const n of [1, 2, 3, 4, 5]) await placeHold(w.core, hold(`h-${n}`, REVIEW - n * DAY));
  const groups = async () => {
    const found = [];
    let page = await listAttention(w.core, w.clock.now());
    for (;;) {
      found.push(...page.groups.filter(({ reason }) => reason === 'hold-review'));
      if (page.next === undefined) return found;
      page = await listAttention(w.core, w.clock.now(), page.next);
    }
  };
  expect(await groups()).toEqual([]);
  w.clock.set(REVIEW);
  const all = await groups();
  expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(5);
  expect(Math.min(...all.map(({ oldest }) => oldest))).toBe(REVIEW - 5 * DAY);
  expect(all[0]).toMatchObject({ status: 'hold' });
});
