/**
 * Judges requests by IAM policies. A program of its own, in a folder of its own, because its library is licensed under
 * AGPL-3.0-or-later: nothing of Tenure imports it, and no package contains it.
 *
 * Standard input: `{ policies, requests, variants }`. `policies` are policy documents by name. A request names those
 * that apply. A variant has other documents for some names, and the requests that are judged again with them until one
 * gets another answer than before. Standard output: `{ answers, turned }`: an answer for each request, and for each
 * variant the first request whose answer changed, or null.
 */
import { text } from 'node:stream/consumers';
import {
  createValidatedPolicy,
  validateIdentityPolicy,
  validateResourcePolicy,
} from '@cloud-copilot/iam-policy';
import { anonymousPrincipal, runSimulation, runUnsafeSimulation } from '@cloud-copilot/iam-simulate';

const { policies, requests, variants } = JSON.parse(await text(process.stdin));

/** Each document is checked once, not for every request. */
const checked = new WeakMap();
function once(document, check) {
  if (document === undefined) return undefined;
  if (!checked.has(document)) {
    const policy = createValidatedPolicy(document, check, { name: 'policy' });
    if (policy.errors.length > 0) throw new Error(`Not a policy: ${JSON.stringify(policy.errors[0])}`);
    checked.set(document, policy);
  }
  return checked.get(document);
}

function simulationOf(request, documents) {
  const { principal, action, resource, account, context, identity, resourcePolicy } = request;
  return {
    request: {
      principal: principal ?? anonymousPrincipal,
      action,
      resource: { resource, accountId: account },
      contextVariables: context,
    },
    identityPolicies: identity.map((name) => ({
      name,
      policy: once(documents[name], validateIdentityPolicy),
    })),
    resourcePolicy: once(documents[resourcePolicy], validateResourcePolicy),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
}

async function judge(request, documents) {
  const answer = await runSimulation(simulationOf(request, documents), { simulationMode: 'Strict' });
  switch (answer.resultType) {
    case 'error':
      return { problem: JSON.stringify(answer.errors) };
    case 'wildcard':
      return { problem: 'the resource of a request is one resource, without *' };
    case 'single': {
      const ignored = answer.result.ignoredContextKeys ?? [];
      return ignored.length > 0
        ? { problem: `the simulator ignores ${ignored.join(', ')} for this action` }
        : { allowed: answer.overallResult === 'Allowed' };
    }
  }
}

/** The same without looking again at the action, the resource and the keys of the request: much faster. */
function judgeFast(request, documents) {
  return { allowed: runUnsafeSimulation(simulationOf(request, documents), {}) === 'Allowed' };
}

const answers = [];
const needsCare = new Set();
for (const [index, request] of requests.entries()) {
  const answer = await judge(request, policies);
  answers.push(answer);
  if (variants.length > 0 && judgeFast(request, policies).allowed !== answer.allowed) needsCare.add(index);
}

const turned = [];
for (const { documents, of } of variants) {
  const changed = { ...policies, ...documents };
  let first = null;
  for (const index of of) {
    const request = requests[index];
    const { allowed } = needsCare.has(index) ? await judge(request, changed) : judgeFast(request, changed);
    if (allowed === answers[index].allowed) continue;
    first = index;
    break;
  }
  turned.push(first);
}
process.stdout.write(JSON.stringify({ answers, turned, needsCare: needsCare.size }));
