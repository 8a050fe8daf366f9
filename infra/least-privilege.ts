import type { RegistryUser } from './registry-access.ts';
import { methodsOf, VERBS } from './registry-uses.ts';
import { callsOf, FAMILIES, type Family, type ItemAction } from './registry-calls.ts';

/** The parts of a CloudFormation template that this page needs. */
export interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
  >;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** An app whose roles the page lists. */
export interface ListedApp {
  readonly title: string;
  /** The templates of all its stacks. Nested stacks are flattened into theirs. */
  readonly templates: readonly Template[];
}

const HEAD = `# Least privilege

This page lists everything that each role of two deployments may do: the one that this repository's tests deploy (\`retention.config.ts\`), and the example to copy (\`examples/deployment\`). It is generated from the synthesized templates by \`npm run docs:least-privilege\`, and a test checks that it is current. It does not list what resource policies forbid to everyone, such as deleting from the deletion log.
`;

/** Role × action × resource of each app. Throws when a policy is attached to an unknown role. */
export function leastPrivilegePage(apps: readonly ListedApp[]): string {
  return [HEAD, registrySection(), ...apps.flatMap(appSection)].join('\n');
}

function appSection({ title, templates }: ListedApp): readonly string[] {
  const found = templates.flatMap((template) => Object.entries(template.Resources));
  const name = namer(templates);
  const roles = found.filter(([, { Type }]) => Type === 'AWS::IAM::Role');
  const attachable = found.filter(([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy');
  // What is too long for a role's own policy is in managed policies, which are attached to the role as well.
  const policies = [...found.filter(([, { Type }]) => Type === 'AWS::IAM::Policy'), ...attachable];
  const sections = roles.map(([id, { Properties }]) => {
    const own = policies.filter(([, policy]) => attachedTo(policy.Properties, name).includes(readable(id)));
    const statements = own.flatMap(([, policy]) => statementsOf(policy.Properties));
    return { title: readable(id), says: described(Properties), statements };
  });
  const attached = policies.flatMap(([, { Properties }]) => attachedTo(Properties, name));
  const unknown = attached.filter((role) => sections.every((section) => section.title !== role));
  if (unknown.length > 0)
    throw new Error(
      `A policy is attached to roles that are in no template: ${unknown.join(', ')}. Pass the templates of all stacks.`,
    );
  const managed = attachable
    .filter(([, { Properties }]) => attachedTo(Properties, name).length === 0)
    .map(([id, { Properties }]) => ({
      title: `${readable(id)} (to attach)`,
      says: described(Properties),
      statements: statementsOf(Properties),
    }));
  const all = [...sections, ...managed].toSorted((a, b) => (a.title < b.title ? -1 : 1));
  return [`## ${title}`, '', ...all.map((section) => written(section, name))];
}

const READING: ReadonlySet<ItemAction> = new Set<ItemAction>(['BatchGetItem', 'GetItem', 'Query']);

/** Who may do what with each kind of item of the registry. The statements below say it action by action. */
function registrySection(): string {
  const rows = (Object.entries(FAMILIES) as [Family, string][]).map(([family, partition]) => {
    const isWriting = (action: ItemAction): boolean => !READING.has(action);
    const writing = VERBS.filter((verb) => actionsOn(verb, family).some(isWriting));
    const reading = VERBS.filter((verb) => actionsOn(verb, family).length > 0 && !writing.includes(verb));
    const words = family.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return `| ${words} | ${code(partition)} | ${writing.join(', ')} | ${reading.join(', ')} |`;
  });
  return [
    '## In the registry',
    '',
    'Permissions in the table go by partition key. `dispose` is the function of a lane: of chunks, work records, allowances, parts of exports and what is set aside it reaches only those of its own lane. Only `sweep` reads the table as a whole. The items of data keys (`D#…`) are granted by name, see the sections of the roles; no function deletes one.',
    '',
    '| items | partition key | written by | only read by |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function actionsOn(verb: RegistryUser['verb'], family: Family): readonly ItemAction[] {
  return methodsOf(verb)
    .flatMap(callsOf)
    .filter((call) => call.family === family)
    .flatMap(({ actions }) => actions);
}

type Namer = (value: unknown) => string;

function written(
  section: { readonly title: string; readonly says: string; readonly statements: readonly Statement[] },
  name: Namer,
): string {
  const rows = new Map<string, Set<string>>();
  for (const statement of section.statements) {
    for (const resource of listed(statement.Resource)) {
      const key = `| ${code(resourceText(name(resource)))} | ${conditionText(statement, name)} |`;
      const actions = rows.get(key) ?? new Set();
      for (const action of listed(statement.Action)) actions.add(String(action));
      rows.set(key, actions);
    }
  }
  const lines = [...rows].map(([key, actions]) => `| ${[...actions].toSorted().map(code).join(', ')} ${key}`);
  return [
    `### ${section.title}`,
    '',
    `${section.says}.`,
    '',
    '| actions | resource | condition |',
    '|---|---|---|',
    ...lines.toSorted(),
    '',
  ].join('\n');
}

/** Conditions in one cell. Equality is not written out. */
function conditionText({ Condition = {} }: Statement, name: Namer): string {
  return Object.entries(Condition)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => {
        if (operator === 'Null' && values === 'false') return `${code(key)} is in the request`;
        const right = listed(values).map((value) => code(name(value)));
        const how = operator === 'StringEquals' ? '' : ` (${operator})`;
        return `${code(key)} is ${right.join(' or ')}${how}`;
      }),
    )
    .join('; ');
}

/** `arn:<AWS::Partition>:sqs:eu-central-1:111122223333:x` is `sqs x`: everything is in one account and region. */
function resourceText(resource: string): string {
  return resource.replace(/^arn:[^:]*(?:::[^:]*)?:([a-z0-9-]+):[^:]*:[^:]*:/, '$1 ');
}

function described(properties: Readonly<Record<string, unknown>> | undefined): string {
  const description = properties?.['Description'];
  return typeof description === 'string' ? description : 'No description';
}

function statementsOf(properties: Readonly<Record<string, unknown>> | undefined): readonly Statement[] {
  const { Statement: statements } = (properties?.['PolicyDocument'] ?? { Statement: [] }) as {
    readonly Statement: readonly Statement[];
  };
  return statements.filter(({ Effect }) => Effect === 'Allow');
}

function attachedTo(
  properties: Readonly<Record<string, unknown>> | undefined,
  name: Namer,
): readonly string[] {
  return listed(properties?.['Roles']).map((role) => name(role).replace(/^<(.*?)(?:\.\w+)?>$/, '$1'));
}

/** The text for a value of a template: references in angle brackets, by the name of their construct. */
function namer(templates: readonly Template[]): Namer {
  const outputs = Object.assign({}, ...templates.map(({ Outputs }) => Outputs ?? {})) as NonNullable<
    Template['Outputs']
  >;
  const name: Namer = (value) => {
    if (typeof value !== 'object' || value === null) return String(value);
    const entry = Object.entries(value)[0];
    const [kind, inner] = entry ?? ['', undefined];
    switch (kind) {
      case 'Ref':
        return `<${readable(String(inner))}>`;
      case 'Fn::GetAtt':
        return `<${readable(String((inner as unknown[])[0]))}>`;
      case 'Fn::Join': {
        const [delimiter, parts] = inner as [string, unknown[]];
        return parts.map(name).join(delimiter);
      }
      // A part of a name is shown as the whole name.
      case 'Fn::Select':
      case 'Fn::Split':
        return name((inner as unknown[])[1]);
      case 'Fn::GetStackOutput':
        return name(outputs[(inner as { readonly OutputName: string }).OutputName]?.Value);
      default:
        throw new Error(`The least-privilege page does not support ${kind}: add it to \`namer\`.`);
    }
  };
  return name;
}

/** Without the hash that the CDK adds after the path of a construct. */
function readable(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}

function code(text: string): string {
  return `\`${text}\``;
}

function listed(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
