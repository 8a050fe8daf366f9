/** The command cannot run as called. The message says what is missing. */
export class UsageError extends Error {
  readonly code = 'USAGE';
  readonly lines: readonly string[];
  constructor(...lines: readonly string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}
