import type { Story, StoryRecord } from './story.ts';

const SALON = 'salon-MARKER-CALENDERA-1';
const ROSA = 'rosa.MARKER-CALENDERA-3@mail.example';
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
      says: "A hair salon and a café subscribe; the salon's customers Rosa and Sam book appointments.",
      records: [
        account("The salon's account", 501, SALON),
        account("The café's account", 502, CAFE),
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
