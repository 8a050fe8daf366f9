import { fromBase64, type NoteFault, type NoteKey, openNote } from './note.ts';

/** The head of a log's tree, as it is signed. https://c2sp.org/tlog-checkpoint */
export interface Checkpoint {
  /** Which log. */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Lines after the root, as they are. */
  readonly extensions?: readonly string[];
}

export type CheckpointFault = NoteFault | 'not-a-checkpoint' | 'other-origin';

export type OpenedCheckpoint =
  | { readonly ok: true; readonly checkpoint: Checkpoint; readonly signers: readonly NoteKey[] }
  | { readonly ok: false; readonly fault: CheckpointFault };

const ROOT_BYTES = 32;
const SIZE = /^(?:0|[1-9]\d{0,15})$/;

/** What is signed. */
export function checkpointText({ origin, size, root, extensions = [] }: Checkpoint): string {
  return [origin, String(size), Buffer.from(root).toString('base64'), ...extensions]
    .map((line) => `${line}\n`)
    .join('');
}

/** Nothing if the text of a note is not a checkpoint. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  if (!text.endsWith('\n')) return undefined;
  const [origin = '', digits = '', base64 = '', ...extensions] = text.slice(0, -1).split('\n');
  const size = Number(digits);
  const root = fromBase64(base64);
  if (origin === '' || !SIZE.test(digits) || !Number.isSafeInteger(size)) return undefined;
  if (root?.length !== ROOT_BYTES || extensions.includes('')) return undefined;
  return { origin, size, root, ...(extensions.length > 0 && { extensions }) };
}

/** The checkpoint in a note that one of the keys signed for its own log: the name of the key is the origin. */
export function openCheckpoint(note: string, keys: readonly NoteKey[]): OpenedCheckpoint {
  const opened = openNote(note, keys);
  if (!opened.ok) return opened;
  const checkpoint = parseCheckpoint(opened.text);
  if (checkpoint === undefined) return { ok: false, fault: 'not-a-checkpoint' };
  const { signers } = opened;
  if (!signers.some(({ name }) => name === checkpoint.origin)) return { ok: false, fault: 'other-origin' };
  return { ok: true, checkpoint, signers };
}
