import { afterEach, describe, expect, test } from 'vitest';
import type { PolicyPlanAnswer } from '../../../shared/contract/policy-plans.ts';
import { shopPolicy, shopWorld } from '../../support/policy-plan/shop-policies.ts';

type Shop = Awaited<ReturnType<typeof shopWorld>>;
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function shop(...args: Parameters<typeof shopWorld>): Promise<Shop> {
  const world = await shopWorld(...args);
  ends.push(() => world.end());
  return world;
}

const EARLIER = shopPolicy({ profile: 'rule: within 1 day after account.disconnected' });
const plan = (world: Shop, ...args: string[]) => world.tenure('operator', 'policy', 'plan', ...args);

describe('tenure policy plan', () => {
  test('ends with 0 where nothing changes, and says so', async () => {
    const world = await shop();
    const { code, out, err } = await plan(world, await world.file(shopPolicy()));
    expect({ code, out }).toEqual({
      code: 0,
      out: 'store   category  policy       unchanged\norders  profile   shop-policy  4\n',
    });
    expect(err).toContain('4 records compared with the active policies');
    expect(err).toContain('Nothing changes.');
  });

  test('ends with 2 where something changes, and says what, with samples', async () => {
    const world = await shop();
    const { code, out, err } = await plan(world, await world.file(EARLIER));
    expect(code).toBe(2);
    expect(out).toMatch(/^store +category +policy +due now\norders +profile +shop-policy +4\n/);
    expect(out.match(/^due now: [\w-]{22} \(orders, profile\)$/gm)).toHaveLength(4);
    expect(err).toContain('due now: would be disposed of as soon as these policies are active');
    expect(err).toMatch(/The digest of these policies is [0-9a-f]{32}\./);
  });

  test('changes nothing: what is due by the files stays where it is', async () => {
    const world = await shop();
    for (let n = 0; n < 4; n += 1) world.stores['orders']?.put([`shop/${n}`]);
    const before = world.registry.allHoldings();
    await plan(world, await world.file(EARLIER));
    await world.sweepAt('2026-03-03T10:00:00Z');
    expect(world.registry.allHoldings().map(({ decision }) => decision)).toEqual(
      before.map(({ decision }) => decision),
    );
    expect(world.stores['orders']?.size()).toBe(4);
  });

  test('can be stopped: the plan goes on, and is shown by its id, to auditors, too', async () => {
    const world = await shop();
    const { err } = await plan(world, await world.file(EARLIER));
    const [, id = ''] = /^Plan ([\w-]+)\./.exec(err) ?? [];
    const shown = await world.tenure('auditor', 'policy', 'plan', '--id', id, '--json');
    expect(shown.code).toBe(2);
    const answer = JSON.parse(shown.out) as PolicyPlanAnswer;
    expect(answer).toMatchObject({
      id,
      state: 'counted',
      examined: 4,
      unread: 0,
      totals: { due: 4, kept: 0 },
    });
    expect(answer.groups[0]?.samples.due).toHaveLength(4);
    const log = await world.tenure('auditor', 'policy', 'plan', await world.file(EARLIER));
    expect(log).toMatchObject({ code: 1, out: '' });
    expect(log.err).toMatch(/^FORBIDDEN/);
  });

  test.for([
    ['files with mistakes', 'format: 1\npolicy: shop\n', /shop\.yaml:\d+:\d+ /, ''],
    [
      'a rule that cannot be understood',
      shopPolicy({ profile: 'rule: 3 yeers after account.disconnected' }),
      /yeers|years/,
      '',
    ],
    ['a region that the policy rules out', shopPolicy({ regions: '[us-east-1]' }), /^$/, 'POLICIES_REFUSED'],
    [
      'an entity type that is not configured',
      shopPolicy().replace('person.left: { entity: person }', 'person.left: { entity: planet }'),
      /^$/,
      'POLICIES_REFUSED',
    ],
  ] as const)('ends with 1 for %s', async ([, text, printed, said]) => {
    const world = await shop();
    const { code, out, err } = await plan(world, await world.file(text));
    expect(code).toBe(1);
    expect(out).toMatch(printed);
    expect(err).toContain(said);
    expect(world.registry.allPolicyPlans()).toEqual([]);
  });

  test('says which store is not in a region of the policy', async () => {
    const world = await shop();
    const { err } = await plan(world, await world.file(shopPolicy({ regions: '[us-east-1]' })));
    expect(err).toContain(
      'the store is in eu-central-1, but the policy "shop-policy" keeps "profile" in us-east-1 only',
    );
  });

  test.for([
    ['no file', []],
    ['a file and a plan', ['FILE', '--id', 'x']],
    ['an unknown option', ['FILE', '--unknown']],
    ['a file that is not there', ['/nowhere.yaml']],
    ['an unknown plan', ['--id', 'unknown']],
  ] as const)('ends with 1, never with 2, for %s', async ([, args]) => {
    const world = await shop();
    const file = await world.file(shopPolicy());
    const { code, out } = await plan(world, ...args.map((arg) => (arg === 'FILE' ? file : arg)));
    expect({ code, out }).toEqual({ code: 1, out: '' });
  });

  test('keeps the records of a category that disappears, and takes a renamed policy for what it says', async () => {
    const world = await shop();
    const gone = await plan(world, await world.file(shopPolicy({ profile: '' })));
    expect(gone.code).toBe(2);
    expect(gone.out).toMatch(/orders +profile +shop-policy -> - +4/);
    expect(gone.err).toContain('kept: has no date any more.');
    const renamed = await plan(world, await world.file(shopPolicy({ policy: 'renamed' })));
    expect(renamed.code).toBe(0);
    expect(renamed.out).toMatch(/shop-policy -> renamed +4/);
  });

  test('takes a version that is still to come as if it were in effect, and says so', async () => {
    const world = await shop();
    const next = shopPolicy({
      version: '2',
      effectiveFrom: '2027-01-01',
      profile: 'rule: within 1 day after account.disconnected',
    });
    const files = [await world.file(shopPolicy()), await world.file(next, 'next.yaml')];
    const { code, out, err } = await plan(world, ...files);
    expect(code).toBe(2);
    expect(out).toMatch(/orders +profile +shop-policy +4/);
    expect(err).toContain('until 2027-01-01T00:00:00.000Z are taken as if they were in effect');
  });

  test('shows many categories page by page', async () => {
    const world = await shop();
    const one = world.registry.allHoldings()[0];
    if (one === undefined) throw new TypeError('there are four');
    for (let n = 0; n < 50; n += 1) {
      const variants = one.variants.map((variant) => ({ ...variant, categories: [`category-${n}`] }));
      const after = {
        ...one,
        ref: `${String(n).padStart(4, '0')}${one.ref.slice(4)}` as never,
        version: 1,
        variants,
      };
      await world.registry.writeHoldings([{ before: undefined, after }]);
    }
    const { out } = await plan(world, await world.file(EARLIER), '--json');
    const { groups, examined } = JSON.parse(out) as PolicyPlanAnswer;
    expect(examined).toBe(54);
    expect(new Set(groups.map(({ category }) => category)).size).toBe(51);
  });
});

describe('POST /v1/policies/plans', () => {
  test('refuses files that are not policies, with file, line and column', async () => {
    const world = await shop();
    const files = [
      { path: 'a.yaml', text: shopPolicy() },
      { path: 'b.yaml', text: 'format: 1\npolicy: [' },
    ];
    const { status, body } = await world.call('operator', '/v1/policies/plans', { files });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'POLICIES_INVALID', path: 'files.1' });
    expect(body['detail']).toMatch(/^\d+:\d+: /);
  });

  test('takes settings, and refuses a policy without those that it needs', async () => {
    const world = await shop();
    const text = shopPolicy({
      profile: 'rule: "within {cap} after account.disconnected"',
      more: 'settings: { cap: { sentence: for a while } }\n',
    });
    const files = [{ path: 'a.yaml', text }];
    const without = await world.call('operator', '/v1/policies/plans', { files });
    expect(without.body).toMatchObject({ code: 'POLICIES_INVALID', path: 'files.0' });
    const settings = { 'shop-policy': { cap: '1 day' } };
    const { status, body } = await world.call('operator', '/v1/policies/plans', { files, settings });
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'counting', groups: [] });
  });

  test('asks again for walkers whose messages were lost', async () => {
    const world = await shop();
    const lost = { ...world, queues: { ...world.queues, toSweep: async () => {} } };
    const { createApi } = await import('../../../functions/api/api.ts');
    const { principals } = await import('../../support/api-world.ts');
    const request = new Request('https://api.example/v1/policies/plans', {
      method: 'POST',
      body: JSON.stringify({ files: [{ path: 'a.yaml', text: EARLIER }] }),
    });
    const begun = await createApi(lost).fetch(request, { principal: principals.operator });
    const { id } = (await begun.json()) as PolicyPlanAnswer;
    await world.settleAll();
    const ask = async () => (await world.call('operator', '/v1/policies/plans/query', { id })).body;
    expect(await ask()).toMatchObject({ state: 'counting', examined: 0 });
    await world.settleAll();
    expect(await ask()).toMatchObject({ state: 'counting', examined: 0 });
    world.clock.advance(120_000);
    await ask();
    await world.settleAll();
    expect(await ask()).toMatchObject({ state: 'counted', examined: 4, totals: { due: 4 } });
  });

  test('is for operators only', async () => {
    const world = await shop();
    const files = [{ path: 'a.yaml', text: shopPolicy() }];
    for (const who of ['shop', 'auditor', 'nobody'] as const)
      expect((await world.call(who, '/v1/policies/plans', { files })).status).toBe(403);
    expect((await world.call('shop', '/v1/policies/plans/query', { id: 'x' })).status).toBe(403);
    expect((await world.call('auditor', '/v1/policies/plans/query', { id: 'x' })).status).toBe(404);
  });
});
