import type * as z from 'zod';

/** What infra has to set for a function with this environment schema: one string for each name. */
export type EnvOf<Schema extends z.ZodObject> = Readonly<Record<keyof z.input<Schema>, string>>;

/** The deployment is wrong; a retry does not help. */
export class EnvironmentError extends Error {
  readonly code = 'ENVIRONMENT_INVALID';
  constructor(missing: readonly string[], invalid: readonly string[]) {
    const parts = [
      ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
      ...(invalid.length > 0 ? [`invalid: ${invalid.join(', ')}`] : []),
    ];
    super(
      `The function's environment is not valid (${parts.join('; ')}): deploy the function with the construct that sets these variables.`,
    );
    this.name = 'EnvironmentError';
  }
}

/** Reports all variables that are missing or wrong at once, by name; their values may be secrets. */
export function parseEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const result = schema.safeParse(env);
  if (result.success) return result.data;
  const names = [...new Set(result.error.issues.map((issue) => String(issue.path[0] ?? '')))].toSorted();
  const missing = names.filter((name) => env[name] === undefined || env[name] === '');
  throw new EnvironmentError(
    missing,
    names.filter((name) => !missing.includes(name)),
  );
}
