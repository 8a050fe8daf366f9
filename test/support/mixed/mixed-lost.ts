import { type Book, registeredAt } from '../simulation/simulation-book.ts';
import { entityOf, mayGoFrom } from './mixed-due.ts';
import type { Known } from './mixed-lives.ts';
import type { MixedRun } from './mixed-run.ts';

const DAY = 86_400_000;
/** After it was due: collections that were left with registered rows are looked at again after thirty days. */
const LATEST = 32 * DAY;

/** Whether the row is there at the end, although everything that was ever said lets it go. */
export function isLost({ sim, changes, end }: MixedRun, book: Book, { row, ref }: Known): boolean {
  const said = registeredAt(book, ref, Infinity).map((one) => one.said);
  // It was, and what it waited for has ended without it: it belongs to nothing that is looked at again.
  const wasRegistered = (book.entered.get(ref) ?? []).length > 0;
  if (wasRegistered && said.length === 0) return false;
  const entities = new Set([...said.flatMap((one) => one.entities), entityOf(row.contract)]);
  const events = [...entities].flatMap((entity) => book.events.get(entity) ?? []);
  const used = sim.store('notes').fields([row.name])?.['used'] ?? null;
  const now = sim.clock.now();
  const from = mayGoFrom(row, { changes, at: now, registered: said, events, used, isCollected: true });
  if (from === undefined || Math.max(from, end) > now - LATEST) return false;
  // A collection that has ended begins again with the next fact about its contract.
  const isNews = events.some(({ id }) => (sim.journal.progress.get(id)?.acknowledged?.at ?? 0) > row.at);
  return row.kind !== 'note' || isNews;
}
