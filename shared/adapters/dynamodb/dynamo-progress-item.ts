import * as z from 'zod';
import { own } from '../../domain/own.ts';
import { present } from '../../domain/present.ts';
import type { Asked } from '../../domain/record/asked.ts';
import { stageKey } from '../../domain/record/stage-name.ts';
import { GUARD_CODES } from '../../domain/record/waiting.ts';
import type { ActedOn, Chunk, GoneBy } from '../../domain/record/work.ts';
import { part } from './dynamo-item.ts';

/*
 * What the items of chunks and work records remember besides: how far the passes over collections and datasets have come,
 * and what vendors were asked for.
 */

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

/** Of what a vendor was asked for: the request, by the name of what was acted on. */
export const askedItem = z.record(
  part.text,
  z.object({
    n: part.count,
    r: part.count,
    a: part.instant,
    s: part.instant,
    y: z.literal(1).optional(),
    f: part.bytes.optional(),
    l: part.count.optional(),
    w: part.instant.optional(),
    c: part.instant.optional(),
    x: part.count.optional(),
  }),
);
type AskedItem = z.infer<typeof askedItem>;

/** One holding, generation and stage. */
export function actedName({ ref, generation, ...stage }: ActedOn): string {
  return `${ref} ${generation} ${stageKey(stage)}`;
}

export function askedOf(actedOn: readonly ActedOn[]): AskedItem | undefined {
  const asked = actedOn.flatMap((one) =>
    one.asked === undefined ? [] : [[actedName(one), toItem(one.asked)] as const],
  );
  return asked.length === 0 ? undefined : Object.fromEntries(asked);
}

export function withAsked(actedOn: readonly ActedOn[], items: AskedItem = {}): readonly ActedOn[] {
  return actedOn.map((one) => {
    const item = own(items, actedName(one));
    return item === undefined ? one : { ...one, asked: fromItem(item) };
  });
}

function toItem({
  number,
  round,
  at,
  since,
  accepted,
  follow,
  looks,
  next,
  confirmed,
  failures,
}: Asked): AskedItem[string] {
  // Bytes: as text it would cost a third more, when it is written and when it is deleted.
  const f = follow === undefined ? undefined : Buffer.from(follow, 'base64url');
  const y = accepted === true ? (1 as const) : undefined;
  return {
    n: number,
    r: round,
    a: at,
    s: since,
    ...present({ y, f, l: looks, w: next, c: confirmed, x: failures }),
  };
}

function fromItem({ n, r, a, s, y, f, l, w, c, x }: AskedItem[string]): Asked {
  const follow = f === undefined ? undefined : Buffer.from(f).toString('base64url');
  const accepted = y === undefined ? undefined : (true as const);
  return {
    number: n,
    round: r,
    at: a,
    since: s,
    ...present({ accepted, follow, looks: l, next: w, confirmed: c, failures: x }),
  };
}
