import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { delayedRound } from '../../support/holds/delayed-round.ts';
import { SCOPES, type ScopeName } from '../../support/holds/hold-world.ts';
import { noteLives } from '../../support/model/explored-so-far.ts';
import { mulberry32 } from '../../support/model/explore.ts';
import { startTables, type TestTables } from '../../support/registry-table.ts';

const NAMES = Object.keys(SCOPES) as readonly ScopeName[];
/** Which delays are drawn. What comes of them depends on the machine, too. */
const SEED = Number(process.env['TENURE_SEED'] ?? 20_261_129);
/** Rounds of every scope, until that much time is over. */
const MOST_OF_EACH_SCOPE = 4;
const ENOUGH_MS = 25_000;

describe('holds over the registry of DynamoDB, every call of which is delayed', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await startTables();
  });
  afterAll(() => tables.stop());

  test(
    'nothing is acted on after an answer that did not name it, and nothing is forgotten',
    { timeout: 180_000 },
    async () => {
      const random = mulberry32(SEED);
      let named = 0;
      let acts = 0;
      let rounds = 0;
      const begun = performance.now();
      const isEnough = (): boolean => rounds >= NAMES.length && performance.now() - begun > ENOUGH_MS;
      for (; rounds < MOST_OF_EACH_SCOPE * NAMES.length && !isEnough(); rounds += 1) {
        const scope = NAMES[rounds % NAMES.length] ?? 'entity';
        const when = rounds % 2 === 0 ? 'acting' : 'sometime';
        const table = await tables.create();
        const played = await delayedRound({ call: tables.call, table, random }, { scope, when });
        expect(played.wrong, `${scope}, ${when}, round ${rounds}, seed ${SEED}`).toEqual([]);
        named += played.named;
        acts += played.acts;
      }
      // Else the delays were such that nothing met.
      expect(named).toBeGreaterThan(0);
      expect(acts).toBeGreaterThan(0);
      noteLives(
        `holds over a table with random delays (seed ${SEED}): ${rounds} rounds, ${2 * rounds} holds, ${named} attempts named, ${acts} acts beside them, 0 wrong`,
      );
    },
  );
});
