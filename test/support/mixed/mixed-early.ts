import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { Acting, Mark } from '../simulation/simulation-journal.ts';
import type { Book } from '../simulation/simulation-book.ts';
import { isBefore, registeredAt } from '../simulation/simulation-book.ts';
import type { SentEvent, SentRegistration } from '../simulation/simulation-messages.ts';
import type { PlacedHold } from '../simulation/simulation.ts';
import { collectedAt, entityOf, mayGoFrom } from './mixed-due.ts';
import type { Known } from './mixed-lives.ts';
import type { MixedRun } from './mixed-run.ts';

const MINUTE = 60_000;
/** Clocks may be off by that much. */
const TOLERANCE = MINUTE;
/** No attempt acts on what it read longer ago: a lease, and what clocks may differ. */
const LONGEST_ATTEMPT = 12 * MINUTE;
/** More facts than that are never on their way at the same time as a worker. */
const MOST_UNDECIDED = 8;

interface Effect {
  readonly mark: Mark;
  readonly used: unknown;
}

/** Why the row had to stay; nothing if a worker had to know, or could have learned, that it may go. */
export function earlyRow(run: MixedRun, book: Book, known: Known, effect: Effect): string | undefined {
  const { mark } = effect;
  const acts = known.works
    .flatMap((ref) => run.sim.journal.acting.get(ref) ?? [])
    .filter(({ order, at }) => order < mark.order && at > mark.at - LONGEST_ATTEMPT);
  if (acts.length === 0) return 'no attempt said that it would';
  const own = registrationsOf(book, known, mark);
  const names = [...new Set([...own.sure, ...own.maybe].flatMap(({ entities }) => entities))];
  const collected = collectedAt(run, book, known.row.contract);
  const about = namedBy(known, own.sure, collected < mark.at - LONGEST_ATTEMPT);
  return (
    whyHeld(run, known, { mark, acts, own: own.sure, about }) ??
    whyRestricted(run, known, { mark, own: own.sure, about }) ??
    whyEarly(run, book, known, {
      ...effect,
      own,
      collected,
      entities: [...names, entityOf(known.row.contract)],
    })
  );
}

interface Own {
  readonly sure: readonly SentRegistration[];
  /** A registration or withdrawal was on its way: it may or may not have been known. */
  readonly maybe: readonly SentRegistration[];
}

function registrationsOf(book: Book, { ref }: Known, mark: Mark): Own {
  const entered = book.entered.get(ref) ?? [];
  const before = entered.filter(({ order, at }) => order < mark.order && at < mark.at - LONGEST_ATTEMPT);
  const last = before.at(-1);
  const sure = last === undefined ? [] : registeredAt(book, ref, mark.order, last.version);
  const now = registeredAt(book, ref, mark.order);
  return {
    sure: sure.filter(({ id }) => now.some((one) => one.id === id)).map(({ said }) => said),
    maybe: [...sure, ...now].map(({ said }) => said),
  };
}

/** Of which contracts a hold keeps the row. Which of them, for a registration that was on its way, is not asked. */
function namedBy({ row }: Known, own: readonly SentRegistration[], isCollected: boolean): readonly string[] {
  const registered = own.flatMap(({ entities }) => entities);
  const column =
    (row.kind === 'note' && isCollected) || (row.kind === 'log' && own.length === 0)
      ? [entityOf(row.contract)]
      : [];
  return [...registered, ...column];
}

interface Asked {
  readonly mark: Mark;
  readonly own: Own['sure'];
  /** Contracts by which a hold or a restriction reaches the row. */
  readonly about: readonly string[];
}

/** Promise 3: what began after the answer, or was not named in it, honours the hold until it is released. */
function whyHeld(
  run: MixedRun,
  known: Known,
  { mark, acts, own, about }: Asked & { readonly acts: readonly Acting[] },
): string | undefined {
  const isInForce = ({
    placed,
    releasedAt,
    inFlight,
  }: Pick<PlacedHold, 'placed' | 'releasedAt' | 'inFlight'>) =>
    placed.order < mark.order && releasedAt > mark.at && !acts.some(({ token }) => inFlight.includes(token));
  const onContract = run.held.find((one) => isInForce(one) && about.includes(entityOf(one.contract)));
  if (onContract !== undefined) return `under a hold on ${onContract.contract}`;
  const categories = [
    ...own.flatMap(({ categories: its }) => its),
    ...(known.row.kind === 'note' && about.includes(entityOf(known.row.contract)) ? ['notes'] : []),
    ...(known.row.kind === 'log' && own.length === 0 ? ['logs'] : []),
  ];
  const wide = run.sim.holds.find(
    (one) => isInForce(one) && (!('category' in one.scope) || categories.includes(one.scope.category)),
  );
  return wide === undefined ? undefined : `under the ${wide.kind} ${wide.id}`;
}

/** What was folded before the attempt can have begun counts until its end was sent. */
function whyRestricted(run: MixedRun, known: Known, { mark, own, about }: Asked): string | undefined {
  if (known.row.kind === 'log' && own.length === 0) return undefined;
  const found = run.lives.restrictions.find(({ contract, id, to }) => {
    const folded = run.sim.journal.progress.get(id)?.acknowledged;
    const isKnown = folded !== undefined && folded.at < mark.at - LONGEST_ATTEMPT;
    return isKnown && to > mark.at + TOLERANCE && about.includes(entityOf(contract));
  });
  return found === undefined ? undefined : `under the restriction of ${found.contract}`;
}

function whyEarly(
  run: MixedRun,
  book: Book,
  { row }: Known,
  {
    mark,
    used,
    own,
    collected,
    entities,
  }: Effect & { readonly own: Own; readonly collected: Instant; readonly entities: readonly string[] },
): string | undefined {
  const events = [...new Set(entities)].flatMap((entity) => book.events.get(entity) ?? []);
  const progress = ({ id }: SentEvent) => run.sim.journal.progress.get(id);
  const must = events.filter((event) => {
    const known = progress(event)?.folded ?? progress(event)?.acknowledged;
    return known !== undefined && known.at < mark.at - LONGEST_ATTEMPT;
  });
  const may = events.filter((event) => !must.includes(event) && isBefore(progress(event)?.put, mark.order));
  if (may.length > MOST_UNDECIDED) throw new Error(`${may.length} facts are on their way at once`);
  // Whether there is a collection already may have been read before or after it was made.
  const ways = [collected < mark.at, collected < mark.at - LONGEST_ATTEMPT];
  const reasons = new Set<string>();
  for (const at of [mark.at, mark.at - LONGEST_ATTEMPT, mark.at + TOLERANCE])
    for (const registered of [own.sure, own.maybe])
      for (let chosen = 0; chosen < 2 ** may.length; chosen += 1) {
        const facts = [...must, ...may.filter((_, bit) => (chosen >> bit) % 2 === 1)];
        const deciding = { changes: run.changes, at, registered, events: facts, used };
        const from = Math.min(
          ...ways.map((isCollected) => mayGoFrom(row, { ...deciding, isCollected }) ?? Infinity),
        );
        if (from <= mark.at + TOLERANCE) return undefined;
        reasons.add(
          from === Infinity ? 'not allowed at all' : `allowed from ${new Date(from).toISOString()}`,
        );
      }
  return [...reasons].join(' or ');
}
