import { describe, expect, test, vi } from 'vitest';
import { LISTED_APPS } from '../../infra/build/listed-apps.ts';
import { DEFAULT_TIMING } from '../../shared/domain/configuration/configuration.ts';
import { type QueueKind, queueSettings } from '../../shared/domain/configuration/queue-settings.ts';
import { EVERY_RESOURCE } from '../support/house/every-resource.ts';
import { flagsOf, ofType, ownFunctions, statementsOf, synthesized } from '../support/house/synthesized.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

describe.for(LISTED_APPS)('$title', ({ config, folder }) => {
  const { state, service } = synthesized(config, { folder, flags: flagsOf(folder) });
  const both = [state, service];

  describe('permissions', () => {
    test('name every action', () => {
      const wild = both
        .flatMap(statementsOf)
        .filter(({ Effect, Action }) => Effect === 'Allow' && Action.some((action) => action.includes('*')));
      expect(wild).toEqual([]);
    });

    test('name every resource, unless there is a written reason', () => {
      const wild = both
        .flatMap(statementsOf)
        .filter(({ Effect, Resource }) => Effect === 'Allow' && Resource.includes('*'));
      expect(wild.filter(({ Sid = '' }) => EVERY_RESOURCE[Sid] === undefined)).toEqual([]);
      const inNetwork = Object.values(config.stores).some(({ lane }) => lane?.network !== undefined);
      const reasons = Object.keys(EVERY_RESOURCE).filter((sid) => inNetwork || sid !== 'Network');
      expect(new Set(wild.map(({ Sid }) => Sid))).toEqual(new Set(reasons));
    });

    test('are never given to anonymous principals', () => {
      const anonymous = both
        .flatMap(statementsOf)
        .filter(
          ({ Effect, Principal }) => Effect === 'Allow' && /"\*"/.test(JSON.stringify(Principal ?? '')),
        );
      expect(anonymous).toEqual([]);
    });

    test('come from no managed policy of AWS', () => {
      for (const { id, Properties } of both.flatMap((template) => ofType(template, 'AWS::IAM::Role'))) {
        expect({ id, managed: Properties['ManagedPolicyArns'] }).toEqual({ id, managed: undefined });
      }
    });
  });

  describe('functions and queues', () => {
    test('run Node 24 on arm64, as long as the configuration says', () => {
      const all = ofType(service, 'AWS::Lambda::Function');
      const own = ownFunctions(service);
      // CDK's own runs once a deployment; CDK has no setting for its architecture.
      const [ofCdk, ...more] = all.filter(({ id }) => own.every((each) => each.id !== id));
      expect(ofCdk?.Properties).toMatchObject({ Runtime: 'nodejs24.x', Timeout: 60 });
      expect(more).toEqual([]);
      for (const { id, Properties } of own) {
        const { Runtime, Architectures } = Properties;
        expect({ id, Runtime, Architectures }).toEqual({
          id,
          Runtime: 'nodejs24.x',
          Architectures: ['arm64'],
        });
      }
    });

    test('are fed from queues that hide a message for longer than a function runs', () => {
      const shortest = Math.min(
        ...both
          .flatMap((template) => ofType(template, 'AWS::SQS::Queue'))
          .flatMap(({ Properties }) => (Properties['VisibilityTimeout'] as number | undefined) ?? []),
      );
      expect(shortest).toBeGreaterThan(DEFAULT_TIMING.functionTimeout);
    });

    test('deliver as often, and hide a message for as long, as the queue settings say', () => {
      const settings = queueSettings(DEFAULT_TIMING);
      const deployed = both
        .flatMap((template) => ofType(template, 'AWS::SQS::Queue'))
        .filter(({ Properties }) => Properties['RedrivePolicy'] !== undefined)
        .map(({ id, Properties }) => {
          const { maxReceiveCount } = Properties['RedrivePolicy'] as { maxReceiveCount: number };
          const kind = /^(Ingest|Sweep|Seal|Lane)/.exec(id)?.[0].toLowerCase() as QueueKind;
          return { kind, deliveries: maxReceiveCount, visibilitySeconds: Properties['VisibilityTimeout'] };
        });
      expect(new Set(deployed.map(({ kind }) => kind))).toEqual(new Set(Object.keys(settings)));
      for (const { kind, ...queue } of deployed) expect(settings[kind]).toMatchObject(queue);
    });

    test('report failed messages one by one', () => {
      const feeds = ofType(service, 'AWS::Lambda::EventSourceMapping');
      // Ingest has two: its queue, and what could not be delivered or processed.
      expect(feeds).toHaveLength(2 + 2 + Object.keys(config.stores).length);
      for (const { Properties } of feeds) {
        expect(Properties['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
      }
    });

    test('every queue has a dead-letter queue or is one, is encrypted, and accepts only TLS', () => {
      for (const template of both) {
        const queues = ofType(template, 'AWS::SQS::Queue');
        const policies = JSON.stringify(ofType(template, 'AWS::SQS::QueuePolicy'));
        for (const { id, Properties } of queues) {
          expect({ id, key: Properties['KmsMasterKeyId'] !== undefined }).toEqual({ id, key: true });
          const isLast = /DeadLetters/.test(id);
          expect({ id, redrives: Properties['RedrivePolicy'] !== undefined }).toEqual({
            id,
            redrives: !isLast,
          });
          expect(policies).toContain(`{"Ref":"${id}"}`);
        }
        expect(
          statementsOf(template).filter(
            ({ Effect, Condition }) =>
              Effect === 'Deny' && Condition?.['Bool']?.['aws:SecureTransport'] === 'false',
          ).length,
        ).toBeGreaterThanOrEqual(queues.length);
      }
    });

    test('every log group has a retention and the key, and every function its own', () => {
      const groups = both.flatMap((template) => ofType(template, 'AWS::Logs::LogGroup'));
      for (const { id, Properties } of groups) {
        expect({
          id,
          days: Properties['RetentionInDays'],
          key: Properties['KmsKeyId'] !== undefined,
        }).toEqual({
          id,
          days: 180,
          key: true,
        });
      }
      for (const { Properties } of ofType(service, 'AWS::Lambda::Function'))
        expect(JSON.stringify(Properties['LoggingConfig'])).toContain('"Ref"');
    });
  });
});
