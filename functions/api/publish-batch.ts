import { type ItemResult, LARGEST_ITEM } from '../../shared/contract/batch.ts';
import { stampedDetail } from '../../shared/contract/bus.ts';
import type { ProposalAnswer } from '../../shared/contract/people/proposals.ts';
import { ERROR_CODES, type ErrorCode, isErrorCode } from '../../shared/contract/error-codes.ts';
import type { Body, ParseFailure } from '../../shared/contract/parse.ts';
import type { BatchAnswer } from '../../shared/contract/batch.ts';
import { refused } from '../../shared/domain/checked.ts';
import type { Incoming } from '../../shared/domain/record/incoming.ts';
import { present } from '../../shared/domain/present.ts';
import type { Speaker } from '../../shared/domain/configuration/principal.ts';
import { problem, type Problem } from '../../shared/contract/problem.ts';
import type { ApiCore, ApiPorts, Reply } from './api-ports.ts';

/** The result for one item: what to publish and for which speaker, or why it is refused. */
export type Judged = Accepted | ParseFailure;
export interface Accepted {
  readonly ok: true;
  readonly speaker: Speaker;
  readonly incoming: Incoming;
  /** What the record is called outside. */
  readonly handle?: string;
}

export interface Batch {
  readonly route: string;
  readonly items: readonly unknown[];
  readonly faultyItems: Body['faultyItems'];
  readonly judge: (item: unknown) => Judged | Promise<Judged>;
  /** Runs with the valid items before they are published. */
  readonly before?: (accepted: readonly Accepted[]) => Promise<void>;
  /** What is not published before another person has confirmed it. */
  readonly byTwo?: {
    readonly needs: (accepted: Accepted) => boolean;
    readonly propose: (accepted: readonly Accepted[]) => Promise<ProposalAnswer | Problem>;
  };
}

/**
 * Checks every item, publishes the valid ones, and answers `accepted` only for those that the bus has confirmed. A bad
 * item does not affect the others. Repeated items are recognised when they are ingested. The valid items are taken from
 * the producer's quota first: beyond it nothing of the request is accepted.
 */
export async function publishBatch(
  ports: ApiCore,
  { route, items, faultyItems, judge, before = async () => undefined, byTwo }: Batch,
): Promise<Reply<BatchAnswer>> {
  const judged: Judged[] = [];
  for (const [index, item] of items.entries()) {
    const faulty = faultyItems.get(index);
    judged.push(faulty ?? (isTooLarge(item) ? rejected('ITEM_TOO_LARGE', '') : await judge(item)));
  }
  const right = judged.filter((each) => each.ok);
  const speakers = right.map(({ speaker }) => speaker);
  const wait = await overQuota(ports, speakers);
  if (wait !== undefined)
    return { kind: 'problem', problem: problem('QUOTA_EXCEEDED'), retryAfterSeconds: wait };
  const held = new Set<Judged>(byTwo === undefined ? [] : right.filter(byTwo.needs));
  const proposed = held.size === 0 ? undefined : await byTwo?.propose(right.filter((each) => held.has(each)));
  const sent = right.filter((each) => !held.has(each));
  await before(sent);
  const confirmed =
    sent.length === 0
      ? []
      : await ports.bus.publish(sent.map(({ speaker, incoming }) => stampedDetail(speaker, incoming)));
  const durable = new Set<Judged>(sent.filter((_, position) => confirmed[position] === 'durable'));
  const refusal = proposed !== undefined && 'code' in proposed ? proposed.code : undefined;
  const results = judged.map((each, index): ItemResult => {
    if (durable.has(each))
      return { index, status: 'accepted', ...present({ handle: each.ok ? each.handle : undefined }) };
    if (held.has(each) && refusal === undefined) return { index, status: 'proposed' };
    const isHeld = held.has(each) && isErrorCode(refusal);
    const { code, path, message } = each.ok ? rejected(isHeld ? refusal : 'NOT_DURABLE', '') : each;
    return { index, status: 'rejected', code, ...(path === '' ? {} : { path }), message };
  });
  reportRefusals(ports, route, results);
  const answer = { results, ...(proposed !== undefined && 'id' in proposed && { proposed }) };
  return { kind: 'answer', answer, status: statusOf(results) };
}

/** An item each. Seconds until the caller may send again; nothing if all of them are within the quota. Operators have none. */
export async function overQuota(
  { quotas, clock }: Pick<ApiCore, 'quotas' | 'clock'>,
  speakers: readonly Speaker[],
): Promise<number | undefined> {
  const producers = speakers.flatMap((speaker) => (speaker.role === 'producer' ? [speaker.producer] : []));
  for (const [producer, items] of Map.groupBy(producers, (each) => each)) {
    const taken = await quotas.take(producer, items.length);
    if (taken.kind === 'over') return Math.max(1, Math.ceil((taken.until - clock.now()) / 1000));
  }
  return undefined;
}

export function rejected(code: ErrorCode, path: string): ParseFailure {
  return { ...refused(code, path), message: ERROR_CODES[code] };
}

function isTooLarge(item: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(item)) > LARGEST_ITEM;
}

/** A batch of which no item was accepted is an error as a whole; the answer still has a result for every item. */
function statusOf(results: readonly ItemResult[]): 200 | 202 | 400 | 503 {
  if (results.some(({ status }) => status === 'proposed')) return 202;
  if (results.some(({ status }) => status === 'accepted')) return 200;
  return results.every(({ code }) => code === 'NOT_DURABLE') ? 503 : 400;
}

function reportRefusals({ report }: ApiPorts, route: string, results: readonly ItemResult[]): void {
  const counts = new Map<string, number>();
  for (const { code } of results) if (code !== undefined) counts.set(code, (counts.get(code) ?? 0) + 1);
  for (const [code, count] of counts) report('api.refused', { route, code, count });
}
