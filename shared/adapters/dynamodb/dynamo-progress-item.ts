import * as z from 'zod';
import { present } from '../../domain/present.ts';
import { GUARD_CODES } from '../../domain/record/waiting.ts';
import type { Chunk, GoneBy } from '../../domain/record/work.ts';
import { part } from './dynamo-item.ts';

/** How far the passes over collections and datasets have come, in the item of their chunk. */

const goneByItem = z.object({
  h: part.count,
  e: part.count,
  u: part.count,
  f: part.count,
  w: z.array(z.tuple([z.enum(GUARD_CODES), part.count, part.instant, part.text.optional()])),
});

export const progressItem = z.record(
  part.text,
  z.object({
    o: part.text,
    a: part.text.optional(),
    t: part.instant,
    v: part.count,
    l: z.boolean(),
    n: part.count,
    k: part.count,
    c: part.text.optional(),
    u: part.instant.optional(),
    g: z.literal(true).optional(),
    w: part.instant.optional(),
    b: goneByItem.optional(),
  }),
);
type ProgressItem = z.infer<typeof progressItem>;

export function toProgressItem(progress: NonNullable<Chunk['progress']>): ProgressItem {
  return Object.fromEntries(
    Object.entries(progress).map(([ref, one]) => {
      const { of, after, lookedAt, version, clean, records, kept, code, until, again, notBefore } = one;
      const own = { o: of, t: lookedAt, v: version, l: clean, n: records, k: kept };
      const b = one.goneBy && toGoneBy(one.goneBy);
      return [ref, { ...own, ...present({ a: after, c: code, u: until, g: again, w: notBefore, b }) }];
    }),
  );
}

export function fromProgressItem(item: ProgressItem): NonNullable<Chunk['progress']> {
  return Object.fromEntries(
    Object.entries(item).map(
      ([ref, { o: of, t: lookedAt, v: version, l: clean, n: records, k: kept, ...more }]) => {
        const { a: after, c: code, u: until, g: again, w: notBefore, b } = more;
        const goneBy = b && fromGoneBy(b);
        return [
          ref,
          {
            of,
            lookedAt,
            version,
            clean,
            records,
            kept,
            ...present({ after, code, until, again, notBefore, goneBy }),
          },
        ];
      },
    ),
  );
}

function toGoneBy({ held, early, undated, failed, waits }: GoneBy): z.infer<typeof goneByItem> {
  const w = waits.map(({ code, records, until, rule }): z.infer<typeof goneByItem>['w'][number] =>
    rule === undefined ? [code, records, until] : [code, records, until, rule],
  );
  return { h: held, e: early, u: undated, f: failed, w };
}

function fromGoneBy({ h: held, e: early, u: undated, f: failed, w }: z.infer<typeof goneByItem>): GoneBy {
  const waits = w.map(([code, records, until, rule]) => ({ code, records, until, ...present({ rule }) }));
  return { held, early, undated, failed, waits };
}
