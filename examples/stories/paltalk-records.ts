import { objectOf, type Sent, type Story, type StoryRecord } from './story.ts';

interface Profile extends Required<Pick<StoryRecord, 'name' | 'by' | 'attributes'>> {
  readonly member: string;
  readonly email: string;
}

export function profile({ member, email, ...record }: Profile): StoryRecord {
  return {
    ...record,
    store: 'paltalk-members',
    key: [`${record.by}#${member}-MARKER-PALTALK-4`],
    fields: { nickname: member, email, bornOn: '1969-08-15' },
    categories: ['member-profile'],
    purposes: ['service'],
    entities: about(member, email),
  };
}

export function device(
  name: string,
  member: string,
  email: string,
  attributes: Readonly<Record<string, string>>,
): StoryRecord {
  return {
    name,
    by: 'paltalk',
    store: 'paltalk-devices',
    key: [`paltalk#${member}-MARKER-PALTALK-4`, 1],
    fields: {
      ipAddress: '203.0.113.77',
      deviceId: `device-of-${member}-MARKER-PALTALK-5`,
      lastSeen: '2025-01-29',
      actions: 17,
    },
    categories: ['device-data'],
    purposes: ['service'],
    entities: about(member, email),
    attributes,
  };
}

export function recording(
  name: string,
  member: string,
  email: string,
  attributes: Readonly<Record<string, string>>,
): StoryRecord {
  return {
    name,
    by: 'paltalk',
    store: 'paltalk-recordings',
    key: [`paltalk#${member}/2025-02-01 Schöne Grüße.webm`],
    fields: objectOf('video/webm', ['what was said, MARKER-PALTALK-8']),
    categories: ['member-recordings'],
    purposes: ['service'],
    entities: about(member, email),
    attributes,
  };
}

export function marketing(name: string, by: string, member: string, email: string): StoryRecord {
  return {
    name,
    by,
    store: 'paltalk-marketing',
    key: [`${by}#${member}-MARKER-PALTALK-7`],
    fields: { email, interests: 'chess, MARKER-PALTALK-6' },
    categories: ['member-marketing'],
    purposes: ['marketing'],
    entities: about(member, email),
    attributes: { jurisdiction: 'EU' },
  };
}

/** The member's address at the service that sends the newsletter. */
export function subscriber(name: string, member: string, email: string): StoryRecord {
  return {
    ...marketing(name, 'paltalk', member, email),
    store: 'paltalk-mailing',
    key: [`paltalk#${member}-MARKER-PALTALK-12`],
    fields: { email },
  };
}

interface Purchase {
  readonly name: string;
  readonly member: string;
  readonly email: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export function purchase({ name, member, email, attributes }: Purchase): StoryRecord {
  return {
    name,
    by: 'paltalk',
    store: 'paltalk-purchases',
    key: [`paltalk#gift of ${member}`],
    fields: { email, amount: 5, bought_on: '2025-02-06' },
    categories: ['purchase-records'],
    purposes: ['service'],
    entities: [...about(member, email), { type: 'purchase', id: `gift of ${member}` }],
    attributes,
  };
}

export function bought(at: string, member: string, says: string): Story['steps'][number] {
  return overHttp('purchase.completed', { at, says, entity: { type: 'purchase', id: `gift of ${member}` } });
}

export function person(email: string): { readonly type: string; readonly id: string } {
  return { type: 'person', id: email };
}

/** Each app has its own accounts; the person is the same in all of them. */
function about(member: string, email: string): StoryRecord['entities'] {
  return [{ type: 'account', id: member }, person(email)];
}

export function closed(at: string, by: string, member: string, says: string): Story['steps'][number] {
  const entity = { type: 'account', id: member };
  return { kind: 'sent', at, says, by, over: 'bus', type: 'account.closed', entity, occurred: at };
}

export function objected(at: string, email: string, says: string): Story['steps'][number] {
  return overHttp('marketing.objected', { at, says, entity: person(email) });
}

function overHttp(type: string, told: Pick<Sent, 'at' | 'says' | 'entity'>): Sent {
  return { ...told, kind: 'sent', by: 'paltalk', over: 'http', type, occurred: told.at };
}
