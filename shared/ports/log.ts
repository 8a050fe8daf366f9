import type { WitnessKey } from '../domain/log/cosignature.ts';
import type { Instant } from '../domain/record/ids.ts';

/**
 * Objects of the log that are replaced. `checkpoint`: the newest signed root that is published. `unwitnessed`: the newest one
 * of a log with witnesses, before they have cosigned it.
 */
export type CheckpointName = 'checkpoint' | 'unwitnessed';

/** The version of such an object. */
export interface Checkpoint {
  /** A signed note, as it was written. */
  readonly text: string;
  /** Names this version to who replaces it. Absent where nothing is in the place any more that could be named. */
  readonly tag?: string;
}

/** Append-only: a chunk never changes after it was written. */
export interface LogBucket {
  /** Writes only if there is no object with this key (`If-None-Match: *`). */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<'written' | 'exists'>;
  /** What was written first: it is what was sealed, whatever came later. Nothing if nothing was ever written. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** The one that was written last; nothing if none was ever written. Without a name, the published one. */
  checkpoint(name?: CheckpointName): Promise<Checkpoint | undefined>;
  /** Replaces the version with this tag, and no other one; without a tag, only where there is none. */
  putCheckpoint(text: string, tag: string | undefined, name?: CheckpointName): Promise<'written' | 'moved'>;
}

/** Takes objects out of the log whose locks have ended. */
export interface OldObjects {
  /** When this object was written first, by the clock of the bucket; nothing if it is not there. */
  writtenAt(key: string): Promise<Instant | undefined>;
  /** The first keys that begin so, in their order: at most 1000. */
  firstKeys(prefix: string): Promise<readonly string[]>;
  /**
   * Takes away every version of every object whose key begins so. `locked`: the bucket refuses some of them, because their
   * lock lasts or the role may not delete. May be repeated.
   */
  drop(prefix: string): Promise<'gone' | 'locked'>;
  /** The object that says what was dropped; nothing if it was never written. */
  minimumIndex(): Promise<Checkpoint | undefined>;
  /** Replaces the version with this tag, and no other one; without a tag, only where there is none. */
  putMinimumIndex(text: string, tag: string | undefined): Promise<'written' | 'moved'>;
}

/** Signs checkpoints with one Ed25519 key, which never leaves its place. */
export interface Signer {
  /** The name of the key in signed notes: the origin of the log. */
  readonly name: string;
  /** 32 bytes. https://www.rfc-editor.org/rfc/rfc8032#section-5.1.5 */
  publicKey(): Promise<Uint8Array>;
  /** 64 bytes, over the text's UTF-8 bytes as they are. The same text always has the same signature. */
  sign(text: string): Promise<Uint8Array>;
}

/** A server of somebody else that cosigns the checkpoints of a log that only grows. https://c2sp.org/tlog-witness */
export interface Witness {
  /** From the configuration. */
  readonly name: string;
  readonly key: WitnessKey;
  /** Sends a body to `add-checkpoint`. It ends within seconds, never throws, and answers few bytes. Repeating it is harmless. */
  addCheckpoint(body: string): Promise<WitnessAnswer>;
}

/** `none`: no answer in time, or one that is too long. */
export type WitnessAnswer = { readonly status: number; readonly text: string } | { readonly status: 'none' };

/** The log's objects, as anyone with a copy of the bucket reads them. */
export interface LogFiles {
  /** The newest version. Nothing if there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
}

/** Where the public key of the log is written for everyone who reads the account. It proves nothing by itself. */
export interface KeyRecord {
  /** Nothing if nothing was ever written. */
  read(): Promise<string | undefined>;
  /** Replaces what is there. */
  write(text: string): Promise<void>;
}
