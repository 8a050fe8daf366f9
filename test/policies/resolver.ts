import type { Assembly, Stack } from './assembly.ts';
import {
  type Identity,
  identityOf,
  NAME_PROPERTIES,
  PARTITION,
  stackIdOf,
  URL_SUFFIX,
} from './identities.ts';

/** Replaces what CloudFormation would replace. It throws at what it does not know, so that nothing is guessed. */
export interface Resolver {
  value(found: unknown, stack: Stack): unknown;
  text(found: unknown, stack: Stack): string;
  identity(stack: Stack, id: string): Identity;
}

const NOTHING = Symbol('AWS::NoValue');

export function resolverOf({ stacks }: Assembly): Resolver {
  const known = new Map<string, Identity>();

  function identity(stack: Stack, id: string): Identity {
    const place = `${stack.name}/${id}`;
    const found = known.get(place);
    if (found !== undefined) return found;
    const resource = stack.template.Resources[id];
    if (resource === undefined) throw new Error(`${stack.name} has no resource ${id}.`);
    const { Type: type, Properties = {} } = resource;
    const property = NAME_PROPERTIES[type];
    const given = property === undefined ? undefined : Properties[property];
    const own = given === undefined ? `${stack.name}-${id}` : text(given, stack);
    // The ARN of a rule contains the bus, and so does what `Ref` answers.
    const bus = type === 'AWS::Events::Rule' ? Properties['EventBusName'] : undefined;
    const name = bus === undefined ? own : `${text(bus, stack)}/${own}`;
    const made = identityOf({ stack, id, type, name });
    known.set(place, made);
    return made;
  }

  function ref(name: string, stack: Stack): unknown {
    switch (name) {
      case 'AWS::Partition':
        return PARTITION;
      case 'AWS::URLSuffix':
        return URL_SUFFIX;
      case 'AWS::Region':
        return stack.region;
      case 'AWS::AccountId':
        return stack.account;
      case 'AWS::StackName':
        return stack.name;
      case 'AWS::StackId':
        return stackIdOf(stack);
      case 'AWS::NoValue':
        return NOTHING;
      default:
    }
    if (name in stack.template.Resources) return identity(stack, name).ref;
    const parameter = stack.template.Parameters?.[name];
    if (parameter === undefined) throw new Error(`${stack.name} refers to ${name}, which it does not have.`);
    if (stack.parent === undefined) return parameter.Default;
    const { Properties = {} } = stack.parent.stack.template.Resources[stack.parent.id] ?? {};
    const given = (Properties['Parameters'] as Readonly<Record<string, unknown>> | undefined)?.[name];
    return given === undefined ? parameter.Default : value(given, stack.parent.stack);
  }

  function attribute([id, ...path]: readonly string[], stack: Stack): unknown {
    const name = path.join('.');
    const nested = stack.nested.get(id ?? '');
    if (nested !== undefined) return output(nested, name.replace(/^Outputs\./, ''));
    const found = identity(stack, id ?? '').attributes[name];
    if (found === undefined) throw new Error(`Add the attribute ${name} of ${id} to identities.ts.`);
    return found;
  }

  function output(stack: Stack, name: string): unknown {
    const found = stack.template.Outputs?.[name];
    if (found === undefined) throw new Error(`${stack.name} has no output ${name}.`);
    return value(found.Value, stack);
  }

  function exported(name: string): unknown {
    for (const stack of stacks)
      for (const [key, { Export }] of Object.entries(stack.template.Outputs ?? {}))
        if (Export !== undefined && text((Export as { Name: unknown }).Name, stack) === name)
          return output(stack, key);
    throw new Error(`No stack exports ${name}.`);
  }

  function substituted(inner: unknown, stack: Stack): string {
    const [template, own] = (typeof inner === 'string' ? [inner, {}] : inner) as [
      string,
      Readonly<Record<string, unknown>>,
    ];
    return template.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (name in own) return text(own[name], stack);
      return name.includes('.')
        ? String(attribute(name.split('.'), stack))
        : String(value({ Ref: name }, stack));
    });
  }

  function intrinsic(kind: string, inner: unknown, stack: Stack): unknown {
    switch (kind) {
      case 'Ref':
        return ref(inner as string, stack);
      case 'Fn::GetAtt':
        return attribute(typeof inner === 'string' ? inner.split('.') : (inner as string[]), stack);
      case 'Fn::Join': {
        const [delimiter, parts] = inner as [string, unknown];
        return (value(parts, stack) as string[]).join(delimiter);
      }
      case 'Fn::Select': {
        const [index, list] = inner as [number | string, unknown];
        return (value(list, stack) as unknown[])[Number(index)];
      }
      case 'Fn::Split': {
        const [delimiter, whole] = inner as [string, unknown];
        return text(whole, stack).split(delimiter);
      }
      case 'Fn::Sub':
        return substituted(inner, stack);
      case 'Fn::ImportValue':
        return exported(text(inner, stack));
      case 'Fn::GetStackOutput': {
        const { StackName, OutputName } = inner as { StackName: unknown; OutputName: string };
        const name = text(StackName, stack);
        const owner = stacks.find((each) => each.name === name);
        if (owner === undefined) throw new Error(`No stack is called ${name}.`);
        return output(owner, OutputName);
      }
      default:
        throw new Error(`Add ${kind} to resolver.ts: ${stack.name} uses it.`);
    }
  }

  function value(found: unknown, stack: Stack): unknown {
    if (Array.isArray(found))
      return found.map((each) => value(each, stack)).filter((each) => each !== NOTHING);
    if (typeof found !== 'object' || found === null) return found;
    const entries = Object.entries(found);
    const [[kind, inner] = ['', undefined]] = entries;
    if (entries.length === 1 && (kind === 'Ref' || kind.startsWith('Fn::')))
      return intrinsic(kind, inner, stack);
    return Object.fromEntries(
      entries.map(([key, each]) => [key, value(each, stack)]).filter(([, each]) => each !== NOTHING),
    );
  }

  function text(found: unknown, stack: Stack): string {
    const resolved = value(found, stack);
    if (typeof resolved !== 'string') throw new Error(`A text was expected: ${JSON.stringify(found)}`);
    return resolved;
  }

  return { value, text, identity };
}
