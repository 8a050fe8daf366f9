import type { Speaker } from '../domain/configuration/principal.ts';
import type { ColumnMessage } from '../domain/columns/column-entry.ts';
import type { SentFact } from '../domain/record/incoming.ts';
import type { Notice } from '../domain/record/notice.ts';
import type { ChunkKey } from '../domain/record/work.ts';
import type { Instant, LogRef, RequestRef } from '../domain/record/ids.ts';

/** A fact as it goes over the bus, and for whom the api has checked it. */
export interface SpokenFact {
  readonly speaker: Speaker;
  readonly sent: SentFact;
}

/** A bell: "look at that chunk". */
export interface Bell extends ChunkKey {
  readonly kind: 'chunk';
}

/** A bell, too: "read that part of an export". */
export interface ExportBell {
  readonly kind: 'export';
  readonly lane: string;
  readonly request: RequestRef;
  readonly part: number;
}

/** A bell, too: "survey the store". */
export interface SurveyBell {
  readonly kind: 'survey';
  readonly lane: string;
}

/** A bell, too: "read that column of facts". */
export interface ColumnBell {
  readonly kind: 'column';
  readonly lane: string;
  readonly producer: string;
  readonly event: string;
}

export type LaneMessage = Bell | ExportBell | SurveyBell | ColumnBell;

export type SweepMessage =
  /** A wake-up: something may be due in this minute, or a worker missed a heartbeat. */
  | { readonly kind: 'wake' }
  | { readonly kind: 'hourly' }
  /** One leased walker for a segment of a re-plan or census. */
  | { readonly kind: 'walk'; readonly walk: string; readonly segment: number }
  /** A hold or pause was released: hint what is parked under it. */
  | { readonly kind: 'release'; readonly hold: string }
  /**
   * A person says that the vendor of this lane has done what it was asked for of a record, named as in the log: these
   * requests, by the keys of the first ones. Without `requests`: all that are open.
   */
  | {
      readonly kind: 'confirm-vendor';
      readonly lane: string;
      readonly record: LogRef;
      readonly requests?: readonly string[];
    }
  /** A person has let a rule go on: what waits in the lanes is rung. */
  | { readonly kind: 'ring' }
  /** Take the export of a request further. `until`: who sends it to itself stops then, and the hourly sweep goes on. */
  | { readonly kind: 'export'; readonly request: RequestRef; readonly until?: Instant };

/** Fan-out of an event over an entity with many holdings: the walk knows where it is. */
export interface FanOutMessage {
  readonly kind: 'fan-out';
  readonly walk: string;
  /** The version of the walk that this message is for: one that comes again later is nothing. */
  readonly version: number;
}

/** How a message of the ingest queue is sent. */
export interface Sending {
  /** Whose message it is: the queue serves the groups fairly. */
  readonly group?: string;
  /** At most 900. */
  readonly delaySeconds?: number;
}

export interface SealMessage {
  readonly kind: 'seal';
}

/** Transport, not memory: everything sent is found again from the registry. Messages may arrive twice and in any order. */
export interface Queues {
  /** Delayed so that a heartbeat is folded first, or until a chunk's not-before (at most 900 s). */
  ring(bells: readonly { readonly bell: LaneMessage; readonly delaySeconds: number }[]): Promise<void>;
  /** `delaySeconds`: at most 900. */
  toSweep(messages: readonly SweepMessage[], delaySeconds?: number): Promise<void>;
  toIngest(message: FanOutMessage, sending?: Sending): Promise<void>;
  toSeal(message: SealMessage): Promise<void>;
  /** An event of our own, sent the way that events go: bus, queue, ingest. */
  sendHeartbeat(): Promise<void>;
  /** Has `ingest` try quarantined messages again: events of our own, sent the same way. Some may get lost. */
  retry(ids: readonly string[]): Promise<void>;
  /** The same for what other policies than these refused. Throws if some were not sent: they are all sent again. */
  retryRefused(ids: readonly string[], policies: string): Promise<void>;
  /** Facts of requests that did not arrive, sent the same way. */
  sendFacts(facts: readonly SpokenFact[]): Promise<void>;
  /** Tells `ingest` what lanes have found, sent the same way. Throws if some were not sent: they are all sent again. */
  tellIngest(messages: readonly ColumnMessage[]): Promise<void>;
  /** Tells applications, over the bus, under a source of its own. Answers in order. */
  notify(notices: readonly Notice[]): Promise<readonly ('durable' | 'failed')[]>;
  /** The message of the ingest queue that was delivered with this receipt comes again only after this number of seconds. */
  hide(receipt: string, seconds: number): Promise<void>;
  /** Sends a body to the ingest queue as it was received: as a new message. */
  replay(body: string, sending?: Sending): Promise<void>;
}
