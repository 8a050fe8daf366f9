import type { Clock } from '../../../shared/ports/clock.ts';
import type { Tokens } from '../../../shared/ports/tokens.ts';

/** Processes over one set of memory ports: what can happen, and what must never. Built again for every schedule. */
export interface Model {
  readonly processes: readonly ProcessPlan[];
  /** What the world does by itself: time passes, a lease ends, a message becomes visible. */
  readonly moves?: readonly Move[];
  /** How many deaths at most, of all processes together. */
  readonly deaths?: number;
  /** All that the processes share, as data. */
  readonly state: () => unknown;
  /** Asked when nothing can happen any more: what is wrong then. */
  readonly wrongAtEnd?: () => string | undefined | Promise<string | undefined>;
  /** Asked after every step. */
  readonly wrongNow?: () => string | undefined;
}

export interface ProcessPlan {
  readonly name: string;
  /** Real code over ports that wait at a gate before every call. Runs from the start again after a death. */
  readonly run: (gate: Gate) => Promise<unknown>;
  /** It may not start before this holds. */
  readonly after?: () => boolean;
  /** It starts again after every end, as soon as `after` holds. */
  readonly repeats?: boolean;
  /**
   * False: it starts at any time, which only matters where its first line reads the clock. True: its first start needs no
   * `after`.
   */
  readonly atOnce?: boolean;
  /** How often it may die: at any gate, with all its pending calls. */
  readonly deaths?: number;
  readonly afterDeath?: 'again' | 'gone' | 'either';
  /** How often a put may lose its answer, or land only later, and be tried again by the client. */
  readonly latePuts?: number;
  /** What else its death brings with it. */
  readonly died?: () => void;
}

export interface Move {
  readonly name: string;
  readonly may: () => boolean;
  readonly make: () => void;
  /** How often at most; else `may` has to end it. */
  readonly times?: number;
  readonly detail?: () => string;
}

export interface GateOptions<Port> {
  /** Calls that need no gate, because nothing that another process does can tell when they happened. */
  readonly open?: (method: keyof Port & string, args: readonly unknown[]) => boolean;
  /** Puts that may be late. */
  readonly late?: readonly (keyof Port & string)[];
  /** What a trace says of a call. */
  readonly describe?: (method: string, args: readonly unknown[], result: unknown) => string;
}

/** How a process reaches what it shares with the others. */
export interface Gate {
  /** The same port, every call of which waits until the scheduler lets it through. */
  <Port extends object>(port: Port, options?: GateOptions<Port>): Port;
  /** Reading it is part of the process's past. */
  clock(clock: Clock): Clock;
  /** Names that no other process or life gets. */
  tokens(): Tokens;
  /** Waits until it holds. */
  until(what: string, holds: () => boolean): Promise<void>;
  /** A step of its own. */
  step<Value>(what: string, take: () => Value): Promise<Value>;
}
