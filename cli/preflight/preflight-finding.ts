/** `fails`: it will not work as configured. `unknown`: it could not be looked at from here. `note`: worth knowing. */
export type Severity = 'fails' | 'unknown' | 'note';

/** One thing that a person should know before deploying, with what to do. Names and settings, never data. */
export interface Finding {
  readonly severity: Severity;
  /** A store's name, or a service of AWS. */
  readonly where: string;
  readonly message: string;
}

export const fails = (where: string, message: string): Finding => ({ severity: 'fails', where, message });
export const unknown = (where: string, message: string): Finding => ({ severity: 'unknown', where, message });
export const note = (where: string, message: string): Finding => ({ severity: 'note', where, message });
