import type { Holding, StageDone } from '../domain/record/holding.ts';
import type { AttemptResult, ResultLine, SealedLines } from '../domain/record/work.ts';
import { yearOf } from '../domain/calendar/utc-time.ts';
import { present } from '../domain/present.ts';
import { type Keys, LogKeyMissing } from '../ports/keys.ts';

/*
 * What leads from the registry to entries of the log is sealed with K_log of the year in which the holding's generation
 * was registered. Destroying that key leaves nothing that names an entry of a holding.
 */

type Sealing = Pick<Keys, 'encryptForLog' | 'decryptFromLog'>;

/** Where the entry of a stage is: the result's token and the line in it. */
export interface EntryLink {
  readonly token: string;
  readonly line: number;
}

/** A line with what its holding will keep of it. */
export interface LinkedLine extends ResultLine {
  readonly link: string;
}

/** A line of a holding's generation that was registered in that year. */
export interface YearLine {
  readonly year: number;
  readonly line: ResultLine;
}

export function sealLines(
  keys: Sealing,
  token: string,
  lines: readonly YearLine[],
): Promise<readonly SealedLines[]> {
  const years = [...Map.groupBy(lines, ({ year }) => year)];
  return Promise.all(
    years.map(async ([year, all]) => {
      const text = JSON.stringify(all.map(({ line }) => line));
      return { year, sealed: await keys.encryptForLog(year, linesOf(token), Buffer.from(text)) };
    }),
  );
}

/** The lines of a stored result. Those of a year whose key was destroyed are left out. */
export async function openLines(
  keys: Sealing,
  { token, lines }: Pick<AttemptResult, 'token' | 'lines'>,
): Promise<readonly LinkedLine[]> {
  const opened: YearLine[] = [];
  for (const { year, sealed } of lines) {
    const bytes = await unlessDestroyed(keys.decryptFromLog(year, linesOf(token), sealed));
    if (bytes === undefined) continue;
    // Only a worker seals lines, and what opens was not changed.
    const all = JSON.parse(Buffer.from(bytes).toString()) as readonly ResultLine[];
    opened.push(...all.map((line) => ({ year, line })));
  }
  return linkLines(keys, token, opened);
}

export function linkLines(
  keys: Sealing,
  token: string,
  lines: readonly YearLine[],
): Promise<readonly LinkedLine[]> {
  return Promise.all(
    lines.map(async ({ year, line }) => {
      const text = JSON.stringify([token, line.entry ?? -1]);
      return { ...line, link: await keys.encryptForLog(year, linkOf(line), Buffer.from(text)) };
    }),
  );
}

/** Nothing where the key of the year was destroyed. */
export async function openLink(
  keys: Sealing,
  { ref, generation, registeredAt }: Pick<Holding, 'ref' | 'generation' | 'registeredAt'>,
  { stage, part, link }: Pick<StageDone, 'stage' | 'part' | 'link'>,
): Promise<EntryLink | undefined> {
  const context = linkOf({ ref, generation, stage, ...present({ part }) });
  const bytes = await unlessDestroyed(keys.decryptFromLog(yearOf(registeredAt), context, link));
  if (bytes === undefined) return undefined;
  const [token, line] = JSON.parse(Buffer.from(bytes).toString()) as readonly [string, number];
  return { token, line };
}

async function unlessDestroyed(opening: Promise<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof LogKeyMissing) return undefined;
    throw error;
  }
}

function linesOf(token: string): string {
  return JSON.stringify(['lines', token]);
}

function linkOf({
  ref,
  generation,
  stage,
  part,
}: Pick<ResultLine, 'ref' | 'generation' | 'stage' | 'part'>): string {
  return JSON.stringify(['link', ref, generation, stage, ...(part === undefined ? [] : [part])]);
}
