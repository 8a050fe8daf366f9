import { type ItemResult, LARGEST_ITEM } from '../../shared/contract/batch.ts';
import { stampedDetail } from '../../shared/contract/bus.ts';
import { ERROR_CODES, type ErrorCode } from '../../shared/contract/error-codes.ts';
import type { ParseFailure } from '../../shared/contract/parse.ts';
import type { BatchAnswer } from '../../shared/contract/batch.ts';
import { refused } from '../../shared/domain/checked.ts';
import type { Incoming } from '../../shared/domain/record/incoming.ts';
import type { Speaker } from '../../shared/domain/configuration/principal.ts';
import type { ApiPorts, Reply } from './api-ports.ts';

/** One item, judged on its own: what to publish for whom, or why not. */
export type Judged =
  | { readonly ok: true; readonly speaker: Speaker; readonly incoming: Incoming }
  | ParseFailure;

/**
 * Judges every item, publishes what is right, and says `accepted` only of what the bus has confirmed. A bad item loses
 * nothing of the others; whatever is sent again is recognised behind the bus.
 */
export async function publishBatch(
  ports: ApiPorts,
  route: string,
  items: readonly unknown[],
  judge: (item: unknown) => Judged,
): Promise<Reply<BatchAnswer>> {
  const judged = items.map((item) => (isTooLarge(item) ? rejected('ITEM_TOO_LARGE', '') : judge(item)));
  const right = judged.filter((each) => each.ok);
  const confirmed =
    right.length === 0
      ? []
      : await ports.bus.publish(right.map(({ speaker, incoming }) => stampedDetail(speaker, incoming)));
  const durable = new Set<Judged>(right.filter((_, position) => confirmed[position] === 'durable'));
  const results = judged.map((each, index): ItemResult => {
    if (durable.has(each)) return { index, status: 'accepted' };
    const { code, path, message } = each.ok ? rejected('NOT_DURABLE', '') : each;
    return { index, status: 'rejected', code, ...(path === '' ? {} : { path }), message };
  });
  reportRefusals(ports, route, results);
  return { kind: 'answer', answer: { results }, status: statusOf(results) };
}

export function rejected(code: ErrorCode, path: string): ParseFailure {
  return { ...refused(code, path), message: ERROR_CODES[code] };
}

function isTooLarge(item: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(item)) > LARGEST_ITEM;
}

/** A batch of which nothing was taken is an error as a whole; the answer still tells of every item. */
function statusOf(results: readonly ItemResult[]): 200 | 400 | 503 {
  if (results.some(({ status }) => status === 'accepted')) return 200;
  return results.every(({ code }) => code === 'NOT_DURABLE') ? 503 : 400;
}

function reportRefusals({ report }: ApiPorts, route: string, results: readonly ItemResult[]): void {
  const counts = new Map<string, number>();
  for (const { code } of results) if (code !== undefined) counts.set(code, (counts.get(code) ?? 0) + 1);
  for (const [code, count] of counts) report('api.refused', { route, code, count });
}
