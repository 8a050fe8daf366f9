import { InvalidArgumentError } from '@commander-js/extra-typings';
import * as z from 'zod';
import { type Client, pagesOf } from '../shared/client/client.ts';
import type { DueHoldingAnswer } from '../shared/contract/operations.ts';
import type { CliContext } from './cli-context.ts';
import { csvText, type Form, jsonLines } from './documents.ts';

const Day = z.iso.date();
const COLUMNS = ['ref', 'generation', 'store'] as const;

/** The day (YYYY-MM-DD, UTC) that an option names. */
export function dayOf(text: string): string {
  if (!Day.safeParse(text).success) throw new InvalidArgumentError('It is not a day such as 2026-03-01.');
  return text;
}

interface Due {
  readonly holdings: readonly DueHoldingAnswer[];
  /** How many more have no name in the log any more. */
  readonly unlinked: number;
}

/** Those of what the registry has had due by the end of a day that are `wanted`, each once. */
export async function allDue(
  client: Client,
  day: string,
  wanted: (one: DueHoldingAnswer) => boolean = () => true,
): Promise<Due> {
  const found = new Map<string, DueHoldingAnswer>();
  let unlinked = 0;
  for await (const page of pagesOf((cursor) => client.listDueHoldings({ day, ...cursor }))) {
    unlinked += page.unlinked ?? 0;
    for (const one of page.holdings.filter(wanted)) found.set(`${one.ref} ${one.generation}`, one);
  }
  return { holdings: [...found.values()], unlinked };
}

/** `overdue --day`. */
export function showDue(form: Form, context: CliContext, { holdings, unlinked }: Due): void {
  if (holdings.length + unlinked > 0) context.found();
  const rows = holdings.map(({ ref, generation, store }) => [ref, String(generation), store]);
  switch (form) {
    case 'json':
      return context.json({ holdings, unlinked });
    case 'jsonl':
      return context.document(jsonLines(holdings));
    case 'csv':
      return context.document(csvText([COLUMNS, ...rows]));
    case 'table':
      if (unlinked > 0)
        context.say(`${unlinked} more cannot be named: the log's key of their year was destroyed.`);
      if (rows.length === 0)
        return context.say('No lane has work on a record that was due by then, and no legal hold keeps one.');
      return context.table(COLUMNS, rows);
  }
}
