import { afterEach, describe, expect, test } from 'vitest';
import { createApi } from '../../../functions/api/api.ts';
import type { PoliciesAnswer } from '../../../shared/contract/policy-plans.ts';
import { inEffectDigest } from '../../../shared/domain/policy-plan/in-effect.ts';
import { principals } from '../../support/api-world.ts';
import { shopConfiguration, shopPolicy, shopWorld } from '../../support/policy-plan/shop-policies.ts';

type Shop = Awaited<ReturnType<typeof shopWorld>>;
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

const FORMER = shopConfiguration();
const EARLIER = shopPolicy({ profile: 'rule: within 1 day after account.disconnected' });
const NOW = Date.parse('2026-03-01T10:00:00Z');
const digestOf = (own: typeof FORMER): string => inEffectDigest(own.policies, NOW);

/** A deployment whose former policies kept for 30 days what goes within a day by these. Nothing is swept yet. */
async function shop(maxNewlyDue = 3): Promise<Shop & { readonly digest: string }> {
  const own = shopConfiguration(EARLIER, { policyChanges: { maxNewlyDue } });
  const world = await shopWorld(own);
  ends.push(() => world.end());
  for (let n = 0; n < 4; n += 1) world.stores['orders']?.put([`shop/${n}`]);
  await world.registry.putActiveSet(digestOf(FORMER), FORMER.policies);
  await world.registry.putActivation({ version: 1, active: digestOf(FORMER), at: NOW });
  return { ...world, digest: digestOf(own) };
}

const left = (world: Shop): number => world.stores['orders']?.size() ?? 0;
const approvals = async (world: Shop) => {
  const notes = (await world.registry.toBeSealed()).items.map(({ token }) => token);
  const results = await world.registry.results(notes);
  return [...results.values()].flatMap((result) =>
    typeof result === 'object' ? (result.actions ?? []) : [],
  );
};

describe('tenure policy status and approve', () => {
  test('take a deployment from what waits to what is disposed of', async () => {
    const world = await shop();
    const operator = (...args: string[]) => world.tenure('operator', 'policy', ...args);
    const unseen = await operator('status');
    expect(unseen.code).toBe(0);
    expect(unseen.err).toContain('were not seen by a sweep yet');
    await world.sweepOnlyAt('2026-03-03T10:00:00Z');
    await world.sweepAt('2026-03-03T11:00:00Z');
    expect(left(world)).toBe(4);
    const status = await operator('status');
    expect(status.code).toBe(1);
    expect(status.out).toMatch(
      new RegExp(
        `^deployed {2}${world.digest}\nactive {4}${digestOf(FORMER)} {2}since .*\nwaiting {3}${world.digest} {2}since `,
      ),
    );
    expect(status.err).toContain(
      '4 records become due by them, now or within 30 days; without a person, at most 3 may.',
    );
    const [, id = ''] = /tenure policy plan --id ([\w-]+)/.exec(status.err) ?? [];
    expect((await operator('plan', '--id', id)).code).toBe(2);
    expect((await world.tenure('operator', 'attention')).out).toMatch(/^policies-waiting +policies .* 4 /m);
    const approved = await operator('approve', world.digest);
    expect(approved).toMatchObject({ code: 0 });
    expect(approved.err).toContain('Lanes work by the deployed policies.');
    await world.wakeUntil('2026-03-03T11:05:00Z');
    expect(left(world)).toBe(0);
    expect((await operator('status')).code).toBe(0);
    expect((await world.tenure('operator', 'attention')).out).not.toContain('policies-waiting');
  });

  test('write an entry with the principal, the digest and the number before they are active', async () => {
    const world = await shop();
    await world.sweepAt('2026-03-03T10:00:00Z');
    await world.sweepAt('2026-03-03T11:00:00Z');
    await world.tenure('operator', 'policy', 'approve', world.digest);
    const entries = await approvals(world);
    const by: unknown = expect.stringMatching(/^[\w-]{22}$/);
    expect(entries).toMatchObject([{ did: 'activate', by, policies: { digest: world.digest, newlyDue: 4 } }]);
    // Once more changes nothing, and has no entry.
    expect((await world.tenure('operator', 'policy', 'approve', world.digest)).code).toBe(0);
    expect(await approvals(world)).toHaveLength(1);
  });

  test('are not needed where few enough become due', async () => {
    const world = await shop(4);
    await world.sweepAt('2026-03-03T10:00:00Z');
    const status = await world.tenure('auditor', 'policy', 'status', '--json');
    expect(status.code).toBe(0);
    expect(JSON.parse(status.out)).toMatchObject({
      deployed: world.digest,
      active: { policies: world.digest },
    });
  });

  test('refuse another digest, one that is not counted yet, and one that is not deployed any more', async () => {
    const world = await shop();
    const approve = (digest: string) => world.tenure('operator', 'policy', 'approve', digest);
    expect((await approve(world.digest)).err).toMatch(/^POLICIES_NOT_WAITING/);
    expect((await approve('0'.repeat(32))).code).toBe(3);
    expect((await approve('not a digest')).code).toBe(2);
    const lost = { ...world, queues: { ...world.queues, toSweep: async () => {} } };
    const { activatePolicies } = await import('../../../shared/protocol/policy-plan/activate.ts');
    await activatePolicies({ ...lost, queues: lost.queues });
    const counting = await approve(world.digest);
    expect(counting.err).toMatch(/^POLICIES_NOT_COUNTED/);
    await world.sweepAt('2026-03-03T10:00:00Z');
    await world.sweepAt('2026-03-03T11:00:00Z');
    const former = { ...world, configuration: FORMER };
    const request = new Request('https://api.example/v1/policies/approve', {
      method: 'POST',
      body: JSON.stringify({ policies: world.digest }),
    });
    const refused = await createApi(former).fetch(request, { principal: principals.operator });
    expect(refused.status).toBe(409);
    expect((await world.registry.activation())?.active).toBe(digestOf(FORMER));
    expect(await approvals(world)).toEqual([]);
  });

  test('refuse what was counted once more while it was approved', async () => {
    const world = await shop();
    await world.sweepAt('2026-03-03T10:00:00Z');
    await world.sweepAt('2026-03-03T11:00:00Z');
    const registry = {
      ...world.registry,
      async putActions(...args: Parameters<typeof world.registry.putActions>) {
        const now = await world.registry.activation();
        if (now !== undefined) await world.registry.putActivation({ ...now, version: now.version + 1 });
        return world.registry.putActions(...args);
      },
    };
    const request = new Request('https://api.example/v1/policies/approve', {
      method: 'POST',
      body: JSON.stringify({ policies: world.digest }),
    });
    const refused = await createApi({ ...world, registry }).fetch(request, {
      principal: principals.operator,
    });
    expect(await refused.json()).toMatchObject({ code: 'POLICIES_NOT_WAITING' });
    expect((await world.registry.activation())?.active).toBe(digestOf(FORMER));
  });

  test('are for operators; auditors see the state', async () => {
    const world = await shop();
    for (const who of ['shop', 'auditor'] as const)
      expect((await world.call(who, '/v1/policies/approve', { policies: world.digest })).status).toBe(403);
    expect((await world.call('shop', '/v1/policies')).status).toBe(403);
    const { body } = await world.call('auditor', '/v1/policies');
    expect((body as unknown as PoliciesAnswer).deployed).toBe(world.digest);
  });

  test('name what the files on disk will be called: tenure policy plan prints the digest', async () => {
    const world = await shop();
    const { err } = await world.tenure('operator', 'policy', 'plan', await world.file(EARLIER));
    expect(err).toContain(`The digest of these policies is ${world.digest}.`);
  });
});
