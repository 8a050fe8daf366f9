import type { Configuration } from '../shared/domain/configuration/configuration.ts';
import type { KeyOwner } from './sigv4-check.ts';

export interface DemoKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * The fixed demonstration key of a producer, or of `operator` and `auditor`. They are not secret: the API that takes
 * them listens on the loopback address only.
 */
export function demoKey(name: string): DemoKey {
  const label = name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  return { accessKeyId: `DEMONSTRATION${label}`, secretAccessKey: `only-for-demonstration-${name}` };
}

/** Who signs with which key: each is a session of the role that the configuration names. */
export function demoKeys(configuration: Configuration): ReadonlyMap<string, KeyOwner> {
  const owners = [
    ...Object.entries(configuration.producers).map(([name, { principals }]) => [name, principals] as const),
    ['operator', configuration.operators] as const,
    ['auditor', configuration.auditors] as const,
  ];
  return new Map(
    owners.flatMap(([name, principals]) => {
      const { accessKeyId, secretAccessKey } = demoKey(name);
      const [principal] = principals;
      return principal === undefined
        ? []
        : [[accessKeyId, { secretAccessKey, principal: sessionOf(principal) }] as const];
    }),
  );
}

/** What a request that is signed with a role's credentials is said to come from. */
function sessionOf(principal: string): string {
  const role = /^arn:([^:]+):iam::(\d+):role\/(?:.+\/)?([^/]+)$/.exec(principal);
  return role === null ? principal : `arn:${role[1]}:sts::${role[2]}:assumed-role/${role[3]}/demonstration`;
}
