import type { PoliciesAnswer } from '../../shared/contract/policy-plans.ts';
import type { CliContext } from '../cli-context.ts';
import { unlessProposed } from '../four-eyes/show-proposal.ts';
import { type Program, wantsJson } from '../program.ts';
import { UsageError } from '../usage-error.ts';
import type { PolicyCommand } from './policy-command.ts';

/** `policy status` and `policy approve`: by which policies lanes dispose of records. */
export function addApproveCommands(program: Program, policy: PolicyCommand, context: CliContext): void {
  policy
    .command('status')
    .description(
      'show which policies are deployed, which are active, and what the deployed ones wait for; exit code 1 if they wait for a person',
    )
    .action(async () => {
      const answer = await context.client().showPolicies();
      if (answer.waiting?.state === 'person') context.found();
      show(program, context, answer);
    });
  policy
    .command('approve')
    .argument('<digest>', 'the digest of the policies that wait, as `tenure policy status` shows it')
    .description(
      'let lanes dispose of records by the deployed policies, although many records become due by them',
    )
    .action(async (digest) => {
      if (!/^[0-9a-f]{32}$/.test(digest))
        throw new UsageError('The digest is 32 characters of 0-9 and a-f: `tenure policy status` shows it.');
      unlessProposed(program, context, await context.client().approvePolicies(digest), show);
    });
}

function show(program: Program, context: CliContext, answer: PoliciesAnswer): void {
  if (wantsJson(program)) return context.json(answer);
  const { deployed, active, waiting } = answer;
  context.print(`deployed  ${deployed}`);
  context.print(active === undefined ? 'active    -' : `active    ${active.policies}  since ${active.since}`);
  if (waiting !== undefined) {
    const { state, since, newlyDue, maxNewlyDue, plan } = waiting;
    context.print(`waiting   ${waiting.policies}  since ${since}`);
    context.say('Lanes begin nothing until the deployed policies are active.');
    if (state === 'counting')
      context.say(`What they change is being counted: ${newlyDue ?? 0} records newly due so far.`);
    else
      context.say(
        `${newlyDue ?? 'An unknown number of'} records become due by them, now or within 30 days; without a person, at most ${maxNewlyDue ?? 'any number'} may.`,
      );
    for (const { store, category } of waiting.datasets ?? [])
      context.say(`The policy of the dataset "${category}" in ${store} changes. Its rows are not counted.`);
    if (plan !== undefined) context.say(`Look at them with \`tenure policy plan --id ${plan}\`.`);
    if (state === 'person')
      context.say(`Approve them with \`tenure policy approve ${deployed}\`, or deploy other policies.`);
  } else if (active === undefined) context.say('No sweep has recorded any policies yet: the first one does.');
  else if (active.policies !== deployed)
    context.say(
      'The deployed policies were not seen by a sweep yet: the next one, within an hour, counts them.',
    );
  else context.say('Lanes work by the deployed policies.');
}
