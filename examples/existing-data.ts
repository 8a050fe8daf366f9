import type { RetentionConfig } from '../shared/domain/configuration/configuration-schema.ts';

const producer = 'inkwell';
const workspaces = { entity: 'workspace', producer };
/** Each row also says of which workspace it is: so a legal hold on a workspace keeps its rows. */
const rows = { producer, entities: { workspace: 'workspace' } };

/** The sixth company of the demonstration: one that has data already, and registers none of it. */
export function withExistingData(demo: RetentionConfig): RetentionConfig {
  return {
    ...demo,
    policies: [...demo.policies, 'examples/policies/inkwell.yaml', 'examples/policies/inkwell-next.yaml'],
    entityTypes: {
      ...demo.entityTypes,
      workspace: { ids: 'owned', normalise: ['trim'] },
      record: { ids: 'owned' },
    },
    stores: {
      ...demo.stores,
      'inkwell-documents': {
        kind: 's3',
        region: 'us-east-1',
        keys: [{ name: 'key', type: 'text' }],
        options: { bucket: 'inkwell-documents', restrict: { tag: 'tenure-restricted' } },
        breaker: { recordsPerDay: 250 },
        collections: [{ ...workspaces, category: 'documents', by: 'workspaces/{id}/' }],
      },
      'inkwell-messages': {
        kind: 'dynamodb',
        region: 'us-east-1',
        keys: [
          { name: 'workspace', type: 'text' },
          { name: 'message', type: 'integer' },
        ],
        options: { table: 'inkwell-messages', restrict: { attribute: 'restricted' } },
        backupDays: 35,
        collections: [{ ...workspaces, category: 'messages', by: 'workspace' }],
      },
      'inkwell-activity': {
        kind: 'postgresql',
        region: 'us-east-1',
        keys: [{ name: 'entry_id', type: 'integer' }],
        options: {
          host: '127.0.0.1',
          database: 'inkwell',
          user: 'tenure',
          table: 'activity',
          tls: 'off',
          restrict: { column: 'restricted_at' },
        },
        backupDays: 7,
        collections: [{ ...workspaces, category: 'activity', by: 'workspace' }],
      },
      'inkwell-sign-ins': {
        kind: 'postgresql',
        region: 'us-east-1',
        keys: [{ name: 'sign_in_id', type: 'integer' }],
        options: { host: '127.0.0.1', database: 'inkwell', user: 'tenure', table: 'sign_ins', tls: 'off' },
        backupDays: 7,
        breaker: { recordsPerDay: 250 },
        datasets: [{ ...rows, category: 'sign-ins', clock: { 'record.made': 'signed_in_at' } }],
      },
      'inkwell-notices': {
        kind: 'dynamodb',
        region: 'us-east-1',
        keys: [{ name: 'notice', type: 'integer' }],
        options: { table: 'inkwell-notices' },
        backupDays: 35,
        datasets: [
          {
            ...rows,
            category: 'notices',
            clock: { 'record.made': 'sentAt' },
            index: 'by-kind:kind',
            where: { kind: 'notice' },
          },
        ],
      },
      'inkwell-exports': {
        kind: 's3',
        region: 'us-east-1',
        // Such as `2025-01-17/w-42/2001`: the key says when the file was made, and for whom.
        keys: [
          { name: 'day', type: 'date' },
          { name: 'workspace', type: 'text' },
          { name: 'export', type: 'integer' },
        ],
        options: { bucket: 'inkwell-exports' },
        datasets: [{ ...rows, category: 'exports', clock: { 'record.made': 'day' } }],
      },
    },
    producers: {
      ...demo.producers,
      inkwell: {
        source: 'com.inkwell.app',
        principals: ['arn:aws:iam::111122223333:role/inkwell'],
        stores: {
          'inkwell-documents': {},
          'inkwell-messages': {},
          'inkwell-activity': {},
          'inkwell-sign-ins': {},
          'inkwell-notices': {},
          'inkwell-exports': {},
        },
        categories: ['documents', 'messages', 'activity', 'sign-ins', 'notices', 'exports'],
        events: ['workspace.opened', 'workspace.closed', 'workspace.reopened'],
      },
    },
  };
}
