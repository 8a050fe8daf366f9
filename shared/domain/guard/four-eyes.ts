import type { Configuration } from '../configuration/configuration.ts';
import type { ConfigurationProblem } from '../configuration/configuration-problem.ts';
import { principalKey } from '../configuration/principal.ts';

const HOUR = 3_600_000;
const DEFAULT_HOURS = 24;

/** Milliseconds until a proposal expires. */
export function proposalLife({ fourEyes }: Pick<Configuration, 'fourEyes'>): number {
  return (fourEyes?.expiresAfterHours ?? DEFAULT_HOURS) * HOUR;
}

/**
 * Whether two callers may be one person. Two sessions of a role are, unless the role's session names are those of people:
 * the caller who assumes another role chooses the name of the session. Two principals with the same name are one person, too: most
 * people have the same session name in each role.
 */
export function isSamePerson(
  { fourEyes }: Pick<Configuration, 'fourEyes'>,
  one: string,
  other: string,
): boolean {
  const names = [nameIn(one), nameIn(other)];
  if (names[0] !== undefined && names[0] === names[1]) return true;
  const key = principalKey(one);
  if (key !== principalKey(other)) return false;
  const isPersonal = (fourEyes?.personalSessions ?? []).some((role) => principalKey(role) === key);
  return !isPersonal || names.includes(undefined);
}

/** Of a session, a user or a federated user. AWS does not tell names apart by case. */
function nameIn(arn: string): string | undefined {
  const session = /^arn:[^:]+:sts::\d+:assumed-role\/[^/]+\/(.+)$/.exec(arn);
  const user = /^arn:[^:]+:(?:iam::\d+:user|sts::\d+:federated-user)\/(?:.+\/)?([^/]+)$/.exec(arn);
  return (session ?? user)?.[1]?.toLowerCase();
}

const ROLE = /^arn:[^:]+:iam::\d+:role\/.+$/;

/** With one person alone nothing could ever be confirmed. */
export function checkFourEyes({
  fourEyes,
  operators,
}: Pick<Configuration, 'fourEyes' | 'operators'>): ConfigurationProblem[] {
  if (fourEyes === undefined) return [];
  const { personalSessions = [] } = fourEyes;
  const known = new Set(operators.map(principalKey));
  const problems = personalSessions.flatMap((role, index): ConfigurationProblem[] => {
    const path = `fourEyes.personalSessions.${index}`;
    if (!ROLE.test(role)) return [{ path, message: 'name a role by its ARN: only roles have sessions' }];
    if (known.has(principalKey(role))) return [];
    return [
      { path, message: 'the role is not one of the operators; add it to "operators", or remove it here' },
    ];
  });
  if (problems.length === 0 && known.size < 2 && personalSessions.length === 0)
    problems.push({
      path: 'fourEyes',
      message:
        'needs two operators, and a role counts as one, whatever its sessions are called; name another principal under "operators", or list the role under "personalSessions" if its callers cannot choose the name of their session',
    });
  return problems;
}
