import type { Story, StoryRecord } from './story.ts';

const ACCOUNT = 'acme-MARKER-ODOO-1';
const BOLT = 'bolt-MARKER-ODOO-5';
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
      says: 'Acme opens an account. Its clerk Eva is a contact, uses the system and registers for a meeting. So does Bolt, with its clerk Tom.',
      records: [
        contact("Tom's contact", 73, 'account-and-contact-data', { type: 'account', id: BOLT }),
        usage("Tom's usage", BOLT, 'Tom MARKER-ODOO-6', 41),
        invoice("Bolt's invoice", 8003, '2025-05-20', BOLT),
        contact("Eva's contact", 71, 'account-and-contact-data', { type: 'account', id: ACCOUNT }),
        contact("Eva's registration", 72, 'event-interest', { type: 'occasion', id: MEETING }),
        {
          ...contact("Eva's registration at the partner", 72, 'event-interest', {
            type: 'occasion',
            id: MEETING,
          }),
          store: 'odoo-partner',
        },
        usage("Eva's usage", ACCOUNT, 'Eva MARKER-ODOO-3', 27),
        invoice('The invoice of May', 8001, '2025-05-20', ACCOUNT),
        invoice('The invoice of September', 8002, '2025-09-10', ACCOUNT),
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
      at: '2025-05-20T12:05:00+02:00',
      type: 'invoice.issued',
      id: '8003',
      occurred: '2025-05-20',
      says: 'So is one for Bolt.',
    }),
    sent({
      at: '2025-06-10T09:00:00+02:00',
      type: 'account.closed',
      id: BOLT,
      occurred: '2025-06-10',
      says: 'Bolt closes its account.',
    }),
    {
      kind: 'filed',
      at: '2025-06-10T10:00:00+02:00',
      says: 'It asks for the deletion of its data at once. Statistics lose who it was; invoices have to be kept.',
      by: 'odoo-events',
      request: {
        id: 'ticket-301',
        kind: 'erase',
        entity: { type: 'account', id: BOLT },
        scope: { purposes: ['service', 'billing'] },
        jurisdiction: 'EU',
      },
      deadline: '2025-07-10',
      answer: [
        { store: 'odoo-contacts', category: 'account-and-contact-data', state: 'due' },
        { store: 'odoo-usage', category: 'usage-analytics', state: 'due' },
        { store: 'odoo-invoices', category: 'invoices', state: 'due' },
      ],
    },
    {
      kind: 'checked',
      at: '2025-06-10T10:15:00+02:00',
      says: 'Minutes later.',
      gone: ["Tom's contact"],
      masked: [
        {
          record: "Tom's usage",
          cleared: ['userName', 'ipAddress'],
          shows: { day: '2025-02-27', clicks: 41 },
        },
      ],
      restricted: ["Bolt's invoice"],
      unrestricted: ['The invoice of May'],
      remains: [{ record: "Bolt's invoice", because: '7 years after' }],
    },
    {
      kind: 'followed',
      at: '2025-06-12T10:00:00+02:00',
      says: 'Bolt gets its answer.',
      by: 'odoo-events',
      id: 'ticket-301',
      state: 'closed',
      answer: [
        { store: 'odoo-usage', category: 'usage-analytics', state: 'kept' },
        { store: 'odoo-contacts', category: 'account-and-contact-data', state: 'gone' },
        {
          store: 'odoo-invoices',
          category: 'invoices',
          state: 'kept-by-law',
          until: '2032-07-01',
          rule: '7 years after the end of the fiscal year',
          restricted: true,
        },
      ],
      letter: ['Code of Economic Law of Belgium'],
    },
    {
      kind: 'restored',
      at: '2025-06-13T10:00:00+02:00',
      says: 'A disk fails, and the contacts are restored from the backup of the night in which Tom was still one.',
      store: 'odoo-contacts',
      since: '2025-06-10T03:00:00+02:00',
      records: ["Tom's contact"],
    },
    {
      kind: 'replayed',
      at: '2025-06-13T10:30:00+02:00',
      says: 'The operator reads what came back. Nothing was done about it yet.',
      finds: { there: 1 },
      thenDisposes: true,
    },
    {
      kind: 'replayed',
      at: '2025-06-13T11:00:00+02:00',
      says: 'It was disposed of again.',
      finds: { disposed: 1 },
    },
    {
      kind: 'checked',
      at: '2025-06-13T11:05:00+02:00',
      says: 'Minutes later.',
      gone: ["Tom's contact"],
      remains: [{ record: "Eva's contact", because: '' }],
    },
    {
      kind: 'lost',
      at: '2025-06-13T12:00:00+02:00',
      says: 'A defect, for once, in the table of Tenure: of one record that was due, the census loses what it found.',
      record: "Tom's contact",
    },
    {
      kind: 'compared',
      at: '2025-06-15T10:00:00+02:00',
      says: 'An auditor compares what was due that day with the rest of the deletion log.',
      day: '2025-06-13',
      leavesOut: ["Tom's contact"],
    },
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
      kind: 'told',
      at: '2025-10-12T09:05:00+02:00',
      says: 'The partner of the meeting was told, and has promised to delete what it got of her.',
      record: "Eva's registration at the partner",
      requests: 1,
      confirmed: false,
    },
    {
      kind: 'told',
      at: '2025-10-20T09:00:00+02:00',
      says: 'It has not done so for a week, and is asked once more. That helps.',
      record: "Eva's registration at the partner",
      requests: 2,
      confirmed: true,
    },
    {
      kind: 'checked',
      at: '2026-11-02T09:00:00+01:00',
      says: '13 months after the accounts were closed.',
      gone: ["Eva's contact"],
      masked: [
        {
          record: "Tom's usage",
          cleared: ['userName', 'ipAddress'],
          shows: { day: '2025-02-01', clicks: 41 },
        },
        {
          record: "Eva's usage",
          cleared: ['userName', 'ipAddress'],
          shows: { day: '2025-02-01', clicks: 27 },
        },
      ],
      // The statistics of the months before are the same as with the names.
      sums: [{ of: 'clicks', records: ["Tom's usage", "Eva's usage"], byMonthOf: 'day' }],
      remains: [
        { record: 'The invoice of May', because: 'delete by “7 years after' },
        { record: 'The invoice of September', because: 'delete by “7 years after' },
      ],
    },
    {
      kind: 'checked',
      at: '2032-07-01T09:00:00+02:00',
      says: 'Seven years after the fiscal year 2024/25.',
      gone: ['The invoice of May', "Bolt's invoice"],
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

function usage(name: string, account: string, userName: string, clicks: number): StoryRecord {
  return {
    name,
    by: 'odoo-events',
    store: 'odoo-usage',
    key: [account, 'u-1'],
    fields: { userName, ipAddress: '198.51.100.23', day: '2025-02-27', clicks },
    categories: ['usage-analytics'],
    purposes: ['service', 'statistics'],
    entities: [{ type: 'account', id: account }],
  };
}

function invoice(name: string, id: number, issued: string, account: string): StoryRecord {
  return {
    name,
    by: 'odoo-events',
    store: 'odoo-invoices',
    key: [id],
    fields: { customer: account, amount: 12100, issued_on: issued },
    categories: ['invoices'],
    purposes: ['billing'],
    entities: [
      { type: 'invoice', id: String(id) },
      { type: 'account', id: account },
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
