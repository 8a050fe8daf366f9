import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { hintMinute } from '../../../shared/protocol/hint.ts';
import { CUSTOMERS } from '../driver/contract-messages.ts';
import { countedDeployment, type Requests } from './counted-deployment.ts';
import type { TestTables } from '../registry-table.ts';
import { aHolding, at } from '../samples.ts';

const DUE = 1000;
const DAY = 86_400_000;
const ACT_AT = at('2029-02-01T19:00:00Z');
const WATERMARK = ACT_AT;

export interface Swept {
  readonly commands: Readonly<Record<string, number>>;
  readonly requests: Requests;
}

/** The wake-up and the next hourly sweep, with 1,000 due among `all` holdings that have a date. */
export async function swept(
  tables: TestTables,
  configuration: Configuration,
  all: number,
): Promise<{ readonly minute: Swept; readonly hourly: Swept }> {
  const registered = at('2026-02-01T09:00:00Z');
  const minute = hintMinute(ACT_AT, registered, configuration.timing);
  const counted = await countedDeployment(tables, configuration, minute);
  await counted.prepare(registered, async ({ registry }) => {
    for (let n = 0; n < all; n += 1) {
      const actAt = n < DUE ? ACT_AT : ACT_AT + (1 + (n % 700)) * DAY;
      const deadline = actAt + 3 * DAY;
      const hintAt = hintMinute(actAt, registered, configuration.timing);
      const decision = {
        status: 'due',
        policies: 'f'.repeat(32),
        stage: 'delete',
        actAt,
        deadline,
      } as const;
      const holding = aHolding(n, { store: CUSTOMERS, decision, hintAt });
      await registry.putHolding(holding);
      await registry.putHint({ minute: hintAt, holding: holding.ref, deadline });
    }
    await registry.moveWatermark(undefined, WATERMARK);
  });
  const measured = async (sweep: () => Promise<void>): Promise<Swept> => {
    counted.reset();
    await sweep();
    return { commands: counted.counter.requests(), requests: counted.requests() };
  };
  const byMinute = await measured(() => counted.sweep({ kind: 'minute', minute }));
  counted.clock.set(at('2029-02-01T20:05:00Z'));
  return { minute: byMinute, hourly: await measured(() => counted.sweep({ kind: 'hourly' })) };
}
