import { parseCheckpoint } from '../../../shared/domain/log/checkpoint.ts';
import { cosignaturesOf } from '../../../shared/domain/log/cosignature.ts';
import { noteKey, parseNote } from '../../../shared/domain/log/note.ts';
import type { Witness } from '../../../shared/ports/log.ts';
import type { Witnesses } from '../../../shared/protocol/log/publish.ts';
import type { WriteLogCore } from '../../../shared/protocol/log/write-log.ts';
import { logWorld } from './log-world.ts';
import { testWitness } from './note-keys.ts';
import { testSigner } from './test-signer.ts';
import { wrongTree } from './wrong-tree.ts';
import { askedDirectly, type WitnessBook, witnessBook } from './witness-book.ts';

export const LOG_KEY = noteKey('tenure/deletion-log', await testSigner().publicKey());

/** The n-th witness of a test. */
export function bookOf(n: number): WitnessBook {
  return witnessBook(testWitness(`witness.example/w${n}`, 100 + n), [LOG_KEY]);
}

export type WitnessedWorld = ReturnType<typeof witnessedWorld>;

/** A log with three witnesses, two of which are needed, unless said otherwise. */
export function witnessedWorld({
  needed = 2,
  ifMissing = 'wait',
}: Partial<Pick<Witnesses, 'needed' | 'ifMissing'>> = {}) {
  const w = logWorld();
  const books = [1, 2, 3].map(bookOf);
  const witnesses = { all: books.map(askedDirectly), needed, ifMissing } satisfies Witnesses;
  const core: WriteLogCore = { ...w.core, witnesses };
  return {
    ...w,
    core,
    plain: w.core,
    books,
    witnesses,
    /** With other witnesses in place of some of them. */
    replacing(...others: readonly (Witness | undefined)[]): WriteLogCore {
      const all = witnesses.all.map((one, at) => others[at] ?? one);
      return { ...core, witnesses: { ...witnesses, all } };
    },
    /** Of every published checkpoint: its size, a colon, and who has cosigned it. */
    published(): readonly string[] {
      return w.bucket.allCheckpoints().map((note) => publishedAs(note, books));
    },
    /** What the log says of witnesses: the code, and the fields. */
    said(): readonly string[] {
      return w.reports.lines
        .filter(({ code }) => /^seal\.(?:un)?witness/.test(code))
        .map(({ code, fields }) => [code, ...Object.values(fields)].join(' '));
    },
  };
}

export function publishedAs(note: string, books: readonly WitnessBook[]): string {
  const keys = books.map(({ witness }) => witness.key);
  const cosigned = cosignaturesOf(note, keys);
  const names = cosigned.ok
    ? cosigned.cosignatures.map(({ key }) => key.name.split('/').at(-1) ?? '')
    : [cosigned.fault];
  const size = parseCheckpoint(parseNote(note)?.text ?? '')?.size;
  return `${size ?? '?'}: ${names.toSorted().join(' ')}`.trim();
}

/** A witness that does not answer. */
export function silent(book: WitnessBook): Witness {
  return { ...askedDirectly(book), addCheckpoint: async () => ({ status: 'none' }) };
}

/** A witness that answers this, whatever it is asked. */
export function answering(book: WitnessBook, status: number, text = ''): Witness {
  return { ...askedDirectly(book), addCheckpoint: async () => ({ status, text }) };
}

/** What has to hold whatever happened before. */
export async function wronglyWitnessed(w: WitnessedWorld): Promise<readonly string[]> {
  const sizes = w.bucket
    .allCheckpoints()
    .map((note) => parseCheckpoint(parseNote(note)?.text ?? '')?.size ?? -1);
  const back = sizes.filter((size, at) => size < (sizes[at - 1] ?? 0));
  const few = w.published().filter((one) => one.split(' ').length < 1 + w.witnesses.needed);
  const refused = w.books.flatMap(({ statuses }) => statuses.filter((one) => ![200, 409].includes(one)));
  return [
    ...(await wrongTree(w)).filter((line) => !line.includes('comes after')),
    ...back.map((size) => `the published size went back to ${size}`),
    ...(w.witnesses.ifMissing === 'wait' ? few.map((one) => `published with too few: ${one}`) : []),
    ...refused.map((status) => `a witness has answered ${status}`),
  ];
}
