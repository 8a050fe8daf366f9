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
  return cut.replaceAll(/[^_.\-\s]+/g, (part) => (isId(part) ? '*' : part)).replaceAll(/\*([_.-]\*)+/g, '*');
}

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;

function isId(part: string): boolean {
  const digits = part.replaceAll(/\D/g, '').length;
  if (/^(19|20)\d\d((0[1-9]|1[0-2])\d{0,2})?$/.test(part)) return false;
  return digits >= 3 || (/^[0-9a-f]{8,}$/i.test(part) && digits > 0) || part.length > 40;
}

/** A table as it is named in `CoveredPlaces`. `a.b` in one part is not the table `b` of the schema `a`. */
export function tableName(schema: string, table: string): string {
  return [schema, table].map((part) => (/[."]/.test(part) ? JSON.stringify(part) : part)).join('.');
}
