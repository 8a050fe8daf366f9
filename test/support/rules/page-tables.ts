import { readFileSync } from 'node:fs';

export interface Page {
  readonly text: string;
  /** Rows of the table under a heading, cells trimmed. */
  readonly rows: (heading: string) => string[][];
}

/** A page of `docs`, as the tests read it. */
export function pageOf(name: string): Page {
  const text = readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
  return { text, rows: (heading) => rowsOf(text, heading) };
}

function rowsOf(text: string, heading: string): string[][] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What a cell shows as code, without the quotation. */
export function code(cell: string | undefined): string {
  return cell?.replaceAll('`', '') ?? '';
}

/** Each piece of code in a cell. */
export function codesIn(cell: string | undefined): string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, found]) => found ?? '');
}
