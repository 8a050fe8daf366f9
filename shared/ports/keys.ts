/** What a sealed text belongs to: opening it under another scope or context fails. */
export interface EncryptionScope {
  /** A store's name, or `quarantine`. One data key per scope and day. */
  readonly scope: string;
  /** Additional data, e.g. the holding reference. */
  readonly context: string;
}

/**
 * The key of that year was destroyed, or its item was lost: nothing can be linked with that year's entries any more. A
 * new key would not fit them, so none is made.
 */
export class LogKeyMissing extends Error {
  readonly code = 'LOG_KEY_MISSING';
  constructor(year: number) {
    super(
      `The deletion log's key of ${year} is missing. If it was not destroyed on purpose, restore the item D#log/${year} from a backup of the table; a new key would not fit the entries of that year.`,
    );
    this.name = 'LogKeyMissing';
  }
}

/** Keys live in the state stack. Each function's permissions decide which of these it may use. */
export interface Keys {
  /** K_reg: made once, retained, never rotated. Throws `REGISTRY_KEY_MISSING` if it was there and is not any more. */
  registryKey(): Promise<Uint8Array>;
  /**
   * K_log of a year; destroying it unlinks that year's entries from everything. Throws `LogKeyMissing`: only the key of
   * the current year is made.
   */
  logKey(year: number): Promise<Uint8Array>;
  /**
   * Makes the key of the current year if it is missing, without looking at it. Whatever is registered needs the key of
   * its year for as long as it has entries, so this comes before the registration.
   */
  ensureLogKey(year: number): Promise<void>;
  /**
   * Authenticated encryption under a key derived from K_log of that year: what was sealed cannot be opened by anyone once
   * that key is destroyed. The same input gives the same base64url text. Throws `LogKeyMissing`.
   */
  encryptForLog(year: number, context: string, bytes: Uint8Array): Promise<string>;
  /** Throws `LogKeyMissing`, and `CIPHERTEXT_BROKEN` when the text was sealed for something else. Makes no key. */
  decryptFromLog(year: number, context: string, sealed: string): Promise<Uint8Array>;
  /** For `pseudonym` masks, per store. */
  pseudonymKey(store: string): Promise<Uint8Array>;
  /** Authenticated encryption; the answer is base64url text. `day` (YYYY-MM-DD) selects the data key. */
  encrypt(to: EncryptionScope, day: string, bytes: Uint8Array): Promise<string>;
  /** Throws `CIPHERTEXT_BROKEN` when the text was sealed for something else. */
  decrypt(from: EncryptionScope, sealed: string): Promise<Uint8Array>;
}
