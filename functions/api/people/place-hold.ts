import type { SentHold } from '../../../shared/contract/people/hold-message.ts';
import { holdDetail } from '../../../shared/contract/people/hold-message.ts';
import type { PlaceHold } from '../../../shared/contract/people/legal-holds.ts';
import { problem } from '../../../shared/contract/problem.ts';
import type { ErrorCode } from '../../../shared/contract/error-codes.ts';
import { present } from '../../../shared/domain/present.ts';
import {
  type HoldScope,
  isSameHold,
  type LegalHold,
  type NamedAttempt,
  RESTORED,
} from '../../../shared/domain/record/hold.ts';
import { type InFlight, placeHold as place } from '../../../shared/protocol/hold.ts';
import { isReviewOverdue } from '../../../shared/protocol/people/hold-review.ts';
import { type HoldText, openHoldText, sealHoldText } from '../../../shared/protocol/people/hold-text.ts';
import type { ApiPorts, Operation } from '../api-ports.ts';
import { noteActions } from '../note-actions.ts';
import { wholeHoldAnswer } from './hold-answer.ts';
import { holdScope, type ScopeOfHold } from './hold-scope.ts';
import { wouldCover } from './would-cover.ts';

/**
 * Places a legal hold: its entry, the hold in force, the work records, the bus, what was in flight, then the answer. Nothing that it covers
 * is disposed of after the answer, but for what the answer names. The same request again places nothing new, and is how a
 * request without an answer is completed.
 */
export const placeHold: Operation<'placeHold'> = async (ports, { caller, principal, input }) => {
  const found = await holdScope(ports, caller, input.scope);
  if ('problem' in found) return { kind: 'problem', problem: found.problem };
  const known = await ports.registry.holdRecord(input.id);
  const isAnother = known !== undefined && !(await isSameAsked(ports, known, input, found.scope));
  if (isAnother || input.id === RESTORED) return refuse('HOLD_ID_REUSED', 'id');
  const asked = known ?? (await newHold(ports, principal, input, found));
  if (known === undefined && isReviewOverdue(asked, ports.clock.now()))
    return refuse('HOLD_REVIEW_PAST', 'reviewBy');
  if (input.dryRun === true)
    return { kind: 'answer', answer: { dryRun: true, wouldCover: await wouldCover(ports, found) } };
  await noteActions(ports, principal, [{ did: 'hold', hold: asked.id, matter: input.matter }]);
  // Of two requests at the same time the first one's record stands: the other one may have asked for something else.
  if ((await ports.registry.recordHold(asked)) === 'refused') return refuse('HOLD_ID_REUSED', 'id');
  const hold = (await ports.registry.holdRecord(asked.id)) ?? asked;
  if (!(await isSameAsked(ports, hold, input, found.scope))) return refuse('HOLD_ID_REUSED', 'id');
  const placed = await place(ports, hold);
  if (placed.kind === 'full') return refuse('HOLD_LIMIT', 'scope.entity');
  if (placed.kind === 'refused') return refuse('HOLD_ID_REUSED', 'id');
  // The one who placed it first is named in the archive, too.
  const words = await wordsOf(ports, hold, input);
  const detail = holdDetail({ id: hold.id, hold: sentHold(hold, found.named, words) });
  if ((await ports.bus.publish([detail]))[0] !== 'durable')
    return { kind: 'problem', problem: problem('NOT_DURABLE', '', NOT_ARCHIVED) };
  // Last: until then it is shown as `placing`, so that somebody repeats what is not in the archive.
  await ports.registry.recordInFlight(hold.id, placed.inFlight.map(namedOf));
  const record = (await ports.registry.holdRecord(hold.id)) ?? hold;
  return { kind: 'answer', answer: { dryRun: false, hold: await wholeHoldAnswer(ports, record) } };
};

const NOT_ARCHIVED =
  'The hold is in force, but the bus did not confirm it, so a restored registry would not have it: send the same request again.';

function refuse(code: ErrorCode, path?: string) {
  return { kind: 'problem', problem: problem(code, path) } as const;
}

async function newHold(
  { keys, clock }: ApiPorts,
  principal: string,
  { id, matter, reason, reviewBy, freeze }: PlaceHold,
  { scope, named, categories }: ScopeOfHold,
): Promise<LegalHold> {
  const at = clock.now();
  const words = {
    matter,
    reason,
    by: principal,
    ...present({ entity: 'entity' in named ? named.entity : undefined }),
  };
  return {
    id,
    kind: 'hold',
    scope,
    state: 'placed',
    at,
    sealed: await sealHoldText(keys, id, at, words),
    ...present({
      freeze: freeze === true ? (true as const) : undefined,
      reviewBy: reviewBy === undefined ? undefined : Date.parse(reviewBy),
      categories,
    }),
  };
}

/** The words of the first request: a person who repeats it does not become the one who placed the hold. */
async function wordsOf(
  { keys }: ApiPorts,
  known: LegalHold,
  { matter, reason }: PlaceHold,
): Promise<HoldText> {
  return (await openHoldText(keys, known.id, known.sealed)) ?? { matter, reason, by: 'unknown' };
}

/** Texts that cannot be read any more are not compared. */
async function isSameAsked(
  { keys }: ApiPorts,
  known: LegalHold,
  { id, matter, reason, reviewBy, freeze }: PlaceHold,
  scope: HoldScope,
): Promise<boolean> {
  if (!isSameHold(known, { ...known, scope, state: 'placed' })) return false;
  if ((known.freeze === true) !== (freeze === true)) return false;
  if (known.reviewBy !== (reviewBy === undefined ? undefined : Date.parse(reviewBy))) return false;
  const words = await openHoldText(keys, id, known.sealed);
  return words === undefined || (words.matter === matter && words.reason === reason);
}

function namedOf({ lane, token, until, refs }: InFlight): NamedAttempt {
  return { lane, token, until, holdings: refs.length };
}

function sentHold(
  { at, reviewBy, freeze, categories }: LegalHold,
  scope: SentHold['scope'],
  { matter, reason, by }: HoldText,
): SentHold {
  return { scope, at, by, matter, reason, ...present({ reviewBy, freeze, categories }) };
}
