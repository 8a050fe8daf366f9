import type { TenureConfig } from '../../infra/load-deployment.ts';
import { ACCOUNT, REGION } from './emulator.ts';

/** The applications and people of the run: IAM users, each with the managed policy of its role. */
export const PLAYERS = {
  crm: 'producer',
  shop: 'producer',
  operator: 'operator',
  auditor: 'auditor',
} as const;
export type Player = keyof typeof PLAYERS;

export const SOURCES = { crm: 'example.crm', shop: 'example.shop' } as const;
export const DEPLOYMENT = 'records';
/** Another account, and an application there that may register and send like `crm`. */
export const OTHER_ACCOUNT = '999988887777';
export const FOREIGN_APP = 'ledger';
/** The tag of restricted pictures, as docs/stores/s3.md has it. */
export const RESTRICTED_TAG = 'tenure-restricted';
/** `30 days after contract.ended`. */
export const DAYS = 30;

/** Short enough for everything to happen within minutes; checked against each other like any other timing. */
export const TIMING = {
  // One machine has one clock; any tolerance would move each wake-up to the next minute.
  clockTolerance: 0,
  minimumHintDistance: 62,
  earlyHint: 120,
  lease: 40,
  functionTimeout: 25,
  storeTimeout: 12,
  firstBackoff: 62,
  longestBackoff: 62,
};

export interface Places {
  readonly membersTable: string;
  readonly picturesBucket: string;
  readonly orders: { readonly port: number; readonly database: string; readonly user: string };
  /** ARN of the secret with the password. */
  readonly ordersLogin: string;
}

export function appSettings(places: Places): TenureConfig {
  const events = ['contract.ended', 'contract.renewed'];
  const categories = ['contract-data'];
  return {
    deployment: {
      name: DEPLOYMENT,
      account: ACCOUNT,
      region: REGION,
      deletionLog: { lock: 'governance', days: 1 },
    },
    policies: ['policies/contracts.yaml'],
    entityTypes: { contract: { ids: 'owned' } },
    stores: {
      members: {
        kind: 'dynamodb',
        region: REGION,
        keys: [{ name: 'member', type: 'text' }],
        options: { table: places.membersTable, versionAttribute: 'revision' },
      },
      orders: {
        kind: 'postgresql',
        region: REGION,
        keys: [{ name: 'order_id', type: 'integer' }],
        options: {
          host: '127.0.0.1',
          port: places.orders.port,
          database: places.orders.database,
          user: places.orders.user,
          table: 'orders',
          tls: 'off',
        },
        lane: { login: { secret: places.ordersLogin } },
      },
      pictures: {
        kind: 's3',
        region: REGION,
        keys: [{ name: 'key', type: 'text' }],
        options: { bucket: places.picturesBucket, owner: ACCOUNT, restrict: { tag: RESTRICTED_TAG } },
      },
    },
    producers: {
      crm: {
        source: SOURCES.crm,
        principals: [userArn('crm'), `arn:aws:iam::${OTHER_ACCOUNT}:role/${FOREIGN_APP}`],
        bus: true,
        stores: { members: { prefixes: ['crm/'] }, orders: {}, pictures: { prefixes: ['crm/'] } },
        categories,
        events,
      },
      shop: {
        source: SOURCES.shop,
        principals: [userArn('shop')],
        stores: { members: { prefixes: ['shop/'] }, pictures: { prefixes: ['shop/'] } },
        categories,
        events,
      },
    },
    operators: [userArn('operator')],
    auditors: [userArn('auditor')],
    timing: TIMING,
  };
}

function userArn(player: Player): string {
  return `arn:aws:iam::${ACCOUNT}:user/${player}`;
}
