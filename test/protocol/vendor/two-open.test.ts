import { expect, test } from 'vitest';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { handleOf } from '../../../shared/domain/record/notice.ts';
import { register } from '../../../shared/protocol/registration.ts';
import { openRequestsAbout } from '../../../shared/protocol/vendor/confirm-asked.ts';
import { HttpOptions } from '../../../shared/stores/http/http-options.ts';
import { http } from '../../../shared/stores/http/http.ts';
import { aboutToBeDue } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { beforeCall, counting, killAt } from '../../support/driver/kill-points.ts';
import { entriesIn } from '../../support/driver/violations.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A vendor without an API was asked to restrict a record, and then to delete it, and has not answered. */
async function bothOpen(): Promise<Driver> {
  const notice = ['delete', 'restrict'];
  const store = await http.open(HttpOptions.parse({ notice }), {
    region: 'eu-central-1',
    keys: [{ name: 'id', type: 'text' }],
    timeoutSeconds: 5,
    pseudonymKey: async () => new Uint8Array(),
  });
  const d = await aboutToBeDue({
    restricts: true,
    rules: { notes: ['restrict 1 day after contract.ended', 'delete 3 days after contract.ended'] },
    store: { kind: 'http', options: { notice } },
    vendor: () => store,
  });
  await d.pass(4 * DAY);
  expect(told(d)).toEqual(['restrict requested', 'delete requested']);
  return d;
}

/** A person says that the vendor has carried out this stage. */
async function confirmed(d: Driver, stage: string): Promise<void> {
  const record = handleOf(d.ref('n-1')) as LogRef;
  const open = await openRequestsAbout(d.core, record);
  const requests = open.flatMap((one) => (one.stage === stage ? [one.request] : []));
  d.toSweep({ kind: 'confirm-vendor', lane: d.core.lane, record, requests });
  await d.pass(4 * HOUR);
}

const told = (d: Driver) => entriesIn(d).map(({ entry }) => `${entry.stage} ${entry.outcome}`);
/** The stages of the events, also of those that came twice. */
const events = (d: Driver) =>
  d.told
    .map((text) => JSON.parse(text))
    .filter(({ type }) => type === 'retention.vendor.notice')
    .map(({ data }) => data.stage);

test('a vendor is not asked once more for the deletion that it has confirmed', async () => {
  const d = await bothOpen();
  await confirmed(d, 'delete');
  expect(told(d)).toEqual(['restrict requested', 'delete requested', 'delete confirmed-by-vendor']);
  expect(events(d)).toEqual(['restrict', 'delete']);
  expect(d.holding('n-1')?.state).toBe('disposed');
  expect(d.registry.allChunks()).toEqual([]);
});

test('a vendor that has confirmed a restriction is not asked once more for the deletion', async () => {
  const d = await bothOpen();
  await confirmed(d, 'restrict');
  expect(told(d)).toEqual(['restrict requested', 'delete requested', 'restrict confirmed-by-vendor']);
  expect(events(d)).toEqual(['restrict', 'delete']);
  expect(d.registry.allChunks()).toHaveLength(1);
  await confirmed(d, 'delete');
  expect(told(d).slice(3)).toEqual(['delete confirmed-by-vendor']);
  expect(d.holding('n-1')?.state).toBe('disposed');
  expect(d.registry.allChunks()).toEqual([]);
});

/** The calls of the worker that tells what a person has said of the restriction. */
async function callsOf(): Promise<readonly string[]> {
  const d = await bothOpen();
  const runs: string[][] = [];
  for (let run = 0; run < 20; run += 1) {
    const calls: string[] = [];
    runs.push(calls);
    d.onNext('dispose', counting(calls));
  }
  await confirmed(d, 'restrict');
  const index = runs.findIndex((calls) => calls.includes('registry.putResult'));
  expect(index).toBe(0);
  return runs[index] ?? [];
}

test('a worker that tells it may die at any call: nothing is confirmed twice, and no other request is made', async () => {
  const wrong: string[] = [];
  for (const [index, call] of (await callsOf()).entries()) {
    for (const when of ['before', 'after'] as const) {
      const d = await bothOpen();
      d.onNext('dispose', killAt(index + 1, when));
      for (const stage of ['restrict', 'delete']) await confirmed(d, stage);
      const others = told(d)
        .slice(2)
        .filter((one) => !one.endsWith('requested'));
      const ended = JSON.stringify([others, d.holding('n-1')?.state, d.registry.allChunks().length]);
      const expected = ['restrict confirmed-by-vendor', 'delete confirmed-by-vendor'];
      if (ended !== JSON.stringify([expected, 'disposed', 0])) wrong.push(`${when} ${call}: ${ended}`);
      const ids = new Set(d.told.map((text) => (JSON.parse(text) as { id: string }).id));
      if (ids.size !== 2) wrong.push(`${when} ${call}: ${ids.size} requests`);
    }
  }
  expect(wrong).toEqual([]);
});

test('what is registered while it is told is not taken for deleted', async () => {
  const wrong: string[] = [];
  for (const [index, call] of (await callsOf()).entries()) {
    const d = await bothOpen();
    const { ref, locator = '', store, variants: [known] = [] } = d.holding('n-1') ?? {};
    if (ref === undefined || store === undefined || known === undefined) throw new Error('no holding');
    const { producer, categories, purposes } = known;
    const entities = [{ type: 'contract', ref: await d.contract('c-2') }];
    const content = { producer, categories, purposes, entities };
    const received = d.clock.now();
    const registers = async (): Promise<void> =>
      void (await register(d.core, { ref, store, locator, content, sent: received, received }));
    d.onNext('dispose', beforeCall(index + 1, registers));
    await confirmed(d, 'restrict');
    await registers();
    await confirmed(d, 'delete');
    const { generation, state } = d.holding('n-1') ?? {};
    if (generation !== 2 || state !== 'active') wrong.push(`${call}: ${generation} ${state}`);
  }
  expect(wrong).toEqual([]);
});
