import { pagesOf } from '../shared/client/client.ts';
import {
  type CoverAnswer,
  type HoldAnswer,
  HoldId,
  type PlaceHold,
} from '../shared/contract/people/legal-holds.ts';
import { present } from '../shared/domain/present.ts';
import type { CliContext } from './cli-context.ts';
import { type Program, wantsJson } from './program.ts';
import { UsageError } from './usage-error.ts';

/** `hold place | release | list | show`: legal holds. Placing and releasing are dry runs without `--execute`. */
export function addHoldCommands(program: Program, context: CliContext): void {
  const hold = program.command('hold').description('legal holds: what may not be disposed of, and why');
  hold
    .command('place')
    .argument('<id>', 'an id of your own, such as the number of the matter; no name of a person; used once')
    .requiredOption('--matter <text>', 'what it is about: a file number, the name of a case')
    .requiredOption('--reason <text>', 'why the data has to be kept')
    .option('--entity <type:id>', 'keep everything about one entity, such as person:p-17')
    .option('--producer <name>', 'with --entity, the producer whose id this is, for owned entity types')
    .option('--category <name>', 'keep a category')
    .option('--store <name>', 'keep everything in a store')
    .option('--policy <name>', 'keep every category of a policy')
    .option('--everything', 'keep everything')
    .option('--review-by <date>', 'the day (YYYY-MM-DD) by which somebody has to look at it again')
    .option('--freeze', 'also keep records from being restricted')
    .option('--execute', 'place it; without this, only count what it would cover')
    .description('place a legal hold; a dry run without --execute')
    .action(async (id, options) => {
      const { matter, reason } = options;
      const reviewBy = dayOf(options.reviewBy);
      const isDryRun = options.execute !== true;
      const answer = await context.client().placeHold({
        id: idOf(id),
        scope: scopeOf(options),
        matter,
        reason,
        ...present({ reviewBy }),
        ...(options.freeze === true && { freeze: true }),
        ...(isDryRun && { dryRun: true }),
      });
      if (wantsJson(program)) return context.json(answer);
      if (!answer.dryRun) return showHold(context, answer.hold);
      showCover(context, answer.wouldCover);
      context.say('Nothing was placed: this was a dry run. Add --execute to place the hold.');
    });
  hold
    .command('release')
    .argument('<id>', 'the id of the hold: `tenure hold list` shows it')
    .requiredOption('--reason <text>', 'why the data need not be kept any more')
    .option('--execute', 'release it, for ever; without this, only count what waits for the release')
    .description('release a legal hold; a dry run without --execute')
    .action(async (id, { reason, execute }) => {
      const dryRun = execute === true ? undefined : true;
      const answer = await context.client().releaseHold({ id: idOf(id), reason, ...present({ dryRun }) });
      if (wantsJson(program)) return context.json(answer);
      showHold(context, answer.hold);
      const { holdings, atLeast } = answer.waiting;
      const waiting = `${atLeast ? 'at least ' : ''}${records(holdings)} that came due`;
      context.print(
        answer.dryRun ? `${waiting} would be looked at again` : `${waiting}: looked at again within minutes`,
      );
      if (answer.dryRun)
        context.say('Nothing was released: this was a dry run. Add --execute to release the hold.');
    });
  hold
    .command('list')
    .option('--state <state>', 'in-force or released; if omitted, all')
    .option('--entity <type:id>', 'only those in force on this entity')
    .option('--producer <name>', 'with --entity, the producer whose id this is')
    .description('list legal holds; exit code 1 if one is past its review date')
    .action(async ({ state, entity, producer }) => {
      const client = context.client();
      const wanted = stateOf(state);
      if (entity !== undefined) {
        if (wanted !== undefined)
          throw new UsageError(
            'Give --entity or --state: --entity lists the holds that are in force on this entity.',
          );
        const { holds } = await client.queryHolds({ entity: entityOf(entity, producer) });
        return showHolds(program, context, holds);
      }
      refuseProducerAlone(producer);
      const holds: HoldAnswer[] = [];
      for await (const page of pagesOf((cursor) =>
        client.queryHolds({ ...present({ state: wanted }), ...cursor }),
      ))
        holds.push(...page.holds);
      showHolds(program, context, holds);
    });
  hold
    .command('show')
    .argument('<id>', 'the id of the hold: `tenure hold list` shows it')
    .description('show one legal hold, and whether what was in flight when it was placed is settled')
    .action(async (id) => {
      const { holds } = await context.client().queryHolds({ id: idOf(id) });
      const [found] = holds;
      if (found === undefined) throw new TypeError('a hold that is known has an answer');
      if (wantsJson(program)) return context.json(found);
      showHold(context, found);
    });
}

interface ScopeOptions {
  readonly entity?: string | undefined;
  readonly producer?: string | undefined;
  readonly category?: string | undefined;
  readonly store?: string | undefined;
  readonly policy?: string | undefined;
  readonly everything?: true | undefined;
}

function scopeOf({
  entity,
  producer,
  category,
  store,
  policy,
  everything,
}: ScopeOptions): PlaceHold['scope'] {
  const named: readonly (PlaceHold['scope'] | undefined)[] = [
    entity === undefined ? undefined : { entity: entityOf(entity, producer) },
    category === undefined ? undefined : { category },
    store === undefined ? undefined : { store },
    policy === undefined ? undefined : { policy },
    everything === undefined ? undefined : { everything },
  ];
  const [scope, another] = named.filter((one) => one !== undefined);
  if (scope === undefined || another !== undefined)
    throw new UsageError(
      'Give exactly one of --entity, --category, --store, --policy and --everything: a hold has one scope.',
    );
  if (entity === undefined) refuseProducerAlone(producer);
  return scope;
}

/** It would be ignored, and what is listed or held would be more than was asked for. */
function refuseProducerAlone(producer: string | undefined): void {
  if (producer !== undefined)
    throw new UsageError('--producer says whose id --entity is: give --entity, or omit --producer.');
}

/** Ids may contain colons; names of types do not. The message does not repeat the id. */
function entityOf(
  text: string,
  producer: string | undefined,
): { type: string; id: string; producer?: string } {
  const at = text.indexOf(':');
  if (at <= 0 || at === text.length - 1)
    throw new UsageError(
      '--entity needs the type and the id with a colon between them, such as person:p-17.',
    );
  return { type: text.slice(0, at), id: text.slice(at + 1), ...present({ producer }) };
}

/** The message does not repeat it: somebody may have taken the name of a person. */
function idOf(text: string): string {
  if (HoldId.safeParse(text).success) return text;
  throw new UsageError(
    'The id of a hold has at most 64 letters, digits, dots, underscores and hyphens, and begins with a letter or a digit.',
  );
}

function dayOf(text: string | undefined): string | undefined {
  if (text === undefined || /^\d{4}-\d\d-\d\d$/.test(text)) return text;
  throw new UsageError('--review-by is a day, written as in 2026-06-30.');
}

function stateOf(state: string | undefined): 'in-force' | 'released' | undefined {
  if (state === undefined || state === 'in-force' || state === 'released') return state;
  throw new UsageError('--state is in-force or released.');
}

function showCover(
  context: CliContext,
  {
    holdings,
    collections = 0,
    byStore,
    from,
    census,
    atLeast,
    datasets = [],
    notCoveredAccounts = 0,
  }: CoverAnswer,
): void {
  if (datasets.length > 0) {
    const names = datasets.map(({ store, category }) => `${category} in ${store}`);
    context.print(`It would cover rows of datasets, which are not counted: ${names.join(', ')}`);
  }
  if (from === 'none')
    return context.print('No census has ended yet, so what the hold would cover was not counted.');
  const source = from === 'entity' ? 'counted now' : `as the census of ${census ?? '-'} counted`;
  context.print(`It would cover ${atLeast ? 'at least ' : ''}${records(holdings)} (${source})`);
  if (collections > 0)
    context.print(
      `${collections === 1 ? 'One of them is a collection' : `${collections} of them are collections`}: all records that carry the id count once.`,
    );
  if (byStore.length > 0)
    context.table(
      ['store', 'records'],
      byStore.map(({ store, holdings: count }) => [store || 'unknown', String(count)]),
    );
  if (notCoveredAccounts > 0)
    context.print(
      context.warn(
        `It would not cover what is only about an account of this person: ${notCoveredAccounts === 1 ? '1 account is' : `${notCoveredAccounts} accounts are`} known. Place a hold on each of them, too.`,
      ),
    );
}

function showHold(context: CliContext, hold: HoldAnswer): void {
  const { id, state, placedBy, placedAt, reviewBy, released, inFlight = [] } = hold;
  context.print(context.bold(`${id}: ${scopeText(hold)} (${state}${hold.freeze ? ', freezes' : ''})`));
  context.print(`  matter: ${hold.matter ?? 'cannot be read any more'}`);
  context.print(`  reason: ${hold.reason ?? 'cannot be read any more'}`);
  context.print(`  placed ${placedAt} by ${placedBy ?? 'somebody whose name cannot be read any more'}`);
  if (state === 'placing')
    context.print(context.warn('  the request that placed it did not end: repeat it with the same id'));
  if (reviewBy !== undefined)
    context.print(`  review by ${reviewBy}${hold.reviewOverdue ? context.warn(' (overdue)') : ''}`);
  if (released !== undefined)
    context.print(`  released ${released.at} by ${released.by ?? '-'}: ${released.reason ?? '-'}`);
  const open = inFlight.filter((attempt) => attempt.state !== 'settled');
  if (inFlight.length > 0)
    context.print(
      open.length === 0
        ? '  what was in flight when it was placed is settled'
        : context.warn('  in flight when it was placed, and not settled yet:'),
    );
  for (const { lane, holdings, until, state: doing, dataset } of open) {
    const what = dataset ? 'rows of a dataset' : `up to ${records(holdings)}`;
    context.print(`    ${lane}: ${what}, ${doing}, until ${until}`);
  }
}

function showHolds(program: Program, context: CliContext, holds: readonly HoldAnswer[]): void {
  if (holds.some(({ reviewOverdue }) => reviewOverdue)) context.found();
  if (wantsJson(program)) return context.json({ holds });
  if (holds.length === 0) return context.say('There are no legal holds.');
  context.table(
    ['id', 'scope', 'state', 'matter', 'placed', 'review by'],
    holds.map((hold) => [
      hold.id,
      scopeText(hold),
      hold.state,
      hold.matter ?? '-',
      hold.placedAt,
      hold.reviewOverdue ? context.warn(`${hold.reviewBy ?? '-'} (overdue)`) : (hold.reviewBy ?? '-'),
    ]),
  );
}

function scopeText({ scope }: HoldAnswer): string {
  if ('entity' in scope) {
    const { type, id, producer } = scope.entity;
    if (type === undefined || id === undefined) return 'an entity';
    return `${type} ${id}${producer === undefined ? '' : ` of ${producer}`}`;
  }
  if ('category' in scope) return `category ${scope.category}`;
  if ('store' in scope) return `store ${scope.store}`;
  if ('policy' in scope) return `policy ${scope.policy}`;
  return 'everything';
}

function records(count: number): string {
  return count === 1 ? '1 record' : `${count} records`;
}
