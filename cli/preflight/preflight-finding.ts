/** `fails`: it will not work as configured. `unknown`: it could not be checked from here. `note`: worth knowing. */
export type Severity = 'fails' | 'unknown' | 'note';

/** One finding to know before deploying, with what to do. Contains names and settings, never data. */
export interface Finding {
  readonly severity: Severity;
  /** A store's name, or an AWS service. */
  readonly where: string;
  readonly message: string;
}

export const fails = (where: string, message: string): Finding => ({ severity: 'fails', where, message });
export const unknown = (where: string, message: string): Finding => ({ severity: 'unknown', where, message });
export const note = (where: string, message: string): Finding => ({ severity: 'note', where, message });
