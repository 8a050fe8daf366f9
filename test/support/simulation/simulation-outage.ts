import type { WideScope } from '../../../shared/domain/record/hold.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';

/** A time in which what this scope covers is not to be disposed of; `after`: how much longer that may hold things up. */
export interface Outage {
  readonly scope: WideScope;
  readonly from: Instant;
  readonly to: Instant;
  readonly after: Instant;
}
