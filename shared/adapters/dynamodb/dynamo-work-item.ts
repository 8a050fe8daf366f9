import * as z from 'zod';
import { minuteId } from '../../domain/calendar/utc-time.ts';
import { own } from '../../domain/own.ts';
import { present } from '../../domain/present.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import { stageKey } from '../../domain/record/stage-name.ts';
import { GUARD_CODES, type Waiting } from '../../domain/record/waiting.ts';
import type { ActedOn, Chunk, ChunkKey, WorkRecord } from '../../domain/record/work.ts';
import { minuteFrom } from './dynamo-hints.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { invalid, part, stored, trusted, whole } from './dynamo-item.ts';
import {
  actedName,
  askedItem,
  askedOf,
  fromProgressItem,
  progressItem,
  toProgressItem,
  withAsked,
} from './dynamo-progress-item.ts';
import { packRefs, unpackRefs } from './packed-refs.ts';

const CHUNK = 'K#';
const WORK = 'W#';

/**
 * Same generation, stage, version and time; then the places of the references in the packed list, two bytes each; last
 * the part of the record, if the stage is not about the whole.
 */
const actedItem = z.array(
  z.tuple([part.count, part.action, part.count, part.instant, part.bytes, part.text.optional()]),
);
type ActedItem = z.infer<typeof actedItem>;

/** Of collections among what was acted on: the sealed locators of their records. */
const recordsItem = z.record(part.text, part.bytes);
type RecordsItem = z.infer<typeof recordsItem>;

const waitingItem = z.tuple([z.enum(GUARD_CODES), part.count, part.text.optional()]);

const chunkItem = z.object({
  PK: part.text,
  SK: part.text,
  r: part.count,
  b: part.bytes,
  /** How many of the packed references are the chunk's; the rest is only uncertain. Absent: all. */
  n: part.count.optional(),
  d: part.instant.optional(),
  w: part.instant.optional(),
  a: part.count,
  f: part.count,
  c: z.tuple([part.text, part.instant], part.text).optional(),
  u: actedItem.optional(),
  x: part.text.optional(),
  y: recordsItem.optional(),
  q: askedItem.optional(),
  p: progressItem.optional(),
  g: z.array(waitingItem).optional(),
  s: part.text.optional(),
  i: part.instant.optional(),
});

const workItem = z.object({
  PK: part.text,
  SK: part.text,
  t: part.text,
  a: part.instant,
  u: part.instant,
  b: part.bytes,
  n: part.count.optional(),
  x: actedItem.optional(),
  y: recordsItem.optional(),
  q: askedItem.optional(),
});

export function chunkPartition(lane: string): string {
  return `${CHUNK}${lane}`;
}

export function workPartition(lane: string): string {
  return `${WORK}${lane}`;
}

function skOf({ producer, minute, id }: ChunkKey): string {
  return `${producer}#${minuteId(minute)}#${id}`;
}

export function chunkKey(key: ChunkKey): ItemKey {
  return { PK: chunkPartition(key.lane), SK: skOf(key) };
}

export function workKey(key: ChunkKey): ItemKey {
  return { PK: workPartition(key.lane), SK: skOf(key) };
}

/** Minutes and ids have no `#`, whatever a producer is called. */
function keyFrom(lane: string, sk: string): ChunkKey {
  const [, producer = '', minute = '', id = ''] = /^(.*)#([^#]*)#([^#]*)$/s.exec(sk) ?? [];
  return { lane, producer, minute: minuteFrom(minute), id };
}

export function toChunkItem(chunk: Chunk): StoredItem & ItemKey {
  const { bytes, own, acted } = packed(chunk.refs, chunk.uncertain);
  const body = {
    r: chunk.version,
    b: bytes,
    n: own,
    d: chunk.deadline,
    w: chunk.notBefore,
    a: chunk.attempts,
    f: chunk.failures,
    c: chunk.failure && failureItem(chunk.failure),
    u: acted,
    x: chunk.fencedFor,
    y: recordsOf(chunk.uncertain),
    q: askedOf(chunk.uncertain),
    p: chunk.progress && toProgressItem(chunk.progress),
    g: chunk.waits?.map(toWaiting),
    s: chunk.dataset,
    i: chunk.since,
  };
  return stored<typeof body>(chunkKey(chunk), body);
}

function toWaiting({ code, count, rule }: Waiting): z.infer<typeof waitingItem> {
  return rule === undefined ? [code, count] : [code, count, rule];
}

/** The code, when the first of these was told, and the other codes that were. */
function failureItem({ code, at, told }: NonNullable<Chunk['failure']>): [string, number, ...string[]] {
  return [code, at, ...told.filter((other) => other !== code)];
}

function failureFrom([code, at, ...others]: [string, number, ...string[]]): NonNullable<Chunk['failure']> {
  return { code, at, told: [code, ...others] };
}

export function fromChunkItem(found: StoredItem): Chunk {
  const item = trusted('chunk', chunkItem, found);
  const refs = unpackRefs(item.b);
  return whole<Chunk>({
    ...keyFrom(item.PK.slice(CHUNK.length), item.SK),
    version: item.r,
    refs: refs.slice(0, item.n),
    deadline: item.d,
    notBefore: item.w,
    attempts: item.a,
    failures: item.f,
    failure: item.c && failureFrom(item.c),
    uncertain: withAsked(withRecords(unpacked('chunk', refs, item.u), item.y), item.q),
    fencedFor: item.x,
    progress: item.p && fromProgressItem(item.p),
    waits: item.g?.map(([code, count, rule]) => ({ code, count, ...present({ rule }) })),
    dataset: item.s,
    since: item.i,
  });
}

export function toWorkItem(work: WorkRecord): StoredItem & ItemKey {
  const { bytes, own, acted } = packed(work.refs, work.actedOn);
  const body = {
    t: work.token,
    a: work.begunAt,
    u: work.until,
    b: bytes,
    n: own,
    x: acted,
    y: recordsOf(work.actedOn),
    q: askedOf(work.actedOn),
  };
  return stored<typeof body>(workKey(work.chunk), body);
}

export function fromWorkItem(found: StoredItem): WorkRecord {
  const item = trusted('work', workItem, found);
  const lane = item.PK.slice(WORK.length);
  const refs = unpackRefs(item.b);
  return {
    lane,
    chunk: keyFrom(lane, item.SK),
    token: item.t,
    begunAt: item.a,
    until: item.u,
    refs: refs.slice(0, item.n),
    actedOn: withAsked(withRecords(unpacked('work', refs, item.x), item.y), item.q),
  };
}

interface Packed {
  readonly bytes: Uint8Array;
  /** Set where what was acted on names others. */
  readonly own: number | undefined;
  readonly acted: ActedItem | undefined;
}

/** Each reference once, and what was acted on by its place: a hundred of them take 200 bytes more. */
function packed(refs: readonly HoldingRef[], actedOn: readonly ActedOn[]): Packed {
  const all = [...refs];
  const places = new Map(refs.map((ref, place) => [ref, place]));
  const groups = new Map<string, { readonly first: ActedOn; readonly places: number[] }>();
  for (const one of actedOn) {
    let place = places.get(one.ref);
    if (place === undefined) {
      place = all.push(one.ref) - 1;
      places.set(one.ref, place);
    }
    const name = `${one.generation} ${stageKey(one)} ${one.version} ${one.lookedAt}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { first: one, places: [place] });
    else group.places.push(place);
  }
  const acted = [...groups.values()].map(({ first, places: own }): ActedItem[number] => {
    const bytes = Buffer.alloc(own.length * 2);
    for (const [index, place] of own.entries()) bytes.writeUInt16BE(place, index * 2);
    const { generation, stage, part: of, version, lookedAt } = first;
    const whole = [generation, stage, version, lookedAt, bytes] as const;
    return of === undefined ? [...whole] : [...whole, of];
  });
  return {
    bytes: packRefs(all),
    own: all.length > refs.length ? refs.length : undefined,
    acted: acted.length > 0 ? acted : undefined,
  };
}

function unpacked(kind: string, refs: readonly HoldingRef[], groups: ActedItem = []): ActedOn[] {
  return groups.flatMap(([generation, stage, version, lookedAt, bytes, of]) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Array.from({ length: Math.floor(bytes.length / 2) }, (_, index) => {
      const ref = refs[view.getUint16(index * 2)];
      if (ref === undefined) throw invalid(kind, 'acted on (not among its references)');
      return { ref, generation, stage, version, lookedAt, ...present({ part: of }) };
    });
  });
}

function recordsOf(actedOn: readonly ActedOn[]): RecordsItem | undefined {
  // Bytes: as text they would cost a third more, when they are written and when they are deleted.
  const records = actedOn.flatMap((one) =>
    one.records === undefined ? [] : [[actedName(one), Buffer.from(one.records, 'base64url')]],
  );
  return records.length === 0 ? undefined : Object.fromEntries(records);
}

function withRecords(actedOn: readonly ActedOn[], records: RecordsItem = {}): readonly ActedOn[] {
  return actedOn.map((one) => {
    const bytes = own(records, actedName(one));
    return bytes === undefined ? one : { ...one, records: Buffer.from(bytes).toString('base64url') };
  });
}
