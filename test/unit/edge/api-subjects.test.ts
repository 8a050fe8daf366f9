import { describe, expect, test } from 'vitest';
import type { LogActionAnswer } from '../../../shared/contract/log-entries.ts';
import type { HoldingAnswer } from '../../../shared/contract/subjects.ts';
import { present } from '../../../shared/domain/present.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const MARKER = 'zoe.marker@example.org';
const contract = { type: 'contract', id: MARKER };
const person = { type: 'person', id: MARKER };

const holding = (key: string, entities: unknown[] = [contract], categories = ['registration']): unknown => ({
  store: 'orders',
  locator: [key],
  categories,
  purposes: ['billing'],
  entities,
});
const ended = {
  specversion: '1.0',
  id: 'e-1',
  source: 'shop.example',
  type: 'contract.ended',
  data: { entity: contract, occurred: '2026-02-28' },
};

async function registeredWorld(pageSize?: number) {
  const world = apiWorld('2026-03-01T10:00:00Z', pageSize);
  await world.call('shop', '/v1/holdings', { holdings: [holding(`shop/${MARKER}`)] });
  await world.deliver();
  return world;
}

const holdingsOf = (answer: { body: Record<string, unknown> }): HoldingAnswer[] =>
  answer.body['holdings'] as HoldingAnswer[];

describe('POST /v1/subjects/query', () => {
  test('says what is held, and that it is not known until when', async () => {
    const world = await registeredWorld();
    const answer = await world.call('shop', '/v1/subjects/query', { entity: contract });
    expect(answer.status).toBe(200);
    expect(holdingsOf(answer)).toMatchObject([
      {
        generation: 1,
        store: 'orders',
        state: 'active',
        categories: ['registration'],
        purposes: ['billing'],
        producers: ['shop'],
        // The bus tells whole seconds: not before the end of that one.
        registeredAt: '2026-03-01T10:00:00.999Z',
        plan: { status: 'undetermined', overdue: false },
        disposed: [],
        disposedBeforeFact: false,
      },
    ]);
    expect(holdingsOf(answer)[0]?.plan?.explanation.length).toBeGreaterThan(0);
    expect(answer.text).not.toContain(MARKER);
  });

  test('says until when it is kept once that is known, and why', async () => {
    const world = await registeredWorld();
    await world.call('shop', '/v1/events', { events: [ended] });
    await world.deliver();
    const [held] = holdingsOf(await world.call('shop', '/v1/subjects/query', { entity: contract }));
    expect(held?.plan?.next).toMatchObject({
      action: 'delete',
      status: 'due',
      window: { notBefore: '2029-03-01T00:00:00.000Z', basis: 'policy' },
      actAt: '2029-03-01T00:00:00.000Z',
      policy: 'shop-policy',
      rule: '3 years after contract.ended',
    });
  });

  test('names no floor where no event starts what has to be over by a date', async () => {
    const policies = { policies: [aPolicy({ registration: [aRule('by 2030-12-31')] })] };
    const world = apiWorld('2026-03-01T10:00:00Z', undefined, { ...configuration, policies });
    await world.call('shop', '/v1/holdings', { holdings: [holding('shop/k')] });
    await world.deliver();
    const [held] = holdingsOf(await world.call('shop', '/v1/subjects/query', { entity: contract }));
    expect(held?.plan?.next?.window).toEqual({ notAfter: '2031-01-01T00:00:00.000Z', basis: 'policy' });
  });

  test('says what was disposed of and where its entry is, also of earlier generations', async () => {
    const world = await registeredWorld();
    world.stores['orders']?.put([`shop/${MARKER}`]);
    await world.call('shop', '/v1/events', { events: [ended] });
    await world.deliver();
    await world.wakeUntil('2029-03-01T01:00:00Z');
    expect(world.stores['orders']?.size()).toBe(0);
    await world.call('shop', '/v1/holdings', { holdings: [holding(`shop/${MARKER}`)] });
    await world.deliver();
    const answer = await world.call('auditor', '/v1/subjects/query', {
      entity: { ...contract, producer: 'shop' },
    });
    const [current, earlier] = holdingsOf(answer);
    expect(current).toMatchObject({ generation: 2, state: 'active', disposed: [] });
    expect(earlier).toMatchObject({ generation: 1, state: 'disposed' });
    expect(earlier?.plan).toBeUndefined();
    const [done] = earlier?.disposed ?? [];
    expect(done).toMatchObject({ stage: 'delete', outcome: 'deleted', log: { line: 0 } });
    const log = await world.call('auditor', '/v1/log/entries/query', {
      from: '2029-03-01',
      to: '2029-03-02',
    });
    expect(log.body).toMatchObject({
      entries: [
        {
          token: done?.log?.token,
          line: 0,
          index: 0,
          entry: {
            holding: earlier?.refs?.holding,
            subjects: [{ type: 'contract', ref: earlier?.refs?.subject }],
            outcome: 'deleted',
          },
        },
      ],
    });
    expect(answer.text + log.text).not.toContain(MARKER);
  });

  test('says what was disposed of before a fact, until when backups may have it, and where that stands', async () => {
    const world = await registeredWorld();
    world.stores['orders']?.put([`shop/${MARKER}`]);
    await world.call('shop', '/v1/events', { events: [ended] });
    await world.deliver();
    await world.wakeUntil('2029-03-01T01:00:00Z');
    const ask = (who: 'shop' | 'auditor') =>
      world.call(who, '/v1/subjects/query', { entity: { ...contract, producer: 'shop' } });
    const [before] = holdingsOf(await ask('shop'));
    expect(before).toMatchObject({
      disposedBeforeFact: false,
      disposed: [{ outcome: 'deleted', unrecoverableAt: expect.stringMatching(/^2029-04-05T/) }],
    });
    const retraction = {
      specversion: '1.0',
      id: 'r-1',
      source: 'shop.example',
      type: 'tenure.event.retracted',
      data: { entity: contract, retracts: 'e-1' },
    };
    const sent = await world.call('shop', '/v1/events', { events: [retraction] });
    expect(sent.body).toEqual({ results: [{ index: 0, status: 'accepted' }] });
    await world.deliver();
    await world.sweepAt('2029-03-01T03:00:00Z');
    for (const who of ['shop', 'auditor'] as const)
      expect(holdingsOf(await ask(who))).toMatchObject([
        {
          state: 'disposed',
          disposedBeforeFact: true,
          disposed: [{ unrecoverableAt: before?.disposed[0]?.unrecoverableAt }],
        },
      ]);
    const period = { from: '2029-03-01', to: '2029-03-02' };
    const log = await world.call('auditor', '/v1/log/entries/query', {
      ...period,
      subject: { ...contract, producer: 'shop' },
    });
    const [stated] = holdingsOf(await ask('auditor'));
    const [first, ...more] = log.body['actions'] as LogActionAnswer[];
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      action: {
        did: 'disposed-before-fact',
        holding: stated?.refs?.holding,
        store: 'orders',
        stages: [{ stage: 'delete', entry: stated?.disposed[0]?.log }],
        unrecoverableAt: before?.disposed[0]?.unrecoverableAt,
      },
    });
    expect(first?.index).toBeGreaterThan(0);
    const all = await world.call('auditor', '/v1/log/entries/query', period);
    const did = (all.body['actions'] as LogActionAnswer[]).map(({ action }) => action.did);
    expect(did.toSorted()).toEqual(['disposed-before-fact', 'retracted']);
    expect(log.text + all.text).not.toContain(MARKER);
  });

  test('lists nothing for an unknown entity', async () => {
    const world = await registeredWorld();
    const answer = await world.call('shop', '/v1/subjects/query', {
      entity: { type: 'contract', id: 'c-0' },
    });
    expect(answer.body).toEqual({ asOf: '2026-03-01T10:00:00.000Z', holdings: [] });
  });

  test('tells a producer only about its own: entities, and registrations on shared ones', async () => {
    const world = apiWorld();
    await world.call('shop', '/v1/holdings', { holdings: [holding('shop/1', [contract, person])] });
    await world.call('rival', '/v1/holdings', { holdings: [holding('rival/1', [contract, person])] });
    await world.deliver();
    const ask = (who: 'shop' | 'rival' | 'operator', entity: unknown) =>
      world.call(who, '/v1/subjects/query', { entity });
    expect(holdingsOf(await ask('rival', contract)).map(({ producers }) => producers)).toEqual([['rival']]);
    expect(holdingsOf(await ask('shop', person)).map(({ producers }) => producers)).toEqual([['shop']]);
    expect(holdingsOf(await ask('operator', person))).toHaveLength(2);
    const foreign = await ask('shop', { ...contract, producer: 'rival' });
    expect(foreign.status).toBe(403);
    expect(foreign.body).toMatchObject({ code: 'ENTITY_NOT_OWN', path: 'entity.producer' });
  });

  test('asks an operator whose ids are meant, and names what it does not know', async () => {
    const world = apiWorld();
    const ask = (entity: unknown) => world.call('operator', '/v1/subjects/query', { entity });
    expect((await ask(contract)).body).toMatchObject({ code: 'BODY_INVALID', path: 'entity.producer' });
    expect((await ask({ ...contract, producer: 'nobody' })).body).toMatchObject({ code: 'UNKNOWN_PRODUCER' });
    expect((await ask({ type: 'ship', id: 's' })).body).toMatchObject({
      code: 'ENTITY_TYPE_UNKNOWN',
      path: 'entity.type',
    });
    expect((await ask({ ...person, producer: 'shop' })).body).toMatchObject({ code: 'ENTITY_NOT_OWN' });
  });

  test('shows what is unlinked from the log, because that year’s key was destroyed, without references', async () => {
    const world = await registeredWorld();
    world.clock.set(Date.parse('2027-03-01T10:00:00Z'));
    await world.call('shop', '/v1/holdings', { holdings: [holding('shop/2')] });
    await world.deliver();
    world.destroyedLogKeys.add(2026);
    const answer = await world.call('shop', '/v1/subjects/query', { entity: contract });
    expect(answer.status).toBe(200);
    const shown = holdingsOf(answer).map(({ registeredAt, refs }) => [
      registeredAt.slice(0, 4),
      refs === undefined,
    ]);
    expect(Object.fromEntries(shown)).toEqual({ 2026: true, 2027: false });
  });

  test('finds a shared entity under any spelling that its normalisation makes one', async () => {
    const world = apiWorld();
    await world.call('shop', '/v1/holdings', { holdings: [holding('shop/1', [contract, person])] });
    await world.deliver();
    const answer = await world.call('auditor', '/v1/subjects/query', {
      entity: { type: 'person', id: ` ${MARKER.toUpperCase()} ` },
    });
    expect(holdingsOf(answer)).toHaveLength(1);
  });

  test('goes on page by page, with a cursor that cannot be read or used elsewhere', async () => {
    const world = apiWorld('2026-03-01T10:00:00Z', 2);
    const keys = ['shop/1', 'shop/2', 'shop/3', 'shop/4', 'shop/5'];
    await world.call('shop', '/v1/holdings', { holdings: keys.map((key) => holding(key)) });
    await world.deliver();
    const asked = { ...contract, producer: 'shop' };
    const refs = new Set<string>();
    let cursor: unknown;
    let pages = 0;
    do {
      const answer = await world.call('auditor', '/v1/subjects/query', {
        entity: asked,
        ...present({ cursor }),
      });
      for (const { refs: found } of holdingsOf(answer)) refs.add(found?.holding ?? '');
      cursor = answer.body['next'] ?? undefined;
      pages += 1;
      for (const { ref } of world.registry.allHoldings()) expect(answer.text).not.toContain(ref);
    } while (cursor !== undefined);
    expect(pages).toBe(3);
    expect(refs.size).toBe(5);

    const first = await world.call('auditor', '/v1/subjects/query', { entity: asked });
    const stolen = { entity: person, cursor: first.body['next'] };
    expect((await world.call('auditor', '/v1/subjects/query', stolen)).body).toMatchObject({
      code: 'CURSOR_INVALID',
      path: 'cursor',
    });
    expect(
      (await world.call('auditor', '/v1/subjects/query', { entity: asked, cursor: MARKER })).body,
    ).toMatchObject({
      code: 'CURSOR_INVALID',
    });
  });

  test('says when a hold or a pause keeps it', async () => {
    const world = await registeredWorld();
    await world.call('operator', '/v1/lanes/orders/pause', {});
    const [paused] = holdingsOf(await world.call('shop', '/v1/subjects/query', { entity: contract }));
    expect(paused?.held).toBe('pause');
    await world.registry.placeWideHold({
      id: 'case-7',
      kind: 'hold',
      scope: { category: 'registration' },
      state: 'placed',
      at: world.clock.now(),
    });
    const [held] = holdingsOf(await world.call('shop', '/v1/subjects/query', { entity: contract }));
    expect(held?.held).toBe('hold');
  });
});

describe('POST /v1/subjects/query with html', () => {
  const asPage = (world: Awaited<ReturnType<typeof registeredWorld>>, who: 'auditor' | 'shop' | 'rival') => {
    const entity = who === 'auditor' ? { ...contract, producer: 'shop' } : contract;
    return world.call(who, '/v1/subjects/query', { entity, html: true });
  };
  const registered = async (records: number, pageSize?: number) => {
    const world = await registeredWorld(pageSize);
    const more = Array.from({ length: records - 1 }, (_, index) => holding(`shop/${index}`));
    await world.call('shop', '/v1/holdings', { holdings: more });
    await world.deliver();
    return world;
  };

  test('answers everything as one page, without ids', async () => {
    const world = await registered(5, 2);
    await world.call('shop', '/v1/events', { events: [ended] });
    await world.deliver();
    const { status, body, text } = await asPage(world, 'auditor');
    expect([status, body['holdings'], body['next']]).toEqual([200, [], undefined]);
    const html = String(body['html']);
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain('<h1>Records about one contract</h1>');
    expect(html).toContain('5 records are held in one store.');
    expect(html).toContain('<h3>In the store orders</h3>');
    expect(text).not.toContain(MARKER);
    expect((await asPage(world, 'shop')).body['html']).toBe(html);
  });

  test('tells a producer only about its own', async () => {
    const world = apiWorld();
    await world.call('shop', '/v1/holdings', { holdings: [holding('shop/1', [contract, person])] });
    await world.deliver();
    const entity = person;
    const page = async (who: 'shop' | 'rival') =>
      String((await world.call(who, '/v1/subjects/query', { entity, html: true })).body['html']);
    expect(await page('shop')).toContain('one record is held in one store');
    expect(await page('rival')).toContain('no records are held');
    expect(await page('rival')).not.toContain('orders');
  });

  test('has a limit, which it names with what to do instead', async () => {
    const pages = 30;
    expect((await asPage(await registered(pages, 1), 'auditor')).status).toBe(200);
    const { status, body, text } = await asPage(await registered(pages + 1, 1), 'auditor');
    expect([status, body['code'], body['path']]).toEqual([400, 'SUBJECT_PAGE_TOO_LONG', 'html']);
    expect(text).toContain('run `tenure subject --html`');
  });

  test('takes no cursor of the list, and nothing but true', async () => {
    const world = await registered(3, 1);
    const entity = { ...contract, producer: 'shop' };
    const { body } = await world.call('auditor', '/v1/subjects/query', { entity });
    const cursor = body['next'];
    expect(cursor).toBeTypeOf('string');
    const ask = async (more: object) =>
      (await world.call('auditor', '/v1/subjects/query', { entity, ...more })).body;
    expect(await ask({ html: true, cursor })).toMatchObject({ code: 'CURSOR_INVALID', path: 'cursor' });
    expect(await ask({ html: 'yes' })).toMatchObject({ code: 'BODY_INVALID', path: 'html' });
  });
});
