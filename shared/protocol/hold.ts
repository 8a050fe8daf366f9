import { pages } from '../domain/each.ts';
import { isOfDataset } from '../domain/datasets/dataset-chunk.ts';
import { codeOf } from '../domain/error-code.ts';
import { own } from '../domain/own.ts';
import { present } from '../domain/present.ts';
import { isOnEntity, type LegalHold, MOST_HOLDS_ON_ENTITY, type WideHold } from '../domain/record/hold.ts';
import { VENDOR_KIND } from '../domain/record/asked.ts';
import type { WorkRecord } from '../domain/record/work.ts';
import type { Core } from './core.ts';
import { readableHoldings } from './damaged.ts';
import { hintSoon } from './hint.ts';
import { openRequests, requestsToken } from './vendor/open-requests.ts';
import { holdEntity, type HoldOnEntity, letEntityGo } from './people/entity-hold.ts';

/** Attempts that may have read the holds before this one was put: they settle within a lease. */
export interface InFlight extends Pick<WorkRecord, 'lane' | 'token' | 'until' | 'refs'> {
  /** It works on rows of a dataset. */
  readonly dataset?: true;
  /** A vendor has been asked, which cannot be called back. `until`: when it is asked next what came of it. */
  readonly requested?: true;
}

/** What can be placed and released: a legal hold of any scope, or a pause. */
export type AnyHold = LegalHold | WideHold;

export type Placed =
  | { readonly kind: 'placed'; readonly inFlight: readonly InFlight[] }
  /** A hold of this id was released, or has another scope. */
  | { readonly kind: 'refused' }
  /** The entity has the most holds that it can have. */
  | { readonly kind: 'full' };

/** Placing needs no more than this. */
export type HoldCore = Pick<Core, 'configuration' | 'registry'>;

/**
 * Places a hold or a pause: put it, then read the lanes' work records, then answer. What begins afterwards reads the
 * hold; what had begun is named. Placing the same again changes nothing.
 */
export async function placeHold(core: HoldCore, hold: AnyHold): Promise<Placed> {
  const put = await putHold(core, hold, MOST_HOLDS_ON_ENTITY);
  if (put !== 'placed') return { kind: put };
  return { kind: 'placed', inFlight: await inFlight(core, hold) };
}

/**
 * The first half of it: afterwards the hold is in force. Its record comes first, so that every hold in force
 * can be found and released. `most`: how many an entity can have. What was placed before has no such bound: a restored
 * registry may get releases after the holds that came later.
 */
export async function putHold(
  core: HoldCore,
  hold: AnyHold,
  most = Infinity,
): Promise<'placed' | 'refused' | 'full'> {
  if (isLegal(hold) && (await core.registry.recordHold(hold)) === 'refused') return 'refused';
  if (isHoldOnEntity(hold)) return holdEntity(core, hold, most);
  const written = await core.registry.placeWideHold(toWide(hold));
  return written === 'refused' ? 'refused' : 'placed';
}

/**
 * Also those whose lease is over: a store call of theirs may still be under way. Of a hold on an entity, only those that
 * work on a record of it: their attempt read the record, and with it the entity, before the pointer was looked for here,
 * or it reads the states after the hold was put. Holds of the other scopes are read once an attempt, so everything in the
 * lane is named. So it is where a store has collections: what their records are registered about, or which collection a
 * record is in, may be newer than what the attempt read. And so it is with datasets: only their rows say whom they name.
 * What vendors were asked for is named, too: nothing calls it back.
 */
async function inFlight({ registry, configuration }: HoldCore, hold: AnyHold): Promise<readonly InFlight[]> {
  const lanes = 'store' in hold.scope ? [hold.scope.store] : Object.keys(configuration.stores);
  const records: InFlight[] = [];
  for (const lane of lanes) {
    const all = await registry.workRecords(lane);
    records.push(
      ...all.map((work) => namedOf(lane, work)),
      ...(await requestedOf(registry, configuration, lane)),
    );
  }
  if (!isOnEntity(hold.scope) || records.length === 0) return records;
  const refs = records.flatMap((record) => record.refs);
  const about = new Set(await registry.pointersAmong(hold.scope.entity, refs));
  return records.flatMap((record) => {
    const ours = record.refs.filter((ref) => about.has(ref));
    if (ours.length > 0) return [{ ...record, refs: ours }];
    const { collections = [], datasets = [] } = own(configuration.stores, record.lane) ?? {};
    const mayBeAbout = collections.length > 0 || datasets.length > 0 || record.dataset === true;
    return mayBeAbout ? [record] : [];
  });
}

/** Only lanes of vendors have any, and only theirs are walked through. Read after the hold was put, as work records are. */
async function requestedOf(
  registry: HoldCore['registry'],
  { stores }: HoldCore['configuration'],
  lane: string,
): Promise<readonly InFlight[]> {
  if (own(stores, lane)?.kind !== VENDOR_KIND) return [];
  const found: InFlight[] = [];
  for await (const { items } of pages((after) => registry.chunks(lane, after))) {
    for (const chunk of items) {
      const open = openRequests(chunk);
      if (open === undefined) continue;
      const { refs, next: until } = open;
      found.push({ lane, token: requestsToken(chunk), until, refs, requested: true });
    }
  }
  return found;
}

function namedOf(lane: string, { token, until, refs, chunk }: WorkRecord): InFlight {
  return { lane, token, until, refs, ...(isOfDataset(chunk) && { dataset: true }) };
}

/**
 * A hold or pause ends: marked for ever, then everything parked under it is hinted. Repeated until it has answered
 * `done`: `more` if the time was over before.
 */
export async function release(
  core: Core,
  hold: AnyHold,
  goOn: () => boolean = () => true,
): Promise<'done' | 'more'> {
  await endHold(core, hold);
  return hintParked(core, hold.id, goOn);
}

/** The first half of it: afterwards the hold is not in force, and never will be again. */
export async function endHold(core: HoldCore, hold: AnyHold): Promise<void> {
  if (isLegal(hold)) await core.registry.recordRelease(hold);
  if (isHoldOnEntity(hold)) await letEntityGo(core, hold.id, hold.scope.entity);
  else await core.registry.releaseWideHold({ ...toWide(hold), state: 'released' });
}

/** Hints, then unparks: dying in between leaves one hint too many. */
export async function hintParked(
  core: Core,
  hold: string,
  goOn: () => boolean = () => true,
): Promise<'done' | 'more'> {
  for await (const { items, next } of pages((after) => core.registry.parked(hold, after))) {
    const holdings = await readableHoldings(core, items);
    await hintSoon(core, holdings.values());
    await core.registry.unpark(hold, items);
    if (next !== undefined && !goOn()) return 'more';
  }
  return 'done';
}

/** Several censuses. */
const ASKED_AGAIN = 3 * 86_400_000;

/**
 * Once a day: what a release has left parked is asked for again, because the function that released the hold may have died
 * before it asked. If the records cannot be read, that is said, and the rest of the census goes on.
 */
export async function finishReleases({ registry, clock, queues, report }: Core): Promise<void> {
  const now = clock.now();
  try {
    for await (const { items } of pages((after) => registry.holdRecords(after))) {
      for (const { id, state, released } of items) {
        if (state !== 'released' || now - (released?.at ?? now) > ASKED_AGAIN) continue;
        if ((await registry.parked(id)).items.length > 0)
          await queues.toSweep([{ kind: 'release', hold: id }]);
      }
    }
  } catch (error) {
    report('sweep.failed', { code: codeOf(error) });
  }
}

function isLegal(hold: AnyHold): hold is LegalHold {
  return hold.kind === 'hold';
}

function isHoldOnEntity(hold: AnyHold): hold is HoldOnEntity {
  return isOnEntity(hold.scope);
}

/** What lanes read of it. */
function toWide(hold: Exclude<AnyHold, HoldOnEntity>): WideHold {
  const { id, kind, scope, state, at, freeze, categories } = hold;
  const only = 'only' in hold ? hold.only : undefined;
  if (isOnEntity(scope)) throw new TypeError('a hold on an entity is in its state');
  return { id, kind, scope, state, at, ...(freeze === true && { freeze }), ...present({ categories, only }) };
}
