import type { Story, StoryRecord } from './story.ts';

const ACCOUNT = 'acme-MARKER-ODOO-1';
const MEETING = 'meeting-MARKER-ODOO-2';

export const odooEvents: Story = {
  name: 'odoo-events',
  title: 'A hosted ERP with an events module in Belgium',
  about: [
    'The text says "as long as necessary", so the operator has set three periods: contacts go within 1 year and usage',
    'data is anonymised within 13 months after the account is closed; who was interested in an event is kept for 6',
    'months after it. Invoices are kept for 7 years after the end of the fiscal year, which ends on 30 June here.',
  ],
  zone: 'Europe/Brussels',
  steps: [
    {
      kind: 'written',
      at: '2025-03-03T10:00:00+01:00',
      says: 'Acme opens an account. Its clerk Eva is a contact, uses the system and registers for a meeting.',
      records: [
        contact("Eva's contact", 71, 'account-and-contact-data', { type: 'account', id: ACCOUNT }),
        contact("Eva's registration", 72, 'event-interest', { type: 'occasion', id: MEETING }),
        {
          name: "Eva's usage",
          by: 'odoo-events',
          store: 'odoo-usage',
          key: [ACCOUNT, 'u-1'],
          fields: {
            userName: 'Eva MARKER-ODOO-3',
            ipAddress: '198.51.100.23',
            day: '2025-02-27',
            clicks: 41,
          },
          categories: ['usage-analytics'],
          purposes: ['statistics'],
          entities: [{ type: 'account', id: ACCOUNT }],
        },
        invoice('The invoice of May', 8001, '2025-05-20'),
        invoice('The invoice of September', 8002, '2025-09-10'),
      ],
    },
    sent({
      at: '2025-04-10T22:00:00+02:00',
      type: 'occasion.ended',
      id: MEETING,
      occurred: '2025-04-10',
      says: 'The meeting is over.',
    }),
    sent({
      at: '2025-05-20T12:00:00+02:00',
      type: 'invoice.issued',
      id: '8001',
      occurred: '2025-05-20',
      says: 'An invoice is issued in May, in the fiscal year 2024/25.',
    }),
    sent({
      at: '2025-09-10T12:00:00+02:00',
      type: 'invoice.issued',
      id: '8002',
      occurred: '2025-09-10',
      says: 'Another one in September, in the fiscal year 2025/26.',
    }),
    sent({
      at: '2025-09-30T16:00:00+02:00',
      type: 'account.closed',
      id: ACCOUNT,
      occurred: '2025-09-30',
      says: 'Acme closes its account.',
    }),
    {
      kind: 'checked',
      at: '2025-10-12T09:00:00+02:00',
      says: 'Six months after the meeting.',
      gone: ["Eva's registration"],
      remains: [{ record: "Eva's contact", because: 'delete by “' }],
    },
    {
      kind: 'checked',
      at: '2026-11-02T09:00:00+01:00',
      says: '13 months after the account was closed.',
      gone: ["Eva's contact"],
      masked: [
        {
          record: "Eva's usage",
          cleared: ['userName', 'ipAddress'],
          shows: { day: '2025-02-01', clicks: 41 },
        },
      ],
      remains: [
        { record: 'The invoice of May', because: 'delete by “7 years after' },
        { record: 'The invoice of September', because: 'delete by “7 years after' },
      ],
    },
    {
      kind: 'checked',
      at: '2032-07-01T09:00:00+02:00',
      says: 'Seven years after the fiscal year 2024/25.',
      gone: ['The invoice of May'],
      remains: [{ record: 'The invoice of September', because: 'delete by “7 years after' }],
    },
  ],
  planted: ['MARKER-ODOO', '198.51.100.23', '1959-03-21'],
};

function contact(
  name: string,
  id: number,
  category: string,
  entity: { readonly type: string; readonly id: string },
): StoryRecord {
  return {
    name,
    by: 'odoo-events',
    store: 'odoo-contacts',
    key: [id],
    fields: { name: 'Eva MARKER-ODOO-3', email: 'eva.MARKER-ODOO-4@mail.example', born_on: '1959-03-21' },
    categories: [category],
    purposes: ['service'],
    entities: [entity],
  };
}

function invoice(name: string, id: number, issued: string): StoryRecord {
  return {
    name,
    by: 'odoo-events',
    store: 'odoo-invoices',
    key: [id],
    fields: { customer: ACCOUNT, amount: 12100, issued_on: issued },
    categories: ['invoices'],
    purposes: ['billing'],
    entities: [
      { type: 'invoice', id: String(id) },
      { type: 'account', id: ACCOUNT },
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
  return { kind: 'sent', by: 'odoo-events', over: 'bus', type, entity, ...rest };
}
