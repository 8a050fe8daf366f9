import { actionToken } from '../../domain/record/work.ts';
import type { NoteEntry } from '../../domain/record/entry.ts';
import type { Core } from '../core.ts';
import { noteToBeSealed } from './to-be-sealed.ts';

/** An entry that its run did not finish is void, and the next one has another token. It does not happen so often. */
const MOST_TRIES = 8;

/** The tokens of an entry that `seal` itself puts into the log: the same in all runs. `hour`: as of `hourId`. */
export function ownTokens(hour: string, name: string): readonly string[] {
  return Array.from({ length: MOST_TRIES }, (_none, at) => actionToken(hour, `${name}-${at}`));
}

/** The index of its entry in the log; nothing if it has none yet. */
export async function placeOf(
  registry: Core['registry'],
  tokens: readonly string[],
): Promise<number | undefined> {
  const [found] = (await registry.sealed(tokens)).values();
  return found?.first;
}

/** Puts it on its way into the log. Any number of runs may do it, and die anywhere: the first one stays. */
export async function putOwnEntry(
  core: Pick<Core, 'clock' | 'registry' | 'configuration'>,
  tokens: readonly string[],
  entryOf: (token: string) => NoteEntry,
): Promise<void> {
  for (const token of tokens) {
    await noteToBeSealed(core, token);
    const actions = [entryOf(token)];
    if ((await core.registry.putActions({ token, store: '', entries: [], lines: [], actions })) !== 'void')
      return;
  }
}
