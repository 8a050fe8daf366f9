import type { PlannedStage } from '../../domain/plan/plan.ts';
import { present } from '../../domain/present.ts';
import type { Outcome, StoreAction } from '../../domain/record/actions.ts';
import type { EntityRef, HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { Masks } from '../../domain/record/masks.ts';
import type { GuardCode } from '../../domain/record/waiting.ts';
import type { Locator } from '../../ports/store.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { ListAhead } from '../pages/list-ahead.ts';

/** The record is there after all: the store did not do what it said, or it was written again since. */
export const READ_BACK_BROKEN = 'READ_BACK_BROKEN';

/** What this attempt can say of one holding. Becomes a line of its result, and an entry where the log wants one. */
export interface Told extends ActedOn {
  /** As it was read by this attempt. */
  readonly holding: Holding;
  /** `holding` is the tombstone of a past generation. */
  readonly pastGeneration?: true;
  /** As it was planned by this attempt; absent where the stage of a former attempt was only read back. */
  readonly planned?: PlannedStage;
  readonly outcome: Outcome;
  readonly at: Instant;
  readonly actedAt?: Instant;
  readonly readBackAt?: Instant;
  /** A former attempt had acted, and could not say what came of it. */
  readonly interrupted?: true;
  /** What the stage masks. */
  readonly masks?: Masks;
  /** What the store answered, or the code of a failure. */
  readonly code?: string;
  readonly until?: Instant;
  readonly hold?: { readonly id: string; readonly entity?: EntityRef };
  /** Of a collection or dataset: what was done to its records. Then `records` are those of which it is uncertain what came. */
  readonly page?: Page;
}

/** What one attempt did to the records of a collection, or to those rows of a dataset that one rule decided. */
export interface Page {
  /** Read back as the stage promises. */
  readonly done: readonly HoldingRef[];
  readonly kept: number;
  readonly failed: number;
  /** The codes of those that failed; not of what the store refuses until a date. */
  readonly wrong: readonly string[];
  readonly changed: number;
  /** `more`: the stage has not ended. `kept`: only records are left that stay because they are registered on their own. */
  readonly ending: 'ended' | 'more' | 'kept';
  readonly dataset?: OfDataset;
  /** The list of `done`, if everything went that was to go. */
  readonly ahead?: ListAhead;
}

/** What is told of rows of a dataset besides. */
export interface OfDataset {
  /** When the first and the last of them were due; absent where a personal event plays a part. */
  readonly range?: { readonly first: Instant; readonly last: Instant };
  /** Rows that the attempt read, and that stay. */
  readonly held: number;
  readonly undated: number;
}

/** To be acted on: decided, and the store was looked at. */
export interface Todo extends ActedOn {
  readonly holding: Holding;
  readonly planned: PlannedStage;
  readonly locator: Locator;
  /** The record's version, where the store has one. */
  readonly recordVersion?: string;
  readonly masks: Masks;
  readonly interrupted?: true;
}

/** Why a holding stays in the chunk. */
export type Left =
  /** Another attempt names it, or this one had no time left. */
  | { readonly kind: 'busy' | 'no-time' }
  /** A collection of which others pages follow, at once. */
  | { readonly kind: 'more' }
  /** A pass over a collection had failures: it waits on its own. */
  | { readonly kind: 'resting'; readonly until: Instant }
  /** Something that belongs to its entity is due, too, and goes first. `since`: when this one was due. */
  | { readonly kind: 'dependants'; readonly since: Instant }
  /** A limit of the lane, or a person, keeps it waiting. */
  | {
      readonly kind: 'waits';
      readonly code: GuardCode;
      readonly until: Instant;
      /** Of what waits for a person: the key of the rule. */ readonly rule?: string;
      /** Of a page: how many. */ readonly records?: number;
    }
  /** Counts for the back-off. `latest`: it does not wait longer than until then, because others wait with it. */
  | { readonly kind: 'failed'; readonly code: string; readonly latest?: Instant };

/** Nothing is left to do for it. A tombstone has ended, too. */
export function hasEnded({ state }: Holding): boolean {
  return state === 'withdrawn' || state === 'disposed';
}

export function actedOnOf(one: ActedOn): ActedOn {
  const { ref, generation, stage, part, version, lookedAt, records, asked } = one;
  return { ref, generation, stage, version, lookedAt, ...present({ part, records, asked }) };
}

/** What is told of everything that was acted on. */
export function commonOf(one: Todo) {
  const { holding, planned, masks, interrupted } = one;
  return { ...actedOnOf(one), holding, planned, masks, ...present({ interrupted }) };
}

/** What a stage comes to that was carried out. */
export function doneAs(stage: StoreAction): Outcome {
  switch (stage) {
    case 'delete':
      return 'deleted';
    case 'anonymise':
      return 'anonymised';
    case 'restrict':
      return 'restricted';
    case 'lift':
      return 'lifted';
  }
}

/** What the store has to show once a stage was carried out. */
export function promiseOf(stage: StoreAction, locator: Locator, masks: Masks) {
  switch (stage) {
    case 'delete':
      return { locator, expect: 'gone' as const };
    case 'anonymise':
      return { locator, expect: 'masked' as const, masks };
    case 'restrict':
      return { locator, expect: 'restricted' as const };
    case 'lift':
      return { locator, expect: 'unrestricted' as const };
  }
}
