import { describe, expect, test } from 'vitest';
import { aboutToBeDue, DELETING, type Play } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { counting, killAt } from '../../support/driver/kill-points.ts';
import type { Interceptor } from '../../../local/virtual/run-function.ts';
import { entriesIn } from '../../support/driver/violations.ts';
import { memoryVendor, type MemoryVendor, type VendorOptions } from '../../support/vendor/memory-vendor.ts';
import { vendorViolations } from '../../support/vendor/vendor-violations.ts';

const DAY = 86_400_000;

interface Scene extends VendorOptions {
  /** The run that dies: that one of those which make this call. */
  readonly call: 'store.delete' | 'store.readBack';
  readonly nth: number;
  /** How many different requests there are in the end. */
  readonly requests?: number;
}

interface Played {
  readonly d: Driver;
  readonly vendor: MemoryVendor;
  /** The calls of each run of the worker. */
  readonly calls: readonly (readonly string[])[];
}

/** `run`: the one that is disturbed, from 0. */
async function played(options: VendorOptions, run: number, victim: Interceptor): Promise<Played> {
  const vendor = memoryVendor(options);
  const play: Play = { ...DELETING, more: ['n-2'], vendor: (records, now) => vendor.store(records, now) };
  const d = await aboutToBeDue(play);
  const calls: string[][] = [];
  for (let number = 0; number < 200; number += 1) {
    const own: string[] = [];
    calls.push(own);
    d.onNext('dispose', number === run ? victim : counting(own));
  }
  await d.pass(options.loses === undefined ? 2 * DAY : 9 * DAY);
  return { d, vendor, calls };
}

async function wrongIn({ d, vendor }: Played, { requests = 1 }: Scene) {
  const wrong = [...(await vendorViolations(d, vendor))];
  for (const id of ['n-1', 'n-2']) {
    const own = vendor.sent.filter(({ locator }) => locator[0] === id);
    const names = new Set(own.map((one) => one.id));
    if (names.size !== requests) wrong.push(`${id}: ${names.size} different requests`);
    if (d.effectsOn(id).length !== 1) wrong.push(`${id}: deleted ${d.effectsOn(id).length} times`);
    if (d.holding(id)?.state !== 'disposed') wrong.push(`${id}: not disposed of`);
  }
  if (entriesIn(d).some(({ entry }) => entry.rule === '')) wrong.push('an entry does not say by which rule');
  return wrong;
}

const SCENES: Readonly<Record<string, Scene>> = {
  'a worker that asks': { call: 'store.delete', nth: 0 },
  'a worker that asks a vendor whose records can be read': {
    call: 'store.delete',
    nth: 0,
    reads: true,
    follows: false,
  },
  'a worker that asks what came of it': { call: 'store.readBack', nth: 0 },
  'a worker that hears that it is done': { call: 'store.readBack', nth: -1 },
  'a worker that asks again': { call: 'store.delete', nth: 1, loses: 2, requests: 2 },
};

describe('a worker of a vendor that is killed at each of its calls', () => {
  test.for(Object.entries(SCENES))(
    '%s: no request is lost, and none is sent as another one',
    async ([, scene]) => {
      const undisturbed = await played(scene, -1, counting([]));
      expect(await wrongIn(undisturbed, scene)).toEqual([]);
      const which = undisturbed.calls
        .flatMap((own, run) => (own.includes(scene.call) ? [run] : []))
        .at(scene.nth);
      const calls = undisturbed.calls[which ?? -1] ?? [];
      expect(calls).toContain('registry.begin');
      const wrong: string[] = [];
      for (const [index, call] of calls.entries()) {
        for (const when of ['before', 'after'] as const) {
          const found = await wrongIn(await played(scene, which ?? 0, killAt(index + 1, when)), scene);
          wrong.push(...found.map((what) => `killed ${when} ${index + 1} ${call}: ${what}`));
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});

test('each of them is told: first that it is asked for, then that the vendor says that it is done', async () => {
  const { d } = await played({}, -1, counting([]));
  const outcomes = entriesIn(d).map(({ entry }) => entry.outcome);
  expect(outcomes).toEqual(['requested', 'requested', 'confirmed-by-vendor', 'confirmed-by-vendor']);
});
