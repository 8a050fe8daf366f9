import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { LOGS, ROW_EVENTS } from '../datasets/rows-world.ts';
import { NOTES } from '../pages/collection-world.ts';
import { STORE, world } from '../driver/world.ts';
import { aPolicy, aRule } from '../rules/rule-world.ts';
import type { PlainPolicy, PlainRule, Rulebook } from '../simulation/simulation-policies.ts';

/*
 * One store whose rows are of three kinds: notes are the collection of their contract, logs have clocks of their own and
 * name a contract, and papers are registered. Any of them may be registered, too.
 */

/** Days of one version of the policy: after the end of the contract, and after the last use of a log. */
export interface Periods {
  readonly notes: number;
  readonly papers: number;
  readonly logs: number;
  readonly logsAfterEnd: number;
}

const VERSIONS: readonly Periods[] = [
  { notes: 5, papers: 8, logs: 6, logsAfterEnd: 3 },
  { notes: 9, papers: 4, logs: 10, logsAfterEnd: 5 },
  { notes: 3, papers: 6, logs: 4, logsAfterEnd: 2 },
];

/** When the second version takes effect, and the third. */
export type Changes = readonly [Instant, Instant];

export function periodsAt(changes: Changes, at: Instant): Periods {
  const [first] = VERSIONS;
  const found = VERSIONS[changes.filter((from) => from <= at).length] ?? first;
  if (found === undefined) throw new TypeError('there is a first version');
  return found;
}

/** What is deployed. `spoiled`: what a test makes wrong in every version. */
export function mixedConfiguration(
  changes: Changes,
  spoiled: (periods: Periods) => Periods = (periods) => periods,
): Configuration {
  const policies = VERSIONS.map(spoiled).map(({ notes, papers, logs, logsAfterEnd }, index) =>
    aPolicy(
      {
        notes: [aRule(`${notes} days after contract.ended`)],
        papers: [aRule(`${papers} days after contract.ended`)],
        logs: [
          aRule(
            `the later of (${logs} days after the later of record.created and record.used if any) and ${logsAfterEnd} days after contract.ended if any`,
          ),
        ],
      },
      {
        events: ROW_EVENTS,
        version: String(index + 1),
        ...(index > 0 && { effectiveFrom: changes[index - 1] ?? 0 }),
      },
    ),
  );
  const { configuration } = world({
    policies,
    restricts: true,
    entityTypes: { contract: { ids: 'owned', normalise: ['trim'] }, record: { ids: 'owned', normalise: [] } },
    collections: [{ ...NOTES, where: { kind: 'note' } }],
    store: { datasets: [{ ...LOGS, attributes: {}, where: { kind: 'log' }, daily: true }] },
  }).core;
  return { ...configuration, policyChanges: { maxNewlyDue: null } };
}

const after = (days: number): readonly PlainRule[] => [
  { action: 'delete', bound: 'at least', event: 'contract.ended', period: { days } },
];

/** The same policy as a person reads it: nothing of it comes from the rule language or its evaluator. */
export function mixedBook(changes: Changes, at: Instant): Rulebook {
  const { notes, papers, logsAfterEnd } = periodsAt(changes, at);
  const policy: PlainPolicy = {
    name: 'test-policy',
    zone: 'UTC',
    lead: 0,
    undone: { 'contract.ended': 'contract.renewed' },
    entity: { 'contract.ended': 'contract' },
    rules: { notes: () => after(notes), papers: () => after(papers), logs: () => after(logsAfterEnd) },
  };
  return () => policy;
}

export const PLACE = (name: string): { readonly store: string; readonly locator: readonly [string] } => ({
  store: STORE,
  locator: [name],
});
