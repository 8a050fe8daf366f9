import { isOpen } from '../shared/domain/people/request.ts';
import { FOR_A_PERSON } from '../shared/domain/record/waiting.ts';
import type { Instant } from '../shared/domain/record/ids.ts';
import type { Chunk, ChunkKey } from '../shared/domain/record/work.ts';
import type { Registry } from '../shared/ports/registry.ts';

/**
 * On one machine this process is the only writer, so it knows what an hourly sweep would find. Only because of this can
 * the clock be moved by years in seconds: an hourly sweep that would find nothing is not run. In AWS no process knows
 * this, so every one is run.
 */
export interface OpenWork {
  /** Writes through this registry are watched. It answers for days without results of the log itself. */
  readonly registry: Registry;
  /** Whether there are chunks that wait for more than a person, work records, copies that are being made, or results that are not in the log. */
  readonly isOpen: () => boolean;
  /** Whether a holding was written since this was last asked. */
  readonly wroteSince: () => boolean;
}

/** Marks of when each dataset had its last pass (`put-passes.ts`). */
const PASSES = 'dataset/';
/** A token begins with its hour. */
const DAY = 'YYYY-MM-DD'.length;

/**
 * `rests`: the time, while rows of datasets are not looked for. No pass over them begins then: it looks as if
 * the last one had just been made.
 */
export function openWork(registry: Registry, rests: () => Instant | undefined = () => undefined): OpenWork {
  /** Names of what is there. Each is entered before it is written, and taken out after it was removed. */
  const open = new Set<string>();
  /** Of chunks that are there, and not open. */
  const forAPerson = new Set<string>();
  /** Days with results in the log: a question about ten years asks for each of their days. */
  const days = new Set<string>();
  let wrote = false;
  const watched: Partial<Registry> = {
    async putChunks(chunks) {
      // A dataset has the same chunk in every hour: one that waits for a person stays as it is.
      for (const chunk of chunks) if (!forAPerson.has(chunkName(chunk))) open.add(chunkName(chunk));
      await registry.putChunks(chunks);
    },
    async walk(id) {
      const at = id.startsWith(PASSES) ? rests() : undefined;
      return at === undefined ? registry.walk(id) : { id, version: 1, at };
    },
    async writeChunk(chunk) {
      const answer = await registry.writeChunk(chunk);
      if (answer === 'moved') return answer;
      const name = chunkName(chunk);
      if (waitsForAPerson(chunk)) {
        open.delete(name);
        forAPerson.add(name);
      } else {
        open.add(name);
        forAPerson.delete(name);
      }
      return answer;
    },
    async deleteChunk(chunk) {
      const answer = await registry.deleteChunk(chunk);
      // Moved: another version is there, or another worker deleted it.
      if (answer === 'deleted' || (await registry.chunk(chunk)) === undefined) {
        open.delete(chunkName(chunk));
        forAPerson.delete(chunkName(chunk));
      }
      return answer;
    },
    async putWork(next, former) {
      open.add(workName(next.token));
      const answer = await registry.putWork(next, former);
      const gone = answer === 'written' ? former : next.token;
      if (gone !== undefined) open.delete(workName(gone));
      return answer;
    },
    async deleteWork(work) {
      const answer = await registry.deleteWork(work);
      // Lost: a record with this token is not there any more.
      open.delete(workName(work.token));
      return answer;
    },
    putToBeSealed(item) {
      open.add(resultName(item.token));
      return registry.putToBeSealed(item);
    },
    async deleteToBeSealed(tokens) {
      await registry.deleteToBeSealed(tokens);
      for (const token of tokens) open.delete(resultName(token));
    },
    putSealed(items) {
      for (const { token } of items) days.add(token.slice(0, DAY));
      return registry.putSealed(items);
    },
    async putRequest(next) {
      const name = `copy ${next.ref}`;
      const isWaiting = next.kind === 'export' && next.state !== 'awaiting-identity' && isOpen(next);
      if (isWaiting) open.add(name);
      const answer = await registry.putRequest(next);
      if (!isWaiting && answer === 'written') open.delete(name);
      return answer;
    },
    sealedOfDay: async (day) => (days.has(day) ? registry.sealedOfDay(day) : []),
    writeHoldings(changes) {
      wrote = true;
      return registry.writeHoldings(changes);
    },
  };
  return {
    registry: { ...registry, ...watched },
    isOpen: () => open.size > 0,
    wroteSince() {
      const answer = wrote;
      wrote = false;
      return answer;
    },
  };
}

/** What a person decides rings it: until then no sweep can do anything for it, however many hours go by. */
function waitsForAPerson({ waits = [], failure }: Chunk): boolean {
  return waits.length > 0 && failure === undefined && waits.every(({ code }) => FOR_A_PERSON.has(code));
}

function chunkName({ lane, producer, minute, id }: ChunkKey): string {
  return `chunk ${lane} ${producer} ${minute} ${id}`;
}

function workName(token: string): string {
  return `work ${token}`;
}

function resultName(token: string): string {
  return `result ${token}`;
}
