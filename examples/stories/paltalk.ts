import {
  bought,
  closed,
  device,
  marketing,
  person,
  profile,
  purchase,
  recording,
} from './paltalk-records.ts';
import type { Story } from './story.ts';

const LENA = 'lena.MARKER-PALTALK-1@mail.example';
const KIM = 'kim.MARKER-PALTALK-3@mail.example';
const MIA = 'mia.MARKER-PALTALK-9@mail.example';
const NOAH = 'noah.MARKER-PALTALK-10@mail.example';
const BEN = 'ben.MARKER-PALTALK-11@mail.example';
const EU = { jurisdiction: 'EU' };
const US = { jurisdiction: 'US' };

export const paltalk: Story = {
  name: 'paltalk',
  title: 'Paltalk, a chat of many brands in the United States and Europe',
  about: [
    'The text states no period, so the policy loads only after the operator has set two caps: data of closed accounts',
    'is gone within 30 days for members whom the GDPR protects ("gdpr cap"), and within 2 years for all other members',
    '("fallback cap"). If the jurisdiction of a member is not known, nothing is guessed: the data is kept and reported.',
  ],
  zone: 'America/New_York',
  steps: [
    {
      kind: 'written',
      at: '2025-02-05T11:00:00-05:00',
      says: 'Lena (Berlin) uses Paltalk and Camfrog, Joe (Ohio) uses Paltalk, and it is not known where Kim lives.',
      records: [
        profile({ name: "Lena's profile", by: 'paltalk', member: 'lena', email: LENA, attributes: EU }),
        device("Lena's device", 'lena', LENA, EU),
        recording("Lena's recording", 'lena', LENA, EU),
        marketing("Lena's interests on Paltalk", 'paltalk', 'lena', LENA),
        marketing("Lena's interests on Camfrog", 'camfrog', 'lenchen', LENA),
        profile({
          name: "Joe's profile",
          by: 'paltalk',
          member: 'joe',
          email: 'joe.MARKER-PALTALK-2@mail.example',
          attributes: US,
        }),
        device("Joe's device", 'joe', 'joe.MARKER-PALTALK-2@mail.example', US),
        recording("Joe's recording", 'joe', 'joe.MARKER-PALTALK-2@mail.example', US),
        profile({
          name: "Kim's profile",
          by: 'tinychat',
          member: 'kim',
          email: KIM,
          attributes: {},
        }),
        profile({
          name: "Mia's profile on Paltalk",
          by: 'paltalk',
          member: 'mia',
          email: MIA,
          attributes: EU,
        }),
        profile({
          name: "Mia's profile on Camfrog",
          by: 'camfrog',
          member: 'mimi',
          email: MIA,
          attributes: EU,
        }),
        // Camfrog knows only the account here; that it is Mia's is known from her profile.
        {
          ...device("Mia's device on Camfrog", 'mimi', MIA, EU),
          by: 'camfrog',
          key: ['camfrog#mimi-MARKER-PALTALK-4', 1],
          entities: [{ type: 'account', id: 'mimi' }],
        },
        profile({ name: "Noah's profile", by: 'paltalk', member: 'noah', email: NOAH, attributes: US }),
        marketing("Noah's interests on Paltalk", 'paltalk', 'noah', NOAH),
        marketing("Noah's interests on Camfrog", 'camfrog', 'noah2', NOAH),
        profile({ name: "Ben's profile", by: 'paltalk', member: 'ben', email: BEN, attributes: US }),
        purchase({ name: "Mia's purchase", member: 'mia', email: MIA, attributes: EU }),
        purchase({ name: "Ben's purchase", member: 'ben', email: BEN, attributes: US }),
      ],
    },
    bought('2025-02-06T12:00:00-05:00', 'mia', 'Mia (Lyon) buys a virtual gift.'),
    bought('2025-02-06T13:00:00-05:00', 'ben', 'So does Ben (Ohio).'),
    {
      kind: 'filed',
      at: '2025-02-20T10:00:00-05:00',
      says: 'Mia (Lyon) asks Paltalk to delete her data. One request reaches all apps.',
      by: 'operator',
      request: { id: 'erase-mia', kind: 'erase', entity: person(MIA), jurisdiction: 'FR' },
      // GDPR: one month.
      deadline: '2025-03-20',
      answer: [
        { store: 'paltalk-members', category: 'member-profile', state: 'due' },
        { store: 'paltalk-members', category: 'member-profile', state: 'due' },
        { store: 'paltalk-devices', category: 'device-data', state: 'due' },
        { store: 'paltalk-purchases', category: 'purchase-records', state: 'due', action: 'restrict' },
      ],
    },
    {
      kind: 'filed',
      at: '2025-02-20T10:02:00-05:00',
      says: 'Ben (Ohio) asks for the same. The policy has no law of his that keeps a purchase.',
      by: 'operator',
      request: { id: 'erase-ben', kind: 'erase', entity: person(BEN), jurisdiction: 'US-OH' },
      // No deadline of Ohio is configured, so the shortest one counts.
      deadline: '2025-03-20',
      answer: [
        { store: 'paltalk-members', category: 'member-profile', state: 'due' },
        { store: 'paltalk-purchases', category: 'purchase-records', state: 'due', action: 'delete' },
      ],
    },
    {
      kind: 'filed',
      at: '2025-02-20T10:05:00-05:00',
      says: 'Kim asks for the same. It is not known where Kim lives, so nothing is deleted on a guess.',
      by: 'operator',
      request: { id: 'erase-kim', kind: 'erase', entity: person(KIM) },
      // The shortest of all: until it is known, the strictest law counts.
      deadline: '2025-03-20',
      answer: [{ store: 'paltalk-members', category: 'member-profile', state: 'undetermined' }],
    },
    {
      kind: 'filed',
      at: '2025-02-20T10:10:00-05:00',
      says: 'Noah (California) stays a member, and objects to marketing.',
      by: 'operator',
      request: {
        id: 'object-noah',
        kind: 'object',
        entity: person(NOAH),
        scope: { purposes: ['marketing'] },
        jurisdiction: 'US-CA',
      },
      // CCPA: 45 days.
      deadline: '2025-04-06',
      answer: [
        { store: 'paltalk-marketing', category: 'member-marketing', state: 'due' },
        { store: 'paltalk-marketing', category: 'member-marketing', state: 'due' },
      ],
    },
    {
      kind: 'checked',
      at: '2025-02-20T10:30:00-05:00',
      says: 'Minutes later.',
      gone: [
        "Mia's profile on Paltalk",
        "Mia's profile on Camfrog",
        "Mia's device on Camfrog",
        "Noah's interests on Paltalk",
        "Noah's interests on Camfrog",
        "Ben's profile",
        "Ben's purchase",
      ],
      restricted: ["Mia's purchase"],
      unrestricted: ["Noah's profile"],
      remains: [{ record: "Kim's profile", because: 'jurisdiction' }],
    },
    {
      kind: 'followed',
      at: '2025-02-22T10:00:00-05:00',
      says: 'Kim has to be asked: the request stays open.',
      by: 'operator',
      id: 'erase-kim',
      state: 'running',
      answer: [{ store: 'paltalk-members', category: 'member-profile', state: 'undetermined' }],
    },
    {
      kind: 'followed',
      at: '2025-02-22T10:05:00-05:00',
      says: 'Mia gets her answer: a law of the European Union keeps her purchase.',
      by: 'operator',
      id: 'erase-mia',
      state: 'closed',
      answer: [
        { store: 'paltalk-members', category: 'member-profile', state: 'gone' },
        { store: 'paltalk-members', category: 'member-profile', state: 'gone' },
        { store: 'paltalk-devices', category: 'device-data', state: 'gone' },
        {
          store: 'paltalk-purchases',
          category: 'purchase-records',
          state: 'kept-by-law',
          restricted: true,
          until: '2036-01-01',
          rule: '10 years after the end of the calendar year of purchase.completed',
        },
      ],
      letter: ['were deleted on 2025-02-20', 'The law requires us to keep these records until 2036-01-01'],
    },
    {
      kind: 'followed',
      at: '2025-02-22T10:10:00-05:00',
      says: "Ben gets his: his purchase is gone. The same kind of data as Mia's, the same request, another law.",
      by: 'operator',
      id: 'erase-ben',
      state: 'closed',
      answer: [
        { store: 'paltalk-members', category: 'member-profile', state: 'gone' },
        { store: 'paltalk-purchases', category: 'purchase-records', state: 'gone' },
      ],
      letter: ['were deleted on 2025-02-20'],
    },
    {
      kind: 'sent',
      at: '2025-03-10T09:00:00-04:00',
      says: 'Lena objects to marketing, on Paltalk. She is one person in all of the apps.',
      by: 'paltalk',
      over: 'http',
      type: 'marketing.objected',
      entity: { type: 'person', id: ` ${LENA.toUpperCase()}` },
      occurred: '2025-03-10T09:00:00-04:00',
    },
    {
      kind: 'checked',
      at: '2025-03-11T09:00:00-04:00',
      says: 'A day later, in both apps.',
      gone: ["Lena's interests on Paltalk", "Lena's interests on Camfrog"],
      remains: [{ record: "Lena's profile", because: 'Until then the holding is kept' }],
    },
    {
      kind: 'asked',
      at: '2025-03-20T12:00:00-04:00',
      says: 'She asks which data about her still exists, in all apps.',
      entity: { type: 'person', id: LENA },
      holds: ["Lena's profile", "Lena's device", "Lena's recording"],
    },
    closed('2025-04-01T20:00:00-04:00', 'paltalk', 'lena', 'Lena closes her account.'),
    closed('2025-04-01T21:00:00-04:00', 'paltalk', 'joe', 'So does Joe.'),
    closed('2025-04-01T22:00:00-04:00', 'tinychat', 'kim', 'And Kim.'),
    {
      kind: 'checked',
      at: '2025-05-01T20:00:00-04:00',
      says: '30 days later: the same event, three results.',
      gone: ["Lena's profile", "Lena's recording"],
      masked: [
        {
          record: "Lena's device",
          cleared: ['ipAddress'],
          replaced: ['deviceId'],
          shows: { lastSeen: '2025-01-01', actions: 17 },
        },
      ],
      remains: [
        { record: "Joe's profile", because: 'delete by “' },
        { record: "Joe's device", because: 'anonymise by “' },
        { record: "Joe's recording", because: 'delete by “' },
        { record: "Kim's profile", because: 'jurisdiction' },
      ],
    },
    {
      kind: 'checked',
      at: '2027-04-01T21:00:00-04:00',
      says: 'Two years later, when the fallback cap ends.',
      gone: ["Joe's profile", "Joe's recording"],
      masked: [{ record: "Joe's device", cleared: ['ipAddress'], replaced: ['deviceId'] }],
      restricted: ["Mia's purchase"],
      remains: [
        { record: "Kim's profile", because: 'jurisdiction' },
        { record: "Mia's purchase", because: 'statutory' },
      ],
    },
  ],
  planted: ['MARKER-PALTALK', '203.0.113.77', '1969-08-15'],
};
