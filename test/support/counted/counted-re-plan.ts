import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import { present } from '../../../shared/domain/present.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { Core } from '../../../shared/protocol/core.ts';
import { checkPolicies, rePlanSegment } from '../../../shared/protocol/policies.ts';
import { SEGMENTS } from '../../../shared/protocol/walk.ts';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import type { TestTables } from '../registry-table.ts';
import { aPolicy, aRule } from '../rules/rule-world.ts';
import { at } from '../samples.ts';
import { countedWorld, type CountedWorld } from './counted-world.ts';
import { ENDED, START } from './counted-disposal.ts';
import { readUnitsCall } from './read-units.ts';

const CHANGE = at('2026-03-10T00:00:00Z');
/** By then it is in effect on every clock. */
const SOON_AFTER = CHANGE + 600_000;

/** Two policies; a later version of the second one has a longer period. */
const notes = policy('notes', '30 days', { version: '1' });
const letters = policy('letters', '60 days', { version: '1' });
const longer = policy('letters', '90 days', { version: '2', effectiveFrom: CHANGE });

/** What a re-plan of everything took after one policy changed. */
export interface CountedRePlan {
  readonly w: CountedWorld;
  readonly holdings: number;
  /** Read units of the whole re-plan, and of one bare scan of the same table. */
  readonly reads: number;
  readonly onePass: number;
  readonly requests: number;
  /** Holdings, and everything else that was written, by partition, e.g. `{ H: 20, M: 9 }`. */
  readonly written: Readonly<Record<string, number>>;
}

export interface RePlanning {
  readonly holdings: number;
  /** One in this number of holdings is under the policy that changes. */
  readonly everyOther: number;
  /** Makes items large, so that a few of them take many pages. */
  readonly attributeBytes?: number;
  /** Pages for which one run of a walker has time. */
  readonly pagesARun?: number;
}

/** Every message comes twice, at the same time, as SQS may deliver it. */
export async function countedRePlan(tables: TestTables, planning: RePlanning): Promise<CountedRePlan> {
  const { holdings, everyOther, attributeBytes = 0, pagesARun = Infinity } = planning;
  const w = await countedWorld(tables, { ...START, policies: [notes, letters] });
  const attributes = attributeBytes === 0 ? undefined : { filler: 'x'.repeat(attributeBytes) };
  await w.prepare(holdings, ENDED, (n) => ({
    categories: [n % everyOther === 0 ? 'letters' : 'notes'],
    ...present({ attributes }),
  }));
  await walkAll(w.core, w, Infinity);
  const onePass = await bareScan(tables, w.table);

  w.clock.set(SOON_AFTER);
  w.reset();
  const counted = readUnitsCall(w.counter.call);
  const policies = { policies: [notes, letters, longer] };
  const configuration = { ...w.core.configuration, policies, foldProfile: foldProfile(policies) };
  const registry = dynamoRegistry(counted.call, w.table);
  const requests = w.counter.totalRequests();
  const written = await w.unitsOf(() => walkAll({ ...w.core, registry, configuration }, w, pagesARun));
  return {
    w,
    holdings,
    onePass,
    written,
    reads: counted.units(),
    requests: w.counter.totalRequests() - requests,
  };
}

function policy(category: string, period: string, changes: Partial<Policy>): Policy {
  return aPolicy({ [category]: [aRule(`${period} after contract.ended`)] }, { name: category, ...changes });
}

async function walkAll(core: Core, w: CountedWorld, pagesARun: number): Promise<void> {
  await checkPolicies(core);
  while (w.sweeps.length > 0) {
    const walks = w.sweeps.splice(0).flatMap((message) => (message.kind === 'walk' ? [message] : []));
    await Promise.all(
      [...walks, ...walks].map((message) => {
        let pages = 0;
        return rePlanSegment(core, message, () => (pages += 1) <= pagesARun);
      }),
    );
  }
}

/** The read units of a parallel scan that does nothing else. */
async function bareScan(tables: TestTables, table: string): Promise<number> {
  const counted = readUnitsCall(tables.call);
  const registry = dynamoRegistry(counted.call, table);
  for (let segment = 0; segment < SEGMENTS; segment += 1) {
    let after: string | undefined;
    do {
      after = (await registry.scanHoldings(segment, SEGMENTS, after)).next;
    } while (after !== undefined);
  }
  return counted.units();
}
