import type { Backlog } from './backlog.ts';
import type { Columns } from './columns.ts';
import type { Entities } from './entities.ts';
import type { Hints } from './hints.ts';
import type { Holdings } from './holdings.ts';
import type { Holds } from './holds.ts';
import type { Marks } from './marks.ts';
import type { PolicyPlans } from './policy-plans.ts';
import type { Proposals } from './proposals.ts';
import type { Requests } from './requests.ts';
import type { LogIndex, Results } from './results.ts';
import type { Upkeep } from './upkeep.ts';

/**
 * The registry: one table. Every write is one conditional write (no transaction), so a method that answers `written` is
 * durable, and one that answers `moved`, `taken` or `lost` changed nothing. A method that throws may have written.
 */
export interface Registry
  extends
    Entities,
    Columns,
    Holdings,
    Hints,
    Backlog,
    Results,
    LogIndex,
    Holds,
    Requests,
    Proposals,
    PolicyPlans,
    Marks,
    Upkeep {}
