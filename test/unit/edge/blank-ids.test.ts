import { expect, test } from 'vitest';
import { apiWorld } from '../../support/api-world.ts';

test.each([' ', ' \t', '\u00A0', '\u2003'])(
  'an id of which nothing is left is refused: all such ids would be one entity (%j)',
  async (id) => {
    const w = apiWorld();
    const event = {
      specversion: '1.0',
      id: 'e-1',
      source: 'shop.example',
      type: 'contract.ended',
      data: { entity: { type: 'contract', id }, occurred: '2026-01-01' },
    };
    const { status, body } = await w.call('shop', '/v1/events', { events: [event] });
    expect(status).toBe(400);
    expect(body).toMatchObject({ results: [{ index: 0, code: 'ENTITY_ID_BLANK', path: 'data.entity.id' }] });
  },
);
