/** The command cannot run as it was called: one line says what is missing. */
export class UsageError extends Error {
  readonly code = 'USAGE';
}
