import { posix } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

export interface SourceFile {
  /** From the root of the checkout, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  /** As written; `(computed)` where a dynamic import does not name a literal. */
  readonly specifier: string;
  /** The path a relative import leads to, absent for packages. */
  readonly target?: string;
  readonly line: number;
  readonly statement: string;
  /** Nothing is left of it at run time. */
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
}

export interface Source extends SourceFile {
  readonly imports: readonly Import[];
  /** Lines that read or create a date with the machine's clock or calendar. */
  readonly clockLines: readonly number[];
  readonly anyLines: readonly number[];
}

const scripts = /\.[cm]?tsx?$/;

/** Files that are not TypeScript are included without content, so that rules about names see them. */
export function scan(file: SourceFile): Source {
  if (!scripts.test(file.path)) return { ...file, imports: [], clockLines: [], anyLines: [] };
  const { program, module } = parseSync(file.path, file.text);
  const lineOf = (offset: number): number => file.text.slice(0, offset).split('\n').length;
  const imports: Import[] = [];
  const clockLines: number[] = [];
  const anyLines: number[] = [];

  const found = (specifier: string, start: number, end: number, kind: 'static' | 'dynamic' | 'type') => {
    const statement = file.text.slice(start, end);
    imports.push({
      specifier,
      ...(specifier.startsWith('.') && { target: posix.join(posix.dirname(file.path), specifier) }),
      line: lineOf(start),
      statement,
      // Under verbatimModuleSyntax `import { type A }` still loads the module; only `import type` does not.
      typeOnly: kind === 'type' || /^(import|export)\s+type\b/.test(statement),
      dynamic: kind === 'dynamic',
    });
  };

  for (const { moduleRequest, start, end } of module.staticImports) {
    found(moduleRequest.value, start, end, 'static');
  }
  for (const { entries, start, end } of module.staticExports) {
    const from = entries.find((entry) => entry.moduleRequest)?.moduleRequest;
    if (from) found(from.value, start, end, 'static');
  }
  for (const { moduleRequest, start, end } of module.dynamicImports) {
    const literal = /^(['"`])([^$]*)\1$/.exec(file.text.slice(moduleRequest.start, moduleRequest.end));
    found(literal?.[2] ?? '(computed)', start, end, 'dynamic');
  }
  new Visitor({
    TSImportType: (node) => found(node.source.value, node.start, node.end, 'type'),
    TSAnyKeyword: (node) => anyLines.push(lineOf(node.start)),
    NewExpression: ({ callee, start }) => {
      if (callee.type === 'Identifier' && callee.name === 'Date') clockLines.push(lineOf(start));
    },
    MemberExpression: ({ object, property, start }) => {
      const name = property.type === 'Identifier' &&
        object.type === 'Identifier' && [object.name, property.name];
      if (name && ['Date.now', 'Temporal.Now'].includes(name.join('.'))) clockLines.push(lineOf(start));
    },
  }).visit(program);
  return { ...file, imports, clockLines, anyLines };
}
