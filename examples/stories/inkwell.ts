import type { ExistingRecord, ExistingStory } from './existing-story.ts';
import { aged, all, between, MARKER, rows, SIGN_INS, TEXT, UNDATED } from './inkwell-rows.ts';
import { objectOf } from './story.ts';

const DOCUMENTS = 4;
const MESSAGES = 8;
const ENTRIES = 13;
/** Workspaces that are not closed, and of which it is told when they were opened. */
const OPENED = 100;
/** What the breakers of the stores with documents and sign-ins let one rule dispose of in a day. */
const MOST = 250;

const closed = all.slice(0, 40);
const reopened = all.slice(0, 1);
const gone = all.slice(1, 40);
const asked = all.slice(40, 41);
const others = all.slice(41);
/** The owner of this one is in a lawsuit. */
const held = others.slice(9, 10);
/** In 2023. */
const opened = [...closed, ...others.slice(0, OPENED)];

/** What the right rule leaves of them in April. */
const signIns = aged('inkwell-sign-ins', '2022-04-15T00:00:00Z');

function each(count: number, record: (of: string, nth: number) => Omit<ExistingRecord, 'of'>) {
  return all.flatMap((of, index) =>
    Array.from({ length: count }, (_, nth) => ({ of, ...record(of, index * count + nth) })),
  );
}

const per = (ids: readonly string[], documents: number, activity: number, messages: number) => ({
  'inkwell-documents': ids.length * documents,
  'inkwell-activity': ids.length * activity,
  'inkwell-messages': ids.length * messages,
});

export const inkwell: ExistingStory = {
  name: 'inkwell',
  title: 'Inkwell, a place for documents that has 20,000 records and registers none',
  about: [
    'Its stores are declared once. Half of the records are collections: a prefix, key or column has the id of a workspace,',
    'and all of them go together after Inkwell has sent one event. The other half are datasets: each row, item or object',
    'says itself when it was made, and goes by its own clock. Nothing is sent about these at all.',
  ],
  zone: 'America/New_York',
  steps: [
    {
      kind: 'paused',
      at: '2025-02-03T08:50:00-05:00',
      says: 'Tenure is deployed. A person wants to see what is there before anything goes.',
      policy: 'inkwell',
    },
    {
      kind: 'existing',
      at: '2025-02-03T09:00:00-05:00',
      says: 'Inkwell has been there for years. Its records are in S3, PostgreSQL and DynamoDB.',
      records: {
        'inkwell-documents': each(DOCUMENTS, (of, nth) => ({
          key: [`workspaces/${of}/document-${nth}.txt`],
          fields: objectOf('text/plain', [`draft ${TEXT}`]),
        })),
        'inkwell-activity': each(ENTRIES, (of, nth) => ({
          key: [nth + 1],
          fields: { workspace: of, did: `read ${TEXT}` },
        })),
        'inkwell-messages': each(MESSAGES, (of, nth) => ({ key: [of, nth + 1], fields: { text: TEXT } })),
        ...rows,
      },
      besides: {
        'inkwell-activity': `create table old_exports (email text); insert into old_exports values ('${TEXT}@mail.example')`,
      },
    },
    {
      kind: 'covered',
      at: '2025-02-04T12:00:00-05:00',
      says: 'What lies there that nothing covers? A table that was forgotten, with addresses in it.',
      store: 'inkwell-activity',
      uncovered: ['public.old_exports'],
    },
    {
      kind: 'covered',
      at: '2025-02-04T12:10:00-05:00',
      says: 'And what is older than the rule allows, by more than three days?',
      store: 'inkwell-sign-ins',
      rows: {
        count: SIGN_INS,
        noClock: UNDATED,
        overdue: aged('inkwell-sign-ins', '2022-01-30T00:00:00Z', all).older,
      },
    },
    {
      kind: 'rows-forecasted',
      at: '2025-02-04T12:20:00-05:00',
      says: 'What will go by its own clock, and when? Of items in DynamoDB, a forecast would be an estimate.',
      until: '2025-02-14',
      rows: {
        'inkwell-sign-ins': {
          due: aged('inkwell-sign-ins', '2022-02-04T00:00:00Z', all).older,
          comes: between('inkwell-sign-ins', '2022-02-04T00:00:00Z', '2022-02-15T00:00:00Z'),
        },
        'inkwell-exports': {
          due: aged('inkwell-exports', '2025-01-05T00:00:00Z', all).older,
          comes: between('inkwell-exports', '2025-01-05T00:00:00Z', '2025-01-16T00:00:00Z'),
        },
      },
    },
    {
      kind: 'hold-on-entity',
      at: '2025-02-04T12:30:00-05:00',
      says: 'The owner of one workspace is in a lawsuit. A legal hold keeps everything of that workspace, rows included.',
      id: 'lawsuit-17',
      entity: { type: 'workspace', id: held.join(), producer: 'inkwell' },
      matter: 'Lawsuit 17',
      reason: 'Sign-ins may be evidence.',
    },
    {
      kind: 'resumed',
      at: '2025-02-04T13:00:00-05:00',
      says: 'Now what is due may go.',
      policy: 'inkwell',
    },
    {
      kind: 'aged',
      at: '2025-02-05T07:00:00-05:00',
      says: 'The next morning, what was too old is gone, except the rows of that workspace.',
      stores: {
        'inkwell-sign-ins': aged('inkwell-sign-ins', '2022-02-05T00:00:00Z', held),
        'inkwell-notices': aged('inkwell-notices', '2024-11-07T00:00:00Z', held),
        'inkwell-exports': aged('inkwell-exports', '2025-01-05T00:00:00Z', held),
      },
    },
    {
      kind: 'told',
      at: '2025-02-05T08:00:00-05:00',
      says: 'It begins to send events, first about 140 workspaces that were opened in 2023.',
      by: 'inkwell',
      type: 'workspace.opened',
      entityType: 'workspace',
      ids: opened,
      occurred: '2023-05-01T12:00:00-04:00',
    },
    {
      kind: 'told',
      at: '2025-02-05T09:00:00-05:00',
      says: 'Then about the 40 that were closed on 10 January.',
      by: 'inkwell',
      type: 'workspace.closed',
      entityType: 'workspace',
      ids: closed,
      occurred: '2025-01-10T12:00:00-05:00',
    },
    {
      kind: 'told',
      at: '2025-02-06T09:00:00-05:00',
      says: 'One of them is opened again.',
      by: 'inkwell',
      type: 'workspace.reopened',
      entityType: 'workspace',
      ids: reopened,
      occurred: '2025-02-06T09:00:00-05:00',
    },
    {
      kind: 'forecasted',
      at: '2025-02-07T12:00:00-05:00',
      says: 'Which collections will go, and when?',
      goes: [
        { store: 'inkwell-activity', on: '2025-02-09', collections: gone.length },
        { store: 'inkwell-documents', on: '2025-02-09', collections: gone.length },
        { store: 'inkwell-messages', on: '2025-03-11', collections: gone.length },
      ],
    },
    {
      kind: 'counted',
      at: '2025-02-08T12:00:00-05:00',
      says: 'The day before, everything is there.',
      called: 'closed workspaces',
      ids: closed,
      left: per(closed, DOCUMENTS, ENTRIES, MESSAGES),
    },
    {
      kind: 'counted',
      at: '2025-02-10T12:00:00-05:00',
      says: 'The day after, their documents and their activity are gone.',
      called: 'closed workspaces',
      ids: gone,
      left: per(gone, 0, 0, MESSAGES),
    },
    {
      kind: 'erasure-filed',
      at: '2025-02-20T09:00:00-05:00',
      says: 'The owner of another workspace asks for the erasure of everything in it. Inkwell has never sent an event about it.',
      by: 'inkwell',
      id: 'erase-workspace',
      entity: { type: 'workspace', id: asked.join() },
    },
    {
      kind: 'counted',
      at: '2025-02-20T12:00:00-05:00',
      says: 'Hours later.',
      called: 'the workspace',
      ids: asked,
      left: per(asked, 0, 0, 0),
    },
    {
      kind: 'counted',
      at: '2025-03-12T12:00:00-04:00',
      says: 'Messages have stayed longer.',
      called: 'closed workspaces',
      ids: gone,
      left: per(gone, 0, 0, 0),
    },
    {
      kind: 'counted',
      at: '2025-03-12T12:10:00-04:00',
      says: 'Everything else is as it was.',
      called: 'all other workspaces',
      ids: [...reopened, ...others],
      left: per([...reopened, ...others], DOCUMENTS, ENTRIES, MESSAGES),
    },
    {
      kind: 'aged',
      at: '2025-03-12T12:20:00-04:00',
      says: 'Rows have gone by their own clocks. Those of the workspace under the hold are still there.',
      stores: {
        'inkwell-sign-ins': aged('inkwell-sign-ins', '2022-03-12T00:00:00Z', held),
        'inkwell-notices': aged('inkwell-notices', '2024-12-12T00:00:00Z', held),
        'inkwell-exports': aged('inkwell-exports', '2025-02-10T00:00:00Z', held),
      },
    },
    {
      kind: 'hold-lifted',
      at: '2025-03-13T09:00:00-04:00',
      says: 'The lawsuit is over.',
      id: 'lawsuit-17',
      reason: 'Settled out of court.',
    },
    {
      kind: 'aged',
      at: '2025-03-14T12:00:00-04:00',
      says: 'The day after, they have gone, too.',
      stores: {
        'inkwell-sign-ins': aged('inkwell-sign-ins', '2022-03-14T00:00:00Z'),
        'inkwell-notices': aged('inkwell-notices', '2024-12-14T00:00:00Z'),
        'inkwell-exports': aged('inkwell-exports', '2025-02-12T00:00:00Z'),
      },
    },
    {
      kind: 'planned',
      at: '2025-04-01T09:00:00-04:00',
      says: 'In two weeks, a new version of the policy comes. It is meant to end documents 18 months after a workspace was opened. What will it change?',
      dueAtOnce: { store: 'inkwell-documents', collections: reopened.length + OPENED },
    },
    {
      kind: 'activated',
      at: '2025-04-15T00:30:00-04:00',
      says: 'It is here. There is a mistake in it, too: sign-ins go after 3 days, where 3 years were meant.',
      uncounted: ['exports', 'notices', 'sign-ins'],
    },
    {
      kind: 'approved',
      at: '2025-04-15T09:00:00-04:00',
      says: 'In the morning, both breakers have stopped what no rule of theirs has done before. Documents are meant to go.',
      lane: 'inkwell-documents',
      policy: 'inkwell',
      rule: '18 months after workspace.opened',
      records: MOST,
    },
    {
      kind: 'aborted',
      at: '2025-04-15T09:10:00-04:00',
      says: 'Sign-ins are not.',
      lane: 'inkwell-sign-ins',
      policy: 'inkwell',
      rule: '3 days after record.made',
      records: MOST,
    },
    {
      kind: 'counted',
      at: '2025-04-16T12:00:00-04:00',
      says: 'A day later, the documents are gone, and nothing else of these workspaces.',
      called: 'all other workspaces',
      ids: [...reopened, ...others],
      left: {
        ...per([...reopened, ...others], DOCUMENTS, ENTRIES, MESSAGES),
        'inkwell-documents': (others.length - OPENED) * DOCUMENTS,
      },
    },
    {
      kind: 'aged',
      at: '2025-04-16T12:10:00-04:00',
      says: 'Of the sign-ins, 250 are gone that should have stayed, and all others are there.',
      stores: { 'inkwell-sign-ins': { ...signIns, newer: signIns.newer - MOST } },
    },
  ],
  planted: [MARKER, TEXT],
};
