import type { AttentionHolding } from '../../shared/contract/attention.ts';
import { problem } from '../../shared/contract/problem.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import { effectivePolicies } from '../../shared/domain/configuration/effective-policies.ts';
import { logRef } from '../../shared/domain/configuration/references.ts';
import { present } from '../../shared/domain/present.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import { ownersOf } from '../../shared/protocol/attention.ts';
import {
  type AttentionPlace,
  listAttention as attentionPage,
} from '../../shared/protocol/attention/list-attention.ts';
import {
  listHoldings,
  type ListPage,
  type ListPlace,
} from '../../shared/protocol/attention/list-holdings.ts';
import { dayOfCensus } from '../../shared/protocol/census.ts';
import { readStates } from '../../shared/protocol/facts/read-states.ts';
import { logKeyOf } from '../../shared/protocol/facts/refs-of.ts';
import { entitiesOf, entityRefsOf, unique } from '../../shared/protocol/plan-of.ts';
import type { ApiPorts, Operation } from './api-ports.ts';
import { decryptCursor, nextOf } from './cursor.ts';
import { holdingAnswer } from './holding-answer.ts';
import { linksOf } from './query-subject.ts';

const GROUPS = { list: 'attention', filters: {} };

/** What needs a person, in groups. */
export const listAttention: Operation<'listAttention'> = async (ports, { input }) => {
  const cursor = await decryptCursor<AttentionPlace>(ports, GROUPS, input.cursor);
  if (!cursor.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  const now = ports.clock.now();
  const page = await attentionPage(ports, now, cursor.place);
  return {
    kind: 'answer',
    answer: {
      ...(await times(ports, now, page.census)),
      groups: page.groups.map((group) => ({ ...group, oldest: isoUtc(group.oldest) })),
      ...(await nextOf(ports, GROUPS, page.next)),
    },
  };
};

/** The single holdings of one reason, with their plans as of now. */
export const listAttentionHoldings: Operation<'listAttentionHoldings'> = async (ports, { input }) => {
  const query = { list: 'attention/holdings', filters: { reason: input.reason } };
  const cursor = await decryptCursor<ListPlace>(ports, query, input.cursor);
  if (!cursor.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  const now = ports.clock.now();
  const page = await listHoldings(ports, input.reason, now, cursor.place);
  return {
    kind: 'answer',
    answer: {
      ...(await times(ports, now, page.census)),
      holdings: await answersOf(ports, page, now),
      ...(await nextOf(ports, query, page.next)),
    },
  };
};

/** `listed`: the census that the page is of, if it is of one. */
async function times(
  ports: ApiPorts,
  now: Instant,
  listed: string | undefined,
): Promise<{ asOf: string; census?: string }> {
  const census = listed ?? (await ports.registry.newestCensus());
  return { asOf: isoUtc(now), ...present({ census: census && dayOfCensus(census) }) };
}

async function answersOf(
  ports: ApiPorts,
  { holdings: listed }: ListPage,
  now: Instant,
): Promise<AttentionHolding[]> {
  if (listed.length === 0) return [];
  const states = await readStates(ports, entityRefsOf(listed.map(({ holding }) => holding)));
  const holds = await ports.registry.wideHolds();
  const effective = effectivePolicies(ports.configuration.policies, now);
  return Promise.all(
    listed.map(async ({ holding, code }) => {
      const key = await logKeyOf(ports.keys, holding);
      const owners = ownersOf(holding, effective);
      return {
        ...holdingAnswer(ports, { holding, links: await linksOf(ports, holding), states, holds, now }),
        // There are no `refs` here that would say it: no subject was asked for.
        link: key === undefined ? ('destroyed' as const) : ('kept' as const),
        ...present({ ref: key && logRef(key, holding.ref), code }),
        ...(owners.length > 0 && { owners: [...owners] }),
        entityTypes: [...unique(entitiesOf(holding).map(({ type }) => type))],
      };
    }),
  );
}
