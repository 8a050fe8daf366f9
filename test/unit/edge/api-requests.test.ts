import { describe, expect, test } from 'vitest';
import { logRef } from '../../../shared/domain/configuration/references.ts';
import type { ActionEntry } from '../../../shared/domain/record/entry.ts';
import type { RequestRef } from '../../../shared/domain/record/ids.ts';
import { apiWorld, configuration, principals } from '../../support/api-world.ts';
import { everythingIn } from '../../support/everything-in.ts';
import { killedAt } from '../../support/killed-api.ts';
import { requestSettings } from '../../support/people-requests.ts';
import { formsOf } from '../../support/planted.ts';

type World = ReturnType<typeof apiWorld>;
const MARKER = 'zoe.marker@example.org';
const NOW = '2026-03-01T10:00:00Z';

const filing = {
  ...configuration,
  requests: requestSettings({
    filers: { person: ['shop'] },
    regimes: { short: { answer: '3 days' } },
    jurisdictions: { SH: 'short' },
  }),
};
const world = (): World => apiWorld(NOW, undefined, filing);

const erasure = {
  id: 'ticket-1',
  kind: 'erase',
  entity: { type: 'person', id: MARKER },
  jurisdiction: 'DE',
} as const;

interface Shown {
  readonly request: string;
  readonly state: string;
  readonly deadline: string;
  readonly timeline: readonly { readonly did: string; readonly reason?: string }[];
  readonly [name: string]: unknown;
}
/** The one request of an answer that has to be a success. */
function shown({ status, body }: Awaited<ReturnType<World['call']>>): Shown {
  expect(body, JSON.stringify(body)).toMatchObject({ requests: [{}] });
  expect(status).toBe(200);
  const [one] = body['requests'] as readonly Shown[];
  if (one === undefined) throw new Error('no request was answered');
  return one;
}
const code = ({ body, status }: Awaited<ReturnType<World['call']>>): string =>
  `${status} ${String(body['code'])}`;
const published = (of: World): Record<string, unknown>[] =>
  of.bus.drain().map(({ detail }) => JSON.parse(detail) as Record<string, unknown>);
const actionsIn = (of: World): ActionEntry[] =>
  of.registry
    .allResults()
    .flatMap((result) => ('void' in result ? [] : (result.actions ?? [])) as readonly ActionEntry[]);

describe('filing a request', () => {
  test('puts it on record, publishes its fact, and answers with the deadline', async () => {
    const w = world();
    const one = shown(await w.call('operator', '/v1/requests', erasure));
    expect(one).toMatchObject({
      id: 'ticket-1',
      kind: 'erase',
      state: 'running',
      entity: erasure.entity,
      scope: { all: true },
      receivedAt: '2026-03-01T10:00:00.000Z',
      deadline: '2026-04-01T10:00:00.000Z',
      overdue: false,
    });
    expect(one.timeline.map(({ did }) => did)).toEqual(['filed', 'started']);
    expect(published(w)).toMatchObject([
      {
        id: `request/${one.request}`,
        type: 'tenure.request.erase',
        tenureoperator: true,
        data: {
          entity: erasure.entity,
          occurred: '2026-03-01T10:00:00.000Z',
          attributes: { request: one.request, scope: '{"all":true}' },
        },
      },
    ]);
    expect(w.registry.allListedRequests()).toMatchObject([{ ref: one.request }]);
  });

  test('again is the same request, and with another content it is refused', async () => {
    const w = world();
    const one = shown(await w.call('operator', '/v1/requests', erasure));
    w.clock.set(Date.parse('2026-03-02T10:00:00Z'));
    expect(shown(await w.call('operator', '/v1/requests', erasure))).toEqual(one);
    expect(w.registry.allRequests()).toHaveLength(1);
    expect(actionsIn(w)).toHaveLength(1);
    const other = { ...erasure, kind: 'restrict' };
    expect(code(await w.call('operator', '/v1/requests', other))).toBe('409 REQUEST_ID_REUSED');
    // Another caller's ticket 1 is another request.
    expect(shown(await w.call('shop', '/v1/requests', erasure)).request).not.toBe(one.request);
  });

  test('as a dry run says what would happen, and changes nothing', async () => {
    const w = world();
    const before = JSON.stringify(await everythingIn(w.registry));
    const answer = await w.call('operator', '/v1/requests', { ...erasure, dryRun: true });
    expect(shown(answer)).toMatchObject({ state: 'received', deadline: '2026-04-01T10:00:00.000Z' });
    expect(answer.body).toMatchObject({ dryRun: true, holdings: [] });
    expect(JSON.stringify(await everythingIn(w.registry))).toBe(before);
    expect(w.bus.drain()).toEqual([]);
  });

  test('waits for the identity where it is open: nothing is published before', async () => {
    const w = world();
    const one = shown(await w.call('operator', '/v1/requests', { ...erasure, identity: 'open' }));
    expect(one).toMatchObject({
      state: 'awaiting-identity',
      paused: true,
      deadline: '2026-04-01T10:00:00.000Z',
    });
    expect(published(w)).toEqual([]);
    w.clock.set(Date.parse('2026-03-06T10:00:00Z'));
    const known = shown(await w.call('operator', '/v1/requests/identify', { request: one.request }));
    // The five days do not count, and the clock changed in between.
    expect(known).toMatchObject({ state: 'running', deadline: '2026-04-06T10:00:00.000Z' });
    expect(published(w)).toHaveLength(1);
  });

  test.each<[string, keyof typeof principals, object, string]>([
    ['by a producer that is not named for the type', 'rival', {}, '403 REQUEST_NOT_GRANTED'],
    ['by an auditor', 'auditor', {}, '403 FORBIDDEN'],
    ['by nobody', 'nobody', {}, '403 FORBIDDEN'],
    ['about an unknown type', 'operator', { entity: { type: 'persom', id: 'x' } }, '400 ENTITY_TYPE_UNKNOWN'],
    [
      'about an owned type without its producer',
      'operator',
      { entity: { type: 'contract', id: 'x' } },
      '400 BODY_INVALID',
    ],
    [
      'with a copy that forbids deletion',
      'operator',
      { kind: 'export', forbidsDeletion: true },
      '400 BODY_INVALID',
    ],
    ['with a copy of what is to come', 'operator', { kind: 'export', alsoLater: true }, '400 BODY_INVALID'],
    [
      'with a category that is none',
      'operator',
      { scope: { categories: ['registratoin'] } },
      '400 CATEGORY_UNKNOWN',
    ],
    ['with a purpose that is none', 'operator', { scope: { purposes: ['fun'] } }, '400 PURPOSE_UNDECLARED'],
    ['with a producer that is none', 'operator', { scope: { producers: ['shopp'] } }, '403 UNKNOWN_PRODUCER'],
    ['with an objection to everything', 'operator', { kind: 'object' }, '400 BODY_INVALID'],
    [
      'with a restriction of what is to come',
      'operator',
      { kind: 'restrict', alsoLater: true },
      '400 BODY_INVALID',
    ],
    ['with an erasure that forbids deletion', 'operator', { forbidsDeletion: true }, '400 BODY_INVALID'],
    ['from the future', 'operator', { receivedAt: '2026-03-01T10:00:01Z' }, '400 BODY_INVALID'],
    ['with two scopes', 'operator', { scope: { all: true, purposes: ['x'] } }, '400 BODY_INVALID'],
  ])('is refused %s', async (_, who, change, refusal) => {
    const w = world();
    const answer = await w.call(who, '/v1/requests', { ...erasure, ...change });
    expect(code(answer)).toBe(refusal);
    expect(answer.text).not.toContain(MARKER);
    expect([w.registry.allRequests(), w.registry.allListedRequests(), w.bus.drain()]).toEqual([[], [], []]);
  });

  test('is open to a producer about its own entities, and counts in its quota', async () => {
    const w = world();
    const own = { ...erasure, entity: { type: 'contract', id: 'c-1' } };
    expect(shown(await w.call('rival', '/v1/requests', own))).toMatchObject({
      producer: 'rival',
      entity: { type: 'contract', id: 'c-1', producer: 'rival' },
    });
    expect(published(w)).toMatchObject([{ tenureproducer: 'rival', source: 'rival.example' }]);
  });
});

describe('a filed request', () => {
  const filed = async (w: World, change: object = {}): Promise<Shown> =>
    shown(await w.call('operator', '/v1/requests', { ...erasure, ...change }));

  test('is extended once, with a reason that is told, before its deadline', async () => {
    const w = world();
    const { request } = await filed(w);
    const body = { request, reason: 'The archive is large.' };
    const one = shown(await w.call('operator', '/v1/requests/extend', body));
    expect(one).toMatchObject({ state: 'extended', deadline: '2026-06-01T10:00:00.000Z' });
    expect(one.timeline.at(-1)).toMatchObject({ did: 'extended', reason: body.reason });
    expect(shown(await w.call('operator', '/v1/requests/extend', body)).deadline).toBe(one.deadline);
    expect(code(await w.call('operator', '/v1/requests/extend', { request }))).toBe('400 BODY_INVALID');
  });

  test('is not extended when it is too late, or where the law knows no extension', async () => {
    const w = world();
    const { request } = await filed(w);
    w.clock.set(Date.parse('2026-04-01T10:00:01Z'));
    const late = await w.call('operator', '/v1/requests/extend', { request, reason: 'r' });
    expect(code(late)).toBe('409 EXTENSION_TOO_LATE');
    const short = await filed(w, { id: 'ticket-2', jurisdiction: 'SH' });
    const none = await w.call('operator', '/v1/requests/extend', { request: short.request, reason: 'r' });
    expect(code(none)).toBe('409 EXTENSION_NOT_ALLOWED');
  });

  test.each([
    ['cancel', {}, 'cancelled'],
    ['refuse', { reason: 'It is not about a person.' }, 'refused'],
  ])('is called off by %s, which retracts its fact', async (path, more, state) => {
    const w = world();
    const { request } = await filed(w);
    w.bus.drain();
    const one = shown(await w.call('operator', `/v1/requests/${path}`, { request, ...more }));
    expect(one.state).toBe(state);
    expect(published(w)).toMatchObject([
      { type: 'tenure.event.retracted', data: { retracts: `request/${request}`, entity: erasure.entity } },
    ]);
    expect(code(await w.call('operator', '/v1/requests/extend', { request, reason: 'r' }))).toBe(
      '409 REQUEST_STATE',
    );
  });

  test('of a restriction is ended by its release', async () => {
    const w = world();
    const { request } = await filed(w, { kind: 'restrict', forbidsDeletion: true });
    w.bus.drain();
    expect(shown(await w.call('operator', '/v1/requests/release', { request })).state).toBe('closed');
    expect(published(w)).toMatchObject([
      {
        id: `request/${request}/released`,
        type: 'tenure.request.released',
        data: { attributes: { request } },
      },
    ]);
    const erase = await filed(w, { id: 'ticket-2' });
    expect(code(await w.call('operator', '/v1/requests/release', { request: erase.request }))).toBe(
      '409 REQUEST_STATE',
    );
  });

  test('tells once that it has ended: a release after that does not end it again', async () => {
    const policies = filing.policies.policies.map((one) => ({ ...one, notify: ['request-closed' as const] }));
    const w = apiWorld(NOW, undefined, { ...filing, policies: { policies } });
    const file = async (id: string) => {
      const { request } = shown(
        await w.call('operator', '/v1/requests', { ...erasure, id, kind: 'restrict' }),
      );
      await w.deliver();
      return { request };
    };
    const told = () => w.registry.allNotices().map(({ data }) => data['state']);
    const open = await file('ticket-1');
    await w.call('operator', '/v1/requests/release', open);
    expect(told()).toEqual(['closed']);
    const closing = await file('ticket-2');
    await w.sweepAt('2026-03-01T13:00:00Z');
    expect(shown(await w.call('operator', '/v1/requests/query', closing)).state).toBe('closed');
    await w.registry.deleteNotices(w.registry.allNotices().map(({ id }) => id));
    await w.call('operator', '/v1/requests/release', closing);
    expect(told()).toEqual([]);
  });

  test('for access has no fact, and is closed by a person', async () => {
    const w = world();
    const { request, state } = await filed(w, { kind: 'access' });
    expect(state).toBe('running');
    expect(published(w)).toEqual([]);
    expect(shown(await w.call('operator', '/v1/requests/close', { request })).state).toBe('closed');
    const erase = await filed(w, { id: 'ticket-2' });
    expect(code(await w.call('operator', '/v1/requests/close', { request: erase.request }))).toBe(
      '409 REQUEST_STATE',
    );
  });

  test('is found by its name or by the id of its filer, and listed while it is open', async () => {
    const w = world();
    const mine = shown(await w.call('shop', '/v1/requests', erasure));
    const theirs = await filed(w);
    const ask = (who: 'shop' | 'rival' | 'operator' | 'auditor', body: object) =>
      w.call(who, '/v1/requests/query', body);
    expect(shown(await ask('shop', { id: 'ticket-1' })).request).toBe(mine.request);
    expect(shown(await ask('operator', { id: 'ticket-1' })).request).toBe(theirs.request);
    expect(shown(await ask('operator', { id: 'ticket-1', producer: 'shop' })).request).toBe(mine.request);
    expect(shown(await ask('auditor', { request: mine.request })).request).toBe(mine.request);
    // A producer learns of no request but its own.
    expect(code(await ask('shop', { request: theirs.request }))).toBe('404 NOT_FOUND');
    expect(code(await ask('shop', { id: 'ticket-1', producer: 'rival' }))).not.toBe('404 NOT_FOUND');
    expect(code(await w.call('shop', '/v1/requests/cancel', { request: theirs.request }))).toBe(
      '404 NOT_FOUND',
    );
    const listed = async (who: 'shop' | 'rival' | 'operator'): Promise<number> =>
      ((await ask(who, {})).body['requests'] as unknown[]).length;
    expect([await listed('operator'), await listed('shop'), await listed('rival')]).toEqual([2, 1, 0]);
    await w.call('operator', '/v1/requests/cancel', { request: theirs.request });
    expect(await listed('operator')).toBe(1);
  });

  test('needs a person as long as it is open', async () => {
    const w = world();
    const { request } = await filed(w);
    await filed(w, { id: 'ticket-2', kind: 'access' });
    const groups = async (): Promise<unknown[]> => {
      const found: unknown[] = [];
      let path = '/v1/attention';
      for (;;) {
        const { body } = await w.call('operator', path);
        found.push(...(body['groups'] as unknown[]));
        if (body['next'] === undefined) return found;
        path = `/v1/attention?cursor=${encodeURIComponent(body['next'] as string)}`;
      }
    };
    const open = { reason: 'request-open', status: 'running', count: 1, oldest: '2026-03-01T10:00:00.000Z' };
    const access = { ...open, code: 'access' };
    const sorted = (list: unknown[]): string[] => list.map((each) => JSON.stringify(each)).toSorted();
    expect(sorted(await groups())).toHaveLength(2);
    expect(await groups()).toEqual(expect.arrayContaining([access, { ...open, code: 'erase' }]));
    await w.call('operator', '/v1/requests/cancel', { request });
    expect(await groups()).toEqual([access]);
  });

  test('has an entry in the log for each step, with the keyed principal, and no name of the person', async () => {
    const w = world();
    const { request } = await filed(w, { requestedBy: `the mother of ${MARKER}` });
    await w.call('operator', '/v1/requests/extend', { request, reason: `About ${MARKER}.` });
    await w.call('operator', '/v1/requests/cancel', { request });
    const target = logRef(await w.keys.logKey(2026), request as RequestRef);
    expect(actionsIn(w)).toMatchObject(
      ['filed', 'extended', 'cancelled'].map((step) => ({
        did: 'request',
        target,
        request: { kind: 'erase', step },
      })),
    );
    for (const { by } of actionsIn(w)) expect(by).toMatch(/^[\w-]{22}$/);
    const kept = JSON.stringify([await everythingIn(w.registry), w.registry.allRequests(), w.lines]);
    for (const form of formsOf(MARKER)) expect(kept).not.toContain(form);
    expect(kept).not.toContain('ticket-1');
  });
});

describe('a request that is filed by a process that is killed', () => {
  const file = async (api: ReturnType<typeof killedAt>['api'], body: object): Promise<number> => {
    const asked = new Request('https://api.example/v1/requests', {
      method: 'POST',
      body: JSON.stringify(body),
    });
    return (await api.fetch(asked, { principal: principals.operator })).status;
  };

  test('is filed when it is sent again, wherever that was, and its fact is published', async () => {
    const whole = killedAt(world(), Infinity, 'before');
    expect(await file(whole.api, erasure)).toBe(200);
    expect(whole.calls.length).toBeGreaterThan(8);
    for (let at = 0; at < whole.calls.length; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const w = world();
        expect(await file(killedAt(w, at, when).api, erasure)).toBe(500);
        const stored = w.registry.allRequests();
        // Whatever is on record has its entry, and its place in the list that the sweep reads.
        if (stored.length > 0) {
          expect(actionsIn(w).length).toBe(1);
          expect(w.registry.allListedRequests()).toHaveLength(1);
        }
        const again = shown(await w.call('operator', '/v1/requests', erasure));
        expect(again.state).toBe('running');
        const ids = published(w).map(({ id }) => id);
        expect(new Set(ids)).toEqual(new Set([`request/${again.request}`]));
      }
    }
  });
});
