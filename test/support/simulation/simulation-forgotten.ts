import type { Finding } from './simulation-finding.ts';
import { type Book, contentOf, registeredAt } from './simulation-book.ts';
import type { Script } from './simulation-producers.ts';
import type { Simulation } from './simulation.ts';

/** What was acknowledged, and is in no holding at the end though nothing took it back or disposed of it. */
export function forgottenOnes(sim: Simulation, book: Book, script: Script): Finding[] {
  return [...withoutEffect(sim, book, script), ...otherThanRegistered(sim, book)];
}

/** A registration may be without effect where a later withdrawal voids it, or where it was registered already. */
function withoutEffect(sim: Simulation, book: Book, { messages }: Script): Finding[] {
  const took = new Set([...book.entered.values()].flatMap((all) => all.map(({ id }) => id)));
  const findings: Finding[] = [];
  for (const said of messages.values()) {
    const at = sim.journal.progress.get(said.id)?.acknowledged?.at;
    if (said.kind !== 'registration' || took.has(said.id) || at === undefined) continue;
    const ref = book.refs.get(said.place);
    if (ref === undefined) throw new Error(`no holding is at ${said.place}`);
    const isNothing = (book.entered.get(ref) ?? []).some(({ said: other }) =>
      other.kind === 'withdrawal'
        ? other.producer === said.producer && other.sent > said.sent
        : contentOf(other) === contentOf(said) && other.sent >= said.sent,
    );
    if (!isNothing) findings.push({ what: `${said.id} had no effect`, ref, place: said.place, at });
  }
  return findings;
}

/** The registry at the end, against what was said. */
function otherThanRegistered(sim: Simulation, book: Book): Finding[] {
  const stored = new Map(sim.registry.allHoldings().map((holding) => [holding.ref, holding]));
  return [...book.entered.keys()].flatMap((ref) => {
    const registered = registeredAt(book, ref, Infinity).map(({ said }) => said);
    const holding = stored.get(ref);
    const isOpen = holding?.state === 'active' || holding?.state === 'pending';
    const variants = isOpen ? holding.variants : [];
    const named = (all: readonly { producer: string; categories: readonly string[] }[]): string =>
      [...new Set(all.flatMap(({ producer, categories }) => categories.map((one) => `${producer} ${one}`)))]
        .toSorted()
        .join(', ');
    if (named(registered) === named(variants)) return [];
    const what = `registered as "${named(registered)}", kept as "${named(variants)}" (${holding?.state})`;
    return [{ what, ref, place: book.places.get(ref) ?? '', at: sim.clock.now() }];
  });
}
