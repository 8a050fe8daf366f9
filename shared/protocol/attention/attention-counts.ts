import { effectivePolicies } from '../../domain/configuration/effective-policies.ts';
import { type CoverageReport, presentFields } from '../../domain/coverage/coverage-report.ts';
import type { RuleStop } from '../../domain/guard/lane-guard.ts';
import type { PersonRequest } from '../../domain/people/request.ts';
import { isEntityReason, isHoldingReason, type Reason, REASONS } from '../../domain/record/attention.ts';
import type { LegalHold } from '../../domain/record/hold.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { openRequests } from '../vendor/open-requests.ts';
import type { Chunk } from '../../domain/record/work.ts';
import type { CensusCount, Quarantined, SetAside } from '../../ports/upkeep.ts';
import { placeOf } from '../attention.ts';
import type { Core } from '../core.ts';

export interface AttentionCount {
  readonly reason: Reason;
  readonly status: string;
  readonly store?: string;
  readonly policy?: string;
  readonly producer?: string;
  readonly code?: string;
  readonly owner?: string;
  readonly count: number;
  readonly oldest: Instant;
}

/** In the order of the reasons, the same for every page. */
export function attentionIn(counts: readonly CensusCount[]): readonly AttentionCount[] {
  const order = Object.keys(REASONS);
  const text = ({ reason, store, policy, status, code, owner }: CensusCount): string =>
    JSON.stringify([order.indexOf(reason) + 100, store, policy, status, code, owner]);
  return counts
    .toSorted((a, b) => (text(a) < text(b) ? -1 : 1))
    .flatMap(({ reason, store, policy, status, code, owner, count, oldest }) => {
      if (!isHoldingReason(reason) && !isEntityReason(reason)) return [];
      return [{ reason, status, count, oldest, ...named({ store, policy, code, owner }) }];
    });
}

export function countOfMessage({ code, producer, receivedAt }: Quarantined): AttentionCount {
  const what = { reason: 'quarantined', status: 'message', count: 1, oldest: receivedAt } as const;
  return { ...what, ...named({ producer, code }) };
}

export function countOfHold({ reviewBy, at }: LegalHold): AttentionCount {
  return { reason: 'hold-review', status: 'hold', count: 1, oldest: reviewBy ?? at };
}

export function countOfRequest({ kind, state, receivedAt }: PersonRequest): AttentionCount {
  return { reason: 'request-open', status: state, code: kind, count: 1, oldest: receivedAt };
}

export function countOfStop(store: string, { policy, at, because }: RuleStop): AttentionCount {
  const what = { reason: 'rule-stopped', status: 'rule', count: 1, oldest: at } as const;
  return { ...what, ...named({ store, policy, code: because }) };
}

export function countOfSetAside(
  core: Pick<Core, 'configuration'>,
  { code, store, at }: SetAside,
  holding: Holding | undefined,
  now: Instant,
): AttentionCount {
  const { policy, status, owner } =
    holding === undefined
      ? { policy: '', status: 'unknown', owner: undefined }
      : placeOf(holding, effectivePolicies(core.configuration.policies, now));
  return { reason: 'set-aside', status, count: 1, oldest: at, ...named({ store, policy, code, owner }) };
}

export function countOfDataset(store: string, code: string, since: Instant): AttentionCount {
  return { reason: 'dataset-late', status: 'dataset', store, code, count: 1, oldest: since };
}

/** What a chunk has of it, as its last attempt found: the same that the hourly sweep tells. */
export function countsOfVendor(chunk: Chunk): readonly AttentionCount[] {
  const { lane, minute, waits = [] } = chunk;
  const count = waits.reduce((sum, wait) => sum + (wait.code === 'VENDOR_OVERDUE' ? wait.count : 0), 0);
  if (count === 0) return [];
  const oldest = openRequests(chunk)?.since ?? minute;
  return [{ reason: 'vendor-overdue', status: 'request', store: lane, count, oldest }];
}

export function countsOfSurvey(store: string, report: CoverageReport): readonly AttentionCount[] {
  const places = report.uncovered.flatMap(({ kind, since }) =>
    since === undefined
      ? []
      : [{ reason: 'uncovered', status: 'place', store, code: kind, count: 1, oldest: since } as const],
  );
  const fields = presentFields(report).map(
    (code) =>
      ({ reason: 'never-present', status: 'field', store, code, count: 1, oldest: report.at }) as const,
  );
  return [...places, ...fields];
}

function named<Names extends Readonly<Record<string, string | undefined>>>(names: Names) {
  return Object.fromEntries(
    Object.entries(names).filter(([, value]) => value !== undefined && value !== ''),
  ) as { readonly [Name in keyof Names]?: string };
}

/** Those that are alike are one group. */
export function grouped(counts: readonly AttentionCount[]): readonly AttentionCount[] {
  const keyOf = ({ count: _count, oldest: _oldest, ...rest }: AttentionCount): string => JSON.stringify(rest);
  return [...Map.groupBy(counts, keyOf).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [
      {
        ...first,
        count: group.reduce((sum, { count }) => sum + count, 0),
        oldest: Math.min(...group.map(({ oldest }) => oldest)),
      },
    ];
  });
}
