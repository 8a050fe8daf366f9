/** The command cannot run as called. The message says what is missing. */
export class UsageError extends Error {
  readonly code = 'USAGE';
}
