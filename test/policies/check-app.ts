import { type Case, judgedRequest, otherDocuments } from './cases.ts';
import type { CheckedCases } from './checked-cases.ts';
import type { CheckedApp } from './function-calls.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { judge } from './simulator.ts';

export interface AppResult {
  /** One line for each case that came out otherwise, or could not be judged. */
  readonly wrong: readonly string[];
  readonly mutants: number;
  /** Changes that no case notices. */
  readonly unnoticed: readonly string[];
}

/** Judges all cases, and then every policy with one thing changed: some case has to come out otherwise. */
export async function checkApp(
  { deployed, changed = /./ }: CheckedApp,
  { allowed, denied, derived }: CheckedCases,
): Promise<AppResult> {
  const cases = [...allowed, ...denied, ...derived];
  const requests = cases.map((each) => judgedRequest(each, deployed));
  const mutants = [...deployed.policies.documents]
    .filter(([name]) => changed.test(name))
    .flatMap(([name, document]) => mutantsOf(name, document));
  const { answers, turned } = await judge({
    policies: { ...Object.fromEntries(deployed.policies.documents), ...otherDocuments(deployed) },
    requests,
    variants: mutants.map(({ policy, document, noticedBy, isAbout }) => ({
      documents: { [policy]: document },
      of: requests.flatMap(({ action, identity, resourcePolicy }, index) =>
        cases[index]?.allowed === (noticedBy === 'allowed') &&
        isAbout(action) &&
        (identity.includes(policy) || resourcePolicy === policy)
          ? [index]
          : [],
      ),
    })),
  });
  return {
    wrong: answers.flatMap((answer, index) => {
      const one = cases[index] as Case;
      if ('problem' in answer) return [`${one.name}: cannot be judged: ${answer.problem}`];
      if (answer.allowed === one.allowed) return [];
      return [`${one.name}: ${answer.allowed ? 'is allowed' : 'is denied'} (${described(one)})`];
    }),
    mutants: mutants.length,
    unnoticed: mutants.filter((_, index) => turned[index] === null).map(lineOf),
  };
}

function lineOf({ policy, change }: Mutant): string {
  return `${policy}: ${change}`;
}

function described({ who, action, resource, context = {} }: Case): string {
  const by = who.kind === 'anonymous' ? who.kind : 'arn' in who ? who.arn : who.name;
  const keys = Object.entries(context).map(([key, value]) => `${key}=${[value].flat().join(',')}`);
  return [by, action, resource, ...keys].join(' ');
}
