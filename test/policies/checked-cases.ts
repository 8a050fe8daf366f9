import type { PortMethod } from './called-methods.ts';
import type { Case } from './cases.ts';
import { castOf } from './cast.ts';
import { deniedClaims } from './denied/denied-claims.ts';
import { deniedExports } from './denied/denied-exports.ts';
import { deniedInTheLog } from './denied/denied-in-the-log.ts';
import { deniedInTheRegistry } from './denied/denied-in-the-registry.ts';
import { deniedKeys } from './denied/denied-keys.ts';
import { deniedLaneKeys } from './denied/denied-lane-keys.ts';
import { deniedOnTheBus } from './denied/denied-on-the-bus.ts';
import { deniedQueuesAndRoles } from './denied/denied-queues-and-roles.ts';
import { deniedToOtherAccounts } from './denied/denied-to-other-accounts.ts';
import { deniedToPeople } from './denied/denied-to-people.ts';
import type { FunctionName } from './deployed.ts';
import { derivedDenials } from './derived-denials.ts';
import { callsOfFunction, type CheckedApp, type FunctionCall } from './function-calls.ts';
import { peopleCases } from './people-calls.ts';
import { serviceCases } from './service-calls.ts';

export interface CheckedCases {
  /** What functions, services, applications and people do. */
  readonly allowed: readonly Case[];
  /** Facts about what must not be. */
  readonly denied: readonly Case[];
  /** What follows from the calls: see `derivedDenials`. */
  readonly derived: readonly Case[];
}

export function checkedCases(
  app: CheckedApp,
  methods: ReadonlyMap<FunctionName, readonly PortMethod[]>,
): CheckedCases {
  const { deployed } = app;
  const ofFunctions = deployed.functions.flatMap((fn) =>
    callsOfFunction(fn, methods.get(fn.name) ?? [], app).map((call): FunctionCall & Case => ({
      ...call,
      name: `${fn.name === 'dispose' ? `the lane ${fn.env['LANE']}` : fn.name} calls ${call.action}`,
      who: { kind: 'role', arn: fn.roleArn },
      allowed: true,
    })),
  );
  const ofServices = serviceCases(deployed);
  const calls = new Map<string, FunctionCall[]>();
  for (const each of [...ofFunctions, ...ofServices])
    if (each.who.kind === 'role') calls.set(each.who.arn, [...(calls.get(each.who.arn) ?? []), each]);
  const cast = castOf(deployed);
  const cases = {
    allowed: [...ofFunctions, ...ofServices, ...peopleCases(deployed)],
    denied: [
      ...deniedOnTheBus(cast),
      ...deniedInTheLog(cast),
      ...deniedExports(cast),
      ...deniedKeys(cast),
      ...deniedLaneKeys(cast, app),
      ...deniedInTheRegistry(cast),
      ...deniedQueuesAndRoles(cast),
      ...deniedToPeople(cast),
      ...deniedToOtherAccounts(cast),
      ...deniedClaims(cast),
    ],
    derived: derivedDenials([...calls].map(([arn, own]) => ({ arn, calls: own }))),
  };
  refuseSameNames([...cases.denied, ...cases.derived]);
  return cases;
}

/** Two facts with one name: one of them says nothing. */
function refuseSameNames(cases: readonly Case[]): void {
  const seen = new Set<string>();
  for (const { name } of cases) {
    if (seen.has(name)) throw new Error(`Two denials are called "${name}".`);
    seen.add(name);
  }
}
