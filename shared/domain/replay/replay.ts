import type { Instant } from '../record/ids.ts';

/** A question that an operator asked after a store was restored: what of it is there again that was disposed of? */
export interface Replay {
  /** Says all that is asked, so nothing else has to be stored. */
  readonly id: string;
  readonly store: string;
  /** When the backup was made: what was disposed of since then may be there again. */
  readonly since: Instant;
  /** Disposes of what is there again. Otherwise it only looks. */
  readonly does: boolean;
  /** When it was asked. */
  readonly at: Instant;
}

const ID = /^[\w-]{1,64}\.(look|do)\.(\d{1,15})\.([a-z][a-z0-9-]{0,39})$/;

/** `token`: 1 to 64 letters, digits, `_` and `-`. Equal questions with one token are one replay. */
export function replayId(
  token: string,
  { does, since, store }: Pick<Replay, 'does' | 'since' | 'store'>,
): string {
  return `${token}.${does ? 'do' : 'look'}.${since}.${store}`;
}

/** Nothing if no replay has such an id. */
export function replayOf(id: string, at: Instant): Replay | undefined {
  const [, mode, since, store] = ID.exec(id) ?? [];
  if (mode === undefined || since === undefined || store === undefined) return undefined;
  return { id, store, since: Number(since), does: mode === 'do', at };
}
