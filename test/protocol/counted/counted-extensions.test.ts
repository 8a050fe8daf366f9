import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { countedDeployment, type CountedDeployment } from '../../support/counted/counted-deployment.ts';
import { demoDeployment } from '../../support/deployment.ts';
import { corrected, happened, registered, type Sending } from '../../support/driver/envelopes.ts';
import { startTables, type TestTables } from '../../support/registry-table.ts';
import { at } from '../../support/samples.ts';

const DAY = 86_400_000;
const EXTENSIONS = 1000;
const SUBSCRIPTIONS = 10;
/** Repeatedly, another subscription is renewed, ended for a far date and corrected to a near one. */
const WAVERING = SUBSCRIPTIONS;
const CYCLE = 100;
const ENDED = 'subscription.ended';
const STORE = 'calendera-accounts';

let tables: TestTables;
let configuration: Configuration;

beforeAll(async () => {
  [tables, configuration] = await Promise.all([startTables(), demoDeployment()]);
});
afterAll(() => tables.stop());

const subscription = (n: number) => ({ type: 'subscription', id: `subscription-${n}` });
const dayOf = (instant: Instant): string => new Date(instant).toISOString().slice(0, 10);
const hintsOf = ({ counter }: CountedDeployment): number =>
  counter.writes().filter(({ PK }) => PK.startsWith('B#')).length;

function sending(counted: CountedDeployment, id: string): Sending {
  return { source: 'com.calendera.booking', id, arrived: counted.clock.now() };
}

/** Fires the wake-ups up to `until`, each at its minute. Returns how many. */
async function wakeUps(counted: CountedDeployment, until: Instant): Promise<number> {
  let fired = 0;
  for (let next = counted.timers.next(); next !== undefined && next <= until; next = counted.timers.next()) {
    counted.clock.set(next);
    for (const minute of counted.timers.takeDue(next)) {
      await counted.sweep({ kind: 'minute', minute });
      fired += 1;
    }
  }
  counted.clock.set(until);
  return fired;
}

/** Returns how often its date moved to an earlier one. */
async function waver(counted: CountedDeployment, n: number): Promise<number> {
  const entity = subscription(WAVERING);
  const today = counted.clock.now();
  const tell = (id: string): Sending => sending(counted, id);
  if (n % CYCLE === 0) {
    await counted.ingest(
      happened(tell(`renewed-${n}`), 'subscription.renewed', entity, new Date(today - 1000).toISOString()),
    );
    await counted.ingest(happened(tell(`far-${n}`), ENDED, entity, dayOf(today + 300 * DAY)));
  }
  if (n % CYCLE !== CYCLE / 2) return 0;
  await counted.ingest(corrected(tell(`near-${n}`), ENDED, entity, dayOf(today), `far-${n - CYCLE / 2}`));
  return 1;
}

test('1,000 extensions write no hint; only a move to earlier and a hint that fired do, one each', async () => {
  const start = at('2026-03-01T10:00:00Z');
  const counted = await countedDeployment(tables, configuration, start);
  for (let n = 0; n <= WAVERING; n += 1) {
    counted.store(STORE).put([n]);
    await counted.ingest(
      registered(sending(counted, `registers-${n}`), {
        store: STORE,
        locator: [n],
        categories: ['account-data'],
        entities: [subscription(n)],
      }),
    );
  }
  await wakeUps(counted, start + DAY / 2);

  counted.counter.reset();
  let [fired, earlier, byExtensions] = [0, 0, 0];
  for (let n = 0; n < EXTENSIONS; n += 1) {
    fired += await wakeUps(counted, start + (n + 1) * DAY);
    const before = hintsOf(counted);
    const extended = subscription(n % SUBSCRIPTIONS);
    await counted.ingest(
      happened(sending(counted, `ended-${n}`), ENDED, extended, dayOf(counted.clock.now())),
    );
    if (n >= SUBSCRIPTIONS) byExtensions += hintsOf(counted) - before;
    earlier += await waver(counted, n);
  }
  const becameKnown = SUBSCRIPTIONS + 1;
  expect(byExtensions).toBe(0);
  expect(earlier).toBe(EXTENSIONS / CYCLE);
  expect(fired).toBeGreaterThan(EXTENSIONS / CYCLE);
  expect(hintsOf(counted)).toBeGreaterThanOrEqual(becameKnown + earlier);
  expect(hintsOf(counted)).toBeLessThanOrEqual(becameKnown + earlier + fired);
  expect(counted.store(STORE).effects).toEqual([]);
  const commands = Object.keys(counted.counter.requests()).toSorted();
  expect(commands).toEqual(['BatchGetItem', 'GetItem', 'PutItem', 'Query']);
}, 240_000);
