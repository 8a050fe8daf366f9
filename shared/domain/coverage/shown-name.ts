import { wordsOf } from './personal-name.ts';

/**
 * Words of which the names of prefixes and attributes may consist to be reported. Everything else could be a person's name,
 * and nothing tells `smith/` from `stock/` but knowing the word.
 */
const WORDS = new Set(
  `account accounts address addresses admin agent api app apps archive archived archives asset assets attachment
  attachments audio audit avatar avatars backup backups bank batch billing bin birth blood bookings booking build builds
  cache card cards catalog chat cold config contact contacts content contract contracts copy copies created credit csv customer
  customers daily data database date day debug default deleted delivery demo dev device devices display doc docs document
  documents driver download downloads dump dumps email emails employee employees error errors etl event events export
  exports face failed family fax feed feeds file files financial fingerprint first from full gender given geo guest health
  history holder home hour id identity image images import imports in inbound inbox incoming income index ingest input
  insurance invoice invoices ip jobs json key keys kyc landing last latest latitude lead leads legal letter letters license log
  logs login logo longitude mac mail mails main medical media message messages metadata middle mobile model models month
  monthly name names national nationality new nick no note notes notification notifications num number of old order orders
  original originals out outbound outbox outgoing output owner parquet partner partners passport password patient patients
  payment payments pdf person personal phone photo photos picture pictures portrait postal postcode preview previews private
  processed prod product products profile profiles public queue raw receipt receipts recipient recordings registration
  report reports request requests result results salary sample samples scan scans security selfie session sessions shared
  shipment shipments signature signatures snapshot snapshots social ssn stage staging state statement statements static stats
  stock storage street submission submissions support survey surveys system table tables tax temp temporary test tests thumbnail
  thumbnails ticket tickets tmp token trace traces training trash upload uploads url user users video videos voice web weekly
  work year zip`.split(/\s+/),
);

/** Longer names are cut: a report has room for many places. */
const LONGEST = 128;

/** The name, if it consists of known words and years. Nothing otherwise: `user-7` is an id, too. */
export function plainName(name: string): string | undefined {
  if (name.length > 64) return undefined;
  const isPlain = name.split(/[-_. =]/).every((part) => /^([A-Za-z]+|(19|20)\d\d)$/.test(part));
  return isPlain && wordsOf(name).every((word) => WORDS.has(word)) ? name : undefined;
}

/**
 * The name of a table or column, which someone chose for a structure, with `*` in place of parts that look like ids: what has
 * an `@` or many digits, and everything that is not the name of a structure at all.
 */
export function structureName(name: string): string {
  const cut = name.slice(0, LONGEST).replaceAll(UUID, '*');
  if (/[@\p{Cc}\p{Cs}\p{Cf}/\\"'<>]/u.test(cut)) return '*';
  return withoutNumbers(cut)
    .replaceAll(/[^_.\-\s]+/g, (part) => (isId(part) ? '*' : part))
    .replaceAll(/\*([_.\-\s]+\*)+/g, '*');
}

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
/** A number in parts, as telephone numbers are written. */
const NUMBER = /(?<![^_.\-\s])[+(]?\p{Nd}+\)?(?:[_.\-\s]+\(?\p{Nd}+\)?)+(?![^_.\-\s])/gu;
/** A day, a month, or two years. */
const DATE = /^(19|20)\d\d[_.\-\s]+((0?[1-9]|1[0-2])([_.\-\s]+([0-2]?\d|3[01]))?|(19|20)\d\d)$/;

function withoutNumbers(name: string): string {
  return name.replaceAll(NUMBER, (number) => (!DATE.test(number) && digitsIn(number) >= 3 ? '*' : number));
}

function isId(part: string): boolean {
  const digits = digitsIn(part);
  if (/^(19|20)\d\d((0[1-9]|1[0-2])\d{0,2})?$/.test(part)) return false;
  return digits >= 3 || (/^[0-9a-f]{8,}$/i.test(part) && digits > 0) || part.length > 40;
}

/** Of every script. */
function digitsIn(text: string): number {
  return text.replaceAll(/\P{Nd}/gu, '').length;
}

/** A name beside others. `like`: what it has in common with those that are one of each tenant, such as its columns. */
export interface StructureName {
  readonly name: string;
  readonly like?: string;
}

/** In more names than that the same parts differ: they are one of each tenant, and the parts may be the tenants. */
const FEW_NAMES = 5;
/** Further parts of a name are one. */
const MOST_WORDS = 8;

/**
 * Names of structures beside each other, as `structureName` shows each. Where more than five are the same but for parts that are
 * different in each, and are not ordinary words, those are `*`, too: `messages_ada` and five others are `messages_*`. A
 * name of which nothing would be left is hidden only if it has something else in common with the others.
 */
export function structureNames(names: readonly StructureName[]): readonly string[] {
  const likes = new Map(names.map(({ like }, index) => [like, index]));
  const all = names.map(({ name, like }) => ({
    ...wordsAndJoints(structureName(name)),
    like: like === undefined ? undefined : likes.get(like),
  }));
  const groups = new Map<string, Set<string>[]>();
  for (const one of all)
    for (const { from, to, key } of rangesOf(one)) {
      const found = groups.get(key) ?? one.words.slice(from, to).map(() => new Set<string>());
      groups.set(key, found);
      for (const [index, words] of found.entries()) words.add(one.words[from + index] ?? '');
    }
  return all.map((one) => {
    const hidden = new Set<number>();
    for (const { from, to, key } of rangesOf(one)) {
      if (!(groups.get(key) ?? []).every(({ size }) => size > FEW_NAMES)) continue;
      for (let index = from; index < to; index += 1) hidden.add(index);
    }
    const shown = one.words.map((word, index) => (hidden.has(index) ? '*' : word));
    return shown
      .map((word, index) => `${word}${one.joints[index] ?? ''}`)
      .join('')
      .replaceAll(/\*([_.\-\s]+\*)+/g, '*');
  });
}

interface Worded {
  readonly words: readonly string[];
  readonly joints: readonly string[];
  /** The same number for the same text. */
  readonly like: number | undefined;
}

function wordsAndJoints(name: string): Pick<Worded, 'words' | 'joints'> {
  const parts = name.split(/([_.\-\s]+)/);
  const head = parts.slice(0, 2 * MOST_WORDS - 2);
  const rest = parts.slice(2 * MOST_WORDS - 2).join('');
  const some = rest === '' ? head : [...head, rest];
  return {
    words: some.filter((_, index) => index % 2 === 0),
    joints: some.filter((_, index) => index % 2 === 1),
  };
}

/** Parts beside each other that are not ordinary words. `key`: what is the same in all names that differ in them alone. */
function* rangesOf({ words, joints, like }: Worded) {
  for (let from = 0; from < words.length; from += 1)
    for (let to = from + 1; to <= words.length && mayBeTenant(words[to - 1] ?? ''); to += 1) {
      if (to - from === words.length && like === undefined) continue;
      const others = [words.slice(0, from), joints, words.slice(to)];
      yield { from, to, key: JSON.stringify([like ?? null, ...others]) };
    }
}

function mayBeTenant(word: string): boolean {
  return word !== '' && word !== '*' && plainName(word) === undefined;
}

/** A table as it is named in `CoveredPlaces`. `a.b` in one part is not the table `b` of the schema `a`. */
export function tableName(schema: string, table: string): string {
  return [schema, table].map((part) => (/[."]/.test(part) ? JSON.stringify(part) : part)).join('.');
}
