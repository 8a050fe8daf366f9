import type { Asked, Case, Who } from './cases.ts';
import type { Deployed, DeployedFunction, FunctionName } from './deployed.ts';
import { PARTITION, queueArnOf } from './identities.ts';
import { isAdopted } from './function-calls.ts';
import { policyToAttach } from './people-calls.ts';
import {
  bucketNamed,
  findsRecords,
  keyParameter,
  laneOf,
  tableOf,
  signingKeysOf,
  variable,
} from './port-calls.ts';

/** An account that has nothing to do with the deployment. */
export const FOREIGN = '999999999999';

/** Who and what the denials are about, by the names that people use. */
export interface Cast {
  readonly deployed: Deployed;
  /** It uses a table that was restored. */
  readonly isAdopted: boolean;
  readonly roles: Readonly<Record<Exclude<FunctionName, 'dispose'>, Who>>;
  readonly lanes: readonly {
    readonly store: string;
    readonly who: Who;
    readonly queue: string;
    readonly findsRecords: boolean;
  }[];
  /** Every role of a function or a service, by name. */
  readonly everyRole: readonly { readonly name: string; readonly arn: string; readonly who: Who }[];
  /** May do everything in the deployment's account, by the policies of the account. */
  readonly administrator: Who;
  readonly root: Who;
  /** May do everything that another account can allow. */
  readonly stranger: Who;
  readonly anonymous: Who;
  readonly producers: readonly { readonly name: string; readonly source: string; readonly who: Who }[];
  /** Principals of other accounts, and the roles of this deployment that are for them. */
  readonly foreign: readonly { readonly name: string; readonly arn: string; readonly bridge: string }[];
  readonly operator: Who;
  readonly auditor: Who;
  readonly key: string;
  /** Of the checkpoints. */
  readonly signingKeys: readonly string[];
  /** The parameter with its public half. */
  readonly keyParameter: string;
  readonly table: string;
  readonly bus: string;
  /** Of the deletion log. */
  readonly bucket: string;
  /** Whether its old entries are dropped. */
  readonly drops: boolean;
  readonly exportsBucket: string;
  readonly queues: { readonly ingest: string; readonly sweep: string; readonly seal: string };
  readonly everyQueue: readonly string[];
  /** Of the bus. */
  readonly rules: readonly string[];
  readonly schedulerRole: string;
  readonly scheduleGroup: string;
}

export function castOf(deployed: Deployed): Cast {
  const { account, functions } = deployed;
  const the = (name: FunctionName): DeployedFunction => {
    const found = functions.find((fn) => fn.name === name);
    if (found === undefined) throw new Error(`No function is called ${name}.`);
    return found;
  };
  const role = (arn: string): Who => ({ kind: 'role', arn });
  const attached = (arn: string, ...names: Parameters<typeof policyToAttach>[0][]): Who => ({
    kind: 'attached',
    arn,
    policies: names.map((name) => policyToAttach(name, deployed)),
  });
  const [api, ingest, sweep, seal] = [the('api'), the('ingest'), the('sweep'), the('seal')];
  const { producers, operators, auditors } = api.configuration;
  const roleArns = new Set(deployed.ofType('AWS::IAM::Role').map(({ arn }) => arn));
  const person = (arns: readonly string[]): string => arns.find((arn) => arn.includes(':iam:')) ?? '';
  return {
    deployed,
    isAdopted: isAdopted(sweep),
    roles: {
      api: role(api.roleArn),
      ingest: role(ingest.roleArn),
      sweep: role(sweep.roleArn),
      seal: role(seal.roleArn),
    },
    lanes: functions
      .filter(({ name }) => name === 'dispose')
      .map((fn) => ({
        store: laneOf(fn),
        who: role(fn.roleArn),
        queue: queueArnOf(variable(fn, 'LANE_QUEUE_URL')),
        findsRecords: findsRecords(fn),
      })),
    everyRole: deployed.ofType('AWS::IAM::Role').map(({ id, arn }) => ({ name: id, arn, who: role(arn) })),
    administrator: { kind: 'administrator', arn: `arn:${PARTITION}:iam::${account}:role/administrator` },
    root: { kind: 'administrator', arn: `arn:${PARTITION}:iam::${account}:root` },
    stranger: { kind: 'administrator', arn: `arn:${PARTITION}:iam::${FOREIGN}:role/administrator` },
    anonymous: { kind: 'anonymous' },
    producers: Object.entries(producers).map(([name, { source, principals }]) => ({
      name,
      source,
      who: attached(person(principals), 'Producer', 'Sender'),
    })),
    foreign: [
      ...Object.entries(producers).map(
        ([name, { principals }]) => [`the producer ${name}`, principals] as const,
      ),
      ['an operator', operators] as const,
      ['an auditor', auditors] as const,
    ].flatMap(([name, arns]) => {
      const bridge = arns.find((arn) => roleArns.has(arn));
      const foreign = arns.filter((arn) => arn.startsWith('arn:') && arn.split(':')[4] !== account);
      return bridge === undefined ? [] : foreign.map((arn) => ({ name, arn, bridge }));
    }),
    operator: attached(person(operators), 'Operator'),
    auditor: attached(person(auditors), 'Auditor'),
    key: deployed.the('AWS::KMS::Key', 'TenureKey').arn,
    signingKeys: signingKeysOf(seal),
    keyParameter: keyParameter({ fn: seal, deployed }),
    table: tableOf(api, deployed),
    bus: deployed.the('AWS::Events::EventBus').arn,
    bucket: bucketNamed(variable(seal, 'LOG_BUCKET')),
    drops: variable(seal, 'LOG_KEEP_DAYS') !== 'none',
    exportsBucket: bucketNamed(variable(sweep, 'EXPORTS_BUCKET')),
    queues: {
      ingest: queueArnOf(variable(api, 'INGEST_QUEUE_URL')),
      sweep: queueArnOf(variable(api, 'SWEEP_QUEUE_URL')),
      seal: queueArnOf(variable(sweep, 'SEAL_QUEUE_URL')),
    },
    everyQueue: deployed.ofType('AWS::SQS::Queue').map(({ arn }) => arn),
    rules: deployed.ofType('AWS::Events::Rule').map(({ arn }) => arn),
    schedulerRole: variable(ingest, 'SCHEDULER_ROLE_ARN'),
    scheduleGroup: variable(ingest, 'SCHEDULE_GROUP'),
  };
}

export function denied(name: string, who: Who, asked: Asked): Case {
  return { ...asked, name, who, allowed: false };
}

/** The last part of an ARN, for names of cases. */
export function shortName(arn: string): string {
  return arn.split(/[:/]/).at(-1) ?? arn;
}
