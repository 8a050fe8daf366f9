import { parts } from '../../domain/each.ts';
import { present } from '../../domain/present.ts';
import {
  type Asked,
  isChased,
  isLate,
  lookedAfter,
  type VendorTimes,
  wasAccepted,
} from '../../domain/record/asked.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { Promised, ReadBack } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { readStates } from '../facts/read-states.ts';
import { opened } from '../pages/seal-rows.ts';
import { entityRefsOf } from '../plan-of.ts';
import { FOLLOW } from './ask-vendor.ts';
import { type Begun, mayStart, nameOf } from '../lane/begin.ts';
import { type AskedOn, isRequest } from './open-requests.ts';
import { asDecided, type Readable, unresolved, withLocators } from '../lane/read-former.ts';
import { doneAs, hasEnded, type Left, promiseOf, type Told } from '../lane/told.ts';

/** It is not known whether the vendor had the request, and it is not sent again: the holding has ended. */
const REQUEST_UNKNOWN = 'REQUEST_UNKNOWN';

/** The answer of the entry: the vendor has told a person, and nothing else. */
const BY_PERSON = 'BY_PERSON';

/** What became of requests to a vendor. */
export interface FormerlyAsked {
  readonly told: readonly Told[];
  readonly uncertain: readonly ActedOn[];
  readonly left: ReadonlyMap<HoldingRef, Left>;
  /** To be sent again, or asked for again, if that is still decided; by the name of what was asked for. */
  readonly again: ReadonlyMap<string, AskedOn>;
}

interface Findings {
  readonly told: Told[];
  readonly uncertain: ActedOn[];
  readonly left: Map<HoldingRef, Left>;
  readonly again: Map<string, AskedOn>;
}

type OpenRequest = Readable & { readonly former: AskedOn };

/**
 * Step 5 at a vendor: asks what came of the requests, each when it is time to. Until one is done it stays uncertain, whatever
 * becomes of its holding. One that may not have arrived is sent again, and one that is not done for long is asked for
 * again: both are decided like any other stage, so a hold that came since keeps them.
 */
export async function readAsked(
  core: LaneCore,
  { chunk, work }: Begun,
  holdings: ReadonlyMap<HoldingRef, Holding>,
): Promise<FormerlyAsked> {
  const found: Findings = { told: [], uncertain: [], left: new Map(), again: new Map() };
  const { vendor } = core.store;
  const requests = chunk.uncertain.filter(isRequest);
  if (vendor === undefined || requests.length === 0) return found;
  const readable = await withLocators(core, await unresolved(core, requests, holdings), found);
  const now = core.clock.now();
  const due: OpenRequest[] = [];
  for (const one of readable) {
    const { former } = one;
    const { asked } = former;
    if (asked === undefined) continue;
    const { next = now, confirmed } = asked;
    if (confirmed !== undefined) due.push({ ...one, former: { ...former, asked } });
    else if (next > now) stay(found, former, waitFor(asked, vendor, now));
    else due.push({ ...one, former: { ...former, asked } });
  }
  const said = due.filter(({ former }) => former.asked.confirmed !== undefined);
  await tell(
    core,
    said.map((one) => ({ ...toldOf(one), outcome: 'confirmed-by-vendor', code: BY_PERSON, at: now, one })),
    found,
  );
  const open = due.filter((one) => !said.includes(one));
  for (const batch of parts(open, core.store.batch)) {
    if (mayStart(core, work)) await readBatch(core, batch, vendor, found);
    else for (const { former } of batch) stay(found, former, { kind: 'no-time' });
  }
  return found;
}

async function readBatch(
  core: LaneCore,
  batch: readonly OpenRequest[],
  vendor: VendorTimes,
  found: Findings,
): Promise<void> {
  const promises = await Promise.all(batch.map((one) => promised(core, one)));
  const answers = await core.store.readBack(promises);
  const at = core.clock.now();
  const told: (Told & { readonly one: OpenRequest })[] = [];
  for (const [index, one] of batch.entries()) {
    const answer = answers[index] ?? { state: 'unknown', code: 'STORE_ERROR' };
    const what = conclude(one, answer, { at, vendor }, found);
    if (what !== undefined) told.push({ ...toldOf(one), ...what, at, one });
  }
  await tell(core, told, found);
}

async function tell(
  core: LaneCore,
  told: readonly (Told & { readonly one: OpenRequest })[],
  found: Findings,
): Promise<void> {
  if (told.length === 0) return;
  const states = await readStates(core, entityRefsOf(told.map(({ holding }) => holding)));
  for (const { one, ...rest } of told)
    found.told.push({ ...rest, ...present({ planned: asDecided(core, one, states) }) });
}

async function promised(core: LaneCore, { former, locator }: OpenRequest): Promise<Promised> {
  const { ref, stage, asked } = former;
  const { follow } = asked;
  const text = follow === undefined ? undefined : await openedFollow(core, ref, follow);
  return { ...promiseOf(stage, locator, {}), ...present({ follow: text }) };
}

/** What does not open now is left out: without it the vendor is asked again in time. */
async function openedFollow(core: LaneCore, ref: HoldingRef, text: string): Promise<string | undefined> {
  const follow = await opened(core, { ref, store: core.lane }, FOLLOW, text).catch(() => undefined);
  return typeof follow === 'string' ? follow : undefined;
}

/** What is told of it; nothing as long as it is open. */
function conclude(
  { former, holding }: OpenRequest,
  answer: ReadBack,
  { at, vendor }: { readonly at: Instant; readonly vendor: VendorTimes },
  { uncertain, left, again }: Findings,
): Pick<Told, 'outcome' | 'code' | 'readBackAt'> | undefined {
  const { asked } = former;
  const isAccepted = wasAccepted(asked);
  const isAgain = isChased(asked, vendor, at) && !hasEnded(holding);
  switch (answer.state) {
    case 'kept':
      // Where the request may not have arrived, it cannot be told who has done it.
      return { outcome: isAccepted ? doneAs(former.stage) : 'already-so', readBackAt: at };
    case 'confirmed':
      return { outcome: 'confirmed-by-vendor' };
    case 'refused':
      if (hasEnded(holding)) return { outcome: 'refused', code: answer.code };
      uncertain.push({ ...former, asked: lookedAfter(asked, at) });
      if (!isAgain) return { outcome: 'refused', code: answer.code };
      again.set(nameOf(former), { ...former, asked: lookedAfter(asked, at) });
      return undefined;
    case 'pending':
    case 'broken':
      if (hasEnded(holding) && !isAccepted) return { outcome: 'failed', code: REQUEST_UNKNOWN };
      break;
    case 'unknown':
  }
  const after = lookedAfter(asked, at, answer.state === 'pending' ? answer.retryAfterSeconds : undefined);
  uncertain.push({ ...former, asked: after });
  // Also where nothing could be read for so long: the vendor may have lost what it was asked for.
  if (isAgain) again.set(nameOf(former), { ...former, asked: after });
  else if (answer.state === 'unknown') leave(left, former.ref, { kind: 'failed', code: answer.code });
  else leave(left, former.ref, waitFor(after, vendor, at));
  return undefined;
}

/** Why its chunk is kept. */
export function waitFor(asked: Asked, vendor: VendorTimes, now: Instant): Left {
  const code = isLate(asked, vendor, now) ? 'VENDOR_OVERDUE' : 'VENDOR_PENDING';
  return { kind: 'waits', code, until: asked.next ?? now };
}

function toldOf({ former, holding, current }: OpenRequest) {
  const pastGeneration = holding === current ? undefined : (true as const);
  const interrupted = wasAccepted(former.asked) ? undefined : (true as const);
  return { ...former, holding, ...present({ pastGeneration, interrupted }) };
}

function stay({ uncertain, left }: Findings, former: ActedOn, why: Left): void {
  uncertain.push(former);
  leave(left, former.ref, why);
}

/** A record may have several requests: the one that is looked at first says when. */
function leave(left: Map<HoldingRef, Left>, ref: HoldingRef, why: Left): void {
  const before = left.get(ref);
  if (before === undefined || (before.kind === 'waits' && why.kind !== 'waits')) left.set(ref, why);
  else if (before.kind === 'waits' && why.kind === 'waits') {
    const code = [before.code, why.code].includes('VENDOR_OVERDUE') ? 'VENDOR_OVERDUE' : why.code;
    left.set(ref, { ...why, code, until: Math.min(before.until, why.until) });
  }
}
