import type { StoryRecord } from '../../examples/stories/story.ts';
import { type Client, pagesOf } from '../../shared/client/client.ts';
import type { HoldingAnswer } from '../../shared/contract/subjects.ts';
import { yearOf } from '../../shared/domain/calendar/utc-time.ts';
import type { HoldingRef, Instant } from '../../shared/domain/record/ids.ts';
import type { NamedEntity } from '../../shared/domain/record/incoming.ts';
import { canonicalLocator } from '../../shared/domain/configuration/locator.ts';
import { holdingRef, logRef } from '../../shared/domain/configuration/references.ts';
import type { System } from '../system.ts';

/** A record of a story, and what Tenure last said about it. */
export interface Booked {
  readonly record: StoryRecord;
  /** How the deletion log calls it: only who has the keys can tell. */
  readonly ref: string;
  /** How the registry calls it. */
  readonly holding: HoldingRef;
  answer?: HoldingAnswer;
  /** Stages that were already printed. */
  disposals: number;
  plan?: string;
}

export async function booked(system: System, record: StoryRecord, at: Instant): Promise<Booked> {
  const store = system.configuration.stores[record.store];
  const locator = canonicalLocator(store?.keys ?? [], record.key);
  if (!locator.ok) throw new TypeError(`the key of ${record.name} does not fit its store`);
  const { keys } = system.ports;
  const holding = holdingRef(await keys.registryKey(), record.store, locator.canonical);
  return { record, holding, ref: logRef(await keys.logKey(yearOf(at)), holding), disposals: 0 };
}

/** Asks the API about every entity that the records are about first of all. */
export async function ask(system: System, operator: Client, books: readonly Booked[]): Promise<void> {
  const subjects = new Map<string, NamedEntity>();
  for (const { record } of books) {
    const [entity] = record.entities;
    if (entity === undefined) continue;
    const owned = system.configuration.entityTypes[entity.type]?.ids === 'owned';
    const subject = owned ? { ...entity, producer: record.by } : entity;
    subjects.set(JSON.stringify(subject), subject);
  }
  const byRef = new Map(books.map((book) => [book.ref, book]));
  for (const entity of subjects.values()) {
    for await (const page of pagesOf((cursor) => operator.querySubject({ entity, ...cursor }))) {
      for (const holding of page.holdings) {
        const book = byRef.get(holding.refs?.holding ?? '');
        if (book !== undefined) book.answer = holding;
      }
    }
  }
}

/** One line: what will become of the record, when, and why; or why nothing will. */
export function planLine({ record, answer }: Booked, local: (at: Instant) => string): string {
  const plan = answer?.plan;
  if (plan === undefined) return `${record.name}: nothing is left to do`;
  const { next } = plan;
  if (next?.actAt === undefined) {
    const reasons = plan.stages.flatMap((stage) => stage.reasons);
    return `${record.name}: kept, ${plan.status}: ${[...new Set(reasons)].join('; ')}`;
  }
  const from = local(Date.parse(next.actAt));
  const by = next.deadline === undefined ? '' : `, at the latest by ${local(Date.parse(next.deadline))}`;
  return `${record.name}: ${next.action} from ${from}${by}, because “${next.rule}”`;
}

/** The sentence of the explanation that gives this reason. */
export function reasonOf({ answer }: Booked, because: string): string | undefined {
  const plan = answer?.plan;
  const sentences = [...(plan?.explanation ?? []), ...(plan?.stages ?? []).flatMap(({ reasons }) => reasons)];
  return sentences.find((sentence) => sentence.includes(because));
}
