import { createHash } from 'node:crypto';
import { hourId, isoUtc } from '../../domain/calendar/utc-time.ts';
import { logRef } from '../../domain/configuration/references.ts';
import type { Fact } from '../../domain/facts/facts.ts';
import { present } from '../../domain/present.ts';
import type { AfterwardsEntry, FactEntry } from '../../domain/record/entry.ts';
import { carriedOut, type Holding } from '../../domain/record/holding.ts';
import type { EntityRef, Instant, LogRef } from '../../domain/record/ids.ts';
import { factToken } from '../../domain/record/work.ts';
import { SOFTWARE } from '../../domain/version.ts';
import type { Keys } from '../../ports/keys.ts';
import type { Core } from '../core.ts';
import { openLink } from '../entry-links.ts';
import { minuteUp } from '../hint.ts';
import { isRemarked } from '../late-fact.ts';
import { noteToBeSealed } from '../log/to-be-sealed.ts';
import { knownUnrecoverableAt } from './unrecoverable-at.ts';
import { logKeyOf } from './refs-of.ts';

export type NotingCore = Pick<Core, 'registry' | 'clock' | 'configuration'> & { readonly keys: Keys };

/**
 * Puts the entry that this generation of a holding was disposed of before a fact that would have kept it. The remark is
 * written first, and decides the entry's name: however often it is put, by any number of runs, it is there once. Nothing
 * where that year's key of the log was destroyed.
 */
export async function noteLateFact(core: NotingCore, holding: Holding): Promise<void> {
  const at = lateSince(holding);
  if (at !== undefined) await noteAfterwards(core, holding, 'disposed-before-fact', at);
}

/**
 * Puts the entry that the record of this tombstone was in its store again. `dueAt`: when the check that found it was due,
 * which decides the entry's name: a check that dies and is begun again puts it once.
 */
export function noteCameBack(core: NotingCore, holding: Holding, dueAt: Instant): Promise<void> {
  return noteAfterwards(core, holding, 'came-back', dueAt);
}

async function noteAfterwards(
  core: NotingCore,
  holding: Holding,
  did: AfterwardsEntry['did'],
  at: Instant,
): Promise<void> {
  const key = await logKeyOf(core.keys, holding);
  if (key === undefined) return;
  const { generation, store } = holding;
  const ref = logRef(key, holding.ref);
  const stages: AfterwardsEntry['stages'][number][] = [];
  for (const done of carriedOut(holding)) {
    const link = await openLink(core.keys, holding, done);
    const entry = link === undefined || link.line < 0 ? undefined : link;
    const { stage, part, outcome } = done;
    stages.push({ stage, outcome, ...present({ part, entry }) });
  }
  const untils = carriedOut(holding).flatMap((done) => knownUnrecoverableAt(core, holding, done) ?? []);
  const token = tokenOf(did, ref, generation, at);
  await putEntry(core, store, {
    v: 2,
    token,
    did,
    holding: ref,
    generation,
    store,
    stages,
    ...present({ unrecoverableAt: untils.toSorted().at(-1) }),
    at: isoUtc(minuteUp(at)),
    software: SOFTWARE,
  });
}

/** When it was found out that this generation was disposed of before a fact. */
function lateSince(holding: Holding): Instant | undefined {
  return isRemarked(holding) ? holding.remarks?.DISPOSED_BEFORE_FACT : undefined;
}

/** The results that have the entries of `noteLateFact` and `noteCameBack` about a generation; `next`: the one after it. */
export async function afterwardsTokensOf(
  keys: Keys,
  holding: Holding,
  next: Holding | undefined,
): Promise<readonly string[]> {
  const late = lateSince(holding);
  const cameBack = next?.cameBack;
  if (late === undefined && cameBack === undefined) return [];
  const key = await logKeyOf(keys, holding);
  if (key === undefined) return [];
  const ref = logRef(key, holding.ref);
  const tokens: string[] = [];
  if (late !== undefined) tokens.push(tokenOf('disposed-before-fact', ref, holding.generation, late));
  if (cameBack !== undefined) tokens.push(tokenOf('came-back', ref, holding.generation, cameBack));
  return tokens;
}

function tokenOf(did: AfterwardsEntry['did'], holding: LogRef, generation: number, at: Instant): string {
  const parts = [holding, generation];
  return factToken(hourId(at), digestOf(did === 'came-back' ? [...parts, did] : parts));
}

/** A correction or retraction that is on record. */
interface Changed {
  readonly entity: EntityRef;
  readonly fact: Fact;
  readonly put: 'new' | 'duplicate';
  readonly producer: string;
  readonly by: 'producer' | 'operator';
  /** Of the event that it is about, if it has arrived. */
  readonly type?: string;
}

/** Puts the entry that a fact corrected or retracted another one. It has one entry, however often it comes. */
export async function noteChangedFact(
  core: NotingCore,
  { entity, fact: read, put, producer, by, type }: Changed,
): Promise<void> {
  // What comes again has the entry of the first, by when that was received.
  const [stored] = put === 'new' ? [read] : await core.registry.facts(entity, [read.ref]);
  const fact = stored ?? read;
  if (fact.about === undefined) return;
  const key = await logKeyOf(core.keys, { registeredAt: fact.received });
  if (key === undefined) return;
  const token = factToken(hourId(fact.received), digestOf([logRef(key, fact.ref)]));
  await putEntry(core, '', {
    v: 2,
    token,
    did: fact.kind === 'correction' ? 'corrected' : 'retracted',
    producer,
    by,
    ...present({ type }),
    target: logRef(key, fact.about),
    at: isoUtc(minuteUp(fact.received)),
    software: SOFTWARE,
  });
}

/**
 * The result first: its token is always the same, so a note that `seal` found without it, and made void, could never be
 * made good. A run that dies in between comes again, because what it processed was not acknowledged.
 */
async function putEntry(core: NotingCore, store: string, entry: FactEntry): Promise<void> {
  const { token } = entry;
  await core.registry.putFactEntries({ token, store, entries: [], lines: [], actions: [entry] });
  await noteToBeSealed(core, token);
}

function digestOf(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}
