import { UsageError } from './usage-error.ts';
import { type Program, wantsJson } from './program.ts';

/** How data is written: for people, or as all of standard output in one of these forms. */
export type Form = 'table' | 'json' | 'jsonl' | 'csv';

/** Which form was asked for. At most one can be. */
export function formOf(
  program: Program,
  { csv, jsonl }: { readonly csv?: true | undefined; readonly jsonl?: true | undefined },
): Form {
  const asked: readonly Form[] = [
    ...(wantsJson(program) ? (['json'] as const) : []),
    ...(jsonl === true ? (['jsonl'] as const) : []),
    ...(csv === true ? (['csv'] as const) : []),
  ];
  if (asked.length > 1)
    throw new UsageError(`Give only one of ${asked.map((form) => `--${form}`).join(' and ')}.`);
  return asked[0] ?? 'table';
}

/** Comma-separated values (RFC 4180), with the names of the columns in the first line. */
export function csvText(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\n`).join('');
}

/** A document of JSON on each line. */
export function jsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** What a spreadsheet would take as a formula begins with an apostrophe, which makes it a text. */
function cell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
