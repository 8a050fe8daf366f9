import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { localBus } from '../../../local/event-bus.ts';
import { runFunction } from '../../../local/virtual/run-function.ts';
import { DynamoRefusal } from '../../../shared/adapters/dynamodb/dynamo-call.ts';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import { placeHold } from '../../../shared/protocol/hold.ts';
import { calenderaWith, demoDeployment } from '../deployment.ts';

/** The modules of one release that a deployment of it consists of. */
export type Release = Readonly<{
  name: string;
  localBus: typeof localBus;
  runFunction: typeof runFunction;
  DynamoRefusal: typeof DynamoRefusal;
  dynamoRegistry: typeof dynamoRegistry;
  foldProfile: typeof foldProfile;
  placeHold: typeof placeHold;
  calenderaWith: typeof calenderaWith;
  demoDeployment: typeof demoDeployment;
}>;

export const THIS_RELEASE: Release = {
  name: 'this release',
  localBus,
  runFunction,
  DynamoRefusal,
  dynamoRegistry,
  foldProfile,
  placeHold,
  calenderaWith,
  demoDeployment,
};

/** The same modules of the sources in another folder. */
export async function releaseIn(name: string, folder: string): Promise<Release> {
  const files = [
    'local/event-bus.ts',
    'local/virtual/run-function.ts',
    'shared/adapters/dynamodb/dynamo-call.ts',
    'shared/adapters/dynamodb/dynamo-registry.ts',
    'shared/domain/configuration/fold-profile.ts',
    'shared/protocol/hold.ts',
    'test/support/deployment.ts',
  ];
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(join(folder, file)).href) as Promise<object>),
  );
  const all = Object.assign({}, ...modules) as Omit<Release, 'name'>;
  for (const part of Object.keys(THIS_RELEASE))
    if (part !== 'name' && typeof all[part as keyof typeof all] !== 'function')
      throw new TypeError(`The sources in ${folder} have no ${part}: they are of another design.`);
  return { ...all, name };
}
