/**
 * The applications' own tables in PostgreSQL, by store: column and SQL type, the key first. Each also has the
 * column that says what is restricted, if its store has one. Tables in DynamoDB need no columns; their keys are in the
 * configuration.
 */
export const demoTables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'parties-forms': { answer_id: 'bigint', attendee: 'text', email: 'text', answers: 'text' },
  'paloma365-customers': { customer_id: 'uuid', name: 'text', phone: 'text', ip_address: 'text' },
  'paloma365-payments': { payment_id: 'uuid', amount: 'integer', paid_on: 'date', card_number: 'text' },
  'paltalk-marketing': { member_id: 'text', email: 'text', interests: 'text' },
  'paltalk-purchases': { purchase_id: 'text', email: 'text', amount: 'integer', bought_on: 'date' },
  'calendera-accounts': { account_id: 'bigint', business: 'text', email: 'text', last_login: 'date' },
  'calendera-invoices': { invoice_id: 'bigint', business: 'text', amount: 'integer' },
  'odoo-contacts': { contact_id: 'bigint', name: 'text', email: 'text', born_on: 'date' },
  'inkwell-activity': { entry_id: 'bigint', workspace: 'text', did: 'text' },
  'inkwell-sign-ins': {
    sign_in_id: 'bigint',
    workspace: 'text',
    signed_in_at: 'timestamptz',
    address: 'text',
  },
  'odoo-invoices': { invoice_id: 'bigint', customer: 'text', amount: 'integer', issued_on: 'date' },
};
