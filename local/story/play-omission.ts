import { isDeepStrictEqual } from 'node:util';
import { logSource } from '../../cli/log-commands/log-source.ts';
import { omissionsOf } from '../../cli/log-commands/omissions.ts';
import type { Compared, Lost } from '../../examples/stories/story.ts';
import { noteKey } from '../../shared/domain/log/note.ts';
import type { System } from '../system.ts';
import type { Booked } from './story-books.ts';
import type { StoryPrinter } from './story-printer.ts';

type Books = ReadonlyMap<string, Booked>;

export function loseFromCensus(system: System, print: StoryPrinter, { record }: Lost, books: Books): void {
  const book = books.get(record);
  if (book === undefined) throw new TypeError(`the story never wrote ${record}`);
  system.lose(book.holding);
  print.follows('→', `what the next census finds out about ${record} is lost`);
}

/** What `tenure log omissions` tells of the log's files and its key alone. Answers why it is not as the story says. */
export async function compareStatement(
  { logFolder, ports }: System,
  print: StoryPrinter,
  { day, leavesOut }: Compared,
  books: Books,
): Promise<readonly string[]> {
  const { signer } = ports;
  const keys = [noteKey(signer.name, await signer.publicKey())];
  const compared = await omissionsOf(await logSource(logFolder), { keys, day });
  print.follows('→', `tenure log omissions --day ${day}`);
  if (!compared.ok) return [`the deletion log is wrong: ${compared.fault.file} ${compared.fault.problem}`];
  if (compared.stated === undefined) return [`the deletion log has no statement of ${day}`];
  const { statement, omissions } = compared.stated;
  const names = new Map([...books.values()].map(({ ref, record }) => [ref, record.name]));
  const found = omissions.map(({ ref }) => names.get(ref) ?? `a record of another story, ${ref}`);
  const { settled, later } = statement.due;
  print.follows('=', `of ${statement.first} to ${statement.last}: ${settled + later} settled`);
  for (const [index, { ref, generation, code }] of omissions.entries())
    print.follows('✗', `${found[index]} (${ref}, generation ${generation}): ${code}`);
  if (isDeepStrictEqual(found.toSorted(), leavesOut.toSorted())) return [];
  return [`the statement of ${day} leaves out ${found.join(', ') || 'nothing'}`];
}
