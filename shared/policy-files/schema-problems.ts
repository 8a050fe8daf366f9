import type { ZodError } from 'zod';
import type { Problem } from './problem.ts';
import type { Path, YamlDocument } from './yaml-document.ts';

/** The schema's issues at their places in the file: every unknown key is reported separately. */
export function schemaProblems(error: ZodError, document: YamlDocument): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part))) satisfies Path;
    if (issue.code !== 'unrecognized_keys') {
      return [document.problem(path, issue.message, issue.code === 'invalid_key' ? 'key' : undefined)];
    }
    const sentences = issue.message.split('\n');
    return issue.keys.map((key, i) => document.problem([...path, key], sentences[i] ?? issue.message, 'key'));
  });
}
