import type { Assembly, Stack } from './assembly.ts';
import type { Resolver } from './resolver.ts';

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
export interface Document {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

/** Every policy of a deployment, by name, and whom or what each belongs to. */
export interface Policies {
  readonly documents: ReadonlyMap<string, Document>;
  /** Names of documents by the ARN of a role, or of a policy to attach. */
  readonly ofIdentity: ReadonlyMap<string, readonly string[]>;
  /** Name of a document by the ARN of a resource, or of a role: who may assume it. */
  readonly ofResource: ReadonlyMap<string, string>;
}

/** Types whose policies are about something else than who may do what. */
const OTHER_POLICIES: ReadonlySet<string> = new Set(['AWS::CloudWatch::AnomalyDetector']);

type Properties = Readonly<Record<string, unknown>>;

/** Reads identity and resource policies. It throws at a kind of policy that it does not know. */
export function readPolicies({ stacks }: Assembly, resolver: Resolver): Policies {
  const documents = new Map<string, Document>();
  const ofIdentity = new Map<string, string[]>();
  const ofResource = new Map<string, string>();

  function identityPolicy(owner: string, name: string, document: unknown, stack: Stack): void {
    documents.set(name, documentOf(resolver.value(document, stack)));
    ofIdentity.set(owner, [...(ofIdentity.get(owner) ?? []), name]);
  }

  /** Several templates may add statements to the policy of one resource. */
  function resourcePolicy(arn: string, statements: readonly Statement[]): void {
    const name = `policy of ${arn}`;
    const before = documents.get(name)?.Statement ?? [];
    documents.set(name, documentOf({ Statement: [...before, ...statements] }));
    ofResource.set(arn, name);
  }

  const roleArns = rolesByName(stacks, resolver);
  const arnOf = (roleName: string): string => {
    const arn = roleArns.get(roleName);
    if (arn === undefined) throw new Error(`A policy is attached to ${roleName}, which is in no template.`);
    return arn;
  };

  /** The name of the document of a policy that is in a template. */
  function managedPolicy(arn: string): string {
    for (const stack of stacks)
      for (const [id, { Type }] of Object.entries(stack.template.Resources))
        if (Type === 'AWS::IAM::ManagedPolicy' && resolver.identity(stack, id).ref === arn)
          return `${stack.name}/${id}`;
    throw new Error(`A role has the policy ${arn}, which is in no template.`);
  }

  function read(stack: Stack, id: string, type: string, raw: Properties): void {
    const own = resolver.identity(stack, id);
    const get = (name: string): unknown => resolver.value(raw[name], stack);
    switch (type) {
      case 'AWS::IAM::Policy':
        for (const role of get('Roles') as readonly string[])
          identityPolicy(arnOf(role), `${stack.name}/${id}`, raw['PolicyDocument'], stack);
        return;
      case 'AWS::IAM::ManagedPolicy':
        identityPolicy(own.ref, `${stack.name}/${id}`, raw['PolicyDocument'], stack);
        for (const role of (get('Roles') ?? []) as readonly string[])
          ofIdentity.set(arnOf(role), [...(ofIdentity.get(arnOf(role)) ?? []), `${stack.name}/${id}`]);
        return;
      case 'AWS::IAM::Role': {
        const arn = own.attributes['Arn'] ?? '';
        resourcePolicy(arn, statementsOf(get('AssumeRolePolicyDocument')));
        for (const inline of (raw['Policies'] ?? []) as readonly Properties[])
          identityPolicy(
            arn,
            `${stack.name}/${id}/${String(inline['PolicyName'])}`,
            inline['PolicyDocument'],
            stack,
          );
        for (const policy of (get('ManagedPolicyArns') ?? []) as readonly string[])
          ofIdentity.set(arn, [...(ofIdentity.get(arn) ?? []), managedPolicy(policy)]);
        return;
      }
      case 'AWS::KMS::Key':
        resourcePolicy(own.attributes['Arn'] ?? '', statementsOf(get('KeyPolicy')));
        return;
      case 'AWS::S3::BucketPolicy':
        resourcePolicy(`arn:aws:s3:::${String(get('Bucket'))}`, statementsOf(get('PolicyDocument')));
        return;
      case 'AWS::SQS::QueuePolicy':
        for (const url of get('Queues') as readonly string[])
          resourcePolicy(queueOf(url, stacks, resolver), statementsOf(get('PolicyDocument')));
        return;
      case 'AWS::SNS::TopicPolicy':
        for (const arn of get('Topics') as readonly string[])
          resourcePolicy(arn, statementsOf(get('PolicyDocument')));
        return;
      case 'AWS::Events::EventBusPolicy':
        resourcePolicy(busOf(stack, String(get('EventBusName'))), [get('Statement') as Statement]);
        return;
      case 'AWS::Events::EventBus':
        if (raw['Policy'] !== undefined)
          resourcePolicy(own.attributes['Arn'] ?? '', statementsOf(get('Policy')));
        return;
      case 'AWS::Lambda::Permission': {
        const arn = functionArn(String(get('FunctionName')), stack);
        resourcePolicy(arn, [invocation(arn, id, get)]);
        return;
      }
      default:
        if (type.endsWith('Policy') && !OTHER_POLICIES.has(type))
          throw new Error(`Read ${type} in policies.ts: ${id} is one.`);
        if (JSON.stringify(raw).includes('"Principal"'))
          throw new Error(`${id} (${type}) names a principal: read its policy in policies.ts.`);
    }
  }

  for (const stack of stacks)
    for (const [id, { Type, Properties = {} }] of Object.entries(stack.template.Resources))
      read(stack, id, Type, Properties);
  return { documents, ofIdentity, ofResource };
}

/** The permission of a function as the statement that Lambda makes of it. */
function invocation(arn: string, id: string, get: (name: string) => unknown): Statement {
  const source = get('SourceArn');
  const account = get('SourceAccount');
  return {
    Sid: id,
    Effect: 'Allow',
    Principal: { Service: String(get('Principal')) },
    Action: String(get('Action')),
    Resource: arn,
    Condition: {
      ...(source === undefined ? {} : { ArnLike: { 'aws:SourceArn': source } }),
      ...(account === undefined ? {} : { StringEquals: { 'aws:SourceAccount': account } }),
    },
  };
}

function rolesByName(stacks: readonly Stack[], resolver: Resolver): ReadonlyMap<string, string> {
  const found = stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources)
      .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
      .map(([id]) => resolver.identity(stack, id)),
  );
  return new Map(found.map(({ ref, attributes }) => [ref, attributes['Arn'] ?? '']));
}

function queueOf(url: string, stacks: readonly Stack[], resolver: Resolver): string {
  for (const stack of stacks)
    for (const [id, { Type }] of Object.entries(stack.template.Resources)) {
      if (Type !== 'AWS::SQS::Queue') continue;
      const { ref, attributes } = resolver.identity(stack, id);
      if (ref === url) return attributes['Arn'] ?? '';
    }
  throw new Error(`A policy is for the queue ${url}, which is in no template.`);
}

function busOf({ region, account }: Stack, name: string): string {
  return `arn:aws:events:${region}:${account}:event-bus/${name}`;
}

function functionArn(nameOrArn: string, { region, account }: Stack): string {
  return nameOrArn.startsWith('arn:')
    ? nameOrArn
    : `arn:aws:lambda:${region}:${account}:function:${nameOrArn}`;
}

function documentOf(found: unknown): Document {
  return { Version: '2012-10-17', Statement: statementsOf(found) };
}

function statementsOf(found: unknown): readonly Statement[] {
  return [(found as { readonly Statement: Statement | readonly Statement[] }).Statement].flat();
}
