import { describe, expect, test } from 'vitest';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { foldProfile } from '../../shared/domain/configuration/fold-profile.ts';
import type { LaneCore } from '../../shared/protocol/core.ts';
import { checkPolicies, rePlanSegment } from '../../shared/protocol/policies.ts';
import { at } from '../support/driver/dying-worker.ts';
import { world } from '../support/driver/world.ts';
import { aPolicy, aRule } from '../support/rules/rule-world.ts';

const MINUTE = 60_000;
const CHANGE = at('2026-06-01T00:00:00Z');

/** A record whose contract ended in March: a year is kept, and from the change on only thirty days. */
async function shortened() {
  const w = world({ rules: { notes: ['1 year after contract.ended'] } });
  const contract = w.entity('contract', 'c-1');
  await w.register(await w.registration('n-1', [contract]));
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  const later = {
    ...aPolicy({ notes: [aRule('30 days after contract.ended')] }),
    version: '2',
    effectiveFrom: CHANGE,
  };
  const policies = { policies: [...w.core.configuration.policies.policies, later] };
  const configuration: Configuration = {
    ...w.core.configuration,
    policies,
    foldProfile: foldProfile(policies),
  };
  return { w, core: { ...w.core, configuration }, former: w.core };
}

/** A function whose clock is off. */
function off(core: LaneCore, milliseconds: number): LaneCore {
  return { ...core, clock: { now: () => core.clock.now() + milliseconds } };
}

async function walk(w: Awaited<ReturnType<typeof shortened>>['w'], walker: LaneCore): Promise<void> {
  for (const message of w.sweeps.splice(0)) {
    if (message.kind === 'walk') await rePlanSegment(walker, message, () => true);
  }
}

describe('a version of a policy that comes into effect', () => {
  test('is recorded once it is in effect on every clock, and not a minute too early', async () => {
    const { w, core } = await shortened();
    await checkPolicies(core);
    w.sweeps.splice(0);
    const [before] = [await w.registry.policyRun()];
    w.clock.set(CHANGE);
    // A clock that is a minute ahead of one that is a minute behind.
    await checkPolicies(off(core, MINUTE));
    expect(await w.registry.policyRun()).toEqual(before);
    w.clock.set(CHANGE + 3 * MINUTE);
    await checkPolicies(off(core, -MINUTE));
    expect(await w.registry.policyRun()).not.toEqual(before);
  });

  test('asks for a wake-up at which it is recorded, by whatever clock', async () => {
    const { w, core } = await shortened();
    await checkPolicies(core);
    w.clock.set(CHANGE - 24 * 60 * MINUTE);
    await checkPolicies(core);
    const [wake = 0] = w.timers.takeDue(CHANGE + 60 * MINUTE).filter((minute) => minute > CHANGE);
    expect(wake).toBeLessThanOrEqual(CHANGE + 5 * MINUTE);
    w.clock.set(wake);
    const before = await w.registry.policyRun();
    await checkPolicies(off(core, -MINUTE));
    expect(await w.registry.policyRun()).not.toEqual(before);
  });

  test.for([
    ['whose clock is a minute behind', (core: LaneCore) => off(core, CHANGE - MINUTE - core.clock.now())],
    ['whose configuration is the former one', (_: LaneCore, former: LaneCore) => former],
  ] as const)('is not ended for a segment by a walker %s', async ([, walkerOf]) => {
    const { w, core, former } = await shortened();
    await checkPolicies(core);
    await walk(w, core);
    w.clock.set(CHANGE + 5 * MINUTE);
    await checkPolicies(core);
    await walk(w, walkerOf(core, former));
    expect(w.holding('n-1')?.decision?.actAt).toBe(at('2027-03-02T00:00:00Z'));
    await checkPolicies(core);
    await walk(w, core);
    expect(w.holding('n-1')?.decision?.actAt).toBe(at('2026-04-01T00:00:00Z'));
    await checkPolicies(core);
    expect(w.sweeps).toEqual([]);
  });
});
