import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { DeployedConfiguration } from '../../shared/domain/configuration/configuration-part.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { present } from '../../shared/domain/present.ts';
import { SOFTWARE } from '../../shared/domain/version.ts';

const BUNDLE = 'index.mjs';

/** The folder of the prebuilt bundles: next to the compiled constructs in the package, in dist/ in a checkout. */
export function bundlesFolder(): string {
  const candidates = ['../../bundles', '../../dist/bundles'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found !== undefined) return found;
  throw new Error('The function bundles were not built: run `npm run build`, then synthesize again.');
}

/** A function's asset: its bundle, and its part of the configuration. */
export function functionCode(folder: string, bundle: string, configuration: Configuration | undefined): Code {
  const source = join(folder, bundle);
  if (!existsSync(join(source, BUNDLE))) {
    throw new Error(
      `The function bundle ${bundle} was not found: run \`npm run build\`, then synthesize again.`,
    );
  }
  const text = configuration === undefined ? undefined : configurationText(configuration);
  return Code.fromAsset(source, {
    assetHashType: AssetHashType.OUTPUT,
    // Without it, the CDK takes all assets from one folder for the same one: of several lanes of one kind, or of several
    // deployments in one app, all would get the configuration of the first.
    ...present({ extraHash: text }),
    bundling: {
      // Never used, because bundling here needs no container.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle(output) {
          copyFileSync(join(source, BUNDLE), join(output, BUNDLE));
          if (text !== undefined) writeFileSync(join(output, 'config.json'), text);
          return true;
        },
      },
    },
  });
}

export function configurationText(configuration: Configuration): string {
  const deployed: DeployedConfiguration = { software: SOFTWARE, ...configuration };
  return JSON.stringify(deployed);
}
