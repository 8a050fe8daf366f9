/** What a check comes to: what it found, or a refusal, which is an expected outcome and no error. */
export type Checked<Value, Code extends string> =
  | { readonly ok: true; readonly value: Value }
  | Refused<Code>;

export interface Refused<Code extends string> {
  readonly ok: false;
  readonly code: Code;
  /** Leads to the part that is refused; it names nothing that was sent. Empty: all of it. */
  readonly path: string;
}

export function refused<Code extends string>(code: Code, path: string): Refused<Code> {
  return { ok: false, code, path };
}
