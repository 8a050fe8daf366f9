import { hash } from 'node:crypto';
import { present } from '../present.ts';
import type { HoldingRef, Instant } from './ids.ts';
import { type NamedStage, stageKey } from './stage-name.ts';

/*
 * What a vendor was asked for. A vendor does later what it is asked for, and says later that it is done. Until then the
 * request is a part of what is uncertain of a chunk, outside of any lease. Pure; nothing here writes.
 */

/** The kind of the stores that are vendors'. */
export const VENDOR_KIND = 'http';

const MINUTE = 60_000;

const DAY = 24 * 60 * MINUTE;
const FIRST_PAUSE = 5 * MINUTE;

/** A request to a vendor: written before it is sent, so one that may have arrived is never sent as another one. */
export interface Asked {
  /** 1 for the first request of a stage; one more each time that it is asked for again. */
  readonly number: number;
  /**
   * Version of the holding on which the stage was carried out the last time in this generation; 0 if it never was. What is
   * restricted again after it was lifted is another request than the first one.
   */
  readonly round: number;
  /** Failures of its chunk in a row before it: after a refusal, another one is sent. */
  readonly failures?: number;
  /** When this one was decided on. */
  readonly at: Instant;
  /** When the first one was. */
  readonly since: Instant;
  /** The vendor has answered that it will do it. Without it, the same request is sent again. */
  readonly accepted?: true;
  /** Where the vendor says what came of it, sealed like the holding's own locator. Of the newest request that had it. */
  readonly follow?: string;
  /** How often it was asked what came of this one. */
  readonly looks?: number;
  /** It is neither sent nor asked about before then. */
  readonly next?: Instant;
  /** A person says that the vendor has done it: when it was said. */
  readonly confirmed?: Instant;
}

/** When a vendor is asked again, and when it is late; in days. */
export interface VendorTimes {
  /** It has no API: an event says what it is asked for, and a person says that it has done it. */
  readonly byNotice?: true;
  readonly chaseAfterDays: number;
  readonly confirmWithinDays: number;
}

/**
 * The request that is sent for a stage: the one before, if it may not have arrived; else the next one. `failures`: of the
 * chunk, in a row. A vendor may answer with the same refusal for as long as it remembers a key, so each has another one.
 */
export function nextRequest(
  before: Asked | undefined,
  { round, failures, now }: { readonly round: number; readonly failures: number; readonly now: Instant },
): Asked {
  const salt = failures === 0 ? {} : { failures };
  if (before === undefined) return { number: 1, round, ...salt, at: now, since: now };
  if (before.accepted !== true) return before;
  const { number, since, follow } = before;
  return { number: number + 1, round: before.round, ...salt, at: now, since, ...present({ follow }) };
}

/** The request was accepted. */
export function acceptedAt(
  { number, round, at, since, follow: before }: Asked,
  now: Instant,
  { follow = before, retryAfterSeconds }: { readonly follow?: string; readonly retryAfterSeconds?: number },
): Asked {
  const next = now + pause(0, retryAfterSeconds);
  return { number, round, at, since, accepted: true, looks: 0, next, ...present({ follow }) };
}

/** The vendor has told when to send it again. Of one that was sent before, the growing pause counts if it is longer. */
export function sentAgainAfter(asked: Asked, now: Instant, retryAfterSeconds: number | undefined): Asked {
  if (retryAfterSeconds === undefined) return asked;
  return { ...asked, next: Math.max(asked.next ?? 0, now + retryAfterSeconds * 1000) };
}

/** The vendor has answered that it will do it: to this one, or to the one that this one asks for again. */
export function wasAccepted({ accepted, number }: Asked): boolean {
  return accepted === true || number > 1;
}

/** It was asked what came of it, and it is not done, or nothing could be read. */
export function lookedAfter(asked: Asked, now: Instant, retryAfterSeconds?: number): Asked {
  const looks = (asked.looks ?? 0) + 1;
  return { ...asked, looks, next: now + pause(looks, retryAfterSeconds) };
}

/** 5 minutes, twice as long each time, or longer if the vendor says so; at most a day. */
function pause(looks: number, retryAfterSeconds = 0): number {
  return Math.min(DAY, Math.max(retryAfterSeconds * 1000, FIRST_PAUSE * 2 ** Math.min(looks, 20)));
}

/** Whether it is sent again, or asked for again. */
export function isChased(asked: Asked, { chaseAfterDays }: VendorTimes, now: Instant): boolean {
  return asked.accepted !== true || now >= asked.at + chaseAfterDays * DAY;
}

/** Whether a person has to know that it is late. */
export function isLate({ since }: Asked, { confirmWithinDays }: VendorTimes, now: Instant): boolean {
  return now >= since + confirmWithinDays * DAY;
}

/**
 * The idempotency key of a request: the same for the same request, however often it is sent, and another one for each
 * other one. 32 hexadecimal characters. Nothing leads from it to the reference.
 */
export function requestId(
  { ref, generation, ...stage }: NamedStage & { readonly ref: HoldingRef; readonly generation: number },
  { number, round, failures }: Pick<Asked, 'number' | 'round' | 'failures'>,
): string {
  const which = failures === undefined ? [round, number] : [round, number, failures];
  const named = JSON.stringify(['request', ref, generation, stageKey(stage), ...which]);
  return hash('sha256', named).slice(0, 32);
}

/** The key of the first request for the same: it names them all, however often it is asked for again. */
export function firstRequestId(
  one: NamedStage & { readonly ref: HoldingRef; readonly generation: number; readonly asked: Asked },
): string {
  return requestId(one, { number: 1, round: one.asked.round });
}
