import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import retention from '../../retention.config.ts';
import { type Resource, resourcesOf, ROOT, synthesized } from '../support/house/synthesized.ts';

/** With every optional resource. */
const { state, service, tenure } = synthesized({
  ...retention,
  deployment: {
    ...retention.deployment,
    auditorSignIn: { issuer: 'https://login.example.com', audience: ['tenure'] },
  },
});

/** What becomes of a resource when the first deployment fails after it was made, by how AWS deletes its kind. */
const FATES = {
  /** At once. Its name is generated, or free again. */
  deleted: [
    'ApiRole',
    'AuditorHttpApi',
    'AuditorPolicy',
    'EventArchive',
    'EventBus',
    'HttpApi',
    'IngestDeadLetters',
    'IngestQueue',
    'IngestRule',
    'IngestRuleHeartbeats',
    'IngestRuleOtherRequests',
    'OperatorPolicy',
    'ProducerPolicy',
    'SealRole',
    'SenderPolicy',
    'SweepRole',
  ],
  /** A bucket can be deleted when it is empty, whatever its lock. Nothing has written to it: the service comes later. */
  'deleted, because it is empty': ['DeletionLog', 'Exports'],
  /** Disabled at once, and deleted by KMS after 30 days. The next attempt makes others. */
  'scheduled for deletion': ['SigningKey', 'TenureKey'],
  /** It could not be deleted. So it is made when nothing is left that could fail. */
  'never made': ['Registry'],
} as const;

/** Goes with its producer, whatever fails. */
const isOfProducer = ({ id }: Resource): boolean => id.startsWith('IntakeIngestRule');
/** Says to which deployment a store belongs, under a fixed name. It goes with the stack, whatever fails. */
const isClaim = ({ Type, DeletionPolicy = 'Delete' }: Resource): boolean =>
  Type === 'AWS::SSM::Parameter' && DeletionPolicy === 'Delete';
/** Policies of queues and of the bucket have generated ids. They are deleted. */
const isPolicy = ({ Type }: Resource): boolean => /^AWS::(SQS::QueuePolicy|S3::BucketPolicy)$/.test(Type);
const made = resourcesOf(state).filter(({ Type }) => Type !== 'AWS::CDK::Metadata');
const retained = made.filter((each) => !isPolicy(each) && !isOfProducer(each) && !isClaim(each));

describe('a first deployment that fails', () => {
  test('has a fate for every resource of the state stack; otherwise all of them stay', () => {
    expect(retained.map(({ id }) => id).toSorted()).toEqual(Object.values(FATES).flat().toSorted());
    for (const { id, DeletionPolicy, UpdateReplacePolicy } of made.filter(
      (each) => !isOfProducer(each) && !isClaim(each),
    ))
      expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, 'RetainExceptOnCreate', 'Retain']);
  });

  test('leaves no protected resource: only what is never made has a protection against deletion', () => {
    const isProtected = ({ Properties }: Resource): boolean =>
      /"DeletionProtection\w*":(true|"ACTIVE")/i.test(JSON.stringify(Properties));
    expect(retained.filter(isProtected).map(({ id }) => id)).toEqual(FATES['never made']);
  });

  test('has not made the table: it waits for everything else, and nothing waits for it', () => {
    const table = made.find(({ id }) => id === 'Registry');
    expect(table?.DependsOn?.toSorted()).toEqual(
      made
        .map(({ id }) => id)
        .filter((id) => id !== 'Registry')
        .toSorted(),
    );
    const others = made.filter(({ id }) => id !== 'Registry');
    expect(others.filter((each) => JSON.stringify(each).includes('"Registry"'))).toEqual([]);
  });

  // What an update replaces or removes stays, too: a fixed name would stop the update after it.
  test('leaves no name in the way: bus and claims have a fixed one, and both are deleted', () => {
    const named = retained.filter(({ Type, Properties }) => {
      const kind = Type.split('::').at(-1) ?? '';
      // The name of an API may be used several times.
      if (kind === 'Api') return false;
      return ['Name', 'Table', 'Bucket', 'Queue', 'Role', 'Archive', 'ManagedPolicy'].some(
        (part) => Properties[part === 'Name' ? part : `${part}Name`] !== undefined,
      );
    });
    expect(named.map(({ id }) => id).toSorted()).toEqual(['EventBus']);
    expect(FATES.deleted).toContain('EventBus');
  });

  test('of the service stack leaves nothing: it retains nothing', () => {
    const kept = resourcesOf(service).filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete');
    expect(kept).toEqual([]);
  });

  test('leaves the stack protected, which the runbook says how to lift', () => {
    expect(tenure.state.terminationProtection).toBe(true);
    const runbook = readFileSync(`${ROOT}docs/runbooks/failed-first-deployment.md`, 'utf8');
    expect(runbook).toContain('--no-enable-termination-protection');
    expect(runbook).toContain(`--stack-name ${retention.deployment.name}-state`);
  });
});
