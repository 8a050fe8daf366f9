import type { Story, StoryRecord } from './story.ts';

const SALON = 'salon-MARKER-CALENDERA-1';
const ROSA = 'rosa.MARKER-CALENDERA-3@mail.example';
const SPA = 'spa-MARKER-CALENDERA-5';
const TIM = 'tim.MARKER-CALENDERA-9@mail.example';
const CAFE = 'cafe-MARKER-CALENDERA-2';

export const calendera: Story = {
  name: 'calendera',
  title: 'Calendera, a booking service in Texas',
  about: [
    'Account data is kept for the subscription and a "reasonable period", which the operator has set to 90 days;',
    'bookings, which hold data of other people, longer: 2 years. Invoices are kept as the law requires.',
  ],
  zone: 'America/Chicago',
  steps: [
    {
      kind: 'written',
      at: '2025-02-17T09:00:00-06:00',
      says: "A hair salon, a café and a spa subscribe; the salon's customers Rosa and Sam and the spa's customer Uma book.",
      records: [
        account("The salon's account", 501, SALON),
        account("The café's account", 502, CAFE),
        account("The spa's account", 503, SPA),
        ...ofUma(),
        booking("Tim's appointment at the salon", SALON, 'b-3', TIM),
        booking("Tim's appointment at the café", CAFE, 'b-1', TIM),
        booking("Rosa's appointment", SALON, 'b-1', ROSA),
        booking("Sam's appointment", SALON, 'b-2', 'sam.MARKER-CALENDERA-4@mail.example'),
        {
          name: "The salon's invoice",
          by: 'calendera',
          store: 'calendera-invoices',
          key: [9001],
          fields: { business: SALON, amount: 4900 },
          categories: ['billing-records'],
          purposes: ['billing'],
          entities: [{ type: 'invoice', id: '9001' }],
        },
      ],
    },
    sent({
      at: '2025-02-17T10:00:00-06:00',
      type: 'invoice.issued',
      id: '9001',
      occurred: '2025-02-17',
      says: 'The invoice for the salon is issued.',
    }),
    {
      kind: 'sent',
      at: '2025-02-24T15:00:00-06:00',
      says: 'Tim turns out to be eleven years old. He has booked with the salon and with the café.',
      by: 'calendera',
      over: 'http',
      type: 'person.found-to-be-child',
      entity: { type: 'person', id: TIM },
      occurred: '2025-02-24T15:00:00-06:00',
    },
    {
      kind: 'checked',
      at: '2025-02-24T16:00:00-06:00',
      says: 'Within the hour, everything about him is gone.',
      gone: ["Tim's appointment at the salon", "Tim's appointment at the café"],
    },
    {
      kind: 'held',
      at: '2025-03-03T09:00:00-06:00',
      says: 'The spa is in a law suit. Its data has to be kept.',
      hold: {
        id: 'case-12',
        scope: { entity: { type: 'subscription', id: SPA, producer: 'calendera' } },
        matter: 'MARKER-CALENDERA-6 v. Landlord',
        reason: 'claim filed on 28 February',
      },
      covers: 3,
    },
    {
      kind: 'filed',
      at: '2025-03-10T09:00:00-05:00',
      says: 'The spa asks for the deletion of its account and all data that belongs to it.',
      by: 'calendera',
      request: {
        id: 'delete-spa',
        kind: 'erase',
        entity: { type: 'subscription', id: SPA },
        jurisdiction: 'US-TX',
      },
      // No deadline of Texas is configured, so the shortest one counts.
      deadline: '2025-04-10',
      answer: [
        { store: 'calendera-accounts', category: 'account-data', state: 'held' },
        { store: 'calendera-bookings', category: 'booking-data', state: 'held' },
        { store: 'calendera-bookings', category: 'booking-data', state: 'held' },
      ],
    },
    {
      kind: 'checked',
      at: '2025-03-11T08:00:00-05:00',
      says: 'A day later, the legal hold still keeps everything.',
      remains: [
        { record: "The spa's account", because: 'erasure request of the person' },
        { record: "Uma's customer card", because: 'erasure request of the person' },
        { record: "Uma's appointment", because: 'erasure request of the person' },
      ],
    },
    {
      kind: 'unheld',
      at: '2025-03-11T09:00:00-05:00',
      says: 'The law suit is over.',
      id: 'case-12',
      reason: 'settled on 10 March',
      waiting: 3,
    },
    {
      kind: 'checked',
      at: '2025-03-11T13:00:00-05:00',
      says: 'Hours later, in order: what belongs to something goes before it.',
      gone: ["Uma's appointment", "Uma's customer card", "The spa's account"],
      inOrder: ["Uma's appointment", "Uma's customer card", "The spa's account"],
    },
    {
      kind: 'filed',
      at: '2025-05-12T09:00:00-05:00',
      says: 'The salon asks for an export of its account and its bookings.',
      by: 'calendera',
      request: { id: 'export-salon', kind: 'export', entity: { type: 'subscription', id: SALON } },
      deadline: '2025-06-12',
      answer: [
        { store: 'calendera-accounts', category: 'account-data', state: 'undetermined' },
        { store: 'calendera-bookings', category: 'booking-data', state: 'undetermined' },
        { store: 'calendera-bookings', category: 'booking-data', state: 'undetermined' },
        { store: 'calendera-bookings', category: 'booking-data', state: 'gone' },
      ],
    },
    {
      kind: 'fetched',
      at: '2025-05-12T11:00:00-05:00',
      says: "It has the salon's account and bookings. What was about Tim was deleted, and is not in it.",
      by: 'calendera',
      id: 'export-salon',
      holds: ["The salon's account", "Rosa's appointment", "Sam's appointment"],
    },
    sent({
      at: '2025-06-02T09:00:00-05:00',
      type: 'subscription.ended',
      id: CAFE,
      occurred: '2025-08-31',
      says: 'The café gives notice for the end of August.',
    }),
    sent({
      at: '2025-06-30T17:00:00-05:00',
      type: 'subscription.ended',
      id: SALON,
      occurred: '2025-06-30',
      says: "The salon's subscription ends today.",
    }),
    sent({
      at: '2025-07-14T09:00:00-05:00',
      type: 'subscription.renewed',
      id: CAFE,
      occurred: '2025-07-14',
      says: 'The café changes its mind and renews.',
    }),
    {
      kind: 'asked',
      at: '2025-08-04T10:00:00-05:00',
      says: 'Rosa asks which data exists about her. She never had an account.',
      entity: { type: 'person', id: ROSA },
      holds: ["Rosa's appointment"],
    },
    {
      kind: 'checked',
      at: '2025-10-01T09:00:00-05:00',
      says: "A little more than 90 days after the salon's end; the café's end would have been a month ago.",
      gone: ["The salon's account"],
      remains: [
        { record: "The café's account", because: 'undid the earlier ones' },
        { record: "Rosa's appointment", because: 'delete by “' },
        { record: "Sam's appointment", because: 'delete by “' },
        { record: "The salon's invoice", because: 'delete by “4 years after' },
      ],
    },
    {
      kind: 'checked',
      at: '2027-07-01T09:00:00-05:00',
      says: 'Two years after the end.',
      gone: ["Rosa's appointment", "Sam's appointment"],
      remains: [{ record: "The salon's invoice", because: 'delete by “4 years after' }],
    },
  ],
  planted: ['MARKER-CALENDERA', '1982-12-24'],
};

function account(name: string, id: number, subscription: string): StoryRecord {
  return {
    name,
    by: 'calendera',
    store: 'calendera-accounts',
    key: [id],
    fields: { business: subscription, email: `${subscription}@mail.example`, last_login: '2025-02-16' },
    categories: ['account-data', 'usage-information'],
    purposes: ['service'],
    entities: [{ type: 'subscription', id: subscription }],
  };
}

/** A customer of the spa, and an appointment that belongs to the customer. */
function ofUma(): readonly StoryRecord[] {
  const customer = { type: 'customer', id: 'uma-MARKER-CALENDERA-7' };
  const card = booking("Uma's customer card", SPA, 'customer-7', 'uma.MARKER-CALENDERA-8@mail.example');
  const appointment = booking("Uma's appointment", SPA, 'b-9', 'uma.MARKER-CALENDERA-8@mail.example');
  return [
    { ...card, entities: [...card.entities, customer] },
    { ...appointment, entities: [...appointment.entities, customer, { type: 'booking', id: 'b-9' }] },
  ];
}

/** It is about the customer, too: a query for data about Rosa finds her appointment. */
function booking(name: string, subscription: string, id: string, customer: string): StoryRecord {
  return {
    name,
    by: 'calendera',
    store: 'calendera-bookings',
    key: [subscription, id],
    fields: { customer, bornOn: '1982-12-24', service: 'haircut' },
    categories: ['booking-data'],
    purposes: ['service'],
    entities: [
      { type: 'subscription', id: subscription },
      { type: 'person', id: customer },
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
  return { kind: 'sent', by: 'calendera', over: 'http', type, entity, ...rest };
}
