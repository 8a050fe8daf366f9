import type { HoldingAnswer } from '../../shared/contract/subjects.ts';
import { LARGEST_PAGE } from '../../shared/contract/subjects.ts';
import { problem, type Problem } from '../../shared/contract/problem.ts';
import type { Holding } from '../../shared/domain/record/holding.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import type { EntityRef, HoldingRef, Instant } from '../../shared/domain/record/ids.ts';
import type { NamedEntity } from '../../shared/domain/record/incoming.ts';
import { own } from '../../shared/domain/own.ts';
import { checkEntity } from '../../shared/domain/configuration/permission.ts';
import type { Caller } from '../../shared/domain/configuration/principal.ts';
import { logRef } from '../../shared/domain/configuration/references.ts';
import { subjectPage } from '../../shared/domain/people/subject-report.ts';
import { present } from '../../shared/domain/present.ts';
import { type EntryLink, openLink } from '../../shared/protocol/entry-links.ts';
import { readStates } from '../../shared/protocol/facts/read-states.ts';
import { logKeyOf, refsOf } from '../../shared/protocol/facts/refs-of.ts';
import { entitiesOf } from '../../shared/protocol/plan-of.ts';
import type { ApiPorts, Operation } from './api-ports.ts';
import { decryptCursor, nextOf } from './cursor.ts';
import { holdingAnswer } from './holding-answer.ts';
import { seesAll, visibleTo } from './own-part.ts';

/**
 * Where the next page begins: a page of pointers, and how many of its holdings (all generations counted) were shown.
 */
export interface Place {
  readonly after?: string;
  readonly shown: number;
}

interface Asked {
  readonly caller: Caller;
  readonly entity: EntityRef;
  readonly holdings: readonly Holding[];
  readonly now: Instant;
}

/** What is held about an entity, under which rule, until when, and what was disposed of. */
export const querySubject: Operation<'querySubject'> = async (ports, { caller, input }) => {
  const found = await entityOf(ports, caller, input.entity);
  if ('problem' in found) return { kind: 'problem', problem: found.problem };
  const query = { list: input.html === true ? 'subject/html' : 'subject', filters: found.entity };
  const cursor = await decryptCursor<Place>(ports, query, input.cursor);
  if (!cursor.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  const now = ports.clock.now();
  if (input.html === true) {
    const holdings = await allOf(ports, caller, found.entity, now);
    const html = holdings && subjectPage({ type: input.entity.type, asOf: isoUtc(now), holdings });
    if (html === undefined || Buffer.byteLength(html) > MOST_HTML_BYTES)
      return { kind: 'problem', problem: problem('SUBJECT_PAGE_TOO_LONG', 'html') };
    return { kind: 'answer', answer: { asOf: isoUtc(now), holdings: [], html } };
  }
  const { shown, next } = await pageFor(ports, caller, found.entity, cursor.place);
  return {
    kind: 'answer',
    answer: {
      asOf: isoUtc(now),
      holdings: await answersOf(ports, { caller, entity: found.entity, holdings: shown, now }),
      ...(await nextOf(ports, query, next)),
    },
  };
};

/** Pages of pointers that are read at most for one page of a producer, most of whose holdings may be of others. */
const POINTER_PAGES = 30;
/** Lambda answers with 6 MB at most. In JSON, and then as the body of the answer, every quotation mark gets longer twice. */
const MOST_HTML_BYTES = 3_000_000;

/** Everything about an entity; nothing where it does not fit into one answer: `tenure subject --html` reads all pages. */
async function allOf(
  ports: ApiPorts,
  caller: Caller,
  entity: EntityRef,
  now: Instant,
): Promise<readonly HoldingAnswer[] | undefined> {
  const all: HoldingAnswer[] = [];
  let place: Place | undefined = { shown: 0 };
  for (let pointerPages = 0; place !== undefined;) {
    if (pointerPages >= POINTER_PAGES) return undefined;
    const { shown, next, read }: Page = await pageFor(ports, caller, entity, place);
    all.push(...(await answersOf(ports, { caller, entity, holdings: shown, now })));
    place = next;
    pointerPages += read;
  }
  return all;
}

interface Page {
  readonly shown: readonly Holding[];
  readonly next: Place | undefined;
  /** Pages of pointers that were read for it. */
  readonly read: number;
}

/**
 * A page of what the caller sees. A producer's page is full as long as it has more: neither its size nor whether there
 * is a next one says what others registered about the entity. Operators and auditors get a page for each of pointers.
 */
async function pageFor(
  ports: ApiPorts,
  caller: Caller,
  entity: EntityRef,
  from: Place = { shown: 0 },
): Promise<Page> {
  const found: { readonly holding: Holding; readonly place: Place }[] = [];
  let place: Place | undefined = from;
  let read = 0;
  for (; place !== undefined; read += 1) {
    const limit = seesAll(caller) ? 1 : POINTER_PAGES;
    if (found.length > LARGEST_PAGE || read === limit) break;
    const { after, shown } = place;
    const page = await generationsOf(ports, entity, after);
    const visible: Holding[] = [];
    for (const generations of Map.groupBy(page.generations, ({ ref }) => ref).values())
      visible.push(...(await visibleTo(ports, caller, generations, entity)));
    for (const [index, holding] of visible.entries())
      if (index >= shown) found.push({ holding, place: { ...present({ after }), shown: index } });
    place = page.next === undefined ? undefined : { after: page.next, shown: 0 };
  }
  const shown = found.slice(0, LARGEST_PAGE).map(({ holding }) => holding);
  return { shown, next: found[LARGEST_PAGE]?.place ?? place, read };
}

/**
 * The entity that a caller may ask about. A producer may ask about its own entities, and about shared ones, of which it
 * sees only what it registered itself. An operator or auditor may ask about any entity, and names the producer of an
 * owned one.
 */
export async function entityOf(
  ports: ApiPorts,
  caller: Caller,
  named: NamedEntity,
): Promise<{ readonly entity: EntityRef } | { readonly problem: Problem }> {
  const type = own(ports.configuration.entityTypes, named.type);
  const anyone = caller.operator || caller.auditor;
  const producer = anyone ? (named.producer ?? caller.producer) : caller.producer;
  if (type?.ids === 'owned' && producer === undefined) {
    return {
      problem: problem('BODY_INVALID', 'entity.producer', 'name the producer whose ids these are'),
    };
  }
  if (
    type?.ids === 'owned' &&
    producer !== undefined &&
    own(ports.configuration.producers, producer) === undefined
  ) {
    return { problem: problem('UNKNOWN_PRODUCER', 'entity.producer') };
  }
  const checked = checkEntity(ports.configuration, producer ?? '', named, 'entity');
  if (!checked.ok) return { problem: problem(checked.code, checked.path) };
  const refs = await refsOf(ports, producer ?? '');
  return { entity: refs.entity(named) };
}

/**
 * An owned type's ids are of one producer: an operator has named it, or the caller is it. What is stored or archived of
 * an entity names it, because its reader has no caller.
 */
export function ownedBy(
  { configuration }: Pick<ApiPorts, 'configuration'>,
  { producer }: Caller,
  entity: NamedEntity,
): NamedEntity {
  if (own(configuration.entityTypes, entity.type)?.ids !== 'owned' || entity.producer !== undefined)
    return entity;
  return { ...entity, ...present({ producer }) };
}

/** One page of pointers, with every generation of their holdings, the current one first. */
export async function generationsOf(
  ports: ApiPorts,
  entity: EntityRef,
  after: string | undefined,
): Promise<{ readonly generations: readonly Holding[]; readonly next?: string }> {
  const page = await ports.registry.pointers(entity, after);
  const holdings = await ports.registry.holdings(page.items);
  const few = await fewEarlier(ports, [...holdings.values()]);
  const generations = await Promise.all(
    page.items.map(async (ref) => {
      const holding = holdings.get(ref);
      // A pointer is written before its holding, so the registration is still in progress.
      if (holding === undefined) return [];
      const isMany = holding.generation > FEW_GENERATIONS;
      const earlier = isMany ? await ports.registry.tombstones(ref) : (few.get(ref) ?? []);
      return [holding, ...earlier.toSorted((a, b) => b.generation - a.generation)];
    }),
  );
  const about = generations.flat().filter((holding) => entitiesOf(holding).some(({ ref }) => ref === entity));
  return { generations: about, ...present({ next: page.next }) };
}

/** Of a holding with more, its tombstones are read on their own. */
const FEW_GENERATIONS = 10;

/** The tombstones of holdings that have few, together. */
async function fewEarlier(
  { registry }: ApiPorts,
  holdings: readonly Holding[],
): Promise<ReadonlyMap<HoldingRef, readonly Holding[]>> {
  const few = holdings.filter(({ generation }) => generation <= FEW_GENERATIONS);
  const asked = few.flatMap(({ ref, generation: newest }) =>
    Array.from({ length: newest - 1 }, (_none, older) => ({ ref, generation: older + 1 })),
  );
  return Map.groupBy(await registry.tombstonesAt(asked), ({ ref }) => ref);
}

/** Where the entries of its completed stages are; nothing where that year's key was destroyed. */
export function linksOf(
  { keys }: Pick<ApiPorts, 'keys'>,
  holding: Holding,
): Promise<readonly (EntryLink | undefined)[]> {
  return Promise.all((holding.done ?? []).map((done) => openLink(keys, holding, done)));
}

/** A producer is told what became of its records, but not where that is in the log, which is not its own alone. */
async function answersOf(
  ports: ApiPorts,
  { caller, entity, holdings, now }: Asked,
): Promise<HoldingAnswer[]> {
  const planned = holdings.filter(({ state }) => state !== 'disposed' && state !== 'withdrawn');
  const states = await readStates(
    ports,
    planned.flatMap((holding) => entitiesOf(holding).map(({ ref }) => ref)),
  );
  const holds = await ports.registry.wideHolds();
  return Promise.all(
    holdings.map(async (holding) => {
      const key = await logKeyOf(ports.keys, holding);
      const refs = key && { holding: logRef(key, holding.ref), subject: logRef(key, entity) };
      const links = seesAll(caller) ? await linksOf(ports, holding) : [];
      return holdingAnswer(ports, { holding, ...present({ refs }), links, states, holds, now });
    }),
  );
}
