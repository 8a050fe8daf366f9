import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { readColumn } from '../../../shared/protocol/columns/read-column.ts';
import { BELL, type ColumnWorld, columnWorld } from '../../support/columns/column-world.ts';
import { dyingRegistry } from '../../support/dying-registry.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ACCOUNTS = ['a-1', 'a-2', 'a-3'];

type Step =
  | { readonly kind: 'set'; readonly account: string; readonly ago: number }
  | { readonly kind: 'clear' | 'remove'; readonly account: string }
  | { readonly kind: 'stand'; readonly who: 'ingest' | 'column'; readonly on: boolean }
  | { readonly kind: 'die'; readonly at: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'lose' }
  | { readonly kind: 'run'; readonly minutes: number };

const account = fc.constantFrom(...ACCOUNTS);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      account,
      ago: fc.integer({ min: 30 * DAY - 150 * MINUTE, max: 30 * DAY + 30 * MINUTE }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('clear' as const, 'remove' as const), account }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('stand' as const),
      who: fc.constantFrom('ingest' as const, 'column' as const),
      on: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('die' as const),
      at: fc.integer({ min: 0, max: 25 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('run' as const), minutes: fc.integer({ min: 1, max: 70 }) }),
  },
);

/** What the column of an account said, and from when; `gone`: it had no row. */
interface Said {
  readonly from: Instant;
  readonly value: Instant | undefined | 'gone';
}

class Lives {
  readonly said = new Map<string, Said[]>(ACCOUNTS.map((id) => [id, [{ from: 0, value: undefined }]]));
  readonly w: ColumnWorld;
  constructor(w: ColumnWorld) {
    this.w = w;
  }

  say(id: string, value: Said['value']): void {
    this.said.get(id)?.push({ from: this.w.clock.now(), value });
    if (value === 'gone') this.w.store.remove([id]);
    else this.w.account(id, value === undefined ? null : new Date(value).toISOString());
  }

  /** Whether it was rightly gone at this instant: the column said a date when it was due, or had said it last. */
  isRight(id: string, goneAt: Instant): boolean {
    const all = this.said.get(id) ?? [];
    let last: Instant | undefined;
    return all.some(({ from, value }, index) => {
      if (from > goneAt) return false;
      const until = all[index + 1]?.from ?? Infinity;
      if (typeof value === 'number' || value === undefined) last = value;
      return last !== undefined && until > last + 30 * DAY && goneAt >= last + 30 * DAY;
    });
  }
}

async function live(steps: readonly Step[]): Promise<void> {
  const w = columnWorld({ slowly: true });
  const lives = new Lives(w);
  for (const id of ACCOUNTS) {
    w.account(id, null);
    await w.note(`n-${id}`, id);
  }
  for (const one of steps) {
    switch (one.kind) {
      case 'set':
        lives.say(one.account, Math.floor((w.clock.now() - one.ago) / 1000) * 1000);
        break;
      case 'clear':
        lives.say(one.account, undefined);
        break;
      case 'remove':
        lives.say(one.account, 'gone');
        break;
      case 'stand':
        w.stands[one.who] = one.on;
        break;
      case 'die': {
        const { registry } = dyingRegistry(w.registry, one);
        await readColumn({ ...w.core, registry }, BELL, () => true).catch(() => {});
        break;
      }
      case 'lose':
        w.columnMessages.splice(0);
        break;
      case 'run':
        await w.run(w.clock.now() + one.minutes * MINUTE);
    }
  }
  w.stands.ingest = false;
  w.stands.column = false;
  await w.run(w.clock.now() + 3 * DAY);
  for (const { locator, at: goneAt } of w.store.effects) {
    const id = String(locator[0]).replace('n-', '');
    expect(lives.isRight(id, goneAt), `${id} is gone too early`).toBe(true);
  }
  for (const id of ACCOUNTS) {
    const { value } = lives.said.get(id)?.at(-1) ?? {};
    if (value === 'gone') continue;
    const closed = await w.closed(id);
    expect(closed).toEqual(value === undefined ? [] : [new Date(value).toISOString()]);
    if (value !== undefined && value + 30 * DAY < w.clock.now() - 3 * HOUR)
      expect(w.isThere(`n-${id}`), `${id} is lost`).toBe(false);
  }
}

test(
  'whatever happens to a column, nothing goes early, and nothing that it says for long is lost',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 24 }), async (steps) => live(steps)),
      { numRuns: 80 },
    );
  },
);
