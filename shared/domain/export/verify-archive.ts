import { createHash, hash } from 'node:crypto';
import { present } from '../present.ts';
import { MANIFEST_PATH } from './archive-file.ts';
import { Manifest } from './manifest.ts';
import { BLOCK_BYTES, END_BYTES, paddingOf, sizeInHeader, tarHeader } from './tar.ts';

/** More than the manifest of the largest archive has. */
const MOST_MANIFEST_BYTES = 128 * 1024 ** 2;

export type ArchiveFault =
  /** It does not begin with a manifest. */
  | 'not-an-export'
  /** The manifest is not one of this format, or is damaged. */
  | 'manifest-invalid'
  /** Its manifest is not the one that was asked for. */
  | 'another-export'
  /** This file is not where the manifest has it: something else is there. */
  | 'file-missing'
  /** This file's content is not what the manifest says. */
  | 'file-changed'
  /** It ends before all of its files have come, or in the middle of one. */
  | 'cut-off'
  /** Something comes after its last file. */
  | 'more-than-its-files';

export type Verified =
  | { readonly kind: 'whole'; readonly manifest: Manifest; readonly manifestSha256: string }
  | { readonly kind: 'broken'; readonly fault: ArchiveFault; readonly path?: string };

/**
 * Whether an archive is whole: every file of its manifest is there, in its place and unchanged, and nothing else is. The
 * archive is read once and not kept. With the digest that the request's answer tells, it is also the archive that was
 * made for this request; without, somebody could have made another one that is whole, too.
 */
export async function verifyArchive(
  chunks: AsyncIterable<Uint8Array>,
  expected: { readonly manifestSha256?: string | undefined } = {},
): Promise<Verified> {
  const input = reading(chunks);
  const header = await input.take(BLOCK_BYTES);
  const bytes = header === undefined ? undefined : sizeInHeader(header);
  if (header === undefined || bytes === undefined || bytes > MOST_MANIFEST_BYTES) return NOT_AN_EXPORT;
  if (header.toString('latin1', 0, MANIFEST_PATH.length + 1) !== `${MANIFEST_PATH}\0`) return NOT_AN_EXPORT;

  const text = await input.take(bytes);
  if (text === undefined) return broken('cut-off', MANIFEST_PATH);
  const manifestSha256 = hash('sha256', text);
  if (expected.manifestSha256 !== undefined && manifestSha256 !== expected.manifestSha256)
    return broken('another-export');
  const manifest = parsed(text);
  if (manifest === undefined) return broken('manifest-invalid');
  const modifiedAt = Date.parse(manifest.asOf);
  if (!header.equals(tarHeader({ path: MANIFEST_PATH, bytes }, modifiedAt))) return NOT_AN_EXPORT;
  if (!(await input.empty(paddingOf(bytes)))) return broken('manifest-invalid');

  for (const file of manifest.files) {
    const block = await input.take(BLOCK_BYTES);
    if (block === undefined) return broken('cut-off', file.path);
    if (!block.equals(tarHeader(file, modifiedAt))) return broken('file-missing', file.path);
    const digest = createHash('sha256');
    if (!(await input.pass(file.bytes, (chunk) => digest.update(chunk)))) return broken('cut-off', file.path);
    if (digest.digest('hex') !== file.sha256) return broken('file-changed', file.path);
    if (!(await input.empty(paddingOf(file.bytes)))) return broken('file-changed', file.path);
  }
  const end = await input.take(END_BYTES);
  if (end === undefined) return broken('cut-off');
  if (!isEmpty(end) || (await input.take(1)) !== undefined) return broken('more-than-its-files');
  return { kind: 'whole', manifest, manifestSha256 };
}

const NOT_AN_EXPORT: Verified = { kind: 'broken', fault: 'not-an-export' };

function broken(fault: ArchiveFault, path?: string): Verified {
  return { kind: 'broken', fault, ...present({ path }) };
}

/** The manifest, if it is one that an export has: it is not trusted. Its files are in the order of their paths. */
function parsed(text: Buffer): Manifest | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text.toString());
  } catch {
    return undefined;
  }
  const { data } = Manifest.safeParse(json);
  const isInOrder = data?.files.every(
    ({ path }, index) => index === 0 || path > (data.files[index - 1]?.path ?? ''),
  );
  return isInOrder === true ? data : undefined;
}

function isEmpty(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

interface Input {
  /** Gives the next `bytes` to `use`, in pieces. False if fewer come. */
  pass(bytes: number, use: (piece: Uint8Array) => void): Promise<boolean>;
  /** The next `bytes`, or nothing if fewer come. */
  take(bytes: number): Promise<Buffer | undefined>;
  /** Whether the next `bytes` come, and are all 0. */
  empty(bytes: number): Promise<boolean>;
}

function reading(chunks: AsyncIterable<Uint8Array>): Input {
  const coming = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();

  async function pass(bytes: number, use: (piece: Uint8Array) => void): Promise<boolean> {
    for (let missing = bytes; missing > 0;) {
      if (rest.length === 0) {
        const next = await coming.next();
        if (next.done === true) return false;
        rest = next.value;
      }
      const piece = rest.subarray(0, missing);
      rest = rest.subarray(piece.length);
      missing -= piece.length;
      use(piece);
    }
    return true;
  }

  async function take(bytes: number): Promise<Buffer | undefined> {
    const pieces: Uint8Array[] = [];
    const isThere = await pass(bytes, (piece) => pieces.push(piece));
    return isThere ? Buffer.concat(pieces) : undefined;
  }

  return {
    pass,
    take,
    async empty(bytes) {
      const taken = await take(bytes);
      return taken !== undefined && isEmpty(taken);
    },
  };
}
