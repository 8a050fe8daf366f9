import { expect, test } from 'vitest';
import { DEFAULT_TIMING } from '../../../shared/domain/configuration/configuration.ts';
import { lateDelivery, queueSettings } from '../../../shared/domain/configuration/queue-settings.ts';

test('a message of a lane has twelve deliveries, one of sweep and seal five, one of ingest nine', () => {
  const { ingest, sweep, seal, lane } = queueSettings(DEFAULT_TIMING);
  expect(lane).toEqual({ visibilitySeconds: 1020, deliveries: 12, batchSize: 1 });
  expect(sweep).toEqual({ visibilitySeconds: 360, deliveries: 5, batchSize: 10 });
  expect(seal).toEqual(sweep);
  expect(ingest).toEqual({ visibilitySeconds: 360, deliveries: 9, batchSize: 10 });
});

test.each([60, 300, 600, 900, 3600])(
  'with a lease of %i s, ingest settles a message itself while a delivery is left, and not before a claim could end',
  (lease) => {
    const timing = { ...DEFAULT_TIMING, lease };
    const { visibilitySeconds, deliveries } = queueSettings(timing).ingest;
    expect(lateDelivery(timing)).toBe(deliveries - 1);
    expect((lateDelivery(timing) - 1) * visibilitySeconds).toBeGreaterThanOrEqual(2 * lease);
  },
);

test.each([0, 60, 300])(
  'with a clock tolerance of %i s, a bell comes again after a lease that began at the end of its function’s time',
  (clockTolerance) => {
    const timing = { ...DEFAULT_TIMING, clockTolerance };
    const isOver = timing.functionTimeout + timing.lease + clockTolerance;
    expect(queueSettings(timing).lane.visibilitySeconds).toBeGreaterThanOrEqual(isOver);
  },
);
