import { expect, test } from 'vitest';
import { DEFAULT_TIMING } from '../../../shared/domain/configuration/configuration.ts';
import {
  isLastDay,
  behindSeconds,
  ownFaultDelay,
  queueSettings,
  SENT_AGAIN_FROM,
} from '../../../shared/domain/configuration/queue-settings.ts';

test('a message of a lane has twelve deliveries, one of sweep and seal five', () => {
  const { sweep, seal, lane } = queueSettings(DEFAULT_TIMING);
  expect(lane).toEqual({ visibilitySeconds: 1020, deliveries: 12, batchSize: 1 });
  expect(sweep).toEqual({ visibilitySeconds: 360, deliveries: 5, batchSize: 10 });
  expect(seal).toEqual(sweep);
});

test('a message of ingest has the most deliveries that SQS allows: it ends by its age, long before', () => {
  const { visibilitySeconds, deliveries, batchSize } = queueSettings(DEFAULT_TIMING).ingest;
  expect([visibilitySeconds, deliveries, batchSize]).toEqual([360, 1000, 10]);
  let age = 0;
  let delivered = 0;
  while (!isLastDay(0, age)) {
    delivered += 1;
    age += ownFaultDelay(delivered) * 1000;
  }
  expect(delivered).toBe(79);
  // Two of the fourteen days are left, also after the longest delay.
  expect(age).toBeLessThan(12.2 * 86_400_000);
});

test('what fails for our own reasons comes again after 1, 2, 4 … minutes, at most four hours', () => {
  const minutes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 900].map((count) => ownFaultDelay(count) / 60);
  expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240]);
});

test('a registration that waits for a worker is sent again before it counts as behind', () => {
  expect(behindSeconds(DEFAULT_TIMING)).toBe(900);
  for (const functionTimeout of [60, 300, 600, 900]) {
    const timing = { ...DEFAULT_TIMING, functionTimeout };
    const waits = (SENT_AGAIN_FROM - 1) * queueSettings(timing).ingest.visibilitySeconds;
    expect(behindSeconds(timing)).toBeGreaterThan(waits);
  }
});
