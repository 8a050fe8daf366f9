import type { Story, StoryRecord } from './story.ts';

const CONTRACT = 'K-2025-MARKER-PALOMA365-1';
const CARD = '4000-0012-3456-7899';

export const paloma365: Story = {
  name: 'paloma365',
  title: 'Paloma365, a point-of-sale service in Kazakhstan',
  about: [
    'Everything is kept for the term of the contract and 3 years after it, counted in Almaty; renewing extends it.',
    'Unless the law prescribes otherwise: payments are accounting documents and kept for 5 years after their calendar',
    'year. Card numbers are never kept: an application that stored one is corrected within the hour.',
  ],
  zone: 'Asia/Almaty',
  steps: [
    {
      kind: 'placed',
      at: '2025-01-20T08:00:00+05:00',
      says: 'The operator deploys Tenure. The text allows servers in Kazakhstan and Russia only.',
      policy: 'paloma365',
      because: 'AWS has no region in Kazakhstan or Russia',
      exports: true,
    },
    {
      kind: 'written',
      at: '2025-01-20T09:00:00+05:00',
      says: 'A shop signs a contract and pays. Its app is careless and stores the number of the card.',
      records: [
        {
          name: "The shop's registration",
          by: 'paloma365',
          store: 'paloma365-customers',
          key: ['6F1D2C3B-0A59-4E7D-8C21-9B0E5D4F7A31'],
          fields: { name: 'Aigul MARKER-PALOMA365-2', phone: '+7 700 5550147', ip_address: '192.0.2.61' },
          categories: ['registration-data', 'technical-data'],
          purposes: ['service'],
          entities: [{ type: 'contract', id: CONTRACT }],
        },
        payment('The payment of 2025', '0b8f6a52-4c1e-4d3a-9f70-5e2d1c3b4a69', 'P-2025', '2025-01-20'),
        payment('The payment of 2026', '7c9e4d10-8b2f-4a65-b3d1-0f6e5a4b3c28', 'P-2026', '2026-11-05'),
      ],
    },
    sent({
      at: '2025-01-20T09:05:00+05:00',
      type: 'payment.completed',
      id: 'P-2025',
      occurred: '2025-01-20T09:05:00+05:00',
      says: 'The first payment goes through.',
    }),
    {
      kind: 'checked',
      at: '2025-01-20T10:05:00+05:00',
      says: 'One hour later.',
      masked: [{ record: 'The payment of 2025', cleared: ['card_number'], shows: { amount: 45000 } }],
    },
    sent({
      at: '2025-10-01T12:00:00+05:00',
      type: 'contract.ended',
      id: CONTRACT,
      occurred: '2025-12-31',
      says: 'The shop gives notice for the end of the year.',
    }),
    sent({
      at: '2025-12-15T12:00:00+05:00',
      type: 'contract.renewed',
      id: CONTRACT,
      occurred: '2025-12-15',
      says: 'It renews the contract after all.',
    }),
    sent({
      at: '2026-10-01T12:00:00+05:00',
      type: 'contract.ended',
      id: CONTRACT,
      occurred: '2026-12-31',
      says: 'A year later it gives notice again.',
    }),
    sent({
      at: '2026-11-05T15:00:00+05:00',
      type: 'payment.completed',
      id: 'P-2026',
      occurred: '2026-11-05T15:00:00+05:00',
      says: 'The last payment goes through.',
    }),
    {
      kind: 'filed',
      at: '2027-03-01T10:00:00+05:00',
      says: 'The shop moves to another service, and asks for a portable copy of its data.',
      by: 'paloma365',
      request: { id: 'copy-3', kind: 'export', entity: { type: 'contract', id: CONTRACT } },
      deadline: '2027-04-01',
      answer: [
        { store: 'paloma365-customers', category: 'registration-data', state: 'kept', until: '2030-01-01' },
        { store: 'paloma365-payments', category: 'payment-data', state: 'kept-by-law', until: '2031-01-01' },
        { store: 'paloma365-payments', category: 'payment-data', state: 'kept-by-law', until: '2032-01-01' },
      ],
    },
    {
      kind: 'fetched',
      at: '2027-03-01T12:00:00+05:00',
      says: 'The archive has all of it, apart from the card numbers, which are not stored any more.',
      by: 'paloma365',
      id: 'copy-3',
      holds: ["The shop's registration", 'The payment of 2025', 'The payment of 2026'],
      without: { 'The payment of 2025': ['card_number'], 'The payment of 2026': ['card_number'] },
    },
    {
      kind: 'checked',
      at: '2029-01-02T09:00:00+05:00',
      says: 'Three years after the end that was undone.',
      remains: [{ record: "The shop's registration", because: 'delete by “' }],
    },
    {
      kind: 'filed',
      at: '2029-11-20T10:00:00+05:00',
      says: 'The shop disputes what is stored about it: its data is to be blocked, and kept until that is settled.',
      by: 'paloma365',
      request: {
        id: 'block-7',
        kind: 'restrict',
        entity: { type: 'contract', id: CONTRACT },
        forbidsDeletion: true,
      },
      deadline: '2029-12-20',
      answer: [
        { store: 'paloma365-customers', category: 'registration-data', state: 'due' },
        { store: 'paloma365-payments', category: 'payment-data', state: 'due' },
        { store: 'paloma365-payments', category: 'payment-data', state: 'due' },
      ],
    },
    {
      kind: 'checked',
      at: '2029-11-20T10:15:00+05:00',
      says: 'Minutes later, everything is blocked.',
      restricted: ["The shop's registration", 'The payment of 2025', 'The payment of 2026'],
    },
    {
      kind: 'checked',
      at: '2030-01-02T09:00:00+05:00',
      says: 'Three years after the contract ended. The data would be deleted by now.',
      restricted: ["The shop's registration"],
      remains: [{ record: "The shop's registration", because: 'forbids deletion until it is released' }],
    },
    {
      kind: 'lifted',
      at: '2030-02-01T10:00:00+05:00',
      says: 'The dispute is settled, and the restriction is released.',
      by: 'paloma365',
      id: 'block-7',
    },
    {
      kind: 'checked',
      at: '2030-02-02T09:00:00+05:00',
      says: 'A day later. Nothing is blocked, and what was due in the meantime is deleted.',
      gone: ["The shop's registration"],
      unrestricted: ['The payment of 2025', 'The payment of 2026'],
      remains: [
        { record: 'The payment of 2025', because: 'statutory' },
        { record: 'The payment of 2026', because: 'statutory' },
      ],
    },
    {
      kind: 'checked',
      at: '2031-01-02T09:00:00+05:00',
      says: 'Five years after the end of 2025.',
      gone: ['The payment of 2025'],
      masked: [{ record: 'The payment of 2026', cleared: ['card_number'] }],
      remains: [{ record: 'The payment of 2026', because: 'statutory' }],
    },
  ],
  planted: ['MARKER-PALOMA365', CARD, '5550147', '192.0.2.61'],
};

function payment(name: string, id: string, payment: string, paidOn: string): StoryRecord {
  return {
    name,
    by: 'paloma365',
    store: 'paloma365-payments',
    key: [id],
    fields: { amount: 45000, paid_on: paidOn, card_number: CARD },
    categories: ['payment-data'],
    purposes: ['billing'],
    entities: [
      { type: 'payment', id: payment },
      { type: 'contract', id: CONTRACT },
    ],
  };
}

interface Sent {
  readonly at: string;
  readonly type: string;
  readonly id: string;
  readonly occurred: string;
  readonly says: string;
}

function sent({ type, id, ...rest }: Sent): Story['steps'][number] {
  const entity = { type: type.split('.')[0] ?? '', id };
  return { kind: 'sent', by: 'paloma365', over: 'bus', type, entity, ...rest };
}
