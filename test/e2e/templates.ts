import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEPLOYMENT } from './app-settings.ts';
import { ACCOUNT, REGION } from './emulator.ts';

interface Statement {
  Action: string | readonly string[];
  Resource?: unknown;
  readonly Effect: 'Allow' | 'Deny';
  Condition?: unknown;
}
interface Resource {
  readonly Type: string;
  readonly Properties?: {
    readonly PolicyDocument?: { Statement: readonly Statement[] };
    readonly KeyPolicy?: { readonly Statement: readonly Statement[] };
    readonly Environment?: { readonly Variables?: Record<string, unknown> };
    readonly Metrics?: unknown;
  };
  DependsOn?: string | readonly string[];
}
interface Template {
  readonly Resources: Record<string, Resource>;
}

/** Resource types that the emulator's CloudFormation does not support: a stack with one of them fails as a whole. */
const REFUSED = new Set([
  'AWS::Events::Archive',
  'AWS::Events::EventBusPolicy',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::Logs::QueryDefinition',
  'AWS::SecretsManager::ResourcePolicy',
]);

/** Certificates of RDS that every Lambda function finds in AWS. Here the variable has to name the emulator's own. */
const LAMBDA_CERTIFICATES = '/var/runtime/ca-cert.pem';

/**
 * Where the emulator differs from AWS, templates are changed as little as possible. Returns what was changed, one line
 * each.
 */
export async function adaptTemplates(assembly: string): Promise<readonly string[]> {
  const files = (await readdir(assembly)).filter((file) => file.endsWith('.template.json'));
  const changes = await Promise.all(
    files.map(async (file) => {
      const path = join(assembly, file);
      const template = withNameOfArchive(JSON.parse(await readFile(path, 'utf8')) as Template);
      const changed = [
        ...withoutRefused(template),
        ...withoutWriteConditions(template),
        ...withBatchesAllowed(template),
        ...withDefaultGroup(template),
        ...withEveryArchive(template),
        ...withoutSigningConditions(template),
        ...withoutLambdaCertificates(template),
      ];
      await writeFile(path, JSON.stringify(template));
      return changed;
    }),
  );
  return changes.flat();
}

/** The archive is made by API with the name of the deployment. References are to what it is called. */
function withNameOfArchive(template: Template): Template {
  const archives = Object.entries(template.Resources).filter(
    ([, { Type }]) => Type === 'AWS::Events::Archive',
  );
  const named = archives.reduce(
    (text, [id]) => text.replaceAll(JSON.stringify({ Ref: id }), JSON.stringify(DEPLOYMENT)),
    JSON.stringify(template),
  );
  return JSON.parse(named) as Template;
}

/** Any reference to a dropped resource other than `DependsOn` makes the deployment fail, by name. */
function withoutRefused({ Resources }: Template): readonly string[] {
  const refused = Object.entries(Resources).filter(([, resource]) => isRefused(resource));
  const ids = new Set(refused.map(([id]) => id));
  for (const id of ids) delete Resources[id];
  for (const resource of Object.values(Resources)) {
    if (resource.DependsOn === undefined) continue;
    resource.DependsOn = [resource.DependsOn].flat().filter((id) => !ids.has(id));
  }
  const byType = Map.groupBy(refused, ([, { Type }]) => Type);
  return [...byType].map(([type, each]) => {
    const what = type === 'AWS::CloudWatch::Alarm' ? `${type} over several metrics` : type;
    return `dropped ${each.length} × ${what}: the emulator's CloudFormation refuses it`;
  });
}

function isRefused({ Type, Properties }: Resource): boolean {
  return REFUSED.has(Type) || (Type === 'AWS::CloudWatch::Alarm' && Properties?.Metrics !== undefined);
}

/** The emulator does not know the headers of a write as keys of conditions, and would deny every write. */
function withoutWriteConditions({ Resources }: Template): readonly string[] {
  return Object.values(Resources).flatMap(({ Properties }) => {
    const document = Properties?.PolicyDocument;
    const unknown = (document?.Statement ?? []).filter(({ Condition }) =>
      /s3:if-(none-)?match/.test(JSON.stringify(Condition ?? {})),
    );
    if (document === undefined || unknown.length === 0) return [];
    document.Statement = document.Statement.filter((statement) => !unknown.includes(statement));
    return [
      `dropped ${unknown.length} denials of writes without If-None-Match: the emulator denies all with them`,
    ];
  });
}

/**
 * In AWS `sqs:SendMessage` allows SendMessageBatch, too, and no action of that name exists.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
 */
function withBatchesAllowed(template: Template): readonly string[] {
  const sending = allowing(template, 'sqs:SendMessage');
  for (const statement of sending) statement.Action = [statement.Action, 'sqs:SendMessageBatch'].flat();
  return sending.length === 0
    ? []
    : [`added sqs:SendMessageBatch to ${sending.length} statements that allow sqs:SendMessage`];
}

/** The emulator does not read a new schedule's group, and asks for the permission in the group `default`. */
function withDefaultGroup(template: Template): readonly string[] {
  const making = allowing(template, 'scheduler:CreateSchedule');
  const inDefault = `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/default/due-*`;
  for (const statement of making) statement.Resource = [statement.Resource, inDefault].flat();
  return making.length === 0
    ? []
    : [`added the schedule group default to ${making.length} statements that allow scheduler:CreateSchedule`];
}

/** The emulator asks for the permission to describe an archive without its name. */
function withEveryArchive(template: Template): readonly string[] {
  const describing = allowing(template, 'events:DescribeArchive');
  for (const statement of describing) statement.Resource = '*';
  return describing.length === 0
    ? []
    : [`widened ${describing.length} statements that allow events:DescribeArchive to every archive`];
}

/** The emulator does not know what a request says of a signature, and would let no one sign. */
function withoutSigningConditions({ Resources }: Template): readonly string[] {
  return Object.entries(Resources).flatMap(([id, { Properties }]) => {
    const signing = (Properties?.KeyPolicy?.Statement ?? []).filter(({ Action }) => Action === 'kms:Sign');
    for (const statement of signing) delete statement.Condition;
    return signing.length === 0 ? [] : [`dropped how ${id} may sign: the emulator denies all with it`];
  });
}

function allowing({ Resources }: Template, action: string): readonly Statement[] {
  return Object.values(Resources)
    .flatMap(({ Properties }) => Properties?.PolicyDocument?.Statement ?? [])
    .filter(({ Effect, Action }) => Effect === 'Allow' && [Action].flat().includes(action));
}

function withoutLambdaCertificates({ Resources }: Template): readonly string[] {
  return Object.entries(Resources).flatMap(([id, { Properties }]) => {
    const variables = Properties?.Environment?.Variables;
    if (variables?.['NODE_EXTRA_CA_CERTS'] !== LAMBDA_CERTIFICATES) return [];
    delete variables['NODE_EXTRA_CA_CERTS'];
    return [`dropped NODE_EXTRA_CA_CERTS of ${id}: ${LAMBDA_CERTIFICATES} is only in AWS`];
  });
}
