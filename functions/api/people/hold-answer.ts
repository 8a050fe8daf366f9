import { isOfDataset } from '../../../shared/domain/datasets/dataset-chunk.ts';
import type { HoldAnswer, InFlightAnswer } from '../../../shared/contract/people/legal-holds.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { present } from '../../../shared/domain/present.ts';
import { isOnEntity, type LegalHold } from '../../../shared/domain/record/hold.ts';
import type { NamedEntity } from '../../../shared/domain/record/incoming.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { isReviewOverdue } from '../../../shared/protocol/people/hold-review.ts';
import { openHoldText, openReleaseText } from '../../../shared/protocol/people/hold-text.ts';
import { chunkOfRequests, openRequests } from '../../../shared/protocol/vendor/open-requests.ts';
import type { ApiPorts } from '../api-ports.ts';

/** Holds as people see them, with their texts. Whether each is in force is read from where the lanes read it. */
export async function holdAnswers(ports: ApiPorts, holds: readonly LegalHold[]): Promise<HoldAnswer[]> {
  const inForce = await idsInForce(ports, holds);
  const now = ports.clock.now();
  return Promise.all(
    holds.map(async (hold) => holdAnswer(ports, { hold, isInForce: inForce.has(hold.id), now })),
  );
}

/** One hold, with what was in flight when it was placed. */
export async function wholeHoldAnswer(ports: ApiPorts, hold: LegalHold): Promise<HoldAnswer> {
  const [answer] = await holdAnswers(ports, [hold]);
  if (answer === undefined) throw new TypeError('one hold has one answer');
  return { ...answer, inFlight: await inFlightNow(ports, hold) };
}

async function idsInForce({ registry }: ApiPorts, holds: readonly LegalHold[]): Promise<ReadonlySet<string>> {
  const open = holds.filter(({ state }) => state === 'placed');
  if (open.length === 0) return new Set();
  const entities = open.flatMap(({ scope }) => (isOnEntity(scope) ? [scope.entity] : []));
  const states = entities.length === 0 ? new Map() : await registry.states(entities);
  const wide = entities.length === open.length ? [] : await registry.wideHolds();
  return new Set([
    ...wide.map(({ id }) => id),
    ...open.flatMap(({ id, scope }) =>
      isOnEntity(scope) && states.get(scope.entity)?.holds.includes(id) === true ? [id] : [],
    ),
  ]);
}

async function holdAnswer(
  { keys }: ApiPorts,
  { hold, isInForce, now }: { readonly hold: LegalHold; readonly isInForce: boolean; readonly now: Instant },
): Promise<HoldAnswer> {
  const { id, at, freeze, reviewBy, released } = hold;
  const words = await openHoldText(keys, id, hold.sealed);
  const ending = await openReleaseText(keys, id, released?.sealed);
  const isReleased = hold.state === 'released';
  // What was in flight is noted when all else is done.
  const isPlaced = isInForce && hold.inFlight !== undefined;
  return {
    id,
    scope: scopeAnswer(hold, words?.entity),
    state: isReleased ? 'released' : isPlaced ? 'in-force' : 'placing',
    placedAt: isoUtc(at),
    freeze: freeze === true,
    ...present({
      matter: words?.matter,
      reason: words?.reason,
      placedBy: words?.by,
      reviewBy: reviewBy === undefined ? undefined : isoUtc(reviewBy).slice(0, 'YYYY-MM-DD'.length),
      reviewOverdue: isReviewOverdue(hold, now) ? (true as const) : undefined,
      released: released && {
        at: isoUtc(released.at),
        ...present({ by: ending?.by, reason: ending?.reason }),
      },
      unreadable: words === undefined ? (true as const) : undefined,
    }),
  };
}

function scopeAnswer({ scope }: LegalHold, entity: NamedEntity | undefined): HoldAnswer['scope'] {
  return isOnEntity(scope) ? { entity: entity === undefined ? {} : { ...entity } } : scope;
}

/** What the first answer named, as it is now: an attempt whose work record is gone acts no more. */
async function inFlightNow({ registry }: ApiPorts, { inFlight = [] }: LegalHold): Promise<InFlightAnswer[]> {
  const lanes = [...new Set(inFlight.map(({ lane }) => lane))];
  const records = await Promise.all(lanes.map((lane) => registry.workRecords(lane)));
  const byToken = new Map(records.flat().map((record) => [record.token, record]));
  const answers: InFlightAnswer[] = [];
  for (const { lane, token, until, holdings } of inFlight) {
    const chunk = chunkOfRequests(lane, token);
    if (chunk !== undefined) {
      const open = openRequests((await registry.chunk(chunk)) ?? { uncertain: [] });
      const state = open === undefined ? 'settled' : 'requested';
      answers.push({ lane, token, until: isoUtc(open?.next ?? until), holdings, state });
      continue;
    }
    const record = byToken.get(token);
    const state = record === undefined ? 'settled' : record.actedOn.length > 0 ? 'acting' : 'working';
    const dataset = record !== undefined && isOfDataset(record.chunk);
    answers.push({ lane, token, until: isoUtc(until), holdings, state, ...(dataset && { dataset }) });
  }
  return answers;
}
