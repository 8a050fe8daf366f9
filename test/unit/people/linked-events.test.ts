import { describe, expect, test } from 'vitest';
import { parseFact, toCloudEvent } from '../../../shared/contract/cloud-event.ts';
import { checkLink } from '../../../shared/domain/people/check-link.ts';
import type { SentLink } from '../../../shared/domain/record/incoming.ts';
import { compiled, goodConfig } from '../../support/rules/configuration-text.ts';

const EVENT = {
  specversion: '1.0',
  id: 'link-1',
  source: 'https://crm.example',
  type: 'tenure.entities.linked',
  data: { entity: { type: 'person', id: 'lena@example.org' }, linked: { type: 'account', id: 'lenchen' } },
};

function configuration() {
  const config = goodConfig();
  return compiled({
    ...config,
    entityTypes: {
      ...config.entityTypes,
      person: { ids: 'shared' },
      account: { ids: 'owned', identifies: 'person' },
      desk: { ids: 'owned' },
    },
  });
}

function parsed(event: unknown): SentLink {
  const result = parseFact(event);
  if (!result.ok || result.value.kind !== 'link') throw new Error('not a link');
  return result.value;
}

describe('an event that links an account to a person', () => {
  test('is the same after it went over the bus', () => {
    expect(parsed(toCloudEvent(parsed(EVENT)))).toEqual(parsed(EVENT));
  });

  test('names both, and nothing else', () => {
    const { entity } = EVENT.data;
    expect(parseFact({ ...EVENT, data: { entity } })).toMatchObject({ ok: false, path: 'data.linked' });
    expect(parseFact({ ...EVENT, data: { ...EVENT.data, occurred: '2026-01-01' } })).toMatchObject({
      ok: false,
    });
  });

  test('is allowed for an own account, where the configuration says that accounts identify persons', () => {
    expect(checkLink(configuration(), 'crm', parsed(EVENT))).toEqual({ ok: true, value: undefined });
  });

  test.each([
    ['another type', { linked: { type: 'desk', id: '1' } }, 'LINK_NOT_DECLARED', 'data.linked.type'],
    [
      'the other direction',
      { entity: EVENT.data.linked, linked: EVENT.data.entity },
      'LINK_NOT_DECLARED',
      'data.linked.type',
    ],
    [
      'another producer’s account',
      { linked: { type: 'account', id: '1', producer: 'billing' } },
      'ENTITY_NOT_OWN',
      'data.linked.producer',
    ],
    ['an unknown type', { entity: { type: 'persn', id: '1' } }, 'ENTITY_TYPE_UNKNOWN', 'data.entity.type'],
  ])('is refused for %s', (_, data, code, path) => {
    const sent = parsed({ ...EVENT, data: { ...EVENT.data, ...data } });
    expect(checkLink(configuration(), 'crm', sent)).toMatchObject({ ok: false, code, path });
  });
});
