import { describe, expect, test } from 'vitest';
import { timeZoneDatabase } from '../../shared/domain/calendar/calendar.ts';
import { digestOf, effectivePolicies } from '../../shared/domain/configuration/effective-policies.ts';
import { ownPolicies } from '../../shared/protocol/plan-of.ts';
import { driver } from '../support/driver/driver.ts';
import { driveMixed } from '../support/side-by-side/drive-mixed.ts';
import { type Mode, MODES } from '../support/side-by-side/mixed-deployment.ts';
import { THIS_RELEASE } from '../support/side-by-side/releases.ts';
import { noteLives } from '../support/model/explored-so-far.ts';

describe('a deployment whose functions are of two releases', () => {
  // `npm run e2e:long -- side-by-side` drives the former release and this one.
  test.each(Object.keys(MODES) as Mode[])(
    'is judged right, here with this release twice: %s',
    async (mode) => {
      const releases = { older: THIS_RELEASE, newer: { ...THIS_RELEASE, name: 'the same' } };
      const { wrong, disposals, runs, crossings } = await driveMixed({
        ...releases,
        mode,
        seed: 8,
        subjects: 24,
      });
      expect(wrong).toEqual([]);
      expect(disposals).toBeGreaterThan(20);
      expect(Math.min(runs.older, runs.newer)).toBeGreaterThan(100);
      expect(crossings.holdings).toBeGreaterThan(0);
      noteLives(`half of the functions of another release (${mode}): ${disposals} disposals, all right`);
    },
  );
});

describe('a release that plans like the one before', () => {
  test('knows its plans: a fact that moves a stage is not taken for an edit of the policy', async () => {
    const d = await driver();
    d.registers('n-1', ['c-1']);
    await d.settle();
    const holding = d.holding('n-1');
    if (holding === undefined) throw new TypeError('it was registered');
    const policies = effectivePolicies(d.core.configuration.policies, d.clock.now());
    // As the first release with this planner writes it into decisions and into stages that were done.
    const written = digestOf({ software: 'tenure/0.2.0', tzdata: timeZoneDatabase(), policies });
    expect(ownPolicies(d.core, holding, d.clock.now())).toBe(written);
    expect(holding.decision?.policies).toBe(written);
  });
});
