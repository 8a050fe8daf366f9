import type { PersonalField } from './survey.ts';

/** Longer names are cut before they are looked at. */
const LONGEST = 255;
/** Fields of one place that are reported. */
const MOST = 10;

/** The first that is found counts. Each is looked for in the words of a name, joined and enclosed by `_`. */
const PATTERNS: readonly (readonly [looksLike: string, pattern: RegExp])[] = [
  ['e-mail address', /e_?mail|_mail_|courriel/],
  ['phone number', /phone|_mobile_|_msisdn_|telefon|_fax_|_tel_/],
  [
    'name of a person',
    /_(first|last|full|given|family|middle|maiden|sur|user|customer|contact|person|display|nick|holder|owner|recipient|patient|guest|employee)_?names?_|surname|vorname|nachname|prenom/,
  ],
  ['network address or device', /_ip_|ip_?addr|_mac_addr|user_?agent|device_id/],
  ['date of birth', /birth|_dob_|geburt|naissance/],
  ['postal address', /address|street|_zip_|zip_?code|post_?code|postal|anschrift|strasse|adresse|_plz_/],
  [
    'identity document',
    /passport|_ssn_|social_security|national_id|_tax_id|_nin_|personnummer|driver_?s?_?licen|id_card|_bsn_|_cpf_|steuer_?(id|nummer)/,
  ],
  [
    'means of payment',
    /_iban_|_bic_|_pan_|card_?(number|no|num|holder)|credit_?card|_cvv_|_cvc_|bank_?account|account_?number|kontonummer/,
  ],
  ['credential', /password|passwd|passwort|_secret_|api_?key|_token_/],
  ['location', /latitude|longitude|_lat_|_lng_|_lon_|geo_?location/],
  ['health', /health|diagnos|medical|allerg|blood|_patient_/],
  ['special category', /religio|ethnic|_gender_|_sex_|sexual|political|trade_union|nationality|geschlecht/],
  ['picture or biometric', /photo|avatar|selfie|portrait|fingerprint|biometric|_face_id/],
  ['pay', /salary|_wages?_|_income_|gehalt/],
];

/** What a name looks as if it stood for; nothing if it looks like nothing personal. A guess by the words in it. */
export function looksLike(name: string): string | undefined {
  const words = `_${wordsOf(name).join('_')}_`;
  return PATTERNS.find(([, pattern]) => pattern.test(words))?.[0];
}

/** `address2`, `firstName` and `E-Mail` have the words `address`, `first` and `name`, `e` and `mail`. */
export function wordsOf(name: string): readonly string[] {
  return name
    .slice(0, LONGEST)
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
}

/** Those of the names that look personal, each once, the first ten. `shown`: a name as it may be reported, if it may. */
export function personalFields(
  names: Iterable<string>,
  shown: (name: string) => string | undefined,
): PersonalField[] {
  const found: PersonalField[] = [];
  for (const name of names) {
    const like = looksLike(name);
    if (like === undefined) continue;
    const text = shown(name);
    found.push({ looksLike: like, ...(text !== undefined && { name: text }) });
  }
  return eachOnce(found);
}

export function eachOnce(fields: readonly PersonalField[]): PersonalField[] {
  const once = new Map(fields.map((field) => [`${field.looksLike}\n${field.name ?? ''}`, field]));
  return [...once.values()].slice(0, MOST);
}
