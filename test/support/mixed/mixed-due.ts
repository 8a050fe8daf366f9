import type { Instant } from '../../../shared/domain/record/ids.ts';
import { PRODUCER } from '../driver/world.ts';
import type { Book } from '../simulation/simulation-book.ts';
import type { SentEvent, SentRegistration } from '../simulation/simulation-messages.ts';
import { stagesOf } from '../simulation/simulation-oracle.ts';
import { type Changes, mixedBook, periodsAt } from './mixed-world.ts';
import type { Written } from './mixed-lives.ts';
import type { MixedRun } from './mixed-run.ts';

const DAY = 86_400_000;

export function entityOf(contract: string): string {
  return `contract|${PRODUCER}|${contract}`;
}

/** What decides over a row at one time. */
interface Deciding {
  readonly changes: Changes;
  /** Of the policy. */
  readonly at: Instant;
  readonly registered: readonly SentRegistration[];
  readonly events: readonly SentEvent[];
  /** The column that says when the row was used last. */
  readonly used: unknown;
  /** There is a collection of its contract: something was said of it. */
  readonly isCollected: boolean;
}

/**
 * From when the row may go; `undefined`: not yet. A note is in the collection of its contract, and whichever keeps longer
 * keeps it. A log that is registered goes by its registration alone.
 */
export function mayGoFrom(row: Written, deciding: Deciding): Instant | undefined {
  const { changes, at, registered, events } = deciding;
  const book = mixedBook(changes, at);
  const from = (said: readonly SentRegistration[]): Instant | undefined =>
    stagesOf(book, said, events, []).get('delete')?.from;
  if (row.kind !== 'log' || registered.length > 0) {
    const holdings = [registered, row.kind === 'note' && deciding.isCollected ? [saidOf(row, 'notes')] : []];
    const starts = holdings.flatMap((said) => (said.length === 0 ? [] : [from(said) ?? Infinity]));
    const latest = Math.max(...starts);
    return Number.isFinite(latest) ? latest : undefined;
  }
  const { logs } = periodsAt(changes, at);
  const last = Math.max(row.created, typeof deciding.used === 'string' ? Date.parse(deciding.used) : 0);
  return Math.max(last + logs * DAY, from([saidOf(row, 'logs')]) ?? 0);
}

/** As if it were registered with its contract. */
function saidOf({ name, contract }: Written, category: string): SentRegistration {
  return {
    kind: 'registration',
    id: name,
    producer: PRODUCER,
    sent: 0,
    place: name,
    categories: [category],
    entities: [entityOf(contract)],
  };
}

/** When something was first said of the contract: from then on its notes are a collection. */
export function collectedAt(
  { sim, lives }: Pick<MixedRun, 'sim' | 'lives'>,
  book: Book,
  contract: string,
): Instant {
  const entity = entityOf(contract);
  const requests = lives.restrictions.filter((one) => one.contract === contract).map(({ id }) => id);
  const events = (book.events.get(entity) ?? []).map(({ id }) => id);
  const said = [...requests, ...events].map(
    (id) => sim.journal.progress.get(id)?.acknowledged?.at ?? Infinity,
  );
  const named = [...book.entered.values()]
    .flat()
    .filter((one) => one.said.kind === 'registration' && one.said.entities.includes(entity))
    .map(({ at }) => at);
  return Math.min(Infinity, ...said, ...named);
}
