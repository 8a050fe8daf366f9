import { entryIn, isOutcome } from '../../shared/domain/log/entry-schema.ts';
import { vkeyOf } from '../../shared/domain/log/note.ts';
import type { VerifiedReceipt } from '../../shared/domain/log/receipt.ts';
import { escaped, htmlPage } from '../../shared/domain/people/html-page.ts';
import type { Entry, NoteEntry } from '../../shared/domain/record/entry.ts';
import { datasetLines, dueCounts } from './due-counts.ts';

type Right = Extract<VerifiedReceipt, { readonly ok: true }>;

const STYLE =
  'body{font-size:14px;line-height:1.4}dl{display:grid;grid-template-columns:11rem 1fr;gap:.2rem 1rem;margin:.4rem 0}' +
  'dt{color:#444}dd{margin:0;overflow-wrap:anywhere}h2{margin:.9rem 0 .2rem}p{margin:.3rem 0}' +
  'code,pre{font:11px/1.4 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}' +
  'pre{white-space:pre-wrap;border:1px solid #bbb;padding:.4rem;margin:.3rem 0;break-inside:avoid}' +
  '@page{size:A4;margin:16mm}@media print{body{font-size:9pt;line-height:1.3}h1{margin:0;font-size:14pt}h2{font-size:11pt;margin:.6rem 0 .1rem}code,pre{font-size:8pt}}';

/** A page about a receipt that was checked, for people: what was done, when, by which rule, and how to check it. */
export function certificate({ receipt, checkpoint, signers }: Right): string {
  const found = entryIn(receipt.entry);
  const entry = found !== undefined && isOutcome(found) ? found : undefined;
  const { index, record } = receipt;
  const { origin, size } = checkpoint;
  const keys = signers.map((signer) => vkeyOf(signer));
  const body = [
    entry === undefined ? aboutNoAttempt(found) : whatWasDone(entry, record?.ref),
    '<h2>Where it is written</h2>',
    list([
      ['Log', origin],
      ['Entry', `${index}, of ${size} entries that are signed`],
      ['Root of the log', Buffer.from(checkpoint.root).toString('base64')],
      ['Signed by', keys.join(', ')],
    ]),
    '<h2>How to check it</h2>',
    paragraph(
      'Keep the receipt (a JSON file) with this page: it is the proof, and this page only describes it. Get the key of the log from its operator, not from this page. Then run, on any computer and without a network:',
    ),
    `<pre>tenure log verify receipt.json --key KEY</pre>`,
    paragraph(
      'The command computes the root of the log from the entry and the hashes in the receipt, and checks the signature of the root. The formats are public (RFC 9162, and C2SP signed-note and tlog-checkpoint), so other programs can check it, too.',
    ),
    '<h2>What it proves</h2>',
    paragraph(
      'That the operator of the log signed this entry and cannot change it any more without being found out. It does not prove that no copy of the data is elsewhere.',
    ),
    `<pre>${escaped(receipt.checkpoint)}</pre>`,
  ];
  return htmlPage({ title: titleOf(entry), body: body.join('\n'), style: STYLE });
}

/** What is said of an entry that is not about an attempt: only what is known of it. */
function aboutNoAttempt(entry: ReturnType<typeof entryIn>): string {
  if (entry === undefined)
    return paragraph(
      'This version of tenure does not know the form of this entry, so this page does not say what it is about. A later version may.',
    );
  if (isOutcome(entry)) return '';
  const { did, at } = entry;
  return [
    paragraph(noteIn(entry)),
    list([
      ['What', did],
      ['Reference', 'stages' in entry ? `${entry.holding}, generation ${entry.generation}` : undefined],
      ['New key of the log', did === 'rotate-key' ? entry.key : undefined],
      ['Dropped', did === 'drop' ? `all entries before entry ${entry.before}` : undefined],
      ['When', time(at)],
    ]),
    ...(did === 'statement' ? datasetLines(entry).map(paragraph) : []),
  ].join('\n');
}

function noteIn(entry: NoteEntry): string {
  if (entry.did === 'disposed-before-fact')
    return `This entry says that a fact came too late: a record in the store “${entry.store}” had been disposed of before it.`;
  if (entry.did === 'came-back')
    return `This entry says that a record which had been deleted was in the store “${entry.store}” again, as after a restore from a backup.`;
  if (entry.did === 'due-list' || entry.did === 'statement')
    return `This entry says how many records were due from ${entry.first} to ${entry.last}, and what had come of them: ${dueCounts(entry.due)}.`;
  return 'This entry does not say that a record was disposed of. It says what was done with facts, records or lanes.';
}

function titleOf(entry: Entry | undefined): string {
  return entry === undefined ? 'Receipt of an entry' : `Receipt: ${WORDS[entry.outcome].title}`;
}

const WORDS: Readonly<Record<Entry['outcome'], { readonly title: string; readonly done: string }>> = {
  deleted: { title: 'data was deleted', done: 'was deleted' },
  anonymised: { title: 'data was anonymised', done: 'was anonymised' },
  pseudonymised: {
    title: 'data was pseudonymised',
    done: 'was pseudonymised: some of its fields have a substitute now',
  },
  restricted: { title: 'data was restricted', done: 'was restricted: it is kept, and may not be used' },
  lifted: { title: 'a restriction was lifted', done: 'may be used again: its restriction was lifted' },
  'already-so': { title: 'nothing was left to do', done: 'was looked at, and nothing was left to do' },
  requested: {
    title: 'a vendor was asked',
    done: 'is at a vendor, who was asked to carry this step out',
  },
  'confirmed-by-vendor': {
    title: 'a vendor has confirmed',
    done: 'is at a vendor, who says that this step was carried out; nothing was read back',
  },
  held: { title: 'data was kept', done: 'was kept because of a legal hold' },
  'too-early': { title: 'data was kept', done: 'was kept because it was not due yet' },
  changed: { title: 'data was kept', done: 'was kept because it had changed since the decision' },
  refused: { title: 'data was kept', done: 'was kept because its store refused' },
  failed: { title: 'an attempt failed', done: 'was not disposed of: the attempt failed' },
};

function whatWasDone(entry: Entry, record: string | undefined): string {
  const { page, stage, part, outcome, store, categories } = entry;
  const things = page === undefined || record !== undefined ? 'A record' : 'A group of records';
  const kinds = categories.length === 0 ? '' : ` (${categories.join(', ')})`;
  const facts = entry.facts.map(({ type, occurred }) =>
    occurred === undefined ? type : `${type} (${occurred})`,
  );
  const { window = {} } = entry;
  return [
    `<p class="what">${escaped(`${things} in the store “${store}”${kinds} ${WORDS[outcome].done}.`)}</p>`,
    '<h2>What and when</h2>',
    list([
      ['Reference', `${entry.holding}, generation ${entry.generation}`],
      ['Record', record],
      ['Step', part === undefined ? stage : `${stage}, of the part ${part}`],
      ['About', entry.subjects.map(({ type, ref }) => `${type} ${ref}`).join(', ')],
      [
        'Records',
        page && `${page.records} ${page.records === 1 ? 'record was' : 'records were'} read back as promised`,
      ],
      ['Records that stay', page?.kept?.toString()],
      ['Due', time(entry.due)],
      ['Begun', time(entry.leased)],
      ['Done', time(entry.acted)],
      ['Looked at afterwards', time(entry.readBack)],
      ['Answer of the store', entry.answer],
      ['Backups have it until', time(entry.unrecoverableAt)],
    ]),
    '<h2>By which rule</h2>',
    list([
      ['Policy', entry.policy === '' ? undefined : `${entry.policy}, version ${entry.policyVersion}`],
      ['Rule', entry.rule],
      ['Because of', facts.join(', ')],
      ['Not before', time(window.notBefore)],
      ['At the latest', time(window.notAfter)],
      ['Basis', entry.basis],
    ]),
  ].join('\n');
}

function time(iso: string | undefined): string | undefined {
  return iso?.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC');
}

function paragraph(text: string): string {
  return `<p>${escaped(text)}</p>`;
}

/** Pairs without a value are left out. */
function list(pairs: readonly (readonly [string, string | undefined])[]): string {
  const rows = pairs.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`],
  );
  return `<dl>\n${rows.join('\n')}\n</dl>`;
}
