import type { StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';
import { HttpOptions } from '../../shared/stores/http/http-options.ts';
import { inPath } from '../../shared/stores/http/vendor-template.ts';
import { demoVendors } from '../../examples/stories/demo-vendors.ts';
import type { StoryRecord } from '../../examples/stories/story.ts';
import type { LocalVendors } from '../engines/vendors.ts';

type Existing = Pick<StoryRecord, 'key' | 'fields'>;

/** What applications have sent to vendors: a record is at the path by which it is deleted. */
export function recordsAtVendors(vendors: LocalVendors) {
  for (const [host, manner] of Object.entries(demoVendors)) vendors.behave(host, manner);
  const one = (store: StoreConfiguration, { key, fields }: Existing): void =>
    vendors.put(...placeOf(store, key), fields);
  return {
    write: async (store: StoreConfiguration, record: Existing) => one(store, record),
    async writeAll(store: StoreConfiguration, all: readonly Existing[]) {
      for (const each of all) one(store, each);
    },
    read: async (store: StoreConfiguration, { key }: Existing) => vendors.read(...placeOf(store, key)),
    /** Idempotency keys of the requests about a record, each once. */
    requests(store: StoreConfiguration, { key }: Existing): readonly string[] {
      const [host, path] = placeOf(store, key);
      const about = vendors.got.filter((one) => one.host === host && one.path === path);
      return [...new Set(about.map(({ idempotencyKey = '' }) => idempotencyKey))];
    },
    fieldsIn: (): Promise<never> =>
      Promise.reject(new TypeError('a vendor cannot be asked which records it has')),
  };
}

function placeOf({ keys, options }: StoreConfiguration, key: StoryRecord['key']): [string, string] {
  const { origin, delete: asked } = HttpOptions.parse(options);
  if (origin === undefined || asked === undefined)
    throw new TypeError('the vendors of the demonstration are asked to delete');
  const named = new Map(keys.map(({ name }, index) => [name, String(key[index] ?? '')]));
  return [new URL(origin).host, inPath(asked.path, named)];
}
