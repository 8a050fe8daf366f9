const MILLION = 1_000_000;

/**
 * How many evaluations the properties make together: a million, or what `TENURE_EVALUATIONS` says. Throws for anything
 * but a whole number from 1 on: with an empty or wrong value the properties would evaluate nothing and pass.
 */
export function evaluationCount(environment: Readonly<Record<string, string | undefined>>): number {
  const text = environment['TENURE_EVALUATIONS'];
  if (text === undefined) return MILLION;
  if (!/^[1-9]\d{0,11}$/.test(text)) {
    throw new TypeError(
      `TENURE_EVALUATIONS is ${JSON.stringify(text)}: write a whole number from 1 on, such as ${MILLION}, or leave it unset`,
    );
  }
  return Number(text);
}
