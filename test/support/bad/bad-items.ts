/** Good items of each kind of batch: bad ones are made of them. */
export const GOOD_EVENT = {
  specversion: '1.0',
  id: 'e-1',
  source: 'shop.example',
  type: 'contract.ended',
  time: '2026-03-01T09:00:00Z',
  data: {
    entity: { type: 'contract', id: 'c-1', producer: 'shop' },
    occurred: '2026-02-28',
    attributes: { reason: 'moved' },
  },
};

export const GOOD_RETRACTION = {
  specversion: '1.0',
  id: 'e-2',
  source: 'shop.example',
  type: 'tenure.event.retracted',
  data: { entity: { type: 'contract', id: 'c-1' }, retracts: 'e-9', producer: 'shop' },
};

export const GOOD_CORRECTION = {
  ...GOOD_EVENT,
  id: 'e-3',
  data: { entity: { type: 'contract', id: 'c-1' }, occurred: '2026-02-28', corrects: 'e-9' },
};

export const GOOD_REGISTRATION = {
  store: 'orders',
  locator: ['shop/1'],
  categories: ['registration'],
  purposes: ['billing'],
  entities: [{ type: 'contract', id: 'c-1' }],
  zone: 'Europe/Berlin',
  attributes: { amount: 1, minor: true },
  id: 'r-1',
  time: '2026-03-01T09:00:00Z',
};

export const GOOD_WITHDRAWAL = {
  store: 'orders',
  locator: ['shop/1'],
  id: 'w-1',
  time: '2026-03-01T09:00:00Z',
};
