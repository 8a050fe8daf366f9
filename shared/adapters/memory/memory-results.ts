import { deepFreeze } from '../deep-freeze.ts';
import { memoryPartitions, memoryRows } from './memory-rows.ts';
import type { LoggedStage, LogHead, Results, ToBeSealed } from '../../ports/results.ts';
import { stageKey } from '../../domain/record/stage-name.ts';
import type { NoteEntry } from '../../domain/record/entry.ts';
import { type AttemptResult, isStatementToken, type SealedIndex, VOID } from '../../domain/record/work.ts';

export interface MemoryResults extends Results {
  allResults(): (AttemptResult | { readonly token: string; readonly void: true })[];
  allSealed(): SealedIndex[];
  allToBeSealed(): ToBeSealed[];
  allLogged(): LoggedStage[];
}

const EMPTY_HEAD: LogHead = deepFreeze({ version: 0, size: 0, batch: [], published: true });

export function memoryResults(pageSize: number): MemoryResults {
  const results = memoryRows<{ readonly token: string; readonly result: AttemptResult | typeof VOID }>();
  const open = memoryRows<ToBeSealed>();
  const sealed = memoryPartitions<SealedIndex>();
  const logged = memoryPartitions<LoggedStage>();
  let stored = EMPTY_HEAD;
  const dayOf = (token: string): string => token.slice(0, 10);
  const putResult: Results['putResult'] = async (result) => {
    const there = results.get(result.token);
    if (there !== undefined) return there.result === VOID ? 'void' : 'exists';
    results.put(result.token, deepFreeze({ token: result.token, result }));
    return 'written';
  };
  /** Of what is no attempt: without outcomes. */
  const putNotes: Results['putActions'] = async (result) => {
    if (result.entries.length + result.lines.length > 0)
      throw new TypeError('a result without an attempt has entries of disposals');
    const isStatement = isStatementToken(result.token);
    const isDue = (did: NoteEntry['did']): boolean => did === 'due-list' || did === 'statement';
    if (result.actions?.some(({ did }) => isDue(did) !== isStatement) === true)
      throw new TypeError('a result has actions of another kind');
    return putResult(result);
  };
  const readResults: Results['results'] = async (tokens) =>
    new Map(
      tokens.flatMap((token) => {
        const there = results.get(token);
        return there === undefined ? [] : [[token, there.result] as const];
      }),
    );
  return {
    async putToBeSealed(item) {
      if (open.get(item.token) === undefined) open.put(item.token, deepFreeze(item));
    },
    putResult,
    putActions: putNotes,
    putFactEntries: putNotes,
    putStatement: putNotes,
    statements: readResults,
    async voidResult(token) {
      const there = results.get(token);
      if (there !== undefined) return there.result;
      results.put(token, { token, result: VOID });
      return VOID;
    },
    results: readResults,
    toBeSealed: async (after) => open.page(pageSize, after),
    async deleteToBeSealed(tokens) {
      for (const token of tokens) open.delete(token);
    },
    head: async () => stored,
    async putHead(next) {
      if (stored.version !== next.version - 1) return 'moved';
      stored = deepFreeze(next);
      return 'written';
    },
    async putSealed(items) {
      for (const item of items) {
        const day = sealed.of(dayOf(item.token));
        if (day.get(item.token) === undefined) day.put(item.token, deepFreeze(item));
      }
    },
    async sealed(tokens) {
      return new Map(
        tokens.flatMap((token) => {
          const there = sealed.at(dayOf(token)).get(token);
          return there === undefined ? [] : [[token, there] as const];
        }),
      );
    },
    sealedOfDay: async (day) => sealed.at(day).all(),
    async putLogged(items) {
      for (const item of items) {
        const stages = logged.of(`${item.holding} ${item.generation}`);
        if (stages.get(stageKey(item)) === undefined) stages.put(stageKey(item), deepFreeze(item));
      }
    },
    logged: async (of) =>
      of.flatMap(({ holding, generation }) => logged.at(`${holding} ${generation}`).all()),
    allLogged: () => logged.all(),
    allResults: () =>
      results.all().map(({ token, result }) => (result === VOID ? { token, void: true as const } : result)),
    allSealed: () => sealed.all(),
    allToBeSealed: () => open.all(),
  };
}
