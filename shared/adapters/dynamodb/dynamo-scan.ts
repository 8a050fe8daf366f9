import { type EntityTraces, factsIn, oddOf } from '../../domain/facts/odd-entity.ts';
import { present } from '../../domain/present.ts';
import type { OddEntity } from '../../domain/record/attention.ts';
import type { EntityRef, HoldingRef } from '../../domain/record/ids.ts';
import {
  entityOf,
  entityPartition,
  fromSpellingItem,
  fromStateItem,
  POINTER_PREFIX,
  SPELLING_PREFIX,
  STATE_SK,
} from './dynamo-entity-item.ts';
import { HOLDING_SK, holdingKey, TOMBSTONE_PREFIX } from './dynamo-holding-item.ts';
import type { StoredItem } from './dynamo-item.ts';
import { type DynamoTable, type Expression, readCursor } from './dynamo-table.ts';

/** Facts are left out: the state, which is there whenever one is, tells enough. */
const FILTER: Expression = {
  expression:
    'SK = :holding OR (begins_with(PK, :records) AND begins_with(SK, :past)) OR (begins_with(PK, :entity) AND (SK = :state OR begins_with(SK, :pointer) OR begins_with(SK, :spelling)))',
  values: {
    ':holding': HOLDING_SK,
    ':records': holdingKey('' as HoldingRef).PK,
    ':past': TOMBSTONE_PREFIX,
    ':entity': entityPartition('' as EntityRef),
    ':state': STATE_SK,
    ':pointer': POINTER_PREFIX,
    ':spelling': SPELLING_PREFIX,
  },
};

export interface ScanQuery {
  readonly segment: number;
  readonly segments: number;
  readonly after: string | undefined;
}

/**
 * One page of the table, for no more than it costs to read the holdings alone: the items of the entities lie between
 * them. Items of one partition key follow each other, so an entity is judged by what this page shows of it. Only the
 * last entity of a page may go on in the next page: it is judged there, from a read of its own.
 */
export async function scanWithEntities(
  table: DynamoTable,
  { segment, segments, after }: ScanQuery,
): Promise<{
  readonly holdings: readonly StoredItem[];
  readonly tombstones: readonly StoredItem[];
  readonly entities: readonly OddEntity[];
  readonly next?: string;
}> {
  const { items, next } = await table.scan(segment, segments, FILTER, after);
  const begun = lastEntity(after);
  const unfinished = lastEntity(next);
  const byEntity = Map.groupBy(items, ({ PK }) => entityOf(String(PK)));
  const entities: OddEntity[] = [];
  for (const [ref, own] of byEntity) {
    if (ref !== undefined && ref !== begun && ref !== unfinished) entities.push(...oddOf(tracesIn(ref, own)));
  }
  if (begun !== undefined && begun !== unfinished) entities.push(...oddOf(await readTraces(table, begun)));
  const others = byEntity.get(undefined) ?? [];
  const holdings = others.filter(({ SK }) => SK === HOLDING_SK);
  const tombstones = others.filter(({ SK }) => SK !== HOLDING_SK);
  return { holdings, tombstones, entities, ...present({ next }) };
}

/** The entity whose items the page that ended here was in the middle of. */
function lastEntity(cursor: string | undefined): EntityRef | undefined {
  const [PK] = cursor === undefined ? [] : readCursor(cursor, 2);
  return PK === undefined ? undefined : entityOf(PK);
}

function tracesIn(ref: EntityRef, items: readonly StoredItem[]): EntityTraces {
  const has = (prefix: string): StoredItem[] => items.filter(({ SK }) => String(SK).startsWith(prefix));
  const state = items.find(({ SK }) => SK === STATE_SK);
  return traces(ref, { state, isHeld: has(POINTER_PREFIX).length > 0, spellings: has(SPELLING_PREFIX) });
}

/** One pointer and two spellings are enough to judge by. */
async function readTraces(table: DynamoTable, ref: EntityRef): Promise<EntityTraces> {
  const partition = entityPartition(ref);
  const state = await table.get({ PK: partition, SK: STATE_SK });
  const pointers = await table.page({ partition, prefix: POINTER_PREFIX, limit: 1 });
  const spellings = await table.page({ partition, prefix: SPELLING_PREFIX, limit: 2 });
  return traces(ref, { state, isHeld: pointers.items.length > 0, spellings: spellings.items });
}

function traces(
  ref: EntityRef,
  {
    state,
    isHeld,
    spellings,
  }: {
    readonly state: StoredItem | undefined;
    readonly isHeld: boolean;
    readonly spellings: readonly StoredItem[];
  },
): EntityTraces {
  const [first] = spellings;
  return {
    ref,
    hasHoldings: isHeld,
    ...present({ facts: state && factsIn(fromStateItem(state)[1]) }),
    spellings: { count: spellings.length, ...present({ type: first && fromSpellingItem(first).type }) },
  };
}
