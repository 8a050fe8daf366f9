import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ActionEntry } from '../../../shared/domain/record/entry.ts';
import type { ExportState } from '../../../shared/domain/export/export-state.ts';
import type { PersonRequest } from '../../../shared/domain/people/request.ts';
import { logRef } from '../../../shared/domain/configuration/references.ts';
import { apiWorld, configuration, principals } from '../../support/api-world.ts';
import { contentOf } from '../../support/export/archive-content.ts';
import { killedAt } from '../../support/killed-api.ts';
import { requestSettings } from '../../support/people-requests.ts';

type World = ReturnType<typeof apiWorld>;
type Who = keyof typeof principals;
const MARKER = 'zoe.marker@example.org';
const NOW = '2026-03-01T10:00:00Z';
const DAY = 86_400_000;

const filing = { ...configuration, requests: requestSettings({ filers: { person: ['shop', 'rival'] } }) };
const world = (): World => apiWorld(NOW, undefined, filing);
const copy = { id: 'ticket-1', kind: 'export', entity: { type: 'person', id: MARKER }, jurisdiction: 'DE' };

const ID = 'cmFuZG9tLWlkLW9mLWFuLWV';
const archive = {
  bytes: 12_288,
  manifestSha256: 'ab'.repeat(32),
  records: 3,
  leftOut: 1,
  at: Date.parse(NOW),
  until: Date.parse(NOW) + 7 * DAY,
};
const building: ExportState = {
  id: ID,
  step: 'building',
  startedAt: Date.parse(NOW),
  reached: [],
  parts: { orders: 1 },
};

async function filed(w: World, who: Who = 'operator', change: object = {}): Promise<PersonRequest> {
  const { status, body } = await w.call(who, '/v1/requests', { ...copy, ...change });
  expect(status, JSON.stringify(body)).toBe(200);
  const [{ request }] = body['requests'] as [{ readonly request: string }];
  const one = w.registry.allRequests().find(({ ref }) => ref === request);
  if (one === undefined) throw new Error('no request is on record');
  return one;
}

async function withExport(w: World, request: PersonRequest, state: ExportState): Promise<string> {
  const next = { ...request, version: request.version + 1, export: state };
  expect(await w.registry.putRequest(next)).toBe('written');
  return request.ref;
}

const ready = async (w: World, who?: Who): Promise<string> =>
  withExport(w, await filed(w, who), { ...building, step: 'ready', archive });
const askLink = (w: World, who: Who, request: string) =>
  w.call(who, '/v1/requests/query', { request, link: true });
const asOperator = async (api: ReturnType<typeof killedAt>['api'], path: string, body: object) =>
  api.fetch(new Request(`https://api.example${path}`, { method: 'POST', body: JSON.stringify(body) }), {
    principal: principals.operator,
  });
const code = ({ body, status }: Awaited<ReturnType<World['call']>>): string =>
  `${status} ${String(body['code'])}`;
const stepsIn = (w: World): string[] =>
  w.registry
    .allResults()
    .flatMap((result) => ('void' in result ? [] : ((result.actions ?? []) as readonly ActionEntry[])))
    .map(({ request }) => request?.step ?? '');

describe('a request for a copy', () => {
  test('is filed like one for access, without a fact, and the sweep is told to begin', async () => {
    const w = world();
    const { ref, state, deadline } = await filed(w);
    expect([state, deadline]).toEqual(['running', Date.parse('2026-04-01T10:00:00Z')]);
    expect(w.bus.drain()).toEqual([]);
    expect(w.waiting('sweep').map((body) => JSON.parse(body) as unknown)).toEqual([
      { kind: 'export', request: ref },
    ]);
  });

  test('begins only when the identity is known', async () => {
    const w = world();
    const { ref } = await filed(w, 'operator', { identity: 'open' });
    expect(w.waiting('sweep')).toEqual([]);
    await w.call('operator', '/v1/requests/identify', { request: ref });
    expect(w.waiting('sweep')).toHaveLength(1);
  });

  test('as a dry run begins nothing', async () => {
    const w = world();
    const { status, body } = await w.call('operator', '/v1/requests', { ...copy, dryRun: true });
    expect([status, body['dryRun'], body['holdings']]).toEqual([200, true, []]);
    expect([w.registry.allRequests(), w.waiting('sweep')]).toEqual([[], []]);
  });

  test('says how far it is, and what the archive has once it is ready', async () => {
    const w = world();
    const request = await filed(w);
    const shown = async (): Promise<unknown> => {
      const { body } = await w.call('auditor', '/v1/requests/query', { request: request.ref });
      return (body['requests'] as { export?: unknown }[])[0]?.export;
    };
    expect(await shown()).toBeUndefined();
    await withExport(w, request, building);
    expect(await shown()).toEqual({ step: 'building' });
    const now = (await w.registry.requests([request.ref])).get(request.ref) ?? request;
    await withExport(w, now, { ...building, step: 'ready', archive });
    const { at: _, until, ...rest } = archive;
    expect(await shown()).toEqual({ step: 'ready', ...rest, until: new Date(until).toISOString() });
  });

  test('that is killed anywhere while it is filed is begun once it is sent again or found by the sweep', async () => {
    const file = (api: ReturnType<typeof killedAt>['api']) => asOperator(api, '/v1/requests', copy);
    const whole = killedAt(world(), Infinity, 'before');
    expect((await file(whole.api)).status).toBe(200);
    expect(whole.calls).toContain('queues.toSweep');
    for (let at = 0; at < whole.calls.length; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const w = world();
        expect((await file(killedAt(w, at, when).api)).status).toBe(500);
        const { state, ref } = await filed(w);
        expect(state).toBe('running');
        // Whatever was killed: the sweep has been told, or finds it in the list.
        expect(w.registry.allListedRequests()).toMatchObject([{ ref }]);
      }
    }
  });
});

describe('the whole way of a copy', () => {
  const entities = [{ type: 'person', id: MARKER }];
  const register = async (w: World, who: 'shop' | 'rival', key: string): Promise<void> => {
    w.stores['orders']?.put([key], { name: `record ${key}` });
    const holding = { store: 'orders', locator: [key], categories: ['registration'], purposes: ['service'] };
    const contract = { type: 'contract', id: 'c-1' };
    const body = { holdings: [{ ...holding, entities: [contract, ...entities] }] };
    expect((await w.call(who, '/v1/holdings', body)).body['results']).toMatchObject([{ status: 'accepted' }]);
  };

  test('ends with an archive that has the hash of the answer, and closes the request', async () => {
    const w = world();
    await register(w, 'shop', 'shop/1');
    await register(w, 'rival', 'rival/1');
    await w.deliver();
    const everything = await filed(w);
    const own = await filed(w, 'shop');
    await w.wakeUntil('2026-03-01T10:30:00Z');
    for (const [who, { ref }, names] of [
      ['operator', everything, ['record rival/1', 'record shop/1']],
      // A producer gets what it registered itself.
      ['shop', own, ['record shop/1']],
    ] as const) {
      const { body } = await askLink(w, who, ref);
      expect(body['requests']).toMatchObject([{ state: 'closed', export: { step: 'ready', leftOut: 0 } }]);
      const [{ export: copy }] = body['requests'] as [{ export: { manifestSha256: string; bytes: number } }];
      const { url } = body['link'] as { url: string };
      const object = w.exports.allObjects().find(({ key }) => url.includes(`/${key}?`));
      expect(object?.bytes.length).toBe(copy.bytes);
      const { files, records } = contentOf(object?.bytes ?? new Uint8Array());
      const manifest = files.get('manifest.json') ?? Buffer.alloc(0);
      expect(hash('sha256', manifest)).toBe(copy.manifestSha256);
      expect(JSON.parse(manifest.toString())).toMatchObject({ request: ref, leftOut: [] });
      expect(records.map(({ data }) => String(data?.['name'])).toSorted()).toEqual(names);
    }
    expect(stepsIn(w).toSorted()).toEqual(['closed', 'closed', 'filed', 'filed', 'link-given', 'link-given']);
  });

  test('that is cancelled ends without an archive', async () => {
    const w = world();
    await register(w, 'shop', 'shop/1');
    await w.deliver();
    const { ref } = await filed(w);
    await w.call('operator', '/v1/requests/cancel', { request: ref });
    await w.wakeUntil('2026-03-01T12:00:00Z');
    expect(w.exports.allObjects()).toEqual([]);
    expect(code(await askLink(w, 'operator', ref))).toBe('409 REQUEST_STATE');
  });
});

describe('the link to a copy', () => {
  test('is given to the filer and to operators, after its entry in the log', async () => {
    const w = world();
    const request = await ready(w, 'shop');
    for (const who of ['shop', 'operator'] as const) {
      const { status, body } = await askLink(w, who, request);
      expect(status, JSON.stringify(body)).toBe(200);
      expect(body['link']).toEqual({
        url: `https://exports.invalid/archives/${ID}.tar?expires=3600&name=copy-${request}.tar`,
        expiresAt: '2026-03-01T11:00:00.000Z',
      });
      expect(body['holdings']).toBeUndefined();
    }
    expect(stepsIn(w)).toEqual(['filed', 'link-given', 'link-given']);
    const target = logRef(await w.keys.logKey(2026), request as PersonRequest['ref']);
    const actions = w.registry
      .allResults()
      .flatMap((result) => ('void' in result ? [] : ((result.actions ?? []) as readonly ActionEntry[])));
    expect(actions.map((each) => each.target)).toEqual([target, target, target]);
  });

  test('is refused to auditors, and another producer learns of no request', async () => {
    const w = world();
    const request = await ready(w, 'shop');
    expect(code(await askLink(w, 'auditor', request))).toBe('403 FORBIDDEN');
    expect(code(await askLink(w, 'rival', request))).toBe('404 NOT_FOUND');
    expect(code(await askLink(w, 'nobody', request))).toBe('403 FORBIDDEN');
    const operators = await withExport(w, await filed(w, 'operator', { id: 'ticket-2' }), {
      ...building,
      step: 'ready',
      archive,
    });
    expect(code(await askLink(w, 'shop', operators))).toBe('404 NOT_FOUND');
    expect(stepsIn(w)).toEqual(['filed', 'filed']);
  });

  test('is refused before there is an archive, and for every other kind of request', async () => {
    const w = world();
    const request = await filed(w);
    expect(code(await askLink(w, 'operator', request.ref))).toBe('409 EXPORT_NOT_READY');
    await withExport(w, request, building);
    expect(code(await askLink(w, 'operator', request.ref))).toBe('409 EXPORT_NOT_READY');
    const access = await filed(w, 'operator', { id: 'ticket-2', kind: 'access' });
    expect(code(await askLink(w, 'operator', access.ref))).toBe('400 BODY_INVALID');
    const all = await w.call('operator', '/v1/requests/query', { link: true });
    expect(code(all)).toBe('400 BODY_INVALID');
    expect(stepsIn(w)).toEqual(['filed', 'filed']);
  });

  test.each([
    ['cancel', {}],
    ['refuse', { reason: 'Somebody else asked in the name of this person.' }],
  ])('is refused after %s, although the archive is there', async (step, more) => {
    const w = world();
    const request = await ready(w);
    await w.call('operator', `/v1/requests/${step}`, { request, ...more });
    expect(code(await askLink(w, 'operator', request))).toBe('409 REQUEST_STATE');
    expect(stepsIn(w)).not.toContain('link-given');
  });

  test('works no longer than the archive is there, and then for no second more', async () => {
    const w = world();
    const request = await ready(w);
    w.clock.set(archive.until - 90_500);
    const late = await askLink(w, 'operator', request);
    expect(late.body['link']).toMatchObject({ expiresAt: new Date(archive.until - 500).toISOString() });
    for (const at of [archive.until - 999, archive.until, archive.until + DAY]) {
      w.clock.set(at);
      expect(code(await askLink(w, 'operator', request))).toBe('409 EXPORT_EXPIRED');
    }
  });

  test('is not given where the entry could not be written', async () => {
    for (let at = 0; ; at += 1) {
      const w = world();
      const request = await ready(w);
      const killed = killedAt(w, at, 'before');
      const { status } = await asOperator(killed.api, '/v1/requests/query', { request, link: true });
      const isGiven = killed.calls.includes('exports.link');
      if (isGiven) expect(stepsIn(w)).toEqual(['filed', 'link-given']);
      if (status === 200) break;
      expect(status).toBe(500);
    }
  });
});
