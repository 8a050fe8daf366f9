import { demoConfiguration } from '../../../examples/demo-configuration.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { Locator } from '../../../shared/ports/store.ts';
import type { Fields } from '../../../shared/stores/memory-store.ts';
import { corrected, happened, registered, retracted, type Sending, withdrawn } from '../driver/envelopes.ts';
import type { Chance } from './simulation-random.ts';
import type { SentMessage } from './simulation-messages.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const TRIMMED = ['account', 'contract', 'person'];

/** A thing that events happen to. `spelled`: as the application writes it, which may differ each time. */
export interface Subject {
  readonly type: string;
  readonly id: string;
  readonly shared?: boolean;
}

export interface Place {
  readonly store: string;
  readonly locator: Locator;
}

export interface RegisterOptions {
  readonly categories: readonly string[];
  readonly about: readonly Subject[];
  readonly zone?: string;
  readonly jurisdiction?: string;
}

/** What applications say and do, written down before anything runs. */
export interface Script {
  readonly messages: ReadonlyMap<string, SentMessage>;
  readonly arrivals: readonly { readonly at: Instant; readonly id: string; readonly body: string }[];
  readonly deeds: readonly Deed[];
}

/** An application writes a record that it registered with this message, or removes one. */
export interface Deed extends Place {
  readonly at: Instant;
  readonly written?: { readonly fields: Fields; readonly registration: string };
}

export interface Producers {
  readonly script: Script;
  readonly chance: Chance;
  /** Says that it happened at `occurred`; sent then, unless `sent` says otherwise. Some are corrected or taken back. */
  send(producer: string, type: string, subject: Subject, occurred: Instant, sent?: Instant): void;
  /** Registers, then writes the record; without `fields` it is there already. */
  register(
    producer: string,
    place: Place,
    options: RegisterOptions,
    fields: Fields | undefined,
    at: Instant,
  ): void;
  withdraw(producer: string, place: Place, at: Instant): void;
  remove(place: Place, at: Instant): void;
  /** Says something about what was registered there that arrives at `at`, perhaps just while a worker is at work. */
  interfere(place: string, at: Instant): void;
}

interface Kept {
  readonly producer: string;
  readonly place: Place;
  readonly options: RegisterOptions;
  readonly fields: Fields;
}

/** What undoes the end of each type of entity. */
const UNDONE: Readonly<Record<string, string>> = {
  contract: 'contract.renewed',
  subscription: 'subscription.renewed',
  occasion: 'occasion.postponed',
};
/** What is said makes another bell ring: for one record so often, and then no more. */
const MOST_INTERFERED = 3;
/** Sent so long before it arrives that no clock takes it as from the future. */
const PROMPTLY = 130 * SECOND;

export function placeOf({ store, locator }: Place): string {
  return `${store}|${JSON.stringify(locator)}`;
}

function demoSource(producer: string): string {
  return demoConfiguration.producers[producer]?.source ?? '';
}

/** `pace`: below 1, what is said late comes after that part of the time. `sourceOf`: what a producer's messages come from. */
export function producers(chance: Chance, pace = 1, sourceOf = demoSource): Producers {
  const messages = new Map<string, SentMessage>();
  const arrivals: { at: Instant; id: string; body: string }[] = [];
  const deeds: Deed[] = [];
  const kept = new Map<string, Kept>();
  const interfered = new Map<string, number>();
  let promptly = false;

  /** Most messages take minutes, some weeks; some come twice. A clock that is a minute off must not matter here. */
  function post(what: SentMessage, sent: Instant, body: (sending: Sending) => string): void {
    messages.set(what.id, what);
    const delay = promptly
      ? PROMPTLY
      : chance.happens(0.85)
        ? chance.between(61, 600) * SECOND
        : chance.happens(0.8)
          ? Math.ceil(chance.between(0, 3 * DAY) * pace) + 61 * SECOND
          : Math.ceil(chance.between(0, 150 * DAY) * pace) + 61 * SECOND;
    const arrived = sent + delay;
    const text = body({ source: sourceOf(what.producer), id: what.id, arrived: arrived - 60 * SECOND, sent });
    arrivals.push({ at: arrived, id: what.id, body: text });
    if (chance.happens(0.05)) {
      arrivals.push({ at: arrived + Math.ceil(chance.between(0, 2 * DAY) * pace), id: what.id, body: text });
    }
  }

  const nextId = (): string => `m${messages.size + 1}`;
  const entityOf = (producer: string, { type, id, shared = false }: Subject): string =>
    `${type}|${shared ? '' : producer}|${id}`;
  /** The demonstration trims the ids of some types, and knows persons in any case. */
  const named = ({ type, id, shared = false }: Subject) => {
    const spelled = shared && chance.happens(0.4) ? id.toUpperCase() : id;
    const isTrimmed = TRIMMED.includes(type);
    return { type, id: isTrimmed && chance.happens(0.1) ? ` ${spelled} ` : spelled };
  };
  /** Integers and uuids can be written in more than one way, and are one record all the same. */
  const spelled = ({ store, locator }: Place): Place => ({
    store,
    locator: locator.map((value) => {
      if (!chance.happens(0.1)) return value;
      if (typeof value === 'number') return `+0${value}`;
      return /^[\da-f]{8}-/.test(value) ? value.toUpperCase() : value;
    }),
  });
  /** A date, or a time in one of three offsets. */
  function written(instant: Instant): string {
    if (chance.happens(0.4)) return new Date(instant).toISOString().slice(0, 10);
    const offset = chance.pick([0, 0, 5, -6]);
    const local = new Date(instant + offset * HOUR).toISOString();
    if (offset === 0) return local;
    return local.replace('Z', `${offset < 0 ? '-' : '+'}0${Math.abs(offset)}:00`);
  }

  function sendOnce(
    producer: string,
    type: string,
    subject: Subject,
    occurred: string,
    sent: Instant,
    about?: string,
  ): string {
    const id = nextId();
    const base = { id, producer, entity: entityOf(producer, subject), type, occurred, sent };
    if (about === undefined) {
      post({ kind: 'event', ...base }, sent, (sending) => happened(sending, type, named(subject), occurred));
    } else {
      post({ kind: 'correction', ...base, about }, sent, (sending) =>
        corrected(sending, type, named(subject), occurred, about),
      );
    }
    return id;
  }

  function takeBack(producer: string, subject: Subject, about: string, sent: Instant): void {
    const what = { kind: 'retraction' as const, id: nextId(), producer, type: '', about, sent };
    post({ ...what, entity: entityOf(producer, subject) }, sent, (sending) =>
      retracted(sending, named(subject), about),
    );
  }

  const self: Producers = {
    chance,
    script: { messages, arrivals, deeds },
    send(producer, type, subject, occurred, sent = occurred + chance.between(0, HOUR)) {
      const ids = [sendOnce(producer, type, subject, written(occurred), sent)];
      let last = sent;
      while (chance.happens(0.08)) {
        last += Math.ceil(chance.between(HOUR, 60 * DAY) * pace);
        const really = written(occurred + chance.between(-40 * DAY, 40 * DAY));
        ids.push(sendOnce(producer, type, subject, really, last, chance.pick(ids)));
      }
      // Any of them may be corrected and taken back: the event, or a correction.
      if (!chance.happens(0.03)) return;
      takeBack(producer, subject, chance.pick(ids), last + Math.ceil(chance.between(HOUR, 60 * DAY) * pace));
    },
    register(producer, place, { categories, about, zone, jurisdiction }, fields, at) {
      const what = { kind: 'registration' as const, id: nextId(), producer, sent: at, place: placeOf(place) };
      const entities = about.map((subject) => entityOf(producer, subject));
      const more = {
        ...(zone === undefined ? {} : { zone }),
        ...(jurisdiction === undefined ? {} : { jurisdiction }),
      };
      post({ ...what, categories, entities, ...more }, at, (sending) =>
        registered(sending, {
          ...spelled(place),
          categories,
          entities: about.map(named),
          ...(zone === undefined ? {} : { zone }),
          ...(jurisdiction === undefined ? {} : { attributes: { jurisdiction } }),
        }),
      );
      const arrived = arrivals.find(({ id }) => id === what.id)?.at ?? at;
      if (fields === undefined) return;
      kept.set(placeOf(place), { producer, place, options: { categories, about, ...more }, fields });
      // The application waits for the answer, then writes its record: within the policy's write lag.
      const writtenAt = arrived + chance.between(1, 1500) * SECOND;
      deeds.push({ ...place, at: writtenAt, written: { fields, registration: what.id } });
    },
    withdraw(producer, place, at) {
      const what = { kind: 'withdrawal' as const, id: nextId(), producer, sent: at, place: placeOf(place) };
      post(what, at, (sending) => withdrawn(sending, spelled(place)));
    },
    remove: (place, at) => void deeds.push({ ...place, at }),
    interfere(name, at) {
      const one = kept.get(name);
      const before = interfered.get(name) ?? 0;
      if (one === undefined || before === MOST_INTERFERED) return;
      interfered.set(name, before + 1);
      const { producer, place, options, fields } = one;
      const sent = at - PROMPTLY;
      const [about] = options.about;
      const account = producer === 'paloma-parties' ? 'account.reconnected' : 'account.reopened';
      const undoes = about?.type === 'account' ? account : UNDONE[about?.type ?? ''];
      promptly = true;
      const what = chance.between(0, 3);
      if (what === 0 && about !== undefined && undoes !== undefined)
        sendOnce(producer, undoes, about, new Date(sent).toISOString(), sent);
      else if (what === 1) self.withdraw(producer, place, sent);
      else if (what === 2) {
        self.withdraw(producer, place, sent - 1);
        self.register(producer, place, { ...options, zone: 'Asia/Tokyo' }, undefined, sent);
      } else self.register(producer, place, options, fields, sent);
      promptly = false;
    },
  };
  return self;
}
