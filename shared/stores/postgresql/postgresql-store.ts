import * as z from 'zod';
import {
  type Acted,
  type Locator,
  type Member,
  type Presence,
  type Promised,
  type Read,
  type ReadBack,
  type Store,
  type StoreFailure,
  SURE_BATCH,
  type Target,
  type ToRead,
} from '../../ports/store.ts';
import { answerEach, type Asked } from '../answer-each.ts';
import { type ListedRow, listPage, type Page, rangePage } from '../listing.ts';
import { grouped, kept, masking, presenceOf, unknown } from './postgresql-answers.ts';
import { deleteRows } from './postgresql-deleting.ts';
import { membersOf } from './postgresql-members.ts';
import { canCarry } from './postgresql-place.ts';
import { documentStatement, readOf } from './postgresql-documents.ts';
import { listRows, type Position } from './postgresql-listing.ts';
import { markRows, readMarks } from './postgresql-marks.ts';
import { pageIn } from './postgresql-paging.ts';
import { rangeRows } from './postgresql-range.ts';
import { columnsOf, type Key, sameKeys } from './postgresql-rows.ts';
import { BY_KEY } from './postgresql-settings.ts';
import { postgresFailure } from './postgresql-failure.ts';
import { type Budget, DriverError, openSessions, type Query, type Sessions } from './postgresql-session.ts';
import {
  fieldsStatement,
  lookStatement,
  type MaskedColumn,
  maskedColumns,
  maskStatement,
} from './postgresql-statements.ts';
import { canHold, describing, postgresKey, type Table } from './postgresql-table.ts';
import { surveyDatabase } from './postgresql-survey.ts';
import type { PostgresOptions } from './postgresql-options.ts';
import { actedFailure } from '../store-failure.ts';
import { isAboutRestriction, keyFor, type StoreTools, unsupported } from '../store-kind.ts';

type Work<Item, Answer> = (
  query: Query,
  table: Table,
  asked: readonly Asked<Item, Key>[],
) => Promise<Answer[]>;

interface Time {
  readonly budget: Budget;
  /** Other rows of the same call come afterwards. */
  readonly isPart: boolean;
}

const POSITION: z.ZodType<Position> = z.array(z.string());
/** A transaction takes many times longer to begin than to reach one more row. */
const BATCH = 5000;
const ALREADY_SO: Acted = { outcome: 'already-so' };

export async function openPostgresStore(options: PostgresOptions, tools: StoreTools): Promise<Store> {
  return postgresStore(options, tools, await openSessions(options, tools));
}

function postgresStore(options: PostgresOptions, tools: StoreTools, sessions: Sessions): Store {
  const keyOf = (locator: Locator) => postgresKey(tools.keys, locator);
  const describe = describing(options, tools.keys, (name) => sessions.quote(name));
  const assertRestricts = (): void => {
    if (options.restrict === undefined) throw unsupported('postgresql', 'restrict');
  };

  /**
   * One transaction for the whole batch. If one row fails it, one transaction for each half, down to the failing rows. A
   * batch that takes half of the time is tried row by row, each with half of the rest, so that a slow row does not stop
   * the others each time. A large one may take a fifth, and then smaller ones are tried. Items for which no time is left are
   * timeouts.
   */
  async function divided<Item, Answer>(
    asked: readonly Asked<Item, Key>[],
    answers: { readonly impossible: Answer; failed(code: StoreFailure): Answer },
    work: Work<Item, Answer>,
    { budget, isPart }: Time = { budget: sessions.budget(), isPart: false },
  ): Promise<Answer[]> {
    const all = (code: StoreFailure) => asked.map(() => answers.failed(code));
    if (budget.isSpent()) return all('STORE_TIMEOUT');
    const isWhole = asked.length === 1 && !isPart;
    const isLarge = asked.length > SURE_BATCH;
    const limit = Math.ceil(budget.remaining() / (isWhole ? 1 : isLarge ? 5 : 2));
    try {
      const settings = tools.keys.length === 1 ? BY_KEY : [];
      return await sessions.transaction({ ...budget, limit, settings }, async (query) => {
        // Asked each time: a table that was altered in the meantime must not make its rows look gone.
        const table = await describe(query);
        if (!table) return all('STORE_SCHEMA');
        const possible = asked.filter(({ key }) => canHold(table, key));
        const found = possible.length > 0 ? await work(query, table, possible) : [];
        if (possible.length === asked.length) return found;
        const places = new Map(possible.map(({ id }, index) => [id, found[index] as Answer]));
        return asked.map(({ id }) => places.get(id) ?? answers.impossible);
      });
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      const { code, scope } = postgresFailure(error.cause, budget.isSpent());
      if (scope === 'batch' || asked.length === 1) return all(code);
      const size = scope !== 'slow' ? Math.ceil(asked.length / 2) : isLarge ? SURE_BATCH : 1;
      const found: Answer[] = [];
      for (let at = 0; at < asked.length; at += size)
        found.push(...(await divided(asked.slice(at, at + size), answers, work, { budget, isPart: true })));
      return found;
    }
  }

  function acting(batch: readonly Target[], work: Work<Target, Acted>): Promise<Acted[]> {
    return answerEach<Target, Key, Acted>(batch, {
      keys: tools.keys,
      keyOf,
      locatorOf: ({ locator }) => locator,
      detailOf: ({ version }) => version ?? '',
      impossible: ALREADY_SO,
      wrong: actedFailure('STORE_SCHEMA'),
      ask: (asked) =>
        divided<Target, Acted>(
          asked,
          { impossible: ALREADY_SO, failed: actedFailure },
          async (query, table, some) => {
            const answers = await work(query, table, some);
            // What was deferred runs now: while the transaction commits, no timeout of the server applies.
            await query('SET CONSTRAINTS ALL IMMEDIATE', []);
            return answers;
          },
        ),
    });
  }

  return {
    batch: BATCH,
    atOnce: 1,

    look(batch) {
      const answers = { impossible: { state: 'gone' }, failed: unknown } as const;
      return answerEach<Locator, Key, Presence>(batch, {
        keys: tools.keys,
        keyOf,
        locatorOf: (locator) => locator,
        impossible: answers.impossible,
        wrong: unknown('STORE_SCHEMA'),
        ask: (asked) =>
          divided<Locator, Presence>(asked, answers, async (query, table, some) => {
            const found = grouped(await query(lookStatement(table), columnsOf(some)));
            return some.map((_, index) => presenceOf(found.get(index)));
          }),
      });
    },

    delete: (batch) =>
      acting(batch, (query, table, asked) =>
        deleteRows(query, { table, keys: tools.keys }, asked, options.cascade),
      ),

    async anonymise(batch, masks) {
      const pseudonymKey = await keyFor(masks, tools);
      return acting(batch, async (query, table, asked) => {
        const columns = maskedColumns(table, masks);
        if (!columns) return asked.map(() => actedFailure('STORE_SCHEMA'));
        const spreads = !options.cascade && columns.some((column) => column.spreads);
        if (table.unguarded || table.updateReplaced || spreads)
          return asked.map(() => actedFailure('STORE_CONSTRAINT'));
        const read = fieldsStatement(table, columns, true);
        const found = grouped(await query(read, [...columnsOf(asked), ...constantsOf(columns)]));
        const judged = asked.map((target, index) => ({
          target,
          judged: masking(found.get(index), target.item, columns, pseudonymKey),
        }));
        const writes = judged.flatMap(({ target, judged: { write } }) => (write ? [{ target, write }] : []));
        if (writes.length === 0) return judged.map(({ judged: { answer } }) => answer);
        const written = await query(maskStatement(table, columns), [
          ...columnsOf(writes.map(({ target }) => target)),
          writes.map(({ write }) => write.place),
          writes.map(({ write }) => write.part),
          ...columns.map((_, field) => writes.map(({ write }) => write.texts[field] ?? null)),
        ]);
        await sameKeys(
          query,
          table,
          writes.map(({ target }) => target),
        );
        const done = new Set([...grouped(written).keys()].map((index) => writes[index]?.target.id));
        return judged.map(({ target, judged: { answer, write } }) =>
          // A trigger may have kept the row unchanged.
          write && !done.has(target.id) ? actedFailure('STORE_CONSTRAINT') : answer,
        );
      });
    },

    async restrict(batch, on) {
      assertRestricts();
      return acting(batch, (query, table, asked) =>
        markRows(query, table, asked, { on, mayCascade: options.cascade }),
      );
    },

    async readBack(batch) {
      if (batch.some(({ expect }) => isAboutRestriction(expect))) assertRestricts();
      const answers = { impossible: { state: 'kept' }, failed: unknown } as const;
      return answerEach<Promised, Key, ReadBack>(batch, {
        keys: tools.keys,
        keyOf,
        locatorOf: ({ locator }) => locator,
        detailOf: promiseOf,
        impossible: answers.impossible,
        wrong: unknown('STORE_SCHEMA'),
        ask: async (asked) => {
          const budget = sessions.budget();
          const found = new Map<string, ReadBack>();
          for (const alike of Map.groupBy(asked, ({ item }) => promiseOf(item)).values()) {
            const { masks = {}, expect = 'gone' } = alike[0]?.item ?? {};
            const pseudonymKey = await keyFor(masks, tools);
            const read = await divided<Promised, ReadBack>(
              alike,
              answers,
              async (query, table, some) => {
                if (isAboutRestriction(expect)) return readMarks(query, table, some, expect === 'restricted');
                const columns = maskedColumns(table, masks);
                if (!columns) return some.map(() => unknown('STORE_SCHEMA'));
                const statement = fieldsStatement(table, columns, false);
                const rows = grouped(await query(statement, [...columnsOf(some), ...constantsOf(columns)]));
                return some.map(({ item }, index) => kept(rows.get(index), item, columns, pseudonymKey));
              },
              { budget, isPart: false },
            );
            if (alike.length === asked.length) return read;
            for (const [index, { id }] of alike.entries())
              found.set(id, read[index] ?? unknown('STORE_ERROR'));
          }
          return asked.map(({ id }) => found.get(id) ?? unknown('STORE_ERROR'));
        },
      });
    },

    read(batch) {
      const answers = { impossible: { state: 'gone' }, failed: unknown } as const;
      return answerEach<ToRead, Key, Read>(batch, {
        keys: tools.keys,
        keyOf,
        locatorOf: ({ locator }) => locator,
        impossible: answers.impossible,
        wrong: unknown('STORE_SCHEMA'),
        ask: (asked) =>
          divided<ToRead, Read>(asked, answers, async (query, table, some) => {
            const found = grouped(await query(documentStatement(table), columnsOf(some)));
            return some.map((_, index) => readOf(table, found.get(index)));
          }),
      });
    },

    list: (place, limit, after) =>
      listPage({ limit, after }, POSITION, async (at): Promise<Page<Position, ListedRow>> => {
        if (!canCarry(tools.keys, place)) return { rows: [] };
        return pageIn(sessions, describe, (query, table) =>
          listRows(query, { table, keys: tools.keys }, place, { limit, at }),
        );
      }),

    range: (range, limit, after) =>
      rangePage({ limit, after }, POSITION, (at) =>
        pageIn(sessions, describe, (query, table) =>
          rangeRows(query, { table, keys: tools.keys }, range, { limit, at }),
        ),
      ),

    idsOf(batch, place) {
      const answers = { impossible: { state: 'out' }, failed: unknown } as const;
      return answerEach<Locator, Key, Member>(batch, {
        keys: tools.keys,
        keyOf,
        locatorOf: (locator) => locator,
        impossible: answers.impossible,
        wrong: unknown('STORE_SCHEMA'),
        ask: (asked) =>
          divided<Locator, Member>(asked, answers, (query, table, some) =>
            membersOf(query, { table, keys: tools.keys }, place, some),
          ),
      });
    },

    survey: (question) => surveyDatabase(sessions, options, question, describe),

    // Backups and snapshots are made by what runs the database, and no query shows them.
    recovery: async () => ({ days: 0, isWhole: false }),
    close: () => sessions.close(),
  };
}

function constantsOf(columns: readonly MaskedColumn[]): string[] {
  return columns.flatMap(({ mask }) => (mask.kind === 'constant' ? [String(mask.value)] : []));
}

function promiseOf({ expect, masks }: Promised): string {
  return masks === undefined ? expect : JSON.stringify([expect, masks]);
}
