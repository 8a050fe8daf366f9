import type { WorkingCalendar } from '../calendar/working-days.ts';
import type { Rule } from '../rule/ast.ts';

/** A deadline as a rule of the rule language, compiled. */
export interface DeadlineRule {
  readonly text: string;
  readonly rule: Rule;
}

/** How long the answer to a person may take under one law. */
export interface Regime extends WorkingCalendar {
  /** Where its days begin and end. */
  readonly zone: string;
  readonly answer: DeadlineRule;
  /** Absent: the law knows no extension. */
  readonly extended?: DeadlineRule;
}

/** How requests of people are handled, compiled from `requests` of the configuration. */
export interface RequestSettings {
  /** For shared entity types: the producers that may file requests about them. */
  readonly filers: Readonly<Record<string, readonly string[]>>;
  readonly regimes: Readonly<Record<string, Regime>>;
  /** The regime of each jurisdiction. A jurisdiction that is not here gets the shortest deadline of all regimes. */
  readonly jurisdictions: Readonly<Record<string, string>>;
  /** How long before a deadline the alarm goes off. */
  readonly remindSeconds: number;
  /** How long the record of a request is kept after it is over. */
  readonly keepSeconds: number;
  /** For how many days the archive of an export can be fetched. */
  readonly exportDays: number;
  /** Policies that do not allow the deployment's region. Their records are left out of copies for people. */
  readonly notExported: readonly string[];
}

/** The events of a deadline's rule. */
export const DEADLINE_EVENTS = {
  received: 'request.received',
  asked: 'request.identity-asked',
  identified: 'request.identified',
} as const;
