import { describe, expect, test } from 'vitest';
import { createApi } from '../../../functions/api/api.ts';
import { logRef, principalRef } from '../../../shared/domain/configuration/references.ts';
import {
  ANNA,
  askApi,
  BEN,
  CLEO,
  firstIn,
  type FourEyesWorld,
  fourEyesWorld,
  proposedIn,
} from '../../support/four-eyes/four-eyes-world.ts';
import { CASES, correction, type GatedCase, MARKER, RULE } from '../../support/four-eyes/gated-cases.ts';

const HOUR = 3_600_000;

async function proposed(one: GatedCase): Promise<FourEyesWorld & { readonly id: string }> {
  const world = fourEyesWorld();
  await one.prepare(world);
  const answer = await world.ask(ANNA, one.path, one.body(world));
  return { ...world, id: proposedIn(answer).id };
}

describe.each(CASES.map((one) => ({ name: one.kind, one })))('what needs two people: $name', ({ one }) => {
  test('is only proposed by the first, with an entry', async () => {
    const world = fourEyesWorld();
    await one.prepare(world);
    const answer = await world.ask(ANNA, one.path, one.body(world));
    expect(answer.status).toBe(202);
    const found = proposedIn(answer);
    expect(found).toMatchObject({
      action: one.kind,
      state: 'open',
      proposedBy: ANNA,
      yours: true,
      proposedAt: '2026-03-01T10:00:00.000Z',
      expiresAt: '2026-03-02T10:00:00.000Z',
    });
    expect(found.next).toContain(`tenure confirm ${found.id}`);
    expect(await one.effect(world)).toBe(0);
    expect(world.actions()).toMatchObject([{ did: 'propose', proposal: { did: one.did } }]);
  });

  test('is done once when another person confirms it, and both are in the log', async () => {
    const world = await proposed(one);
    const confirmed = await world.confirm(BEN, world.id);
    expect(confirmed.status).toBe(200);
    expect(firstIn(confirmed)).toMatchObject({ state: 'done', proposedBy: ANNA, confirmedBy: BEN });
    expect(await one.effect(world)).toBe(1);
    const [first, second, ...more] = world.actions();
    expect(more).toEqual([]);
    const key = await world.keys.registryKey();
    const logKey = await world.keys.logKey(2026);
    const refOf = (principal: string) => logRef(logKey, principalRef(key, principal));
    expect(first).toMatchObject({ did: 'propose', by: refOf(ANNA) });
    expect(second).toMatchObject({ did: one.did, by: refOf(BEN), proposal: { by: refOf(ANNA) } });
    expect(second?.proposal?.ref).toBe(first?.proposal?.ref);
    const again = await world.confirm(CLEO, world.id);
    expect(firstIn(again)).toMatchObject({ state: 'done', confirmedBy: BEN });
    expect(world.actions()).toHaveLength(2);
  });

  test('cannot be confirmed by who proposed it, whatever the session or the role', async () => {
    const world = await proposed(one);
    const others = [
      'arn:aws:sts::111122223333:assumed-role/operator/other-session',
      'arn:aws:sts::111122223333:assumed-role/second/Anna',
    ];
    for (const principal of [ANNA, ...others]) {
      const refused = await world.confirm(principal, world.id);
      expect([refused.status, refused.body['code']]).toEqual([403, 'PROPOSAL_OWN']);
    }
    expect(await one.effect(world)).toBe(0);
    expect(world.actions()).toHaveLength(1);
  });

  test('is the same proposal when anybody asks for the same again, and that confirms nothing', async () => {
    const world = await proposed(one);
    for (const principal of [ANNA, BEN, CLEO]) {
      const again = await world.ask(principal, one.path, one.body(world));
      expect(again.status).toBe(202);
      expect(proposedIn(again)).toMatchObject({ id: world.id, proposedBy: ANNA, state: 'open' });
    }
    expect(await one.effect(world)).toBe(0);
    expect(world.registry.allProposals()).toHaveLength(1);
    expect(world.actions()).toHaveLength(1);
  });

  test('cannot be confirmed after anybody has withdrawn it; the entry names both', async () => {
    const world = await proposed(one);
    const withdrawn = await world.withdraw(BEN, world.id);
    expect(firstIn(withdrawn)).toMatchObject({ state: 'withdrawn' });
    expect((await world.withdraw(CLEO, world.id)).status).toBe(200);
    expect((await world.confirm(CLEO, world.id)).body).toMatchObject({ code: 'PROPOSAL_OVER' });
    expect(await one.effect(world)).toBe(0);
    const [first, second, ...more] = world.actions();
    expect(more).toEqual([]);
    expect(second).toMatchObject({ did: 'withdraw', proposal: { did: one.did, by: first?.by } });
    const again = await world.ask(CLEO, one.path, one.body(world));
    expect(proposedIn(again)).toMatchObject({ state: 'open', proposedBy: CLEO });
  });

  test('expires at its time, and not before', async () => {
    const world = await proposed(one);
    world.clock.advance(24 * HOUR - 1);
    expect((await world.query(BEN)).body['proposals']).toHaveLength(1);
    world.clock.advance(1);
    expect((await world.confirm(BEN, world.id)).body).toMatchObject({ code: 'PROPOSAL_OVER', status: 409 });
    expect((await world.query(BEN)).body['proposals']).toEqual([]);
    expect(firstIn(await world.query(BEN, { id: world.id }))).toMatchObject({ state: 'expired' });
    expect((await world.withdraw(BEN, world.id)).body).toMatchObject({ code: 'PROPOSAL_OVER' });
    expect(await one.effect(world)).toBe(0);
    const timely = await proposed(one);
    timely.clock.advance(24 * HOUR - 1);
    expect((await timely.confirm(BEN, timely.id)).status).toBe(200);
    expect(await one.effect(timely)).toBe(1);
  });

  test('is not for producers and auditors', async () => {
    const world = await proposed(one);
    for (const who of ['shop', 'auditor', 'nobody'] as const)
      for (const path of ['confirm', 'withdraw', 'query'])
        expect((await world.call(who, `/v1/proposals/${path}`, { id: world.id })).status).toBe(403);
    expect(await one.effect(world)).toBe(0);
  });

  test('cannot be confirmed when the person who proposed it is not an operator any more', async () => {
    const world = await proposed(one);
    const operators = world.configuration.operators.slice(1);
    const api = createApi({ ...world, configuration: { ...world.configuration, operators } });
    const refused = await askApi(api, BEN, '/v1/proposals/confirm', { id: world.id });
    expect(refused.body).toMatchObject({ code: 'PROPOSAL_OUTDATED' });
    expect(await one.effect(world)).toBe(0);
  });

  test('names no person outside what is sealed', async () => {
    const world = await proposed(one);
    await world.confirm(BEN, world.id);
    const stored = JSON.stringify([world.registry.allProposals(), world.actions(), world.lines]);
    expect(stored).not.toMatch(/zoe|anna|ben|operator\//);
  });
});

/** Nothing changes what these are about. */
const LASTING: readonly string[] = ['events', 'replay'];

describe.each(CASES.filter(({ kind }) => !LASTING.includes(kind)).map((one) => ({ name: one.kind, one })))(
  'of what has changed since it was proposed: $name',
  ({ one }) => {
    test('nothing is done', async () => {
      const world = await proposed(one);
      await one.change(world);
      const before = await one.effect(world);
      const refused = await world.confirm(BEN, world.id);
      expect(refused.body).toMatchObject({ code: 'PROPOSAL_OUTDATED', status: 409 });
      expect(await one.effect(world)).toBe(before);
      expect(world.actions()).toHaveLength(1);
    });
  },
);

describe('corrections and retractions', () => {
  test('of a producer need no second person, also in one request with what does', async () => {
    const world = fourEyesWorld();
    const { producers, ...rest } = world.configuration;
    const shop = { ...producers['shop']!, principals: ['arn:aws:iam::111122223333:role/apps/operator'] };
    const api = createApi({ ...world, configuration: { ...rest, producers: { ...producers, shop } } });
    const own = { ...correction, id: 'o-2', source: 'shop.example' };
    const rivals = { ...correction, data: { ...correction.data, producer: 'rival' } };
    const answer = await askApi(api, ANNA, '/v1/events', { events: [own, { ...own, id: 5 }, rivals] });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      results: [
        { index: 0, status: 'accepted' },
        { index: 1, status: 'rejected', code: 'BODY_INVALID' },
        { index: 2, status: 'proposed' },
      ],
      proposed: { action: 'events', items: 1 },
    });
    expect(world.bus.drain().map(({ detail }) => JSON.parse(detail).id)).toEqual(['o-2']);
  });

  test('are shown whole to who asks for them by their id', async () => {
    const world = fourEyesWorld();
    const answer = await world.ask(ANNA, '/v1/events', { events: [correction] });
    const { id } = proposedIn(answer);
    expect(firstIn(await world.query(BEN)).events).toBeUndefined();
    const [shown] = firstIn(await world.query(BEN, { id })).events ?? [];
    expect(shown).toMatchObject(correction);
    await world.confirm(BEN, id);
    const [sent] = world.bus.drain().map(({ detail }) => JSON.parse(detail));
    expect(sent).toMatchObject({ ...correction, tenureoperator: true });
  });

  test('are outdated when the producer does not have the grant any more', async () => {
    const world = fourEyesWorld();
    const { id } = proposedIn(await world.ask(ANNA, '/v1/events', { events: [correction] }));
    const { shop: _shop, ...producers } = world.configuration.producers;
    const api = createApi({ ...world, configuration: { ...world.configuration, producers } });
    const refused = await askApi(api, BEN, '/v1/proposals/confirm', { id });
    expect(refused.body).toMatchObject({ code: 'PROPOSAL_OUTDATED', status: 409 });
    expect(world.bus.drain()).toEqual([]);
  });

  test('stay to be confirmed while the bus takes none', async () => {
    const world = fourEyesWorld();
    const { id } = proposedIn(await world.ask(ANNA, '/v1/events', { events: [correction] }));
    const bus = { publish: async () => ['lost' as const] } as unknown as typeof world.bus;
    const refused = await askApi(createApi({ ...world, bus }), BEN, '/v1/proposals/confirm', { id });
    expect(refused.body).toMatchObject({ code: 'NOT_DURABLE', status: 503 });
    expect((await world.confirm(BEN, id)).body).toMatchObject({ code: 'PROPOSAL_BUSY', status: 409 });
    expect((await world.withdraw(BEN, id)).body).toMatchObject({ code: 'PROPOSAL_CONFIRMED' });
    world.clock.advance(60_000);
    expect(firstIn(await world.confirm(CLEO, id))).toMatchObject({ state: 'done', confirmedBy: CLEO });
    expect(world.bus.drain()).toHaveLength(1);
  });

  test('that are too large to be kept are refused, and nothing is sent', async () => {
    const world = fourEyesWorld();
    const reason = 'ä'.repeat(120);
    const attributes = { reason };
    const events = Array.from({ length: 100 }, (_, n) => ({
      ...correction,
      id: `o-${n}-${'x'.repeat(240)}`,
      data: { ...correction.data, corrects: `e-${n}-${'y'.repeat(240)}`, attributes },
    }));
    expect((await world.ask(ANNA, '/v1/events', { events })).status).toBe(202);
    const keys = { ...world.keys, encrypt: async () => 'x'.repeat(400_000) };
    const api = createApi({ ...world, keys });
    const refused = await askApi(api, ANNA, '/v1/events', { events: [correction] });
    expect(refused.body).toMatchObject({ results: [{ status: 'rejected', code: 'PROPOSAL_TOO_LARGE' }] });
    expect(world.bus.drain()).toEqual([]);
  });
});

describe('a rule that was stopped', () => {
  test('is not let go by one person who aborts and resumes it', async () => {
    const [approve] = CASES;
    const world = fourEyesWorld();
    await approve!.prepare(world);
    expect((await world.ask(ANNA, '/v1/lanes/orders/abort', RULE)).status).toBe(200);
    const resumed = await world.ask(ANNA, '/v1/lanes/orders/resume', RULE);
    expect([resumed.status, proposedIn(resumed).action]).toEqual([202, 'resume']);
    expect(await world.registry.wideHolds()).toHaveLength(1);
    await world.confirm(BEN, proposedIn(resumed).id);
    expect(await world.registry.wideHolds()).toEqual([]);
  });

  test('can be aborted, paused and held by one person: what keeps records needs no second one', async () => {
    const [approve] = CASES;
    const world = fourEyesWorld();
    await approve!.prepare(world);
    for (const path of ['/v1/lanes/orders/abort', '/v1/lanes/pause', '/v1/lanes/resume'])
      expect((await world.ask(ANNA, path, path.endsWith('abort') ? RULE : {})).status).toBe(200);
  });
});

describe('a proposal that cannot be read any more', () => {
  test('cannot be confirmed, but is listed and can be withdrawn', async () => {
    const world = fourEyesWorld();
    const { id } = proposedIn(await world.ask(ANNA, '/v1/events', { events: [correction] }));
    const [stored] = world.registry.allProposals();
    await world.registry.putProposal({
      ...stored!,
      version: 2,
      sealed: Buffer.from('x').toString('base64url'),
    });
    expect((await world.confirm(BEN, id)).body).toMatchObject({ code: 'PROPOSAL_OUTDATED' });
    expect(firstIn(await world.query(BEN))).toMatchObject({ id, state: 'open' });
    expect(firstIn(await world.withdraw(BEN, id))).toMatchObject({ state: 'withdrawn' });
    expect(world.bus.drain()).toEqual([]);
  });

  test('of which nothing is known is not found', async () => {
    const world = fourEyesWorld();
    for (const answer of [
      await world.confirm(BEN, 'A'.repeat(22)),
      await world.withdraw(BEN, 'A'.repeat(22)),
    ])
      expect(answer.status).toBe(404);
    expect((await world.confirm(BEN, MARKER)).status).toBe(400);
  });
});
