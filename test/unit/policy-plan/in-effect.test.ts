import { describe, expect, test } from 'vitest';
import { effectivePolicies } from '../../../shared/domain/configuration/effective-policies.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import {
  asIfInEffect,
  asOf,
  inEffectDigest,
  lastToCome,
} from '../../../shared/domain/policy-plan/in-effect.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import { at } from '../../support/samples.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const NOW = at('2026-03-01T10:00:00Z');
const rules = { notes: [aRule('30 days after contract.ended')] };
const version = (name: string, number: string, from: string): Policy =>
  aPolicy(name === 'crm' ? rules : { [name]: [aRule('1 year after contract.ended')] }, {
    name,
    version: number,
    effectiveFrom: at(from),
  });
const FIRST = version('crm', '1', '2025-01-01T00:00:00Z');
const NEXT = version('crm', '2', '2026-06-01T00:00:00Z');
const LAST = version('crm', '3', '2027-01-01T00:00:00Z');
const OTHER = version('shop', '1', '2025-01-01T00:00:00Z');
const ALL = { policies: [FIRST, NEXT, LAST, OTHER] };

describe('the digest of the policies in effect', () => {
  test('is that of what is in effect, whatever else there is and in whatever order', () => {
    const digest = inEffectDigest({ policies: [FIRST, OTHER] }, NOW);
    expect(inEffectDigest(ALL, NOW)).toBe(digest);
    expect(inEffectDigest({ policies: [OTHER, LAST, FIRST] }, NOW)).toBe(digest);
    expect(inEffectDigest({ policies: [FIRST] }, NOW)).not.toBe(digest);
  });

  test('changes with each version that comes into effect', () => {
    const digests = [NOW, NEXT.effectiveFrom - 1, NEXT.effectiveFrom, LAST.effectiveFrom].map((instant) =>
      inEffectDigest(ALL, instant),
    );
    expect(digests[0]).toBe(digests[1]);
    expect(new Set(digests).size).toBe(3);
  });

  test('is that of what was stored and read again', () => {
    expect(inEffectDigest(JSON.parse(JSON.stringify(ALL)), NOW)).toBe(inEffectDigest(ALL, NOW));
  });
});

describe('policies as if what is still to come were in effect', () => {
  test('are the last versions, each as it will be but for its beginning', () => {
    expect(lastToCome(ALL, NOW)).toBe(LAST.effectiveFrom);
    const moved = asIfInEffect(ALL, NOW, LAST.effectiveFrom);
    const effective = effectivePolicies(moved, NOW);
    expect(effective.map(({ name, version: number }) => `${name} ${number}`)).toEqual(['crm 3', 'shop 1']);
    expect({ ...effective[0], effectiveFrom: 0 }).toEqual({ ...LAST, effectiveFrom: 0 });
    expect(foldProfile(moved).digest).toBe(foldProfile(ALL).digest);
  });

  test('leave alone what was in effect before, and what comes later', () => {
    const moved = asIfInEffect(ALL, NOW, NEXT.effectiveFrom);
    expect(moved.policies[0]).toBe(FIRST);
    expect(moved.policies[2]).toBe(LAST);
    expect(moved.policies[3]).toBe(OTHER);
    expect(effectivePolicies(moved, NOW).map(({ version: number }) => number)).toEqual(['2', '1']);
  });

  test('are the same where nothing is to come', () => {
    expect(lastToCome({ policies: [FIRST, OTHER] }, NOW)).toBeUndefined();
    expect(lastToCome({ policies: [] }, NOW)).toBeUndefined();
  });
});

describe('policies as of an instant', () => {
  test('never change, and are folded for as the others', () => {
    const frozen = asOf(ALL, NOW);
    for (const instant of [NOW, NEXT.effectiveFrom, LAST.effectiveFrom, LAST.effectiveFrom * 3])
      expect(effectivePolicies(frozen, instant)).toEqual([FIRST, OTHER]);
    expect(inEffectDigest(frozen, NOW)).toBe(inEffectDigest(ALL, NOW));
    expect(foldProfile(frozen).digest).toBe(foldProfile(ALL).digest);
  });
});
