import { expect, test } from 'vitest';
import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import { logRef } from '../../../shared/domain/configuration/references.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { confirmAsked } from '../../../shared/protocol/vendor/confirm-asked.ts';
import { aboutToBeDue, DELETING } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { beforeCall, counting } from '../../support/driver/kill-points.ts';
import { entriesIn } from '../../support/driver/violations.ts';
import { memoryVendor, type MemoryVendor } from '../../support/vendor/memory-vendor.ts';
import { vendorViolations } from '../../support/vendor/vendor-violations.ts';

const HOUR = 3_600_000;

/** The vendor has lost the request, so it never says that it is done. */
async function waiting(): Promise<{ d: Driver; vendor: MemoryVendor; record: LogRef }> {
  const vendor = memoryVendor({ loses: 1 });
  const d = await aboutToBeDue({ ...DELETING, vendor: (records, now) => vendor.store(records, now) });
  await d.pass(2 * HOUR);
  const key = await d.core.keys.logKey(yearOf(d.holding('n-1')?.registeredAt ?? 0));
  return { d, vendor, record: logRef(key, d.ref('n-1')) };
}

const told = (d: Driver) => entriesIn(d).map(({ entry }) => [entry.outcome, entry.answer]);

test('what a person has heard of the vendor ends the stage, and the entry says that it was a person', async () => {
  const { d, vendor, record } = await waiting();
  const asked = vendor.questions();
  expect(await confirmAsked(d.core, record)).toBe('confirmed');
  await d.pass(2 * HOUR);
  expect(told(d)).toEqual([
    ['requested', undefined],
    ['confirmed-by-vendor', 'BY_PERSON'],
  ]);
  expect([vendor.sent.length, vendor.questions()]).toEqual([1, asked]);
  expect(d.holding('n-1')?.state).toBe('disposed');
  expect(d.registry.allChunks()).toEqual([]);
  expect(await vendorViolations(d, vendor)).toEqual([]);
});

test('it is said once, however often it is sent, and of open requests only', async () => {
  const { d, record } = await waiting();
  expect(await confirmAsked(d.core, 'A'.repeat(22) as LogRef)).toBe('none');
  expect(await confirmAsked(d.core, record)).toBe('confirmed');
  expect(await confirmAsked(d.core, record)).toBe('confirmed');
  await d.pass(2 * HOUR);
  expect(await confirmAsked(d.core, record)).toBe('none');
  expect(told(d)).toHaveLength(2);
});

test('it is said while a worker asks the vendor, at each of its calls: it counts, or has to be said again', async () => {
  const calls: string[] = [];
  const { d: undisturbed } = await waiting();
  undisturbed.onNext('dispose', counting(calls));
  await undisturbed.pass(3 * HOUR);
  expect(calls).toContain('store.readBack');
  const answers = new Set<string>();
  const wrong: string[] = [];
  for (const [index, call] of calls.entries()) {
    const { d, vendor, record } = await waiting();
    let answer = '';
    d.onNext(
      'dispose',
      beforeCall(index + 1, async () => {
        answer = await confirmAsked(d.core, record);
      }),
    );
    await d.pass(6 * HOUR);
    answers.add(answer);
    const state = d.holding('n-1')?.state;
    if (state !== (answer === 'confirmed' ? 'disposed' : 'active'))
      wrong.push(`said before ${call}: ${answer}, and it is ${state}`);
    wrong.push(...(answer === 'confirmed' ? await vendorViolations(d, vendor) : []));
  }
  expect(wrong).toEqual([]);
  expect(answers).toEqual(new Set(['busy', 'confirmed']));
});
