/**
 * The bucket of exports. An object there is a piece (`pieces/<store>/<export id>/…`), which a lane or its store wrote, or
 * an archive (`archives/<export id>.tar`), which is made from pieces. The bucket itself deletes both when their time is
 * over. An archive is put together part by part, as S3's multipart uploads do it, so that no function holds more than a
 * part, and a large piece is copied without being read.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export interface Exports {
  /** Replaces; repeating it is harmless. */
  putPiece(key: string, bytes: Uint8Array): Promise<void>;
  /** Exactly this range, or nothing if the piece is not there (any more). Throws if the piece ends before it. */
  readPiece(range: PieceRange): Promise<Uint8Array | undefined>;
  /**
   * Begins an archive and returns the upload's id. Repeated, it begins another one: uploads do not disturb each other, and
   * the bucket removes those that are never completed. `manifestSha256` stays with the archive.
   */
  begin(key: string, manifestSha256: string): Promise<string>;
  /** The parts that are there, by number; nothing if the upload is not there: it was completed, aborted or removed. */
  uploaded(upload: Upload): Promise<ReadonlyMap<number, UploadedPart> | undefined>;
  /** Replaces the part with this number (1 to 10,000). All parts but the last have at least 5 MiB. */
  putPart(upload: Upload, number: number, bytes: Uint8Array): Promise<'written' | 'no-upload'>;
  /** The same with bytes of a piece, which the bucket copies itself. */
  copyPart(upload: Upload, number: number, range: PieceRange): Promise<'written' | 'no-upload' | 'no-piece'>;
  /**
   * Makes the archive from all of these parts, in the order of their numbers. Replaces an archive with this key.
   * `moved`: one of the parts was written again since it was seen: look again.
   */
  complete(
    upload: Upload,
    parts: ReadonlyMap<number, UploadedPart>,
  ): Promise<'written' | 'no-upload' | 'moved'>;
  /** The finished archive with this key, if there is one. */
  archive(key: string): Promise<FinishedArchive | undefined>;
}

export interface ArchiveLinks {
  /**
   * A link to the archive that works for this number of seconds, for everybody who has it. It can stop earlier, with the
   * credentials that signed it: then another one has to be made. Whether the archive is there is not looked at.
   * `fileName` (letters, digits, `.`, `_` and `-`) is the name under which a browser saves it.
   */
  link(key: string, seconds: number, fileName: string): Promise<string>;
}

/** `bytes` of a piece, from the byte `from` on; never none. */
export interface PieceRange {
  readonly key: string;
  readonly from: number;
  readonly bytes: number;
}

/** The archive's key, and the id that `begin` gave. */
export interface Upload {
  readonly key: string;
  readonly id: string;
}

export interface UploadedPart {
  readonly bytes: number;
  /** Another one if the part is written again with other bytes. */
  readonly tag: string;
}

export interface FinishedArchive {
  readonly bytes: number;
  readonly manifestSha256: string;
}
