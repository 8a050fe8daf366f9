import { refused } from '../../shared/domain/checked.ts';
import type { ColumnEntry } from '../../shared/domain/columns/column-entry.ts';
import { notReadSince } from '../../shared/domain/columns/column-mark.ts';
import { COLUMN_EVENTS, columnNamed, columnOfName } from '../../shared/domain/columns/fact-columns.ts';
import { checkAbout } from '../../shared/domain/configuration/permission.ts';
import { REFUSED_FROM } from '../../shared/domain/configuration/queue-settings.ts';
import { eventRef } from '../../shared/domain/configuration/references.ts';
import type { SentFact } from '../../shared/domain/record/incoming.ts';
import type { ToldOfColumn } from '../../shared/contract/column-message.ts';
import type { Locator } from '../../shared/ports/store.ts';
import { noteChangedFact } from '../../shared/protocol/facts/fact-entries.ts';
import { factOf } from '../../shared/protocol/facts/fact-of.ts';
import { refsOf } from '../../shared/protocol/facts/refs-of.ts';
import { reachOfChild } from '../../shared/protocol/people/record-link.ts';
import { openJson } from '../../shared/protocol/people/sealed-json.ts';
import { recordFact } from '../../shared/protocol/record-fact.ts';
import { arrivalOf } from './arrival.ts';
import { DONE, type IngestCore, type Taken } from './quarantine.ts';
import { takeCollections } from './take-collections.ts';

type ColumnFact = Extract<ToldOfColumn, { readonly kind: 'column-fact' }>;

/**
 * What a lane has read in a column becomes a fact of its producer, or is taken back. The entry decides: without it, or with
 * another token in it, the message is about what is over. So it may come twice, late and in any order.
 */
export async function takeColumn(core: IngestCore, message: ToldOfColumn, delivery: number): Promise<Taken> {
  const name = columnNamed(message.column);
  if (name === undefined) return refused('BODY_INVALID', 'column');
  const arrival = arrivalOf(core, message.carried, delivery);
  if (message.kind === 'column-read') {
    // What a restored registry has forgotten was not compared with the column.
    const isOfThis = !arrival.isReplayed && message.table === core.adopted;
    if (isOfThis) await core.registry.noteColumn(message.column, message.at);
    return DONE;
  }
  const column = columnOfName(core.configuration, name);
  // While a deployment lasts, this function may not know it yet. What is not read any more stays as it is.
  if (column === undefined && delivery < REFUSED_FROM)
    return { ...refused('BODY_INVALID', 'column'), isOurs: true };
  if (column === undefined || column.ended === true) return DONE;
  const entry = await entryOf(core, message);
  if (entry === undefined || (message.says === 'happened' && entry.taken === true)) return DONE;
  const { producer } = name;
  const { type } = column.entity;
  const from = { scope: name.store, context: message.key };
  const [id] = (await openJson(core.keys, from, entry.sealed)) as Locator;
  const named = { type, id: String(id ?? '') };
  const refs = await refsOf(core, producer);
  // If ids are made comparable in another way since, the column says it under the new name, and this one is taken back.
  const isNamedSo = refs.entity(named) === entry.entity;
  if (!isNamedSo && message.says === 'happened') return DONE;
  const sent = sentOf(message, entry, name.event, named);
  const checked = checkAbout(core.configuration, producer, sent);
  if (!checked.ok) return { ...checked, producer };
  await noteKnown(core, message.column);
  // What comes again was received when it came first: then it has the same entry in the log.
  const now = arrival.received;
  const ownEvents = { ...refs, event: (token: string) => eventRef(refs.key, COLUMN_EVENTS, token) };
  const sentAt = sent.kind === 'event' ? entry.toldAt : now;
  const { entity } = entry;
  const fact = factOf(sent, { refs: ownEvents, entity, now, sentAt });
  const told = isNamedSo ? { spelling: refs.spelling(named) } : {};
  const recorded = await recordFact(core, entity, fact, told);
  if (recorded === 'reused') return { ...refused('EVENT_ID_REUSED', 'token'), producer };
  await reachOfChild(core, { type, ref: entity }, fact);
  if (isNamedSo)
    await takeCollections(core, [named], {
      speaking: { refs, producer },
      sent: fact.sent,
      bringsRecords: fact.kind === 'event',
      arrival,
      fact: { entity, event: fact.ref, recorded },
    });
  if (fact.about !== undefined)
    await noteChangedFact(core, { entity, fact, put: recorded, producer, by: 'producer', type: name.event });
  await endOf(core, message);
  core.report(recorded === 'new' ? 'ingest.accepted' : 'ingest.duplicate', { producer, count: 1 });
  return DONE;
}

/** By registry: of which columns it was noted already. What is noted stays so. */
const known = new WeakMap<object, Set<string>>();

/** Before a fact of it is on record: lanes have to know that records may go by this column. */
async function noteKnown({ registry, clock }: IngestCore, column: string): Promise<void> {
  const noted = known.get(registry) ?? new Set<string>();
  known.set(registry, noted);
  if (noted.has(column)) return;
  await registry.noteColumn(column, notReadSince(clock.now()));
  noted.add(column);
}

/** With each heartbeat: so that it is seen if a column is never read. */
export async function noteColumns(core: IngestCore): Promise<void> {
  for (const column of core.configuration.readColumns ?? []) await noteKnown(core, column);
}

/** What the message is about, if it still is. */
async function entryOf(
  core: IngestCore,
  { column, key, token }: ColumnFact,
): Promise<ColumnEntry | undefined> {
  const entry = await core.registry.columnEntry(column, key);
  return entry?.token === token ? entry : undefined;
}

function sentOf(
  { token, says }: ColumnFact,
  { occurred }: ColumnEntry,
  event: string,
  entity: SentFact['entity'],
): SentFact {
  return says === 'happened'
    ? { kind: 'event', id: token, source: '', type: event, entity, occurred }
    : { kind: 'retraction', id: `${token} taken back`, source: '', entity, retracts: token };
}

/** The fact is on record, or off it. Lanes write the entry, too, when a row is gone or comes back. */
async function endOf(core: IngestCore, message: ColumnFact): Promise<void> {
  for (;;) {
    const entry = await entryOf(core, message);
    if (entry === undefined || (message.says === 'happened' && entry.taken === true)) return;
    const done =
      message.says === 'taken-back'
        ? await core.registry.deleteColumnEntry(entry)
        : await core.registry.writeColumnEntry({ ...entry, taken: true, version: entry.version + 1 });
    if (done !== 'moved') return;
  }
}
