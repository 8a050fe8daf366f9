import type { Asked, Case, Who } from './cases.ts';
import type { Deployed } from './deployed.ts';
import { PARTITION, queueArnOf } from './identities.ts';
import { encryptionContext, sending, tableNamed, through } from './port-calls.ts';

/** Who, what, and where it follows from in the templates. */
type Needed = readonly [name: string, who: Who, asked: readonly Asked[]];

/**
 * What AWS's services do for a deployment: in the name of its roles, and as themselves. Derived from the resources of
 * the templates, so that a new function, queue, rule or schedule is here without anyone adding it.
 */
export function serviceCases(deployed: Deployed): readonly Case[] {
  const needed: readonly Needed[] = [
    ...functions(deployed),
    ...feeds(deployed),
    ...schedules(deployed),
    ...firstSweeps(deployed),
    ...adoptions(deployed),
    ...bus(deployed),
    ...logs(deployed),
    ...alarms(deployed),
    ...invocations(deployed),
  ];
  return needed.flatMap(([name, who, asked]) =>
    asked.map((each) => ({ ...each, who, name: `${name}: ${each.action}`, allowed: true })),
  );
}

const role = (arn: unknown): Who => ({ kind: 'role', arn: String(arn) });
const service = (name: string): Who => ({ kind: 'service', name });

interface FunctionProperties {
  readonly Role: string;
  readonly LoggingConfig?: { readonly LogGroup?: string };
  readonly VpcConfig?: unknown;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html */
const NETWORK: readonly (readonly [action: string, resource: string])[] = [
  ['ec2:AssignPrivateIpAddresses', 'network-interface/eni-1'],
  ['ec2:CreateNetworkInterface', 'subnet/subnet-1'],
  ['ec2:DeleteNetworkInterface', 'network-interface/eni-1'],
  ['ec2:DescribeNetworkInterfaces', '*'],
  ['ec2:DescribeSubnets', '*'],
  ['ec2:UnassignPrivateIpAddresses', 'network-interface/eni-1'],
];

function functions(deployed: Deployed): readonly Needed[] {
  const { account, region } = deployed;
  return deployed.ofType('AWS::Lambda::Function').flatMap(({ id, properties }): Needed[] => {
    const { Role, LoggingConfig, VpcConfig } = properties() as unknown as FunctionProperties;
    const stream = `arn:${PARTITION}:logs:${region}:${account}:log-group:${LoggingConfig?.LogGroup}:log-stream:1`;
    const network = NETWORK.map(([action, resource]) => ({
      action,
      resource: resource === '*' ? '*' : `arn:${PARTITION}:ec2:${region}:${account}:${resource}`,
    }));
    return [
      [
        `Lambda runs ${id} with its role`,
        service('lambda.amazonaws.com'),
        [{ action: 'sts:AssumeRole', resource: Role }],
      ],
      [
        `${id} writes its log`,
        role(Role),
        [
          { action: 'logs:CreateLogStream', resource: stream },
          { action: 'logs:PutLogEvents', resource: stream },
        ],
      ],
      ...(VpcConfig === undefined ? [] : [[`${id} joins its network`, role(Role), network] as const]),
    ];
  });
}

/** Lambda polls a queue with the function's role. */
function feeds(deployed: Deployed): readonly Needed[] {
  const roles = new Map(
    deployed.ofType('AWS::Lambda::Function').map(({ ref, arn, properties }) => {
      const { Role } = properties() as unknown as FunctionProperties;
      return [ref, { arn, role: Role }] as const;
    }),
  );
  return deployed.ofType('AWS::Lambda::EventSourceMapping').map(({ id, properties }): Needed => {
    const { FunctionName, EventSourceArn } = properties() as Readonly<Record<string, string>>;
    const fed = [...roles].find(([ref, { arn }]) => FunctionName === ref || FunctionName === arn);
    if (fed === undefined) throw new Error(`${id} feeds a function that is in no template.`);
    const actions = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];
    return [
      `${id} takes messages from its queue`,
      role(fed[1].role),
      [
        ...actions.map((action) => ({ action, resource: EventSourceArn ?? '' })),
        ...through('sqs', deployed, ['kms:Decrypt']),
      ],
    ];
  });
}

interface Target {
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly DeadLetterConfig?: { readonly Arn: string };
}

function schedules(deployed: Deployed): readonly Needed[] {
  return deployed.ofType('AWS::Scheduler::Schedule').flatMap(({ id, properties }): Needed[] => {
    const { Arn, RoleArn = '', DeadLetterConfig } = properties()['Target'] as Target;
    const context = { 'aws:SourceAccount': deployed.account };
    const queues = [Arn, ...(DeadLetterConfig === undefined ? [] : [DeadLetterConfig.Arn])];
    return [
      [
        `${id} gets its role`,
        service('scheduler.amazonaws.com'),
        [{ action: 'sts:AssumeRole', resource: RoleArn, context }],
      ],
      [`${id} sends, or puts aside`, role(RoleArn), queues.flatMap((queue) => sending(queue, deployed))],
    ];
  });
}

/** CDK's function sends it, at the end of a deployment: see infra/constructs/first-sweep.ts. */
function firstSweeps(deployed: Deployed): readonly Needed[] {
  return deployed.ofType('Custom::TenureSweep').map(({ id, properties }): Needed => {
    const { ServiceToken, Update } = properties() as Readonly<Record<string, string>>;
    const { parameters } = JSON.parse(Update ?? '') as { readonly parameters: { readonly QueueUrl: string } };
    const sender = deployed.ofType('AWS::Lambda::Function').find(({ arn }) => arn === ServiceToken);
    return [
      `${id} sends a sweep`,
      role(sender?.properties()['Role']),
      sending(queueArnOf(parameters.QueueUrl), deployed),
    ];
  });
}

/** CDK's function protects a table that was restored: see infra/constructs/adopted-table.ts. */
function adoptions(deployed: Deployed): readonly Needed[] {
  return deployed.ofType('Custom::TenureAdoption').map(({ id, properties }): Needed => {
    const { ServiceToken, Update } = properties() as Readonly<Record<string, string>>;
    const { action, parameters } = JSON.parse(Update ?? '') as {
      readonly action: string;
      readonly parameters: { readonly TableName: string };
    };
    const caller = deployed.ofType('AWS::Lambda::Function').find(({ arn }) => arn === ServiceToken);
    return [
      `${id} protects the table`,
      role(caller?.properties()['Role']),
      [
        {
          action: `dynamodb:${action.replace(/Command$/, '')}`,
          resource: tableNamed(parameters.TableName, deployed),
        },
      ],
    ];
  });
}

/** The bus under the deployment's key, its rules, and what each has to put aside. */
function bus(deployed: Deployed): readonly Needed[] {
  const { account } = deployed;
  const events = service('events.amazonaws.com');
  const { arn: busArn, properties } = deployed.the('AWS::Events::EventBus');
  const own = properties() as { readonly DeadLetterConfig?: Target; readonly KmsKeyIdentifier?: string };
  const resource = own.KmsKeyIdentifier ?? '';
  const context = { 'aws:SourceAccount': account, 'aws:SourceArn': busArn };
  const key = ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'].map((action) => ({
    action,
    resource,
    context,
  }));
  const putting = (from: string, queue: string): readonly Asked[] => [
    { action: 'sqs:SendMessage', resource: queue, context: { 'aws:SourceArn': from } },
  ];
  return [
    ['The bus uses its key', events, key],
    ...deployed.ofType('AWS::Events::Archive').map(({ id, properties: ofArchive }): Needed => {
      const { KmsKeyIdentifier, SourceArn } = ofArchive() as Readonly<Record<string, string>>;
      return [`The archive ${id} uses its key`, events, archiving(KmsKeyIdentifier ?? '', SourceArn ?? '')];
    }),
    ...(own.DeadLetterConfig === undefined
      ? []
      : [
          [
            'The bus puts aside what it cannot decrypt',
            events,
            putting(busArn, own.DeadLetterConfig.Arn),
          ] as const,
        ]),
    ...deployed.ofType('AWS::Events::Rule').map(({ id, arn, properties: ofRule }): Needed => {
      const targets = ofRule()['Targets'] as readonly Target[];
      const queues = targets.flatMap(({ Arn, DeadLetterConfig }) => [
        Arn,
        ...(DeadLetterConfig === undefined ? [] : [DeadLetterConfig.Arn]),
      ]);
      return [`${id} delivers`, events, queues.flatMap((queue) => putting(arn, queue))];
    }),
  ];
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/encryption-archives.html */
function archiving(resource: string, busArn: string): readonly Asked[] {
  const context = encryptionContext({ 'aws:events:event-bus:arn': busArn });
  const uses = ['Decrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'];
  return [
    ...uses.map((use) => ({ action: `kms:${use}`, resource, context })),
    // Without an account, as AWS's policy allows it: nothing says that this request has one.
    { action: 'kms:DescribeKey', resource },
  ];
}

function logs(deployed: Deployed): readonly Needed[] {
  const who = service(`logs.${deployed.region}.amazonaws.com`);
  return deployed.ofType('AWS::Logs::LogGroup').map(({ id, arn, properties }): Needed => {
    const resource = String(properties()['KmsKeyId']);
    const context = {
      'kms:EncryptionContext:aws:logs:arn': arn.replace(/:\*$/, ''),
      'kms:EncryptionContextKeys': ['aws:logs:arn'],
    };
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    const uses = ['Decrypt', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'];
    return [
      `CloudWatch encrypts ${id}`,
      who,
      uses.map((use) => ({ action: `kms:${use}`, resource, context })),
    ];
  });
}

/** An alarm publishes on a topic under the deployment's key. */
function alarms(deployed: Deployed): readonly Needed[] {
  const { account } = deployed;
  const who = service('cloudwatch.amazonaws.com');
  return deployed.ofType('AWS::CloudWatch::Alarm').flatMap(({ id, properties }): Needed[] => {
    const { AlarmActions = [] } = properties() as { readonly AlarmActions?: readonly string[] };
    return AlarmActions.map((topic): Needed => {
      const context = { 'aws:SourceAccount': account };
      const found = deployed.ofType('AWS::SNS::Topic').find(({ arn, ref }) => [arn, ref].includes(topic));
      const { KmsMasterKeyId: resource = '' } = (found?.properties() ?? {}) as {
        readonly KmsMasterKeyId?: string;
      };
      return [
        `The alarm ${id} reaches people`,
        who,
        [
          { action: 'sns:Publish', resource: topic, context },
          { action: 'kms:GenerateDataKey', resource, context },
          { action: 'kms:Decrypt', resource, context },
        ],
      ];
    });
  });
}

/** HTTP APIs call the function. */
function invocations(deployed: Deployed): readonly Needed[] {
  const { region, account } = deployed;
  return deployed.ofType('AWS::ApiGatewayV2::Route').map(({ id, properties }): Needed => {
    const { ApiId, RouteKey } = properties() as Readonly<Record<string, string>>;
    const source = `arn:${PARTITION}:execute-api:${region}:${account}:${ApiId}/$default/${RouteKey?.replace(' ', '')}`;
    const api = deployed.functions.find(({ name }) => name === 'api');
    return [
      `The route ${id} reaches the api`,
      service('apigateway.amazonaws.com'),
      [
        {
          action: 'lambda:InvokeFunction',
          resource: api?.arn ?? '',
          context: { 'aws:SourceArn': source },
        },
      ],
    ];
  });
}
