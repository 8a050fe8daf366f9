import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, CfnFunction, Function, RecursiveLoop, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type * as z from 'zod';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { present } from '../../shared/domain/present.ts';
import type { EnvOf } from '../../shared/runtime/environment.ts';
import type { LaneSettings } from '../deployment-schema.ts';
import { excuseWildcard } from './excuse.ts';
import { functionCode } from './function-code.ts';
import type { TenureKey } from './tenure-key.ts';

/** What all functions of a deployment have in common. */
export interface FunctionSettings {
  readonly bundles: string;
  readonly key: TenureKey;
  readonly logRetention: RetentionDays;
  /** The namespace of the functions' metrics. */
  readonly metricNamespace: string;
}

export interface TenureFunctionProps<Schema extends z.ZodObject> {
  readonly settings: FunctionSettings;
  /** Folder of its bundle. */
  readonly bundle: string;
  readonly description: string;
  /** Its part of the configuration, if it reads one. */
  readonly configuration?: Configuration;
  /** Every variable of the function's own schema. */
  readonly environment: EnvOf<Schema>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** Created elsewhere. By default, the function gets its own role. */
  readonly role?: IRole;
  readonly network?: LaneSettings['network'];
  readonly reservedConcurrency?: number;
  /** It sends to a queue that feeds it, to continue a long-running job that ends. */
  readonly feedsItself?: boolean;
}

/** A function from a prebuilt bundle, with its own role and log group. It may only write logs until more is granted. */
export class TenureFunction<Schema extends z.ZodObject> extends Construct {
  readonly function: Function;
  readonly log: LogGroup;

  constructor(scope: Construct, id: string, props: TenureFunctionProps<Schema>) {
    super(scope, id);
    const { settings, network } = props;
    const role =
      props.role ??
      new Role(this, 'Role', {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        description: props.description,
      });
    this.log = functionLog(this, settings, role);
    if (network !== undefined) {
      role.addToPrincipalPolicy(networkStatement());
      excuseWildcard(
        role,
        '*',
        'EC2 does not support resource-level permissions for the calls that connect a function to a VPC.',
      );
    }
    this.function = new Function(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: functionCode(settings.bundles, props.bundle, props.configuration),
      role,
      logGroup: this.log,
      environment: {
        ...(props.environment as Readonly<Record<string, string>>),
        POWERTOOLS_METRICS_NAMESPACE: settings.metricNamespace,
      },
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMegabytes,
      ...(props.feedsItself === true ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
      ...present({ reservedConcurrentExecutions: props.reservedConcurrency }),
    });
    if (network !== undefined) {
      const { node } = this.function;
      if (!(node.defaultChild instanceof CfnFunction))
        throw new TypeError('The default child of the function is not a CfnFunction');
      node.defaultChild.vpcConfig = {
        subnetIds: [...network.subnets],
        securityGroupIds: [...network.securityGroups],
      };
    }
  }
}

/** Creates the log group `Log` of a function in `scope`, and lets the function's role write to it. */
export function functionLog(scope: Construct, settings: FunctionSettings, role: IRole): LogGroup {
  const logGroup = new LogGroup(scope, 'Log', {
    retention: settings.logRetention,
    encryptionKey: settings.key.key,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  // Not with `grantWrite`: for a role of another stack, it would add a resource policy to the log group.
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  );
  return logGroup;
}

/**
 * EC2 does not support resource-level permissions for these calls, which connect a function to a VPC.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
function networkStatement(): PolicyStatement {
  return new PolicyStatement({
    sid: 'Network',
    actions: [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['*'],
  });
}
