/** What a sealed text belongs to: opening it under another scope or context fails. */
export interface EncryptionScope {
  /** A store's name, or `quarantine`. One data key per scope and day. */
  readonly scope: string;
  /** Additional data, e.g. the holding reference. */
  readonly context: string;
}

/** Keys live in the state stack. Each function's permissions decide which of these it may use. */
export interface Keys {
  /** K_reg: retained, never rotated. */
  registryKey(): Promise<Uint8Array>;
  /** K_log of a year; destroying it unlinks that year's entries from everything. */
  logKey(year: number): Promise<Uint8Array>;
  /** For `pseudonym` masks, per store. */
  pseudonymKey(store: string): Promise<Uint8Array>;
  /** Authenticated encryption; the answer is base64url text. `day` (YYYY-MM-DD) selects the data key. */
  encrypt(to: EncryptionScope, day: string, bytes: Uint8Array): Promise<string>;
  /** Throws `CIPHERTEXT_BROKEN` when the text was sealed for something else. */
  decrypt(from: EncryptionScope, sealed: string): Promise<Uint8Array>;
}
