import { objectOf, type Sent as Event, type Story, type StoryRecord } from './story.ts';

const ANNA = 'anna.MARKER-PARTIES-1@mail.example';
const BEN = 'ben.MARKER-PARTIES-2@mail.example';
const CARLA = 'carla.MARKER-PARTIES-3@mail.example';
/** Stands for the bytes of an image. */
const IMAGE = 'picture of MARKER-PARTIES-6';
const EMIL = 'emil.MARKER-PARTIES-7@mail.example';
const DORA = 'dora.MARKER-PARTIES-4@mail.example';

export const palomaParties: Story = {
  name: 'paloma-parties',
  title: 'Paloma Parties, an events app in Canada',
  about: [
    'What a connected account brought, with every version of a picture, is deleted within 30 days after it is',
    'disconnected; connecting it again before that undoes it. Marketing addresses go when consent is withdrawn, everything when the account is deleted.',
  ],
  zone: 'America/Toronto',
  steps: [
    {
      kind: 'written',
      at: '2025-01-13T10:00:00-05:00',
      says: 'Anna, Ben, Carla, Dora and Emil connect their Google accounts and sign up for a party.',
      records: [
        profile("Anna's profile", ANNA, '1931-07-19'),
        answers("Anna's form", 1001, ANNA),
        picture("Anna's picture", ANNA, `an older ${IMAGE}`, IMAGE),
        profile("Ben's profile", BEN, '1988-02-29'),
        answers("Ben's form", 1002, BEN),
        picture("Ben's picture", BEN, IMAGE),
        profile("Carla's profile", CARLA, '1990-11-30'),
        {
          name: "Carla's newsletter address",
          by: 'paloma-parties',
          store: 'parties-profiles',
          key: [`newsletter/${CARLA}`],
          fields: { email: CARLA, revision: 1 },
          categories: ['marketing-contact'],
          purposes: ['marketing'],
          entities: [{ type: 'account', id: CARLA }],
        },
        profile("Dora's profile", DORA, '1977-05-06'),
        profile("Emil's profile", EMIL, '1966-10-01'),
        picture("Emil's picture", EMIL, IMAGE),
        {
          name: "Ben's invitation list",
          by: 'paloma-parties',
          store: 'parties-profiles',
          key: [`list/${BEN}`],
          fields: { party: 'birthday', newsletter: BEN, revision: 1 },
          categories: ['external-profile'],
          purposes: ['service', 'marketing'],
          entities: [{ type: 'account', id: BEN }],
        },
      ],
    },
    sent({
      at: '2025-02-03T09:30:00-05:00',
      over: 'bus',
      type: 'account.disconnected',
      id: ANNA,
      says: 'Anna disconnects her Google account.',
    }),
    sent({
      at: '2025-02-03T16:45:00-05:00',
      over: 'http',
      type: 'account.disconnected',
      id: BEN,
      says: 'Ben disconnects his.',
    }),
    sent({
      at: '2025-02-10T08:15:00-05:00',
      over: 'bus',
      type: 'account.reconnected',
      id: BEN,
      says: 'Ben connects it again, a week later.',
    }),
    sent({
      at: '2025-02-12T12:00:00-05:00',
      over: 'http',
      type: 'consent.withdrawn',
      id: CARLA,
      says: 'Carla unsubscribes from the newsletter.',
    }),
    {
      kind: 'checked',
      at: '2025-02-12T13:00:00-05:00',
      says: 'One hour later.',
      gone: ["Carla's newsletter address"],
      remains: [{ record: "Carla's profile", because: 'Until then the holding is kept' }],
    },
    {
      ...sent({
        at: '2025-02-14T10:00:00-05:00',
        over: 'http',
        type: 'permission.withdrawn',
        id: BEN,
        says: 'Ben takes back his consent to marketing, but goes on organising parties.',
      }),
      attributes: { purpose: 'marketing' },
    },
    {
      kind: 'checked',
      at: '2025-02-14T11:00:00-05:00',
      says: 'An hour later, only what marketing needed is gone from his list.',
      masked: [{ record: "Ben's invitation list", cleared: ['newsletter'], shows: { party: 'birthday' } }],
    },
    {
      kind: 'filed',
      at: '2025-02-18T09:00:00-05:00',
      says: 'Emil asks for immediate deletion.',
      by: 'paloma-parties',
      request: {
        id: 'delete-emil',
        kind: 'erase',
        entity: { type: 'account', id: EMIL },
        jurisdiction: 'CA',
      },
      deadline: '2025-03-18',
      answer: [
        { store: 'parties-profiles', category: 'external-profile', state: 'due' },
        { store: 'parties-pictures', category: 'external-profile', state: 'due' },
      ],
    },
    {
      kind: 'checked',
      at: '2025-02-18T09:30:00-05:00',
      says: 'Half an hour later, in both stores, with every version of the picture.',
      gone: ["Emil's profile", "Emil's picture"],
    },
    sent({
      at: '2025-02-20T18:00:00-05:00',
      over: 'http',
      type: 'account.deleted',
      id: DORA,
      says: 'Dora deletes her account for good.',
    }),
    {
      kind: 'checked',
      at: '2025-02-21T18:00:00-05:00',
      says: 'A day later.',
      gone: ["Dora's profile"],
    },
    {
      kind: 'checked',
      at: '2025-03-05T09:30:00-05:00',
      says: '30 days after Anna disconnected.',
      gone: ["Anna's profile", "Anna's form", "Anna's picture"],
      remains: [
        { record: "Ben's profile", because: 'undid the earlier ones' },
        { record: "Ben's form", because: 'undid the earlier ones' },
        { record: "Ben's picture", because: 'undid the earlier ones' },
      ],
    },
  ],
  planted: ['MARKER-PARTIES', '1931-07-19', '1988-02-29', '1990-11-30', '1977-05-06', '1966-10-01'],
};

function profile(name: string, id: string, birthDate: string): StoryRecord {
  return {
    name,
    by: 'paloma-parties',
    store: 'parties-profiles',
    key: [id],
    fields: { email: id, birthDate, revision: 1 },
    categories: ['external-profile'],
    purposes: ['service'],
    entities: [{ type: 'account', id }],
  };
}

/** In a bucket that keeps every version of it, the oldest first. */
function picture(name: string, id: string, ...versions: readonly string[]): StoryRecord {
  return {
    name,
    by: 'paloma-parties',
    store: 'parties-pictures',
    key: [`${id}/picture.png`],
    fields: objectOf('image/png', versions),
    categories: ['external-profile'],
    purposes: ['service'],
    entities: [{ type: 'account', id }],
  };
}

function answers(name: string, answer: number, id: string): StoryRecord {
  return {
    name,
    by: 'paloma-parties',
    store: 'parties-forms',
    key: [answer],
    fields: { attendee: name, email: id, answers: 'vegetarian, MARKER-PARTIES-5' },
    categories: ['event-form-data'],
    purposes: ['service'],
    entities: [{ type: 'account', id }],
  };
}

interface Sent {
  readonly at: string;
  readonly over: 'bus' | 'http';
  readonly type: string;
  readonly id: string;
  readonly says: string;
}

function sent({ id, ...rest }: Sent): Event {
  return {
    kind: 'sent',
    by: 'paloma-parties',
    entity: { type: 'account', id },
    occurred: rest.at,
    ...rest,
  };
}
