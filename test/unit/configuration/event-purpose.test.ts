import { describe, expect, test } from 'vitest';
import { checkEvent } from '../../../shared/domain/configuration/permission.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import type { Attributes } from '../../../shared/domain/record/about.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import { configuration } from '../../support/api-world.ts';
import { aPolicy, anEvent } from '../../support/rules/rule-world.ts';

const consent = anEvent({ byPurpose: true, attributes: { purpose: 'text' } });
const policy = (version: string, purposes: readonly string[]): Policy =>
  aPolicy({}, { version, purposes, events: { 'consent.withdrawn': consent, 'contract.ended': anEvent() } });

/** `accepted`, or the code and the path of the refusal. */
function answer(attributes: Attributes | undefined, type = 'consent.withdrawn', kind = 'event'): string {
  const shop = { ...configuration.producers['shop']!, events: ['consent.withdrawn', 'contract.ended'] };
  const sent = {
    id: 'e-1',
    source: 'shop.example',
    type,
    entity: { type: 'contract', id: '1' },
    occurred: '2026-03-01' as Occurred,
    ...(attributes !== undefined && { attributes }),
  };
  const checked = checkEvent(
    {
      ...configuration,
      producers: { ...configuration.producers, shop },
      policies: { policies: [policy('1', ['service', 'marketing']), policy('2', ['newsletter'])] },
    },
    { role: 'producer', producer: 'shop' },
    kind === 'event' ? { ...sent, kind: 'event' } : { ...sent, kind: 'correction', corrects: 'e-0' },
  );
  return checked.ok ? 'accepted' : `${checked.code} ${checked.path}`;
}

describe('an event that is about one purpose', () => {
  test('names a purpose of any version of a policy that declares it', () => {
    for (const purpose of ['service', 'marketing', 'newsletter'])
      expect(answer({ purpose })).toBe('accepted');
  });

  test.each(['event', 'correction'])('is refused without a purpose: %s', (kind) => {
    expect(answer(undefined, 'consent.withdrawn', kind)).toBe(
      'EVENT_PURPOSE_MISSING data.attributes.purpose',
    );
  });

  test.each(['event', 'correction'])('is refused with a purpose that no policy has: %s', (kind) => {
    for (const purpose of ['Marketing', 'constructor', ''])
      expect(answer({ purpose }, 'consent.withdrawn', kind)).toBe(
        'EVENT_PURPOSE_UNKNOWN data.attributes.purpose',
      );
  });

  test('is refused with a purpose that is not text', () => {
    expect(answer({ purpose: 7 })).toBe('ATTRIBUTE_TYPE data.attributes.purpose');
  });
});

test('another event needs no purpose, and may not have one', () => {
  expect(answer(undefined, 'contract.ended')).toBe('accepted');
  expect(answer({ purpose: 'service' }, 'contract.ended')).toBe('ATTRIBUTE_UNDECLARED data.attributes');
});
