import * as z from 'zod';
import { canonicalJson } from '../canonical-json.ts';
import { type Checkpoint, type CheckpointFault, openCheckpoint } from './checkpoint.ts';
import { canonicalOf } from './leaf.ts';
import { fromBase64, type NoteKey } from './note.ts';
import { HASH_BYTES } from './tiles.ts';
import { leafHash, rootOfInclusion, same } from './tree.ts';

export const RECEIPT_FORMAT = 'tenure-receipt/1';

const MOST_HASHES = 64;
const Index = z.int().min(0);
const Hash = z.string().refine((text) => fromBase64(text)?.length === HASH_BYTES);
const Proof = z.array(Hash).max(MOST_HASHES);
const Members = z.record(z.string(), z.json());
/** As it was given: a schema's output would lack a member named `__proto__`, and be the entry without it. */
const LoggedEntry = z.custom<z.output<typeof Members>>(
  (value) => Members.safeParse(value).success && canonicalOf(value) !== undefined,
);

/**
 * That an entry is in a log, in one file: its place, the hashes from it to the root (RFC 9162, base64), and the signed
 * checkpoint with the root.
 */
export const Receipt = z.strictObject({
  format: z.literal(RECEIPT_FORMAT),
  index: Index,
  /** As it is in the log; its canonical JSON (RFC 8785) is the leaf. */
  entry: LoggedEntry,
  proof: Proof,
  /** The signed note. */
  checkpoint: z.string(),
  /** One record of the entry's page: its reference, and the hashes from it to the root of the page. */
  record: z.exactOptional(z.strictObject({ ref: z.string(), index: Index, proof: Proof })),
});
export type Receipt = z.output<typeof Receipt>;

export type ReceiptFault =
  | CheckpointFault
  | 'not-a-receipt'
  | 'not-in-tree'
  | 'other-number-of-hashes'
  | 'other-root'
  | 'no-page'
  | 'record-not-in-page'
  | 'record-other-number-of-hashes'
  | 'record-other-root';

export type VerifiedReceipt =
  | {
      readonly ok: true;
      readonly receipt: Receipt;
      readonly checkpoint: Checkpoint;
      readonly signers: readonly NoteKey[];
    }
  | { readonly ok: false; readonly fault: ReceiptFault };

/** One member a line: small, and still to be read by people. */
export function receiptText(receipt: Receipt): string {
  const members = Object.entries(receipt).map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  return `{\n${members.join(',\n')}\n}\n`;
}

/** Whether the data is a receipt of a log that one of the keys signed; otherwise the first thing that is wrong. */
export function verifyReceipt(data: unknown, keys: readonly NoteKey[]): VerifiedReceipt {
  const parsed = Receipt.safeParse(data);
  if (!parsed.success) return { ok: false, fault: 'not-a-receipt' };
  const receipt = parsed.data;
  const opened = openCheckpoint(receipt.checkpoint, keys);
  if (!opened.ok) return opened;
  const { checkpoint, signers } = opened;
  const fault = faultOfReceipt(receipt, checkpoint);
  return fault === undefined ? { ok: true, receipt, checkpoint, signers } : { ok: false, fault };
}

/** What is wrong with a receipt of a checkpoint that is known to be right. */
export function faultOfReceipt(
  receipt: Receipt,
  checkpoint: Pick<Checkpoint, 'size' | 'root'>,
): ReceiptFault | undefined {
  const { index, entry, proof } = receipt;
  const leaf = { index, bytes: Buffer.from(canonicalJson(entry)), proof };
  return faultOfPath(leaf, checkpoint, ENTRY_FAULTS) ?? faultOfRecord(receipt);
}

const ENTRY_FAULTS = {
  outside: 'not-in-tree',
  hashes: 'other-number-of-hashes',
  root: 'other-root',
} as const;
const RECORD_FAULTS = {
  outside: 'record-not-in-page',
  hashes: 'record-other-number-of-hashes',
  root: 'record-other-root',
} as const;

const Paged = z.object({
  page: z.object({ records: z.int().min(1), root: z.string().regex(/^[0-9a-f]{64}$/) }),
});

/** What an entry says of the list of its records; nothing if it has none. */
export function pageIn(
  entry: Receipt['entry'],
): { readonly records: number; readonly root: string } | undefined {
  return Paged.safeParse(entry).data?.page;
}

function faultOfRecord({ record, entry }: Receipt): ReceiptFault | undefined {
  if (record === undefined) return undefined;
  const page = pageIn(entry);
  if (page === undefined) return 'no-page';
  const { records, root } = page;
  const { ref, index, proof } = record;
  const tree = { size: records, root: Buffer.from(root, 'hex') };
  return faultOfPath({ index, bytes: Buffer.from(ref), proof }, tree, RECORD_FAULTS);
}

function faultOfPath(
  leaf: { readonly index: number; readonly bytes: Uint8Array; readonly proof: readonly string[] },
  { size, root }: Pick<Checkpoint, 'size' | 'root'>,
  faults: { readonly outside: ReceiptFault; readonly hashes: ReceiptFault; readonly root: ReceiptFault },
): ReceiptFault | undefined {
  if (leaf.index >= size) return faults.outside;
  const hashes = leaf.proof.map((text) => fromBase64(text) ?? new Uint8Array());
  const found = rootOfInclusion({ index: leaf.index, hash: leafHash(leaf.bytes) }, size, hashes);
  if (found === undefined) return faults.hashes;
  return same(found, root) ? undefined : faults.root;
}
