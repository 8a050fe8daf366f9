import { Argument } from '@commander-js/extra-typings';
import { pagesOf } from '../shared/client/client.ts';
import type { AttentionGroup, AttentionHolding, ListedReason } from '../shared/contract/attention.ts';
import { HOLDING_REASONS, REASONS } from '../shared/domain/record/attention.ts';
import type { CliContext } from './cli-context.ts';
import { type Program, wantsJson } from './program.ts';

const LISTED = ['set-aside', ...Object.keys(HOLDING_REASONS)] as ListedReason[];

/** `attention`: what needs a person, and the single holdings of one reason. */
export function addAttentionCommand(program: Program, context: CliContext): void {
  program
    .command('attention')
    .addArgument(
      new Argument('[reason]', 'list the single holdings that need a person for this reason').choices(LISTED),
    )
    .description('list what needs a person, by reason; exit code 1 if there is anything')
    .action(async (reason) => {
      if (reason === undefined) return showGroups(program, context);
      return showHoldings(program, context, reason);
    });
}

async function showGroups(program: Program, context: CliContext): Promise<void> {
  const client = context.client();
  const parts: AttentionGroup[] = [];
  let census: string | undefined;
  for await (const page of pagesOf((cursor) => client.listAttention(cursor))) {
    parts.push(...page.groups);
    census ??= page.census;
  }
  const groups = joined(parts);
  if (groups.length > 0) context.found();
  if (wantsJson(program)) return context.json({ ...(census === undefined ? {} : { census }), groups });
  context.say(census === undefined ? 'No census has ended yet: it runs once a day.' : `Census of ${census}.`);
  if (groups.length === 0) return context.say('Nothing needs a person.');
  context.table(
    ['reason', 'status', 'store', 'policy', 'producer', 'code', 'owner', 'count', 'oldest'],
    groups.map(({ reason, status, store, policy, producer, code, owner, count, oldest }) => [
      reason,
      status,
      store ?? '-',
      policy ?? '-',
      producer ?? '-',
      code ?? '-',
      owner ?? '-',
      String(count),
      oldest,
    ]),
  );
  for (const reason of new Set(groups.map((group) => group.reason)))
    context.say(`${reason}: ${REASONS[reason]}`);
}

/** Several pages may have parts of the same group. */
function joined(parts: readonly AttentionGroup[]): readonly AttentionGroup[] {
  const byKey = new Map<string, AttentionGroup>();
  for (const part of parts) {
    const { reason, status, store, policy, producer, code, owner } = part;
    const key = JSON.stringify([reason, status, store, policy, producer, code, owner]);
    const known = byKey.get(key);
    const oldest = known !== undefined && known.oldest < part.oldest ? known.oldest : part.oldest;
    byKey.set(key, { ...part, oldest, count: (known?.count ?? 0) + part.count });
  }
  return [...byKey.values()];
}

async function showHoldings(program: Program, context: CliContext, reason: ListedReason): Promise<void> {
  const client = context.client();
  const holdings: AttentionHolding[] = [];
  const pages = pagesOf((cursor) => client.listAttentionHoldings({ reason, ...cursor }));
  for await (const page of pages) holdings.push(...page.holdings);
  if (holdings.length > 0) context.found();
  if (wantsJson(program)) return context.json({ holdings });
  context.say(REASONS[reason]);
  if (holdings.length === 0) return context.say('No holding needs a person for this reason.');
  context.table(
    ['store', 'categories', 'owners', 'producers', 'entities', 'registered', 'log reference', 'why'],
    holdings.map((holding) => [
      holding.store,
      holding.categories.join(', '),
      holding.owners?.join(', ') ?? '-',
      holding.producers.join(', '),
      holding.entityTypes.join(', '),
      holding.registeredAt,
      holding.ref ?? '-',
      whyOf(holding),
    ]),
  );
}

function whyOf({ code, planFailed, plan, state }: AttentionHolding): string {
  if (code !== undefined) return code;
  if (planFailed !== undefined) return `its plan fails (${planFailed})`;
  const reasons = (plan?.stages ?? []).flatMap((stage) => stage.reasons);
  return reasons.length > 0 ? [...new Set(reasons)].join('; ') : (plan?.status ?? state);
}
