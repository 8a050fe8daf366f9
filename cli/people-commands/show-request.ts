import type { ProgressAnswer, RequestAnswer } from '../../shared/contract/people/requests.ts';
import type { CliContext } from '../cli-context.ts';

export function showRequests(context: CliContext, requests: readonly RequestAnswer[]): void {
  if (requests.length === 0) return context.say('No request is open.');
  context.table(
    ['request', 'id', 'kind', 'state', 'about', 'received', 'deadline'],
    requests.map((one) => [
      one.request,
      one.id ?? '-',
      one.kind,
      one.state,
      one.entityType,
      one.receivedAt,
      one.overdue ? context.warn(`${one.deadline} (overdue)`) : one.deadline,
    ]),
  );
}

export function showRequest(context: CliContext, one: RequestAnswer): void {
  context.print(context.bold(`${one.kind} ${one.entityType}: ${one.state}`));
  context.print(`  request ${one.request}, received ${one.receivedAt}`);
  const deadline = one.overdue ? context.warn(`${one.deadline} (overdue)`) : one.deadline;
  context.print(
    `  answer by ${deadline}${one.paused === true ? ', not counting the time until the identity is known' : ''}`,
  );
  context.print(`  scope ${scopeText(one.scope)}`);
  for (const { did, at, reason } of one.timeline)
    context.print(`  ${at} ${did}${reason === undefined ? '' : `: ${reason}`}`);
  if (one.export !== undefined) context.print(`  copy ${copyText(one.export)}`);
}

function copyText({
  step,
  records,
  leftOut = 0,
  bytes,
  until,
}: NonNullable<RequestAnswer['export']>): string {
  if (records === undefined || bytes === undefined || until === undefined) return step;
  const missing = leftOut === 0 ? '' : `, ${leftOut} records left out`;
  return `${step}: ${records} records, ${bytes} bytes${missing}, to be fetched until ${until}`;
}

function scopeText(scope: RequestAnswer['scope']): string {
  if ('all' in scope) return 'everything';
  if ('categories' in scope) return `categories ${scope.categories.join(', ')}`;
  if ('purposes' in scope) return `purposes ${scope.purposes.join(', ')}`;
  return `registered by ${scope.producers.join(', ')}`;
}

export function showProgress(
  context: CliContext,
  holdings: readonly ProgressAnswer[],
  leftAlone: number,
): void {
  if (leftAlone > 0)
    context.print(
      context.warn(`  ${leftAlone} accounts are left alone, because they are another person's, too`),
    );
  if (holdings.length === 0) return context.print('  no records');
  context.table(
    ['store', 'categories', 'state', 'action', 'when', 'because'],
    holdings.map((one) => [
      one.store,
      `${one.categories.join(', ')}${one.collection === undefined ? '' : ' (all records)'}`,
      stateText(one),
      one.action ?? '-',
      one.at ?? '-',
      [one.rule, ...one.reasons].filter((text) => text !== undefined).join('; ') || '-',
    ]),
  );
}

function stateText({ state, restricted, kept }: ProgressAnswer): string {
  const also = [
    ...(restricted === true && state !== 'restricted' ? ['restricted'] : []),
    ...(kept === undefined ? [] : [`${kept} stay on their own`]),
  ];
  return [state, ...also].join(', ');
}
