import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { Outcome } from './actions.ts';
import type { HoldingRef, Instant } from './ids.ts';

/** What applications can be told, and the CloudEvent of each. */
export const NOTICES = {
  upcoming: 'retention.disposal.upcoming',
  completed: 'retention.disposal.completed',
  blocked: 'retention.disposal.blocked',
  failed: 'retention.disposal.failed',
  'policy-changed': 'retention.policy.changed',
  'request-closed': 'retention.request.closed',
  vendor: 'retention.vendor.notice',
} as const;
export type NoticeKind = keyof typeof NOTICES;
export const NOTICE_KINDS = Object.keys(NOTICES) as [NoticeKind, ...NoticeKind[]];
/** A policy names what it wants to be told of its data. What a vendor is asked for is told by its store's configuration. */
export type PolicyNotice = Exclude<NoticeKind, 'vendor'>;
export const POLICY_NOTICES = NOTICE_KINDS.filter((kind) => kind !== 'vendor') as [
  PolicyNotice,
  ...PolicyNotice[],
];

/** What an application is told: durable until the bus has it. It has no id of a person, locator or reference of the registry. */
export interface Notice {
  /** Of the event: the same notice has the same one, however often it is sent. */
  readonly id: string;
  readonly kind: NoticeKind;
  /** When it was noted. */
  readonly at: Instant;
  readonly data: Readonly<Record<string, unknown>>;
}

function digestOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(canonicalJson(parts)).digest().subarray(0, 16).toString('base64url');
}

/**
 * The name of a record outside of Tenure. It is a digest of the keyed reference, so it says nothing,
 * leads to nothing in the deletion log, and stays the same through all generations.
 */
export function handleOf(ref: HoldingRef): string {
  return digestOf(['handle', ref]);
}

export function noticeId(kind: NoticeKind, ...parts: readonly unknown[]): string {
  return digestOf(['notice', kind, ...parts]);
}

/** What an outcome that has an entry is told as; nothing where the next attempt will tell. */
export function noticeOf(outcome: Outcome | 'pseudonymised'): NoticeKind | undefined {
  switch (outcome) {
    case 'deleted':
    case 'anonymised':
    case 'pseudonymised':
    case 'restricted':
    case 'lifted':
    case 'already-so':
    case 'confirmed-by-vendor':
      return 'completed';
    case 'held':
    case 'refused':
      return 'blocked';
    case 'failed':
      return 'failed';
    case 'requested':
    case 'changed':
    case 'too-early':
      return undefined;
  }
}
