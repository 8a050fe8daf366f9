import { type Cosignature, cosignaturesOf, type WitnessKey } from './cosignature.ts';
import { type NoteSignature, noteText, parseNote } from './note.ts';

/**
 * What a witness is asked to cosign: the size that it is thought to know, the proof that the checkpoint goes on from
 * there, and the checkpoint. https://c2sp.org/tlog-witness
 */
export function addCheckpointBody(old: number, proof: readonly Uint8Array[], note: string): string {
  const lines = proof.map((bytes) => `${Buffer.from(bytes).toString('base64')}\n`);
  return `old ${old}\n${lines.join('')}\n${note}`;
}

const SIZE = /^(?:0|[1-9]\d{0,15})\n$/;

/** The size that a witness says it knows. Nothing if it is not a number of entries. */
export function knownSize(text: string): number | undefined {
  const size = Number(text);
  return SIZE.test(text) && Number.isSafeInteger(size) ? size : undefined;
}

/**
 * The cosignature of this key in the lines that a witness has answered. Lines of other keys are not looked at. If there is
 * more than lines of signatures in them, it would be the cosignature of another text.
 */
export function cosignatureIn(lines: string, text: string, key: WitnessKey): Cosignature | undefined {
  const note = `${text}\n${lines}`;
  if (parseNote(note)?.text !== text) return undefined;
  const cosigned = cosignaturesOf(note, [key]);
  return cosigned.ok ? cosigned.cosignatures[0] : undefined;
}

/** The note with these signatures only, each line once. */
export function noteWith(text: string, signatures: readonly NoteSignature[]): string {
  const lines = new Set(signatures.map((one) => noteText({ text: '', signatures: [one] }).slice(1)));
  return `${text}\n${[...lines].join('')}`;
}

/** The signatures in a note that have the name and the id of one of the keys. */
export function signaturesBy(
  note: string,
  keys: readonly { readonly name: string; readonly id: number }[],
): readonly NoteSignature[] {
  const { signatures = [] } = parseNote(note) ?? {};
  return signatures.filter((line) => keys.some(({ name, id }) => name === line.name && id === line.id));
}
