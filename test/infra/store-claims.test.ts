import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { StoreClaims } from '../../infra/constructs/store-claims.ts';
import { loadDeployment } from '../../infra/load-deployment.ts';
import retention from '../../retention.config.ts';
import { listed, ofType, ROOT, synthesized } from '../support/house/synthesized.ts';

const claimsOf = (config: typeof retention) => ofType(synthesized(config).state, 'AWS::SSM::Parameter');

test('each store is claimed for the deployment, and a deployment with another name claims the same', () => {
  const claims = claimsOf(retention);
  // Several deployments may tell one vendor.
  const claimed = Object.values(retention.stores).filter(({ kind }) => kind !== 'http');
  expect(claims.map(({ Properties }) => Properties['Value'])).toEqual(
    claimed.map(() => retention.deployment.name),
  );
  const names = claims.map(({ Properties }) => Properties['Name']);
  expect(new Set(names).size).toBe(claimed.length);
  const renamed = claimsOf({ ...retention, deployment: { ...retention.deployment, name: 'other' } });
  expect(renamed.map(({ Properties }) => Properties['Name'])).toEqual(names);
  expect(renamed.map(({ id }) => id)).toEqual(claims.map(({ id }) => id));
});

test('a claim goes with the stack that made it, so that a failed first deployment leaves none', () => {
  for (const { DeletionPolicy } of claimsOf(retention)) expect(DeletionPolicy ?? 'Delete').toBe('Delete');
});

test('of 200 stores, at most three claims are made at the same time: Systems Manager would throttle more', () => {
  const [usage] = Object.values(loadDeployment(retention, ROOT).configuration.stores);
  if (usage === undefined) throw new Error('the example has no store');
  const stack = new Stack(new App(), 'State');
  const stores = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [
      `s${index}`,
      { ...usage, options: { table: `table-${index}` } },
    ]),
  );
  new StoreClaims(stack, 'Claims', { name: 'tenure', stores });
  const waiting = ofType(Template.fromStack(stack), 'AWS::SSM::Parameter').map(({ DependsOn }) =>
    listed(DependsOn),
  );
  expect(waiting).toHaveLength(200);
  expect(waiting.filter((before) => before.length === 0)).toHaveLength(3);
  // Each waits for another one: no claim starts more than one.
  const awaited = waiting.flat();
  expect(awaited).toHaveLength(197);
  expect(new Set(awaited).size).toBe(197);
});
