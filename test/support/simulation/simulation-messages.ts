import type { Instant } from '../../../shared/domain/record/ids.ts';

/**
 * What was said, in plain words that no function under test has touched: the judge reads these, and the messages are
 * made of them.
 */
export interface SentEvent {
  readonly kind: 'event' | 'correction' | 'retraction';
  readonly id: string;
  readonly producer: string;
  /** `type|owner|id`, normalised by hand. */
  readonly entity: string;
  readonly type: string;
  /** Absent on a retraction. */
  readonly occurred?: string;
  readonly sent: Instant;
  /** Id of the event that a correction or retraction is about. */
  readonly about?: string;
}

export interface SentRegistration {
  readonly kind: 'registration';
  readonly id: string;
  readonly producer: string;
  readonly sent: Instant;
  /** `store|locator`. */
  readonly place: string;
  readonly categories: readonly string[];
  readonly entities: readonly string[];
  readonly zone?: string;
  readonly jurisdiction?: string;
}

export interface SentWithdrawal {
  readonly kind: 'withdrawal';
  readonly id: string;
  readonly producer: string;
  readonly sent: Instant;
  readonly place: string;
}

export type SentMessage = SentEvent | SentRegistration | SentWithdrawal;

export function typeOf(entity: string): string {
  return entity.slice(0, entity.indexOf('|'));
}
