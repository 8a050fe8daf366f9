import type { PlaceHold } from '../../shared/contract/people/legal-holds.ts';
import type { FileRequest, ProgressAnswer, RequestAnswer } from '../../shared/contract/people/requests.ts';
import type { Happening } from './happening.ts';

/** What the answer to a request says about one record. It names no record, only the store and the kind of data. */
export interface Fate {
  readonly store: string;
  readonly category: string;
  readonly state: ProgressAnswer['state'];
  /** What is done with it, or will be. */
  readonly action?: string;
  /** The day, in the story's zone, until which it is kept. */
  readonly until?: string;
  /** A part of the rule that decides. */
  readonly rule?: string;
  readonly restricted?: true;
}

/** A person asks for something. The application `by`, or `operator`, files it over HTTP. */
export interface Filed extends Happening {
  readonly kind: 'filed';
  readonly by: string;
  readonly request: Omit<FileRequest, 'dryRun' | 'cursor'>;
  /** The day, in the story's zone, by which the person has to have an answer. */
  readonly deadline: string;
  /** The answer says exactly this: one line for each record of the person. */
  readonly answer: readonly Fate[];
}

/** Who filed a request asks what became of it. The text for the person is printed. */
export interface Followed extends Happening {
  readonly kind: 'followed';
  readonly by: string;
  readonly id: string;
  readonly state: RequestAnswer['state'];
  readonly answer: readonly Fate[];
  /** Parts of sentences that the text for the person has to have. */
  readonly letter?: readonly string[];
}

/** Who filed a request for a copy fetches the archive over its link, checks every hash, and reads what is in it. */
export interface Fetched extends Happening {
  readonly kind: 'fetched';
  readonly by: string;
  readonly id: string;
  /** The names of the records in it: exactly these, each with the fields that its application wrote. */
  readonly holds: readonly string[];
  /** Fields that are not in it any more, by the name of the record. */
  readonly without?: Readonly<Record<string, readonly string[]>>;
}

/** A restriction ends. */
export interface Lifted extends Happening {
  readonly kind: 'lifted';
  readonly by: string;
  readonly id: string;
}

/** An operator places a legal hold, after a dry run that says how many records it would cover. */
export interface Held extends Happening {
  readonly kind: 'held';
  readonly hold: Omit<PlaceHold, 'dryRun'>;
  /** As the dry run counts them. */
  readonly covers: number;
}

/** An operator releases a legal hold. */
export interface Unheld extends Happening {
  readonly kind: 'unheld';
  readonly id: string;
  readonly reason: string;
  /** How many records came due under it. */
  readonly waiting: number;
}

/** The operator looks where the deployment itself may be: in a region that the story's policy does not allow. */
export interface Placed extends Happening {
  readonly kind: 'placed';
  /** The story's policy. */
  readonly policy: string;
  /** A part of the reason that the operator has written. */
  readonly because: string;
  /** Copies for people may be made there, too. */
  readonly exports?: true;
}

export type PeopleStep = Filed | Followed | Fetched | Lifted | Held | Unheld | Placed;
