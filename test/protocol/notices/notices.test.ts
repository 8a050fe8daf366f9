import { describe, expect, test } from 'vitest';
import {
  RESTRICT_REQUESTED,
  RESTRICTION_RELEASED,
  scopeText,
} from '../../../shared/domain/people/effects.ts';
import { handleOf, NOTICE_KINDS, NOTICES } from '../../../shared/domain/record/notice.ts';
import { requestRef } from '../../../shared/domain/configuration/references.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { noteFromCensus } from '../../../shared/protocol/notices/note-from-census.ts';
import { noteRequestClosed } from '../../../shared/protocol/notices/note-request-closed.ts';
import { sendNotices } from '../../../shared/protocol/notices/send-notices.ts';
import { checkPolicies } from '../../../shared/protocol/policies.ts';
import { driver, type Driver, type DriverOptions } from '../../support/driver/driver.ts';
import { everyRunKilled, type Scenario } from '../../support/driver/kill-scenario.ts';
import { world } from '../../support/driver/world.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const START = '2026-03-03T08:30:00Z';
const ENDED = '2026-03-02T10:00:00Z';
const RULES = { notes: ['1 day after contract.ended'] };
const TOLD: DriverOptions = { rules: RULES, start: START, policy: { notify: NOTICE_KINDS } };

const monthAfter = (date: string): string => new Date(Date.parse(date) + 30 * 86_400_000).toISOString();

interface Event {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>> & {
    readonly records?: readonly Record<string, unknown>[];
  };
}
const eventsIn = (d: Driver): readonly Event[] => d.told.map((text) => JSON.parse(text) as Event);
const ids = (d: Driver): readonly string[] => [...new Set(eventsIn(d).map(({ id }) => id))];

/** Records n-1, n-2 … of one contract that has ended. */
async function ended(options: DriverOptions, records = 2): Promise<Driver> {
  const d = await driver(options);
  d.happens('contract.ended', 'c-1-MARKER', ENDED);
  for (let n = 1; n <= records; n += 1) {
    d.registers(`n-${n}-MARKER`, ['c-1-MARKER']);
    d.store.put([`n-${n}-MARKER`], {});
  }
  await d.settle();
  return d;
}

describe('what applications are told', () => {
  test('is nothing, and costs nothing, where no policy wants it', async () => {
    const d = await ended({ rules: RULES, start: START });
    await d.runUntil('2026-03-03T14:00:00Z');
    expect(d.store.size()).toBe(0);
    expect([d.told, d.registry.allNotices()]).toEqual([[], []]);
  });

  test('is one event for what one attempt did to many records alike, with the handle of each', async () => {
    const d = await ended(TOLD);
    await d.runUntil('2026-03-03T14:00:00Z');
    expect(eventsIn(d)).toMatchObject([
      {
        specversion: '1.0',
        source: 'tenure.notices',
        type: 'retention.disposal.completed',
        data: {
          categories: ['notes'],
          stage: 'delete',
          outcome: 'deleted',
          policyVersion: expect.any(String),
        },
      },
    ]);
    const [event] = eventsIn(d);
    const handles = ['n-1-MARKER', 'n-2-MARKER'].map((id) => handleOf(d.ref(id)));
    expect(event?.data.records?.map(({ handle }) => handle).toSorted()).toEqual(handles.toSorted());
    expect(event?.data.records?.[0]).toMatchObject({
      generation: 1,
      due: '2026-03-03T10:00:00.000Z',
      at: expect.any(String),
    });
    expect(d.registry.allNotices()).toEqual([]);
  });

  test('is only the kinds that the policy names', async () => {
    const d = await ended({ ...TOLD, policy: { notify: ['failed', 'blocked'] } });
    await d.runUntil('2026-03-03T14:00:00Z');
    expect(d.store.size()).toBe(0);
    expect(d.told).toEqual([]);
  });

  test('is a failure once, and again when its code is another one or after a day', async () => {
    const d = await ended(TOLD, 1);
    d.store.fail({ call: 'look', code: 'STORE_UNREACHABLE' });
    await d.runUntil('2026-03-04T09:00:00Z');
    const failed = () => eventsIn(d).filter(({ type }) => type === NOTICES.failed);
    expect(failed().map(({ data }) => data['code'])).toEqual(['STORE_UNREACHABLE']);
    await d.runUntil('2026-03-05T18:00:00Z');
    expect(failed()).toHaveLength(2);
    expect(ids(d)).toHaveLength(2);
  });

  test('is a store that does not do what it says once a day, however often it is tried', async () => {
    const d = await ended(TOLD, 1);
    let tries = 0;
    d.store.delete = async (batch) => {
      tries += 1;
      return batch.map(() => ({ outcome: 'deleted' }));
    };
    await d.runUntil('2026-03-04T09:00:00Z');
    expect(tries).toBeGreaterThan(5);
    expect(eventsIn(d).map(({ data }) => data['code'])).toEqual(['READ_BACK_BROKEN']);
    await d.runUntil('2026-03-05T18:00:00Z');
    expect(ids(d)).toHaveLength(2);
  });

  test('is a refusal with its date, as blocked', async () => {
    const d = await ended(TOLD, 1);
    d.store.fail({ call: 'delete', code: 'STORE_LOCKED', until: Date.parse('2026-03-20T00:00:00Z') });
    await d.runUntil('2026-03-04T09:00:00Z');
    expect(eventsIn(d)).toMatchObject([
      {
        type: NOTICES.blocked,
        data: { outcome: 'refused', code: 'STORE_LOCKED', records: [{ until: '2026-03-20T00:00:00.000Z' }] },
      },
    ]);
  });

  test('names no id, no locator and no reference of the registry or of the log', async () => {
    const d = await ended(TOLD);
    d.store.fail({ call: 'delete', code: 'STORE_LOCKED', until: Date.parse('2026-03-20T00:00:00Z') });
    await d.runUntil('2026-03-04T09:00:00Z');
    d.store.repair();
    await d.runUntil('2026-03-20T03:00:00Z');
    const all = d.told.join('\n');
    expect(new Set(eventsIn(d).map(({ type }) => type)).size).toBeGreaterThan(1);
    expect(all).not.toContain('MARKER');
    const contract = await d.contract('c-1-MARKER');
    const entries = d.registry.allResults().flatMap((one) => ('void' in one ? [] : one.entries));
    for (const secret of [
      d.ref('n-1-MARKER'),
      contract,
      ...entries.flatMap(({ token, holding, subjects }) => [
        token,
        holding,
        ...subjects.map(({ ref }) => ref),
      ]),
    ])
      expect(all).not.toContain(secret);
  });

  test('waits while the bus takes nothing, and stops no disposal', async () => {
    const w = world(TOLD);
    const notice = { id: 'n', kind: 'failed', at: 1, data: {} } as const;
    await w.registry.putNotices([notice, { ...notice, id: 'm' }]);
    const sent: string[] = [];
    const answering = (answer: (id: string) => 'durable' | 'failed') => ({
      ...w.core,
      queues: {
        ...w.core.queues,
        notify: async (all: readonly { readonly id: string }[]) =>
          all.map(({ id }) => {
            sent.push(id);
            return answer(id);
          }),
      },
    });
    await sendNotices(
      answering((id) => (id === 'n' ? 'durable' : 'failed')),
      () => true,
    );
    expect(w.registry.allNotices().map(({ id }) => id)).toEqual(['m']);
    await sendNotices(
      answering(() => 'failed'),
      () => true,
    );
    await sendNotices(
      answering(() => 'durable'),
      () => true,
    );
    expect(w.registry.allNotices()).toEqual([]);
    expect(sent.toSorted()).toEqual(['m', 'm', 'm', 'n']);
  });

  test('is all that was noted, also after no policy wants to be told any more', async () => {
    const d = await ended({ rules: RULES, start: START });
    await d.registry.putNotices([{ id: 'n', kind: 'failed', at: 1, data: {} }]);
    await d.runUntil('2026-03-04T02:00:00Z');
    expect(eventsIn(d)).toMatchObject([{ id: 'n', type: NOTICES.failed }]);
    expect(d.registry.allNotices()).toEqual([]);
  });

  test('is a policy that has changed, each time it does, and not what was there before', async () => {
    const rule = { notes: [aRule('1 year after contract.ended')] };
    const first = aPolicy(rule, { notify: ['policy-changed'] });
    const second = { ...first, version: '2', effectiveFrom: Date.parse('2026-06-01T00:00:00Z') };
    const w = world({ policies: [first, second, aPolicy({ other: rule.notes }, { name: 'untold' })] });
    await checkPolicies(w.core);
    expect(w.registry.allNotices()).toEqual([]);
    w.clock.set(Date.parse('2026-06-01T01:00:00Z'));
    await checkPolicies(w.core);
    await checkPolicies(w.core);
    expect(w.registry.allNotices()).toMatchObject([
      {
        kind: 'policy-changed',
        data: { policy: first.name, version: '2', effectiveFrom: '2026-06-01T00:00:00.000Z' },
      },
    ]);
  });

  test('is a request that has come to its end, and none that is open', async () => {
    const request = {
      ref: requestRef(new Uint8Array(32), 'portal', 'r-1-MARKER'),
      kind: 'erase',
      state: 'closed',
      receivedAt: Date.parse('2026-03-01T00:00:00Z'),
      deadline: Date.parse('2026-04-01T00:00:00Z'),
    } as const;
    const quiet = world({ rules: RULES });
    await noteRequestClosed(quiet.core, request);
    expect(quiet.registry.allNotices()).toEqual([]);
    const w = world(TOLD);
    for (const _ of [1, 2]) await noteRequestClosed(w.core, request);
    const [notice, ...more] = w.registry.allNotices();
    expect(more).toEqual([]);
    expect(notice).toMatchObject({
      kind: 'request-closed',
      data: { request: request.ref, kind: 'erase', state: 'closed' },
    });
    expect(JSON.stringify(notice)).not.toContain('MARKER');
    const open = world(TOLD);
    await noteRequestClosed(open.core, { ...request, state: 'running' });
    expect(open.registry.allNotices()).toEqual([]);
  });
});

describe('what the census finds', () => {
  const options: DriverOptions = {
    rules: { notes: ['30 days after contract.ended'] },
    start: START,
    policy: { notify: ['upcoming'], notifyBeforeSeconds: 7 * 86_400 },
  };

  test('is told the lead before the disposal, once for each date, and not of what goes later', async () => {
    const d = await ended(options, 1);
    await d.runUntil('2026-03-24T23:00:00Z');
    expect(d.told).toEqual([]);
    await d.runUntil('2026-03-28T09:00:00Z');
    expect(eventsIn(d)).toMatchObject([
      {
        type: NOTICES.upcoming,
        data: {
          stage: 'delete',
          records: [{ handle: handleOf(d.ref('n-1-MARKER')), due: '2026-04-01T10:00:00.000Z' }],
        },
      },
    ]);
    d.happens('contract.renewed', 'c-1-MARKER', '2026-03-28T09:00:00Z');
    await d.runUntil('2026-03-29T11:00:00Z');
    d.happens('contract.ended', 'c-1-MARKER', '2026-03-29T10:00:00Z');
    await d.runUntil('2026-04-29T09:00:00Z');
    expect(eventsIn(d)).toHaveLength(2);
    expect(ids(d)).toHaveLength(2);
    expect(d.told.join()).not.toContain('MARKER');
    await d.runUntil('2026-04-30T09:00:00Z');
    expect([d.store.size(), d.holding('n-1-MARKER')?.toldOf]).toEqual([0, undefined]);
  });

  test('is told again, under another id, when it gets a date back', async () => {
    const d = await ended(
      { ...options, policy: { notify: ['upcoming'], notifyBeforeSeconds: 60 * 86_400 } },
      1,
    );
    await d.runUntil('2026-03-05T09:00:00Z');
    d.happens('contract.ended', 'c-1-MARKER', '2026-03-04T10:00:00Z', { id: 'later' });
    await d.runUntil('2026-03-07T09:00:00Z');
    d.retracts('c-1-MARKER', 'later');
    await d.runUntil('2026-03-09T09:00:00Z');
    const dates = eventsIn(d).map(({ data }) => data.records?.[0]?.['due']);
    expect(dates).toEqual([ENDED, '2026-03-04T10:00:00Z', ENDED].map((date) => monthAfter(date)));
    expect(ids(d)).toHaveLength(3);
  });

  test('is not told while a legal hold keeps the record, and is told once it does not', async () => {
    const d = await ended(options, 1);
    const hold = { id: 'h-1', kind: 'hold', scope: { category: 'notes' }, state: 'placed', at: 0 } as const;
    await placeHold(d.core, hold);
    await d.runUntil('2026-03-28T09:00:00Z');
    expect(d.told).toEqual([]);
    await release(d.core, hold);
    await d.runUntil('2026-03-30T09:00:00Z');
    expect(eventsIn(d)).toMatchObject([{ type: NOTICES.upcoming, data: { stage: 'delete' } }]);
  });

  test('is not told while a person has forbidden the deletion, and is told after the release', async () => {
    const w = world({ ...options, policy: { notify: ['upcoming'], notifyBeforeSeconds: 60 * 86_400 } });
    const [contract, person] = [w.entity('contract', 'c-1'), w.entity('person', 'p-1')];
    await w.register(await w.registration('n-1', [contract, person]));
    await w.happened(contract, w.fact('contract.ended', ENDED));
    const census = async () => {
      while (w.fanOuts.length > 0) await w.deliver();
      const holding = w.holding('n-1');
      if (holding?.decision?.actAt === undefined) throw new Error('not due');
      await noteFromCensus(w.core, [holding], w.clock.now());
      return w.registry.allNotices();
    };
    const asked = { request: 'r-1', scope: scopeText({ all: true }), forbidsDeletion: true };
    await w.happened(person, { ...w.fact(RESTRICT_REQUESTED, START), attributes: asked });
    expect(await census()).toEqual([]);
    const attributes = { request: 'r-1' };
    await w.happened(person, { ...w.fact(RESTRICTION_RELEASED, START), attributes });
    expect(await census()).toMatchObject([{ kind: 'upcoming', data: { stage: 'delete' } }]);
  });

  test('is a conflict of rules, under the same id each day', async () => {
    const d = await ended(
      {
        rules: { notes: ['at least 3 days after contract.ended', 'within 1 day after contract.ended'] },
        start: START,
        policy: { notify: ['blocked'] },
      },
      1,
    );
    expect(d.holding('n-1-MARKER')?.decision?.status).toBe('conflict');
    await d.runUntil('2026-03-06T09:00:00Z');
    expect(eventsIn(d)[0]).toMatchObject({ type: NOTICES.blocked, data: { outcome: 'conflict' } });
    expect(ids(d)).toHaveLength(1);
  });

  test('is told under one id, wherever the sweep dies', async () => {
    const scenario: Scenario = {
      options,
      verb: 'sweep',
      async prepare(d) {
        d.happens('contract.ended', 'c-1', ENDED);
        d.registers('n-1', ['c-1']);
        d.store.put(['n-1'], {});
        await d.runUntil('2026-03-25T09:00:00Z');
        // Only the census is left to tell.
        d.registry.expireHints(Date.parse('2026-03-26T00:00:00Z'));
        await d.runUntil('2026-03-25T23:59:00Z');
        if (d.told.length > 0) throw new Error('it was told before');
      },
      finish: (d) => d.runUntil('2026-03-26T06:00:00Z'),
      wrong: (d) => (ids(d).length === 1 ? [] : [`told under ${ids(d).length} ids`]),
    };
    const { points, wrong } = await everyRunKilled(scenario, 3);
    expect(wrong).toEqual([]);
    expect(points).toBeGreaterThan(10);
  });
});

describe.each(['dispose', 'sweep'] as const)('%s is killed before and after each of its calls', (verb) => {
  test('every disposal is told, under one id', async () => {
    const scenario: Scenario = {
      options: TOLD,
      verb,
      async prepare(d) {
        d.happens('contract.ended', 'c-1', ENDED);
        d.registers('n-1', ['c-1']);
        d.store.put(['n-1'], {});
        await d.runUntil('2026-03-03T09:59:00Z');
      },
      finish: (d) => d.runUntil('2026-03-03T18:00:00Z'),
      wrong(d) {
        const told = eventsIn(d).filter(({ type }) => type === NOTICES.completed);
        return [
          ...(new Set(told.map(({ id }) => id)).size === 1 ? [] : [`told under ${ids(d).length} ids`]),
          ...(d.registry.allNotices().length > 0 ? ['a notice is left'] : []),
          ...(d.store.size() > 0 ? ['it was not disposed of'] : []),
        ];
      },
    };
    const { points, wrong } = await everyRunKilled(scenario, verb === 'sweep' ? 2 : 1);
    expect(wrong).toEqual([]);
    expect(points).toBeGreaterThan(10);
  });
});
