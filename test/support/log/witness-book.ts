import { openCheckpoint, parseCheckpoint } from '../../../shared/domain/log/checkpoint.ts';
import { fromBase64, type NoteKey, parseNote } from '../../../shared/domain/log/note.ts';
import { isConsistent, joined, type TreeHead } from '../../../shared/domain/log/tree.ts';
import type { Witness } from '../../../shared/ports/log.ts';
import type { TestWitness } from './note-keys.ts';

/** What a witness answers to `add-checkpoint`. */
export interface BookAnswer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

/** A small witness: it remembers the largest checkpoint of each log, and cosigns one only if it goes on from there. */
export interface WitnessBook {
  readonly witness: TestWitness;
  /** Looks and remembers in one step, so two requests at the same time cannot both go on from the same size. */
  add(body: string): BookAnswer;
  /** Of every request. */
  readonly statuses: readonly number[];
  /** Every checkpoint that it has cosigned, in their order. */
  readonly cosigned: readonly TreeHead[];
}

const BODY = /^old (?<old>0|[1-9]\d*)\n(?<proof>(?:[A-Za-z0-9+/=]+\n)*)\n(?<note>[\s\S]*)$/;
const MOST_HASHES = 63;

/** `now` in seconds. `logs`: the keys of the logs that it knows. */
export function witnessBook(
  witness: TestWitness,
  logs: readonly NoteKey[],
  now: () => number = () => 1_772_359_200,
): WitnessBook {
  const seen = new Map<string, TreeHead>();
  const statuses: number[] = [];
  const cosigned: TreeHead[] = [];

  function answerTo(body: string): BookAnswer {
    const { old: digits = '', proof = '', note = '' } = BODY.exec(body)?.groups ?? {};
    const claimed = parseCheckpoint(parseNote(note)?.text ?? '');
    const hashes = proof.split('\n').slice(0, -1).map(fromBase64);
    if (claimed === undefined || hashes.length > MOST_HASHES || hashes.includes(undefined)) return empty(400);
    const known = logs.filter(({ name }) => name === claimed.origin);
    if (known.length === 0) return empty(404);
    if (!openCheckpoint(note, known).ok) return empty(403);
    const old = Number(digits);
    if (old > claimed.size) return empty(400);
    const last = seen.get(claimed.origin) ?? { size: 0, root: joined([]) };
    if (old !== last.size) return { status: 409, text: `${last.size}\n`, type: 'text/x.tlog.size' };
    const bytes = hashes.map((one) => one ?? new Uint8Array());
    if (!isConsistent(last, claimed, bytes)) return empty(422);
    const { size, root } = claimed;
    seen.set(claimed.origin, { size, root });
    cosigned.push({ size, root });
    return { status: 200, text: witness.line(parseNote(note)?.text ?? '', BigInt(now())) };
  }

  return {
    witness,
    statuses,
    cosigned,
    add(body) {
      const answer = answerTo(body);
      statuses.push(answer.status);
      return answer;
    },
  };
}

/** The witness, without a network. */
export function askedDirectly(book: WitnessBook): Witness {
  const { key } = book.witness;
  return { name: key.name.split('/').at(-1) ?? '', key, addCheckpoint: async (body) => book.add(body) };
}

function empty(status: number): BookAnswer {
  return { status, text: '' };
}
