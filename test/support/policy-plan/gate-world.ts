import { sweep, type SweepCore } from '../../../functions/sweep/sweep.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { Policy, PolicySet } from '../../../shared/domain/configuration/policy.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { type WorldCore, world } from '../driver/world.ts';
import { aPolicy, aRule } from '../rules/rule-world.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export function notesPolicy(rule: string, changes: Partial<Policy> = {}): PolicySet {
  return { policies: [aPolicy({ notes: [aRule(rule)] }, changes)] };
}

export const YEAR = notesPolicy('1 year after contract.ended');
/** By which all records are due. */
export const TEN_DAYS = notesPolicy('10 days after contract.ended', { version: '2' });
/** By which one record is due, the one whose contract ended first. */
export const FIFTY_DAYS = notesPolicy('50 days after contract.ended', { version: '3' });

/** Records whose contracts ended this winter, in a deployment that keeps them for a year. One is due today. */
export async function gateWorld(options: { readonly records?: number; readonly pageSize?: number } = {}) {
  const { records = 4, pageSize = 3 } = options;
  const w = world({ pageSize, policies: YEAR.policies });
  const ended = ['2025-02-20', '2026-01-02', ...Array.from({ length: records - 2 }, () => '2026-02-10')];
  for (const [index, date] of ended.entries()) {
    const contract = w.entity('contract', `c-${index}`);
    w.store.put([`n-${index}`]);
    await w.register(await w.registration(`n-${index}`, [contract]));
    await w.happened(contract, w.fact('contract.ended', date));
  }
  w.clock.advance(2 * HOUR);
  w.sweeps.length = 0;

  /** The functions of a deployment with these policies. */
  function deployed(
    policies: PolicySet,
    maxNewlyDue: number | null = 2,
    more: Partial<WorldCore> = {},
  ): WorldCore {
    const configuration = {
      ...w.core.configuration,
      policies,
      foldProfile: foldProfile(policies),
      policyChanges: { maxNewlyDue },
    };
    return { ...w.core, configuration, ...more };
  }

  const deliverTo = async (core: WorldCore, message: Parameters<typeof sweep>[1]): Promise<void> => {
    await sweep(core as unknown as SweepCore, message, () => true);
    for (const sent of w.heartbeats.splice(0)) await w.registry.putHeartbeat(sent);
  };
  /** What was sent to the sweep. Censuses and re-plans are left out: they plan, and dispose of nothing. */
  async function walks(core: WorldCore): Promise<void> {
    for (;;) {
      const messages = w.sweeps.splice(0).filter((one) => one.kind === 'walk');
      const own = messages.filter(({ walk }) => walk.startsWith('policy-plan/'));
      if (own.length === 0) return;
      for (const message of own) await deliverTo(core, message);
    }
  }
  const hourly = (core: WorldCore): Promise<void> => deliverTo(core, { kind: 'hourly' });

  /** Every bell that was rung, at once: how each ended. */
  async function lanes(core: WorldCore): Promise<readonly string[]> {
    const all: string[] = [];
    for (const { message } of w.bells.splice(0)) all.push(await workOnChunk(core, message));
    return all;
  }
  /** How many records there still are. */
  const left = async (): Promise<number> => {
    const looked = await w.store.look(ended.map((_, index) => [`n-${index}`]));
    return looked.filter(({ state }) => state === 'present').length;
  };
  return { ...w, deployed, hourly, walks, lanes, left };
}

export type GateWorld = Awaited<ReturnType<typeof gateWorld>>;
