/** Unguessable names for attempts, cursors and pauses: 128 random bits, base64url. Never the same twice. */
export interface Tokens {
  next(): string;
}
