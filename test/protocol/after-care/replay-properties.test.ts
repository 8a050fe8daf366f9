import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { countOf, NO_REPLAY } from '../../../shared/domain/replay/replay-tally.ts';
import { replayId } from '../../../shared/domain/replay/replay.ts';
import { beginReplay } from '../../../shared/protocol/replay/begin-replay.ts';
import { readReplay } from '../../../shared/protocol/replay/read-replay.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { notesIn, violations } from '../../support/driver/violations.ts';

const SINCE = Date.parse('2026-03-02T20:00:00Z');

/** What became of a record between its deletion and the restore, and whether the restore has brought it back. */
const FATES = ['gone', 'restored', 'kept', 'live', 'withdrawn'] as const;
type Fate = (typeof FATES)[number];

async function afterRestore(fates: readonly Fate[]): Promise<Driver> {
  const d = await driver({
    rules: { notes: ['1 day after contract.ended'] },
    start: '2026-03-02T08:30:00Z',
    store: { afterCare: [36] },
  });
  for (const n of fates.keys()) {
    d.happens('contract.ended', `c-${n}`, '2026-03-02T08:00:00Z');
    d.registers(`n-${n}`, [`c-${n}`]);
    d.store.put([`n-${n}`], { text: 'old' });
  }
  await d.runUntil('2026-03-03T13:00:00Z');
  expect(d.store.size()).toBe(0);
  for (const [n, fate] of fates.entries()) {
    if (fate === 'kept' || fate === 'live') d.happens('contract.renewed', `c-${n}`, '2026-03-03T13:00:00Z');
    if (fate === 'live') d.registers(`n-${n}`, [`c-${n}`]);
    if (fate === 'withdrawn') d.withdraws(`n-${n}`);
  }
  await d.pass(600_000);
  for (const [n, fate] of fates.entries())
    if (fate !== 'gone') d.store.put([`n-${n}`], { text: fate === 'live' ? 'new' : 'old' });
  return d;
}

interface Asked {
  readonly does: boolean;
  /** After the one before it. */
  readonly afterSeconds: number;
}

const asked = fc.record({ does: fc.boolean(), afterSeconds: fc.nat(600) });

test('replays, alone or several at once, dispose of exactly what a restore has brought back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...FATES), { minLength: 1, maxLength: 6 }),
      fc.array(asked, { minLength: 1, maxLength: 3 }),
      async (fates: readonly Fate[], replays: readonly Asked[]) => {
        const d = await afterRestore(fates);
        const ids: string[] = [];
        for (const { does, afterSeconds } of replays) {
          await d.pass(afterSeconds * 1000);
          const id = replayId(`t-${ids.length}`, { does, since: SINCE, store: 'notes' });
          ids.push(id);
          await beginReplay(d.core, id);
        }
        for (let minutes = 0; minutes < 120; minutes += 2) {
          await d.pass(120_000);
          for (const id of ids) await readReplay(d.core, id);
        }
        const isDone = replays.some(({ does }) => does);
        for (const [n, fate] of fates.entries()) {
          const isThere = d.store.fields([`n-${n}`]) !== undefined;
          const isToBeThere = fate === 'restored' ? !isDone : fate !== 'gone';
          expect([fate, isThere]).toEqual([fate, isToBeThere]);
        }
        const back = fates.filter((fate) => fate === 'restored' || fate === 'kept').length;
        expect(notesIn(d).filter(({ did }) => did === 'came-back')).toHaveLength(isDone ? back : 0);
        for (const id of ids) {
          const { state, count } = (await readReplay(d.core, id)) ?? {};
          expect(state).toBe('done');
          const { tally } = count ?? { tally: NO_REPLAY };
          const found = (['there', 'planned', 'disposed'] as const).map((one) => countOf(tally, one));
          expect(found.reduce((sum, count) => sum + count, 0)).toBe(back);
          expect(countOf(tally, 'registered')).toBe(fates.filter((fate) => fate === 'live').length);
          expect(countOf(tally, 'withdrawn')).toBe(fates.filter((fate) => fate === 'withdrawn').length);
          expect(countOf(tally, 'waiting')).toBe(0);
        }
        expect(await violations(d)).toEqual([]);
      },
    ),
    { numRuns: 12 },
  );
}, 240_000);
