import { parts } from '../../domain/each.ts';
import { codeOf } from '../../domain/error-code.ts';
import { present } from '../../domain/present.ts';
import { acceptedAt, type Asked, requestId, sentAgainAfter } from '../../domain/record/asked.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import { type Acted, type ReadBack, UNCERTAIN } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { noteRequests } from '../notices/note-requests.ts';
import { sealed } from '../pages/seal-rows.ts';
import { type ActedAll, actOn, groupsOf, LOST } from '../lane/act.ts';
import { type Begun, mayStart } from '../lane/begin.ts';
import { actedOnOf, commonOf, doneAs, promiseOf, type Todo, type Told } from '../lane/told.ts';

type Asking = Todo & { readonly asked: Asked };

interface Findings {
  readonly told: Told[];
  readonly pending: ActedOn[];
  readonly uncertain: { readonly acted: ActedOn; readonly code: string }[];
  readonly notStarted: Todo[];
}

/** What the answer to a request is sealed as. */
export const FOLLOW = 'follow';

/**
 * Step 9 at a vendor: asks for the stages, each by its own request, which has the same name each time that it is sent. What
 * the vendor will do is told as `requested` and stays with the chunk. What it says that it has done is read, where it can
 * be read: only then it is `deleted`, and else `confirmed-by-vendor`.
 */
export async function askVendor(core: LaneCore, begun: Begun, todo: readonly Todo[]): Promise<ActedAll> {
  const found: Findings = { told: [], pending: [], uncertain: [], notStarted: [] };
  for (const group of groupsOf(todo)) {
    for (const batch of parts(group, core.store.batch)) {
      const asking = batch.flatMap((one): Asking[] => {
        return one.asked === undefined ? [] : [{ ...one, asked: one.asked }];
      });
      if (asking.length < batch.length) throw new TypeError('a vendor is asked without a request');
      if (mayStart(core, begun.work)) await askAll(core, asking, found);
      else found.notStarted.push(...batch);
    }
  }
  return found;
}

async function askAll(core: LaneCore, batch: readonly Asking[], found: Findings): Promise<void> {
  const [first] = batch;
  if (first === undefined) return;
  const actedAt = core.clock.now();
  const targets = batch.map((one) => ({ ...one, request: requestId(one, one.asked) }));
  const isNoted = core.store.vendor?.byNotice === true;
  const answers = isNoted ? await noteRequests(core, targets) : await actOn(core, first, targets);
  const confirmed: Confirmed[] = [];
  const at = core.clock.now();
  for (const [index, one] of batch.entries()) {
    const answer = answers[index] ?? LOST;
    switch (answer.outcome) {
      case 'requested':
        await wait(core, one, { actedAt, at, answer }, found);
        break;
      case 'confirmed':
      // That, too, is only what the vendor says.
      case 'deleted':
      case 'anonymised':
      case 'restricted':
      case 'lifted':
        confirmed.push({ one, outcome: doneAs(one.stage) });
        break;
      case 'already-so':
        confirmed.push({ one, outcome: 'already-so' });
        break;
      case 'failed':
        failed(one, { actedAt, at, answer }, found);
        break;
      case 'changed':
        found.told.push({ ...commonOf(one), actedAt, at, outcome: 'changed' });
        break;
      case 'refused': {
        const { code } = answer;
        found.told.push({ ...commonOf(one), actedAt, at, outcome: 'refused', code });
      }
    }
  }
  if (confirmed.length > 0) await readConfirmed(core, confirmed, actedAt, found);
}

interface When {
  readonly actedAt: Instant;
  readonly at: Instant;
}

/** One that may have arrived, or that the vendor wants later, is sent again as the same one. */
function failed(
  one: Asking,
  { actedAt, at, answer }: When & { readonly answer: Extract<Acted, { readonly outcome: 'failed' }> },
  { uncertain, told }: Findings,
): void {
  const { code, retryAfterSeconds } = answer;
  if (UNCERTAIN.includes(code) || retryAfterSeconds !== undefined) {
    const asked = sentAgainAfter(one.asked, at, retryAfterSeconds);
    uncertain.push({ acted: { ...actedOnOf(one), asked }, code });
  } else told.push({ ...commonOf(one), actedAt, at, outcome: 'failed', code });
}

/** `outcome`: what it comes to if the record is read and shows it. */
interface Confirmed {
  readonly one: Asking;
  readonly outcome: Told['outcome'];
}

async function readConfirmed(
  core: LaneCore,
  confirmed: readonly Confirmed[],
  actedAt: Instant,
  found: Findings,
): Promise<void> {
  const reads = await core.store.readBack(
    confirmed.map(({ one: { stage, locator, masks } }) => promiseOf(stage, locator, masks)),
  );
  const at = core.clock.now();
  for (const [index, { one, outcome }] of confirmed.entries()) {
    const read: ReadBack = reads[index] ?? { state: 'unknown', code: 'STORE_ERROR' };
    switch (read.state) {
      case 'kept':
        found.told.push({ ...commonOf(one), actedAt, at, readBackAt: at, outcome });
        break;
      // Nothing can be read there: the vendor's word is what there is.
      case 'confirmed':
      case 'pending':
        found.told.push({ ...commonOf(one), actedAt, at, outcome: 'confirmed-by-vendor' });
        break;
      // It says that it has done it, and still has the record, or cannot be read: it is read again, and asked again.
      case 'broken':
      case 'refused':
      case 'unknown':
        await wait(core, one, { actedAt, at, answer: {} }, found);
    }
  }
}

/** The vendor has the request. */
async function wait(
  core: LaneCore,
  one: Asking,
  {
    actedAt,
    at,
    answer: { follow, retryAfterSeconds },
  }: When & { readonly answer: { readonly follow?: string; readonly retryAfterSeconds?: number } },
  found: Findings,
): Promise<void> {
  const closed = await sealedFollow(core, one, follow);
  if (!closed.ok) {
    // Without it the vendor could not be asked what came of it. The same request, sent again, gets the same answer.
    found.uncertain.push({ acted: actedOnOf(one), code: closed.code });
    return;
  }
  const asked = acceptedAt(one.asked, at, present({ follow: closed.text, retryAfterSeconds }));
  found.told.push({ ...commonOf({ ...one, asked }), actedAt, at, outcome: 'requested' });
  found.pending.push({ ...actedOnOf(one), asked });
}

type Closed = { readonly ok: true; readonly text?: string } | { readonly ok: false; readonly code: string };

async function sealedFollow(core: LaneCore, { ref }: Asking, follow: string | undefined): Promise<Closed> {
  if (follow === undefined) return { ok: true };
  try {
    return { ok: true, text: await sealed(core, { ref, store: core.lane }, FOLLOW, follow) };
  } catch (error) {
    return { ok: false, code: codeOf(error) };
  }
}
