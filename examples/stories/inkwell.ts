import type { ExistingRecord, ExistingStory } from './existing-story.ts';
import { objectOf } from './story.ts';

const MARKER = 'MARKER-INKWELL-1';
const TEXT = 'MARKER-INKWELL-2';

/** Of each of the 400 workspaces: 50 records, so 20,000 in all. */
const WORKSPACES = 400;
const DOCUMENTS = 5;
const MESSAGES = 15;
const ENTRIES = 30;
/** Workspaces that are not closed, and of which it is told when they were opened. */
const OPENED = 100;
/** What the breaker of the documents' store lets one rule dispose of in a day. */
const MOST = 250;

const all = Array.from({ length: WORKSPACES }, (_, index) => `w-${index + 1}-${MARKER}`);
const closed = all.slice(0, 40);
const reopened = all.slice(0, 1);
const gone = all.slice(1, 40);
const asked = all.slice(40, 41);
const others = all.slice(41);
/** In 2023. */
const opened = [...closed, ...others.slice(0, OPENED)];

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
    'Its stores are declared once: which prefix, key or column has the id of a workspace. From then on it only sends an',
    'event when a workspace is closed. All records that carry the id are one collection, and go together.',
  ],
  zone: 'America/New_York',
  steps: [
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
      },
      besides: {
        'inkwell-activity': `create table old_exports (email text); insert into old_exports values ('${TEXT}@mail.example')`,
      },
    },
    {
      kind: 'told',
      at: '2025-02-04T08:00:00-05:00',
      says: 'It begins to send events, first about 140 workspaces that were opened in 2023.',
      by: 'inkwell',
      type: 'workspace.opened',
      entityType: 'workspace',
      ids: opened,
      occurred: '2023-05-01T12:00:00-04:00',
    },
    {
      kind: 'told',
      at: '2025-02-04T09:00:00-05:00',
      says: 'Then about the 40 that were closed on 10 January.',
      by: 'inkwell',
      type: 'workspace.closed',
      entityType: 'workspace',
      ids: closed,
      occurred: '2025-01-10T12:00:00-05:00',
    },
    {
      kind: 'told',
      at: '2025-02-05T09:00:00-05:00',
      says: 'One of them is opened again.',
      by: 'inkwell',
      type: 'workspace.reopened',
      entityType: 'workspace',
      ids: reopened,
      occurred: '2025-02-05T09:00:00-05:00',
    },
    {
      kind: 'forecasted',
      at: '2025-02-06T12:00:00-05:00',
      says: 'What will go, and when?',
      goes: [
        { store: 'inkwell-activity', on: '2025-02-09', collections: gone.length },
        { store: 'inkwell-documents', on: '2025-02-09', collections: gone.length },
        { store: 'inkwell-messages', on: '2025-03-11', collections: gone.length },
      ],
    },
    {
      kind: 'covered',
      at: '2025-02-06T12:10:00-05:00',
      says: 'And what lies there that nothing covers? A table that was forgotten, with addresses in it.',
      store: 'inkwell-activity',
      uncovered: ['public.old_exports'],
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
      kind: 'planned',
      at: '2025-04-01T09:00:00-04:00',
      says: 'What will the next version of the policy change, which comes in two weeks? The answer shows a mistake in it, and no person looks at it.',
      dueAtOnce: { store: 'inkwell-documents', collections: reopened.length + OPENED },
    },
    {
      kind: 'aborted',
      at: '2025-04-15T09:00:00-04:00',
      says: 'It is in effect: documents go 30 days after a workspace was opened, not after it was closed.',
      lane: 'inkwell-documents',
      policy: 'inkwell',
      rule: '30 days after workspace.opened',
      records: MOST,
    },
    {
      kind: 'counted',
      at: '2025-04-15T15:00:00-04:00',
      says: 'Hours later, nothing more is gone.',
      called: 'all other workspaces',
      ids: [...reopened, ...others],
      left: {
        ...per([...reopened, ...others], DOCUMENTS, ENTRIES, MESSAGES),
        'inkwell-documents': (reopened.length + others.length) * DOCUMENTS - MOST,
      },
    },
  ],
  planted: [MARKER, TEXT],
};
