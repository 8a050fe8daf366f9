import type { Checked, Masked, Summed } from '../../examples/stories/story.ts';
import type { StoredFields, StoryStores } from './story-stores.ts';
import { type Booked, reasonOf } from './story-books.ts';

export interface Finding {
  readonly ok: boolean;
  readonly text: string;
}

/** Looks into the stores, past Tenure, and compares with what the story says. */
export async function findings(
  checked: Checked,
  books: ReadonlyMap<string, Booked>,
  stores: StoryStores,
): Promise<readonly Finding[]> {
  const bookOf = (name: string): Booked => {
    const book = books.get(name);
    if (book === undefined) throw new TypeError(`the story never wrote ${name}`);
    return book;
  };
  const all: Finding[] = [];
  for (const name of checked.gone ?? []) {
    const gone = (await stores.read(bookOf(name).record)) === undefined;
    all.push({
      ok: gone,
      text: gone ? `gone: ${name}` : `${name} should be gone, and is still in its store`,
    });
  }
  for (const masked of checked.masked ?? []) {
    const { record } = bookOf(masked.record);
    const problems = maskProblems(masked, record.fields, await stores.read(record));
    const fields = [...(masked.cleared ?? []), ...(masked.replaced ?? [])].join(', ');
    const text = `anonymised: ${masked.record} (${fields})`;
    all.push({ ok: problems.length === 0, text: problems.length === 0 ? text : problems.join('; ') });
  }
  for (const summed of checked.sums ?? []) {
    const { records } = summed;
    const books = records.map((name) => bookOf(name).record);
    const before = sumsOf(
      summed,
      books.map(({ fields }) => fields),
    );
    const now = sumsOf(summed, await Promise.all(books.map((record) => stores.read(record))));
    const isSame = before === now;
    const text = `${summed.of} of ${records.join(', ')} by month`;
    all.push({
      ok: isSame,
      text: isSame ? `unchanged: ${text} (${now})` : `${text} should be ${before}, and is ${now}`,
    });
  }
  if (checked.inOrder !== undefined) {
    const instants = checked.inOrder.map((name) => bookOf(name).answer?.disposed.at(-1)?.at ?? '');
    const ok = instants.every((at, index) => index === 0 || (instants[index - 1] ?? '') <= at);
    all.push({ ok, text: `${ok ? 'in order' : 'not in order'}: ${checked.inOrder.join(', ')}` });
  }
  const marks = [
    ...(checked.restricted ?? []).map((name) => ({ name, wanted: true })),
    ...(checked.unrestricted ?? []).map((name) => ({ name, wanted: false })),
  ];
  for (const { name, wanted } of marks) {
    const is = await stores.isRestricted(bookOf(name).record);
    const state = is === undefined ? 'gone' : is ? 'restricted' : 'not restricted';
    const text = `${state}: ${name}`;
    all.push(
      is === wanted
        ? { ok: true, text }
        : { ok: false, text: `${text}, which should be ${wanted ? '' : 'un'}restricted` },
    );
  }
  for (const { record: name, because } of checked.remains ?? []) {
    const book = bookOf(name);
    const there = (await stores.read(book.record)) !== undefined;
    const reason = reasonOf(book, because);
    if (!there) all.push({ ok: false, text: `${name} should remain, and is gone from its store` });
    else if (reason === undefined) {
      all.push({ ok: false, text: `${name} remains, but no explanation says “${because}”` });
    } else all.push({ ok: true, text: `remains: ${name}. ${reason}` });
  }
  return all;
}

/** Such as `2025-02: 82`. What is gone counts for nothing. */
function sumsOf({ of, byMonthOf }: Summed, all: readonly (StoredFields | undefined)[]): string {
  const sums = new Map<string, number>();
  for (const fields of all) {
    if (fields === undefined) continue;
    const month = String(fields[byMonthOf]).slice(0, 7);
    sums.set(month, (sums.get(month) ?? 0) + Number(fields[of]));
  }
  return [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([month, sum]) => `${month}: ${sum}`)
    .join(', ');
}

function maskProblems(masked: Masked, before: StoredFields, now: StoredFields | undefined): string[] {
  if (now === undefined) return [`${masked.record} should be anonymised, and is gone from its store`];
  const problems: string[] = [];
  for (const field of masked.cleared ?? []) {
    if (now[field] != null) problems.push(`${field} of ${masked.record} should be empty, and is not`);
  }
  for (const field of masked.replaced ?? []) {
    if (now[field] == null || now[field] === before[field])
      problems.push(`${field} of ${masked.record} should be replaced, and is not`);
  }
  for (const [field, value] of Object.entries(masked.shows ?? {})) {
    if (now[field] !== value)
      problems.push(`${field} of ${masked.record} does not show what should be left of it`);
  }
  return problems;
}
