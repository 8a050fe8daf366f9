import * as z from 'zod';
import { deepFreeze } from '../deep-freeze.ts';
import { codeOf } from '../../domain/error-code.ts';
import { present } from '../../domain/present.ts';
import { STORE_ACTIONS } from '../../domain/record/actions.ts';
import type { LogRef } from '../../domain/record/ids.ts';
import type { LoggedOf, LoggedStage, LogHead, Results, ToBeSealed } from '../../ports/results.ts';
import { stageKey } from '../../domain/record/stage-name.ts';
import { type SealedIndex, VOID } from '../../domain/record/work.ts';
import { markKey } from './dynamo-heartbeat.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { part, stored, trusted } from './dynamo-item.ts';
import { fromResultItem, resultKey, toResultItem, toVoidItem } from './dynamo-result-item.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { ABSENT, PAGE_ITEMS, versionIs } from './dynamo-table.ts';

const TO_BE_SEALED = 'Y#';
const HEAD = markKey('log');
const DAY = 'YYYY-MM-DD'.length;
const EMPTY_HEAD: LogHead = deepFreeze({ version: 0, size: 0, batch: [], published: true });

const HOUR = 'YYYY-MM-DDTHH'.length;
const UNREADABLE = ['ITEM_INVALID', 'ITEM_SCHEMA_UNKNOWN'];
const toBeSealedItem = z.object({ SK: part.text, a: part.instant, u: part.instant });
const sealedItem = z.object({
  SK: part.text,
  f: part.count,
  n: part.count,
  t: part.text,
  u: z.array(part.text),
  c: z.record(z.string(), part.count),
  /** The rule's place in `u`, outcome, entries, records. */
  s: z.array(z.tuple([part.count, part.text, part.count, part.count])).optional(),
});
const loggedItem = z.object({
  h: z.custom<LogRef>((value) => typeof value === 'string'),
  g: part.count,
  s: part.action,
  p: part.text.optional(),
  o: part.outcome,
  b: part.instant,
  a: part.instant,
  t: part.text,
  n: part.count,
});
const headItem = z.object({
  r: part.count,
  n: part.count,
  b: z.array(z.tuple([part.text, part.count, part.count])),
  p: z.boolean(),
});

/** Results by hour, their places in the log by day, and the log's head. */
export function dynamoResults(table: DynamoTable): Results {
  const putResult: Results['putResult'] = async (result) => {
    const there = await table.putIfAbsent(toResultItem(result));
    if (there === undefined) return 'written';
    return fromResultItem(there)[1] === VOID ? 'void' : 'exists';
  };
  const readResults: Results['results'] = async (tokens) => {
    const items = await table.batchGet(tokens.map(resultKey));
    return new Map(items.map(fromResultItem));
  };
  return {
    async putToBeSealed({ token, putAt, until }) {
      const body = { a: putAt, u: until };
      await table.put(stored<typeof body>(toBeSealedKey(token), body), ABSENT);
    },

    putResult,
    putActions: putResult,
    putFactEntries: putResult,
    putStatement: putResult,
    statements: readResults,

    async voidResult(token) {
      const there = await table.putIfAbsent(toVoidItem(token));
      return there === undefined ? VOID : fromResultItem(there)[1];
    },

    results: readResults,

    async toBeSealed(after) {
      const page = await table.page({ partition: TO_BE_SEALED, after, limit: PAGE_ITEMS });
      return { ...page, items: page.items.map(fromToBeSealedItem) };
    },

    async deleteToBeSealed(tokens) {
      await table.deleteAll(tokens.map(toBeSealedKey));
    },

    async head() {
      const item = await table.get(HEAD);
      return item === undefined ? EMPTY_HEAD : fromHeadItem(item);
    },

    async putHead(next) {
      return (await table.put(toHeadItem(next), versionIs(next.version - 1))) ? 'written' : 'moved';
    },

    async putSealed(items) {
      // What is there already was put for the same batch, and stays as it is.
      await table.writeEach(items.map((item) => ({ kind: 'insert', item: toSealedItem(item) })));
    },

    async sealed(tokens) {
      const items = await table.batchGet(tokens.map(sealedKey));
      return new Map(items.map(fromSealedItem).map((item) => [item.token, item]));
    },

    async sealedOfDay(day) {
      const items = await table.all({ partition: `I#${day}` });
      return items.map(fromSealedItem);
    },

    async putLogged(items) {
      // Every key at most once in a call.
      const first = new Map(items.toReversed().map((item) => [nameOfLogged(item), item]));
      await table.writeEach(
        [...first.values()].map((item) => ({ kind: 'insert', item: toLoggedItem(item) })),
      );
    },

    async logged(of) {
      const keys = of.flatMap(keysOfLogged);
      return (await table.batchGet(keys)).map(fromLoggedItem);
    },
  };
}

function toBeSealedKey(token: string): ItemKey {
  return { PK: TO_BE_SEALED, SK: token };
}

function sealedKey(token: string): ItemKey {
  return { PK: `I#${token.slice(0, DAY)}`, SK: token };
}

/** One that cannot be read must not keep the others from being sealed, and its token is in its key. */
function fromToBeSealedItem(found: StoredItem): ToBeSealed {
  try {
    const { SK: token, a: putAt, u: until } = trusted('to-be-sealed', toBeSealedItem, found);
    return { token, putAt, until };
  } catch (error) {
    if (!UNREADABLE.includes(codeOf(error))) throw error;
    const token = String(found['SK']);
    const putAt = Date.parse(`${token.slice(0, HOUR)}:00Z`) || 0;
    return { token, putAt, until: putAt, damaged: true };
  }
}

function toSealedItem(sealed: SealedIndex): StoredItem & ItemKey {
  const { token, first, count, store, rules, outcomes, sums } = sealed;
  const s = sums?.map(({ rule, outcome, entries, records }) => [
    rules.indexOf(rule),
    outcome,
    entries,
    records,
  ]);
  const body = { f: first, n: count, t: store, u: rules, c: outcomes, s };
  return stored<typeof body>(sealedKey(token), body);
}

function fromSealedItem(found: StoredItem): SealedIndex {
  const { SK: token, f: first, n: count, t: store, u, c: outcomes, s } = trusted('sealed', sealedItem, found);
  const sums = s?.map(([at, outcome, entries, records]) => ({
    rule: u[at] ?? '',
    outcome,
    entries,
    records,
  }));
  return { token, first, count, store, rules: u, outcomes, ...present({ sums }) };
}

type LoggedName = Pick<LoggedStage, 'holding' | 'generation' | 'stage' | 'part'>;

function loggedKey({ holding, generation, ...stage }: LoggedName): ItemKey {
  return { PK: `G#${holding}`, SK: `${generation}#${stageKey(stage)}` };
}

/** Only what masks can be about a part of a record. */
function keysOfLogged({ holding, generation, parts = [] }: LoggedOf): ItemKey[] {
  const whole = STORE_ACTIONS.map((stage) => loggedKey({ holding, generation, stage }));
  return [...whole, ...parts.map((of) => loggedKey({ holding, generation, stage: 'anonymise', part: of }))];
}

function nameOfLogged(logged: LoggedName): string {
  const { PK, SK } = loggedKey(logged);
  return `${PK} ${SK}`;
}

function toLoggedItem(logged: LoggedStage): StoredItem & ItemKey {
  const { holding, generation, stage, part: p, outcome, begunAt, at, token, line } = logged;
  const body = { h: holding, g: generation, s: stage, p, o: outcome, b: begunAt, a: at, t: token, n: line };
  return stored<typeof body>(loggedKey(logged), body);
}

function fromLoggedItem(found: StoredItem): LoggedStage {
  const item = trusted('logged', loggedItem, found);
  return {
    holding: item.h,
    generation: item.g,
    stage: item.s,
    outcome: item.o,
    begunAt: item.b,
    at: item.a,
    token: item.t,
    line: item.n,
    ...present({ part: item.p }),
  };
}

function toHeadItem({ version, size, batch, published }: LogHead): StoredItem & ItemKey {
  const body = {
    r: version,
    n: size,
    b: batch.map(({ token, first, count }) => [token, first, count]),
    p: published,
  };
  return stored<typeof body>(HEAD, body);
}

function fromHeadItem(found: StoredItem): LogHead {
  const item = trusted('log head', headItem, found);
  return {
    version: item.r,
    size: item.n,
    batch: item.b.map(([token, first, count]) => ({ token, first, count })),
    published: item.p,
  };
}
