/** A mistake in the configuration: the path of the field, such as `producers.crm.source`, and what to do. */
export interface ConfigurationProblem {
  readonly path: string;
  readonly message: string;
}

/** `stores.crm.kind: …`, one per line. */
export function printConfigurationProblem({ path, message }: ConfigurationProblem): string {
  return path === '' ? message : `${path}: ${message}`;
}
