import { codeOf } from '../../domain/error-code.ts';
import type { EntityState } from '../../domain/facts/facts.ts';
import {
  type EffectFact,
  factsWanted,
  isExporting,
  isOpen,
  needsNoName,
  type PersonRequest,
  stepped,
} from '../../domain/people/request.ts';
import type { WideHold } from '../../domain/record/hold.ts';
import type { EntityRef, Instant } from '../../domain/record/ids.ts';
import type { Keys } from '../../ports/keys.ts';
import type { SpokenFact } from '../../ports/queues.ts';
import type { ListedRequest } from '../../ports/requests.ts';
import type { Core } from '../core.ts';
import { readStates } from '../facts/read-states.ts';
import { entityRefsOf } from '../plan-of.ts';
import { closeRequest } from './close-request.ts';
import { isFactThere, requestFact } from './request-facts.ts';
import { reachedBy } from './reached.ts';
import { isSettled, type Judging, progressOf } from './request-progress.ts';
import { openSecret, sealSecret } from './request-secret.ts';

export interface RequestCore extends Core {
  readonly keys: Pick<Keys, 'encrypt' | 'decrypt'>;
}

/** A fact that was sent less long ago is still on its way. */
const ON_ITS_WAY = 900_000;
/** A list item without its request is one of a run that died: longer than any run lasts. */
const ABANDONED = 86_400_000;
/** The bus tries to deliver for a day, and queues keep what is not taken for fourteen. */
const MAY_STILL_ARRIVE = 16 * 86_400_000;
/** Pages of records that one run reads of one request. The next hour goes on. */
const MOST_PAGES = 20;

/** What one run has seen. */
interface Seen {
  due: number;
  dueIn: Instant;
  late: number;
  lateSince: Instant;
  readonly holds: () => Promise<readonly WideHold[]>;
}

/**
 * Every hour, over the list of open requests: publishes facts that did not arrive, closes requests of which nothing is left
 * to do, lets go of names that nothing needs any more, and says which deadlines come near or have passed. All of it may
 * run twice, and a run that dies leaves everything to the next one. One request that fails stops no other.
 */
export async function sweepRequests(core: RequestCore, goOn: () => boolean = () => true): Promise<void> {
  const now = core.clock.now();
  let holds: Promise<readonly WideHold[]> | undefined;
  const seen: Seen = {
    due: 0,
    dueIn: Infinity,
    late: 0,
    lateSince: now,
    holds: () => (holds ??= core.registry.wideHolds()),
  };
  let after: string | undefined;
  do {
    const page = await core.registry.listedRequests(after);
    const requests = page.items.length === 0 ? new Map() : await requestsOf(core, page.items);
    const open = [...requests.values()];
    const states = await readStates(
      core,
      open.map(({ entity }) => entity),
    );
    for (const listed of page.items) {
      if (!goOn()) break;
      await sweepOne(core, { listed, request: requests.get(listed.ref), states }, seen);
    }
    after = page.next;
  } while (after !== undefined && goOn());
  reportDeadlines(core, seen, now);
}

async function requestsOf(
  core: RequestCore,
  listed: readonly ListedRequest[],
): Promise<ReadonlyMap<ListedRequest['ref'], PersonRequest>> {
  return core.registry.requests(listed.map(({ ref }) => ref));
}

interface One {
  readonly listed: ListedRequest;
  readonly request: PersonRequest | undefined;
  readonly states: ReadonlyMap<EntityRef, EntityState>;
}

async function sweepOne(core: RequestCore, one: One, seen: Seen): Promise<void> {
  const { listed, request } = one;
  if (request === undefined) {
    if (core.clock.now() - listed.at > ABANDONED) await core.registry.unlistRequest(listed);
    return;
  }
  let after = request;
  try {
    after = await advanced(core, { ...one, request }, seen);
  } catch (error) {
    core.report('sweep.failed', { code: codeOf(error) });
  }
  countDeadline(core, after, seen);
}

/** The request as it is now. */
async function advanced(
  core: RequestCore,
  { listed, request, states }: One & { readonly request: PersonRequest },
  seen: Seen,
): Promise<PersonRequest> {
  const state = states.get(request.entity);
  if (state === undefined) return request;
  const missing = factsWanted(request).filter((which) => !isFactThere(request, state, which));
  if (missing.length > 0) {
    await sendAgain(core, request, missing);
    return request;
  }
  const running = await noteStarted(core, request);
  if (isExporting(running)) {
    await core.queues.toSweep([{ kind: 'export', request: running.ref }]);
    return running;
  }
  if (isOpen(running)) return closeIfDone(core, running, seen);
  await letGo(core, { listed, request: running });
  return running;
}

/** The person's request is on record, so its fact has to arrive. Sent again it is the same event. */
async function sendAgain(
  core: RequestCore,
  request: PersonRequest,
  missing: readonly EffectFact[],
): Promise<void> {
  const last = request.timeline.at(-1)?.at ?? 0;
  if (core.clock.now() - last < ON_ITS_WAY) return;
  const secret = await openSecret(core.keys, request);
  if (secret === undefined) return;
  const facts = missing.flatMap((which): readonly SpokenFact[] => {
    const fact = requestFact(request, secret, which);
    return fact === undefined ? [] : [fact];
  });
  if (facts.length > 0) await core.queues.sendFacts(facts);
}

/** The api died after it had published the fact. */
async function noteStarted(core: RequestCore, request: PersonRequest): Promise<PersonRequest> {
  const result = stepped(request, 'started', core.clock.now());
  if (request.state !== 'received' || result.kind !== 'changed') return request;
  return (await core.registry.putRequest(result.request)) === 'written' ? result.request : request;
}

/**
 * Reads the person's records on from the first page on which something was left to do. When all pages are done the request
 * is closed: the entry first. Access is closed by people, because they give the answer.
 */
async function closeIfDone(core: RequestCore, request: PersonRequest, seen: Seen): Promise<PersonRequest> {
  if (request.state === 'awaiting-identity' || factsWanted(request).length === 0) return request;
  const holds = await seen.holds();
  const { entities: reached } = await reachedBy(core, request);
  if (!(await hasReached(core, request, reached))) {
    await sendAgain(core, request, ['effect']);
    return request;
  }
  let [index, after] = placeOf(request);
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const entity = reached[index];
    if (entity === undefined) return closeRequest(core, request);
    const page = await core.registry.pointers(entity, after);
    if (!(await isPageSettled(core, { request, reached, holds }, page.items))) break;
    [index, after] = page.next === undefined ? [index + 1, undefined] : [index, page.next];
  }
  const checkedTo = `${index} ${after ?? ''}`;
  if (checkedTo !== (request.checkedTo ?? '0 '))
    await core.registry.putRequest({ ...request, version: request.version + 1, checkedTo });
  return request;
}

/**
 * Whether the fact is one of each of these. Until then nothing has been done in an account, and what is there looks as if the
 * request left it alone.
 */
async function hasReached(
  core: RequestCore,
  request: PersonRequest,
  [, ...accounts]: readonly EntityRef[],
): Promise<boolean> {
  if (accounts.length === 0) return true;
  const states = await readStates(core, accounts);
  return accounts.every((account) => {
    const state = states.get(account);
    return state !== undefined && isFactThere(request, state, 'effect');
  });
}

/** Of which entity that it reaches, by its number, and the page of its records. */
function placeOf({ checkedTo = '0 ' }: PersonRequest): [number, string | undefined] {
  const space = checkedTo.indexOf(' ');
  const after = checkedTo.slice(space + 1);
  return [Number(checkedTo.slice(0, space)), after === '' ? undefined : after];
}

async function isPageSettled(
  core: RequestCore,
  { request, reached, holds }: Pick<Judging, 'request' | 'reached' | 'holds'>,
  refs: Parameters<Core['registry']['readHoldings']>[0],
): Promise<boolean> {
  const { holdings, damaged } = await core.registry.readHoldings(refs);
  if (damaged.length > 0) return false;
  const all = [...holdings.values()];
  const states = await readStates(core, [request.entity, ...entityRefsOf(all)]);
  const judging = { request, reached, states, holds, now: core.clock.now() };
  return all.every((holding) => {
    const progress = progressOf(core, holding, judging);
    return progress === undefined || isSettled(request, progress);
  });
}

/** A request that is over leaves the list when nothing has to be published for it any more. */
async function letGo(
  core: RequestCore,
  { listed, request }: { readonly listed: ListedRequest; readonly request: PersonRequest },
): Promise<void> {
  const now = core.clock.now();
  const last = request.timeline.at(-1)?.at ?? 0;
  // A fact that was published before the request was cancelled may still arrive: then its retraction has to follow.
  const isCalledOff = request.state === 'refused' || request.state === 'cancelled';
  if (isCalledOff && now - last < MAY_STILL_ARRIVE) return;
  if (needsNoName(request) && request.keptUntil === undefined) {
    const nameless = await withoutName(core, request, now);
    if ((await core.registry.putRequest(nameless)) === 'moved') return;
  }
  await core.registry.unlistRequest(listed);
}

async function withoutName(core: RequestCore, request: PersonRequest, now: Instant): Promise<PersonRequest> {
  const secret = await openSecret(core.keys, request);
  const keptUntil = Math.ceil(now / 1000) * 1000 + core.configuration.requests.keepSeconds * 1000;
  const next = { ...request, version: request.version + 1, keptUntil };
  if (secret === undefined) return next;
  const { entity: _entity, requestedBy: _by, ...rest } = secret;
  return { ...next, sealed: await sealSecret(core.keys, request, rest, now) };
}

function countDeadline(core: RequestCore, request: PersonRequest, seen: Seen): void {
  if (!isOpen(request)) return;
  const now = core.clock.now();
  const { deadline } = request;
  if (deadline < now) {
    seen.late += 1;
    seen.lateSince = Math.min(seen.lateSince, deadline);
  } else if (deadline < now + core.configuration.requests.remindSeconds * 1000) {
    seen.due += 1;
    seen.dueIn = Math.min(seen.dueIn, deadline - now);
  }
}

function reportDeadlines({ report }: Core, { due, dueIn, late, lateSince }: Seen, now: Instant): void {
  if (due > 0)
    report('sweep.waiting-too-long', { code: 'request-due', count: due, seconds: Math.floor(dueIn / 1000) });
  if (late > 0) {
    const seconds = Math.floor((now - lateSince) / 1000);
    report('sweep.waiting-too-long', { code: 'request-late', count: late, seconds });
  }
}
