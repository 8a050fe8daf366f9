import type { LogSource } from '../../../cli/log-commands/log-source.ts';
import type { LogFiles } from './generated-log.ts';

/** Objects of a log as a command reads them. `read`: every name that was read. */
export function memorySource(files: LogFiles): LogSource & { readonly names: Set<string> } {
  const names = new Set<string>();
  return {
    names,
    async read(path) {
      if (files.has(path)) names.add(path);
      return files.get(path);
    },
    async list(path) {
      const below = [...files.keys()].filter((key) => key.startsWith(`${path}/`));
      return below.map((key) => key.slice(path.length + 1)).toSorted();
    },
  };
}
