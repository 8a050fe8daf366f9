import type { ColumnMark } from '../../domain/columns/column-mark.ts';
import { columnNamed } from '../../domain/columns/fact-columns.ts';
import { effectivePolicies, policyOf } from '../../domain/configuration/effective-policies.ts';
import type { CategoryPolicy } from '../../domain/configuration/policy.ts';
import { entityOf } from '../../domain/datasets/datasets-of.ts';
import { own } from '../../domain/own.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { eventsOf } from '../../domain/rule/walk.ts';
import type { Core } from '../core.ts';
import { categoriesOf, type States } from '../plan-of.ts';
import { seconds } from '../seconds.ts';

/** How far each column was read. It has to be read before the states are. */
export type ColumnsRead = ReadonlyMap<string, ColumnMark>;

/**
 * Whether the holding's date may come from a column that was not read since then: the column may have changed its mind. What
 * was read to its end after that instant said so then. A column that is not configured any more is not read any more, and
 * nothing goes by it until a person says that what it said stays. One that is configured and was not read yet may say
 * something else than what was sent. Pure.
 */
export function dependsOnUnread(
  core: Pick<Core, 'configuration'>,
  columns: ColumnsRead,
  { holding, states }: { readonly holding: Holding; readonly states: States },
  { since, now }: { readonly since: Instant; readonly now: Instant },
): boolean {
  const { policies, entityTypes, readColumns = [], endedColumns = [], timing } = core.configuration;
  const tolerance = seconds(timing.clockTolerance);
  for (const name of new Set([...readColumns, ...columns.keys()])) {
    const mark = columns.get(name);
    if (endedColumns.includes(name) || (mark !== undefined && mark - tolerance >= since)) continue;
    const column = columnNamed(name);
    const type = column && entityOf(policies, column.event);
    if (column === undefined || type === undefined || !isAsked(core, holding, column.event, now)) continue;
    const isShared = own(entityTypes, type)?.ids === 'shared';
    const mayBeFrom = holding.variants.some(
      ({ producer, entities }) =>
        (isShared || producer === column.producer) &&
        entities.some((one) => {
          const occurrences = one.type === type ? states.get(one.ref)?.occurrences : undefined;
          return (own(occurrences ?? {}, column.event) ?? []).length > 0;
        }),
    );
    if (mayBeFrom) return true;
  }
  return false;
}

/** Whether a rule of the holding's categories names the event. */
function isAsked(
  { configuration }: Pick<Core, 'configuration'>,
  holding: Holding,
  event: string,
  now: Instant,
): boolean {
  const effective = effectivePolicies(configuration.policies, now);
  return categoriesOf(holding).some((name) => {
    const policy = policyOf(name, effective);
    const category = policy && own(policy.categories, name);
    const ends = Object.values(policy?.purposePolicies ?? {}).flatMap(({ rule }) => rule ?? []);
    return [...rulesOf(category), ...ends].some(({ rule }) => eventsOf(rule).has(event));
  });
}

function rulesOf(category: CategoryPolicy | undefined): CategoryPolicy['rules'] {
  if (category === undefined) return [];
  return category.cap === undefined ? category.rules : [...category.rules, category.cap];
}
