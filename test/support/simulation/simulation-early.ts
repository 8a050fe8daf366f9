import type { WideScope } from '../../../shared/domain/record/hold.ts';
import type { HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import type { Finding } from './simulation-finding.ts';
import {
  type Book,
  eventsOf,
  isBefore,
  type Registered,
  registeredAt,
  saidOf,
  settledOn,
  stageOf,
} from './simulation-book.ts';
import type { Acting, Mark } from './simulation-journal.ts';
import { type Action, stagesOf } from './simulation-oracle.ts';
import { type Changes, rulebook } from './simulation-policies.ts';
import { placeOf } from './simulation-producers.ts';
import type { Simulation } from './simulation.ts';

/** More facts than that are never on their way at the same time as a worker. */
const MOST_UNDECIDED = 8;
const TOLERANCE = 60_000;

/** Every effect on a store has to be allowed by what the worker had to know, or could have learned on the way. */
export function earlyOnes(sim: Simulation, book: Book, changes: Changes): Finding[] {
  const early: Finding[] = [];
  for (const [store, marks] of sim.effects) {
    for (const [index, mark] of marks.entries()) {
      const effect = sim.store(store).effects[index];
      if (effect === undefined) throw new Error(`effect ${index} of ${store} is missing`);
      const place = placeOf({ store, locator: effect.locator });
      const ref = book.refs.get(place) ?? ('' as HoldingRef);
      const act = (sim.journal.acting.get(ref) ?? []).findLast(
        ({ order, stage }) => order < mark.order && stage === effect.call,
      );
      const wrong =
        act === undefined
          ? 'no attempt said that it would'
          : whyWrong(sim, book, changes, { ref, act, mark });
      if (wrong !== undefined) early.push({ what: `${effect.call}: ${wrong}`, ref, place, at: mark.at });
    }
  }
  return early;
}

interface Effect {
  readonly ref: HoldingRef;
  readonly act: Acting;
  readonly mark: Mark;
}

function whyWrong(sim: Simulation, book: Book, changes: Changes, effect: Effect): string | undefined {
  const { ref, act, mark } = effect;
  const registered = registeredAt(book, ref, mark.order, act.version);
  if (registered.length === 0) return 'nothing was registered';
  const unread = (book.entered.get(ref) ?? []).find(
    ({ order, version }) => order < act.begun.order && version > act.version,
  );
  if (unread !== undefined) return `was decided without ${unread.id}, which had taken effect`;
  const hold = sim.holds.find((one) => isHeld(changes, registered, effect, one));
  if (hold !== undefined) return `under the ${hold.kind} ${hold.id}`;
  return whyEarly(sim, book, changes, registered, effect);
}

function whyEarly(
  sim: Simulation,
  book: Book,
  changes: Changes,
  registered: readonly Registered[],
  { ref, act, mark }: Effect,
): string | undefined {
  const settled = settledOn(book, ref, registered, mark.order).map(stageOf);
  const events = eventsOf(book, registered);
  const progress = (id: string) => sim.journal.progress.get(id);
  const must = events.filter(({ id }) =>
    isBefore(progress(id)?.folded ?? progress(id)?.acknowledged, act.begun.order),
  );
  const may = events.filter(
    (event) => !must.includes(event) && isBefore(progress(event.id)?.put, mark.order),
  );
  if (may.length > MOST_UNDECIDED) throw new Error(`${may.length} facts are on their way at once`);
  const reasons = new Set<string>();
  for (const policiesAt of [mark.at, act.begun.at - TOLERANCE, mark.at + TOLERANCE]) {
    for (const done of [settled, []]) {
      for (let chosen = 0; chosen < 2 ** may.length; chosen += 1) {
        const facts = [...must, ...may.filter((_, bit) => (chosen >> bit) % 2 === 1)];
        const stages = stagesOf(rulebook(changes, policiesAt), saidOf(registered), facts, done);
        const from = stages.get(act.stage as Action)?.from;
        if (from !== undefined && from <= mark.at) return undefined;
        reasons.add(
          from === undefined ? 'not allowed at all' : `allowed from ${new Date(from).toISOString()}`,
        );
      }
    }
  }
  return [...reasons].join(' or ');
}

/** Promise 3: what began after the answer, or was not named in it, honours the hold until it is released. */
function isHeld(
  changes: Changes,
  registered: readonly Registered[],
  { act, mark }: Effect,
  hold: Simulation['holds'][number],
): boolean {
  if (hold.placed.order > mark.order || hold.releasedAt <= mark.at) return false;
  if (hold.inFlight.includes(act.token)) return false;
  return covers(hold.scope, registered, changes, mark.at);
}

export function covers(
  scope: WideScope,
  registered: readonly Registered[],
  changes: Changes,
  at: Instant,
): boolean {
  if ('everything' in scope) return true;
  if ('store' in scope) return registered.some(({ said }) => said.place.startsWith(`${scope.store}|`));
  const categories = registered.flatMap(({ said }) => said.categories);
  if ('category' in scope) return categories.includes(scope.category);
  return categories.some((category) => rulebook(changes, at)(category).name === scope.policy);
}
