/**
 * What may be logged about an unexpected error: its code, or the name of its class. Never its message, which may quote
 * data: drivers quote rows, and parsers quote their input.
 */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,63}$|^[0-9A-Z]{5}$/.test(code)) return code;
  return /^[A-Z][A-Za-z0-9]{2,63}$/.test(error.name) ? error.name : 'UNKNOWN';
}
