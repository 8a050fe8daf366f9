import { type Consumer, FIRST, type Outputs } from './consumer.ts';
import type { Clients, Place } from './place.ts';
import type { Players } from './players.ts';

/** One thing to see in an account, and what it proves. Steps run in order, and each may use what the earlier ones made. */
export interface Step {
  readonly name: string;
  readonly proves: string;
  /** Why an emulator cannot show it. */
  readonly onlyInAws?: string;
  /** Returns what was seen. Throws, with a sentence, if it is not as it should be. */
  work(run: Run): Promise<string>;
}

export interface Run {
  readonly place: Place;
  readonly clients: Clients;
  readonly consumer: Consumer;
  readonly startedAt: number;
  /** Where mail of alarms goes; without it the mail is not checked. */
  readonly email: string | undefined;
  /** What the steps have found so far. */
  readonly found: Found;
  /** Asks the person at the terminal. */
  readonly ask: (question: string) => Promise<boolean>;
}

/** Filled in by the steps. */
export interface Found {
  outputs?: Outputs;
  people?: Players;
}

/** What an earlier step had to find. */
export function given<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`${what} is missing, because an earlier step did not succeed`);
  return value;
}

/** Outputs of the state stack. */
export function stateOf({ found }: Run): Readonly<Record<string, string>> {
  return given(found.outputs?.[`${FIRST}-state`], 'the state stack');
}
