import { apiHandler } from '../../functions/api/handler.ts';
import { startApiServer } from '../../local/api-server.ts';
import type { Client, Credentials } from '../../shared/client/client.ts';
import { tenureClient } from '../../shared/client/client.ts';
import { apiWorld, principals } from './api-world.ts';

/** Credentials by which the served API knows a principal. */
export function credentialsOf(name: keyof typeof principals): Credentials {
  return { accessKeyId: `AKIA${name.toUpperCase()}`, secretAccessKey: `secret of ${name}` };
}

/** The API of a world over HTTP, with signatures checked; `stop` it. */
export async function servedWorld(world = apiWorld()) {
  const keys = new Map(
    (Object.keys(principals) as (keyof typeof principals)[]).map((name) => {
      const { accessKeyId, secretAccessKey } = credentialsOf(name);
      return [accessKeyId, { secretAccessKey, principal: principals[name] }] as const;
    }),
  );
  const server = await startApiServer(apiHandler(world), keys);
  const as = (name: keyof typeof principals): Client =>
    tenureClient({ url: server.url, region: 'eu-central-1', credentials: () => credentialsOf(name) });
  return { ...world, ...server, as };
}
