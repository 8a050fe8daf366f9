import type { Instant } from '../record/ids.ts';

/**
 * Archives in the format `ustar`. A header has a checksum of itself only, none of the file's content: a file can be put
 * into an archive without being read.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 */
export const BLOCK_BYTES = 512;
/** Two empty blocks end an archive. */
export const END_BYTES = 2 * BLOCK_BYTES;
/** Eleven octal digits. */
export const MOST_FILE_BYTES = 8 ** 11 - 1;
export const MOST_PATH_BYTES = 100;

const SIZE = { from: 124, digits: 11 };
const CHECKSUM = { from: 148, digits: 6 };
const CHECKSUM_BYTES = 8;
const SPACE = 0x20;
/** What is the same in every header: mode, owner and group 0, a plain file, the format and its version, no device. */
const SAME = Buffer.alloc(BLOCK_BYTES);
for (const [from, text] of [
  [100, '0000644\0'],
  [108, '0000000\0'],
  [116, '0000000\0'],
  [156, '0'],
  [257, 'ustar\0' + '00'],
  [329, '0000000\0'],
  [337, '0000000\0'],
] as const)
  SAME.write(text, from, 'latin1');

export interface TarFile {
  readonly path: string;
  readonly bytes: number;
}

/** The block before a file's content. */
export function tarHeader({ path, bytes }: TarFile, modifiedAt: Instant): Uint8Array {
  if (!/^[\x20-\x7e]+$/.test(path) || path.length > MOST_PATH_BYTES)
    throw new RangeError(`a path in an archive has 1 to ${MOST_PATH_BYTES} ASCII characters`);
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > MOST_FILE_BYTES)
    throw new RangeError(`a file in an archive has at most ${MOST_FILE_BYTES} bytes, not ${bytes}`);
  const block = Buffer.from(SAME);
  block.write(path, 0, 'latin1');
  block.write(`${octal(bytes, SIZE.digits)}\0`, SIZE.from, 'latin1');
  block.write(`${octal(Math.floor(modifiedAt / 1000), 11)}\0`, 136, 'latin1');
  block.write(`${octal(checksumOf(block), CHECKSUM.digits)}\0 `, CHECKSUM.from, 'latin1');
  return block;
}

/** Empty bytes after the content, up to the end of its last block. */
export function paddingOf(bytes: number): number {
  return (BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

/** The size of a file that its header tells, or nothing if this is not a header. */
export function sizeInHeader(block: Uint8Array): number | undefined {
  const digits = Buffer.from(block.subarray(SIZE.from, SIZE.from + SIZE.digits)).toString('latin1');
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

/** Of all bytes, those of the checksum itself counted as spaces. */
function checksumOf(block: Uint8Array): number {
  // The checksum's own bytes are still 0.
  let sum = CHECKSUM_BYTES * SPACE;
  for (const byte of block) sum += byte;
  return sum;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
