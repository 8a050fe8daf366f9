import type { ZodError } from 'zod';
import type { Problem } from './problem.ts';
import type { Path, YamlDocument } from './yaml-document.ts';

/** The schema's issues at their places in the file: unknown keys are reported separately. */
export function schemaProblems(error: ZodError, document: YamlDocument): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part))) satisfies Path;
    if (issue.code !== 'unrecognized_keys') {
      return [document.problem(path, issue.message, issue.code === 'invalid_key' ? 'key' : undefined)];
    }
    // The last sentence may be about several keys: it is reported at the first of them.
    return issue.message
      .split('\n')
      .map((sentence, i) => document.problem([...path, issue.keys[i] ?? ''], sentence, 'key'));
  });
}
