/** Unguessable names for claims, cursors and pauses: 128 random bits, base64url. Never the same twice. */
export interface Tokens {
  next(): string;
}
