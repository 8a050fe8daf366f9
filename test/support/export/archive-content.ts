const BLOCK = 512;

export interface DataRecord {
  readonly categories: readonly string[];
  readonly purposes: readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
  readonly file?: string;
  readonly mediaType?: string;
}

/** What is in an archive: its files by path, and the records of all data files. Reads plain tar, without our own code. */
export function contentOf(tar: Uint8Array): {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly records: readonly DataRecord[];
} {
  const files = new Map<string, Buffer>();
  const bytes = Buffer.from(tar.buffer, tar.byteOffset, tar.length);
  for (let at = 0; bytes[at] !== undefined && bytes[at] !== 0;) {
    const text = (from: number, length: number): string =>
      bytes.toString('utf8', at + from, at + from + length).split('\0')[0] ?? '';
    const path = [text(345, 155), text(0, 100)].filter((part) => part !== '').join('/');
    const size = Number.parseInt(text(124, 12), 8);
    files.set(path, bytes.subarray(at + BLOCK, at + BLOCK + size));
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  const records = [...files].flatMap(([path, content]) =>
    path.startsWith('data/') ? (JSON.parse(content.toString()) as DataRecord[]) : [],
  );
  return { files, records };
}
