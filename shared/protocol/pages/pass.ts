import { digestOf } from '../../domain/configuration/effective-policies.ts';
import { present } from '../../domain/present.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { NamedStage } from '../../domain/record/stage-name.ts';
import type { GoneBy, PageProgress } from '../../domain/record/work.ts';
import type { Place } from '../../ports/store.ts';

/**
 * One way from the beginning to the end of a collection's records. The stage ends with a pass that found nothing to do:
 * what was written while an earlier pass was on its way is found by the next one. Pure.
 */
export type Pass = Omit<PageProgress, 'after' | 'notBefore'> & {
  /** The store's own position, opened; absent at the beginning. */
  readonly at?: string;
};

/** What the progress of a collection is about: with another place, generation or stage a pass begins again. */
export function passOf(
  { generation, stage, part }: NamedStage & { readonly generation: number },
  place: Place,
  masks: unknown,
): string {
  return digestOf([generation, stage, part ?? '', place.by, place.where ?? {}, masks]).slice(0, 22);
}

interface Beginning {
  readonly of: string;
  readonly lookedAt: Instant;
  readonly version: number;
}

/** At the beginning of the list. What was disposed of by earlier passes of the same stage stays counted. */
export function newPass(
  former: Pick<PageProgress, 'of' | 'records'> | undefined,
  beginning: Beginning,
): Pass {
  const records = former?.of === beginning.of ? former.records : 0;
  return { ...beginning, clean: true, records, kept: 0 };
}

/** What came of the records of one slice. */
export interface SliceCame {
  /** How many were acted on, whatever came of it. */
  readonly acted: number;
  /** How many this attempt certainly disposed of. */
  readonly done: number;
  readonly kept: number;
  /** The code of the last failure. */
  readonly code?: string;
  /** What was refused until a date: the earliest one. */
  readonly until?: Instant;
  /** Some went, or it is not known whether they did. */
  readonly again?: true;
  readonly goneBy?: GoneBy;
}

/** A slice of which every record had its turn: the pass moves on. `next` is absent at the end of the list. */
export function moved(pass: Pass, came: SliceCame, next: string | undefined): Pass {
  const { at: _at, ...rest } = noted(pass, came);
  const goneBy = came.goneBy === undefined ? pass.goneBy : together(pass.goneBy, came.goneBy);
  return { ...rest, kept: pass.kept + came.kept, ...present({ at: next, goneBy }) };
}

const NONE: GoneBy = { held: 0, early: 0, undated: 0, failed: 0, waits: [] };

function together(before = NONE, { held, early, undated, failed, waits }: GoneBy): GoneBy {
  const all = Map.groupBy([...before.waits, ...waits], ({ code, rule }) => JSON.stringify([code, rule]));
  return {
    held: before.held + held,
    early: before.early + early,
    undated: before.undated + undated,
    failed: before.failed + failed,
    waits: [...all.values()].flatMap(([first, ...others]) => {
      if (first === undefined) return [];
      const records = others.reduce((sum, one) => sum + one.records, first.records);
      return [{ ...first, records, until: Math.max(first.until, ...others.map(({ until }) => until)) }];
    }),
  };
}

/** The same for a slice of which some had no turn: it is listed again, so its kept records are counted then. */
export function noted(pass: Pass, { acted, done, code, until, again }: SliceCame): Pass {
  return {
    ...pass,
    clean: pass.clean && acted === 0 && code === undefined && until === undefined,
    records: pass.records + done,
    ...present({ code: code ?? pass.code, until: earliest(pass.until, until), again: again ?? pass.again }),
  };
}

function earliest(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
