import type { EntityRef } from './ids.ts';

export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** An entity a holding is about. The type selects the rules' events; the reference finds its facts. */
export interface AboutEntity {
  readonly type: string;
  readonly ref: EntityRef;
  /** Which part it has in the record. A word of the policy. */
  readonly role?: string;
}

/**
 * `due`: the next stage has a date. `undetermined`: an event or attribute is missing. `never`: kept permanently.
 * `not-computable`: the rule says so. `conflict`: notBefore > notAfter, kept. `done`: no stage is left.
 */
export type PlanStatus = 'due' | 'undetermined' | 'never' | 'not-computable' | 'conflict' | 'done';
