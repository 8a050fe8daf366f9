import { pipeline, Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { textOf } from '../store-failure.ts';
import { UnfitContent } from './s3-masker.ts';

/** The most that an object may be when it is uncompressed: a few kilobytes can hold gigabytes. */
const MOST_UNCOMPRESSED_BYTES = 4 * 1024 * 1024 * 1024;

/** Throws `UnfitContent` for what is not gzip from its first byte to its last, and for what is larger than `most`. */
export async function* uncompressed(
  body: AsyncIterable<Uint8Array>,
  most = MOST_UNCOMPRESSED_BYTES,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  let bytesIn = 0;
  let bytesOut = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const bytes of body) {
      bytesIn += bytes.length;
      yield bytes;
    }
  }
  // A failure destroys `gunzip` with its reason, so that the loop throws it.
  pipeline(Readable.from(counted()), gunzip, () => undefined);
  try {
    for await (const bytes of gunzip as AsyncIterable<Buffer>) {
      bytesOut += bytes.length;
      if (bytesOut > most) throw new UnfitContent();
      yield bytes;
    }
  } catch (error) {
    throw textOf(error, 'code')?.startsWith('Z_') === true ? new UnfitContent() : error;
  }
  // After the last member, zlib skips what begins with a zero byte. It may be data.
  if (gunzip.bytesWritten !== bytesIn) throw new UnfitContent();
}

/** One gzip member, without a name and a time. */
export async function* compressed(text: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip();
  pipeline(Readable.from(text), gzip, () => undefined);
  yield* gzip as AsyncIterable<Buffer>;
}
