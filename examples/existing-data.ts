import type { RetentionConfig } from '../shared/domain/configuration/configuration-schema.ts';

const producer = 'inkwell';
const workspaces = { entity: 'workspace', producer };

/** The sixth company of the demonstration: one that has data already, and registers none of it. */
export function withExistingData(demo: RetentionConfig): RetentionConfig {
  return {
    ...demo,
    policies: [...demo.policies, 'examples/policies/inkwell.yaml', 'examples/policies/inkwell-next.yaml'],
    entityTypes: { ...demo.entityTypes, workspace: { ids: 'owned', normalise: ['trim'] } },
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
    },
    producers: {
      ...demo.producers,
      inkwell: {
        source: 'com.inkwell.app',
        principals: ['arn:aws:iam::111122223333:role/inkwell'],
        stores: { 'inkwell-documents': {}, 'inkwell-messages': {}, 'inkwell-activity': {} },
        categories: ['documents', 'messages', 'activity'],
        events: ['workspace.opened', 'workspace.closed', 'workspace.reopened'],
      },
    },
  };
}
