import { expect, test } from 'vitest';
import retention from '../../retention.config.ts';
import { ofType, synthesized } from '../support/house/synthesized.ts';

const claimsOf = (config: typeof retention) => ofType(synthesized(config).state, 'AWS::SSM::Parameter');

test('each store is claimed for the deployment, and a deployment with another name claims the same', () => {
  const claims = claimsOf(retention);
  expect(claims.map(({ Properties }) => Properties['Value'])).toEqual(
    Object.keys(retention.stores).map(() => retention.deployment.name),
  );
  const names = claims.map(({ Properties }) => Properties['Name']);
  expect(new Set(names).size).toBe(Object.keys(retention.stores).length);
  const renamed = claimsOf({ ...retention, deployment: { ...retention.deployment, name: 'other' } });
  expect(renamed.map(({ Properties }) => Properties['Name'])).toEqual(names);
  expect(renamed.map(({ id }) => id)).toEqual(claims.map(({ id }) => id));
});

test('a claim goes with the stack that made it, so that a failed first deployment leaves none', () => {
  for (const { DeletionPolicy } of claimsOf(retention)) expect(DeletionPolicy ?? 'Delete').toBe('Delete');
});
