import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { methodsOf, type RegistryVerb } from '../registry-uses.ts';
import { STORE_KINDS, type StoreKindName } from '../../shared/stores/kinds.ts';

/** The root of the checkout: bundling reads its TypeScript sources, from whichever folder it was started. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Some drivers call `require`, which a module does not have. */
const REQUIRE =
  "import{createRequire as tenureRequire}from'node:module';const require=tenureRequire(import.meta.url);";

export interface BundleSize {
  /** Folder in the output: `ingest`, `dispose-postgresql`. */
  readonly name: string;
  readonly bytes: number;
}

export interface Bundle extends BundleSize {
  /** Every file that something of it is in, from the root of the checkout. */
  readonly sources: readonly string[];
}

const KINDS = Object.keys(STORE_KINDS) as StoreKindName[];

/** One lane function for every kind of store, with only that kind's driver. */
const BUNDLES: readonly {
  readonly name: string;
  readonly verb: RegistryVerb;
  readonly kind?: StoreKindName;
}[] = [
  ...(['api', 'ingest', 'seal', 'sweep'] as const).map((verb) => ({ name: verb, verb })),
  ...KINDS.map((kind) => ({ name: `dispose-${kind}`, verb: 'dispose' as const, kind })),
];

/** Bundles every function into `<output>/<name>/index.mjs`. */
export async function bundleFunctions(output: string): Promise<readonly Bundle[]> {
  return Promise.all(
    BUNDLES.map(async ({ name, verb, kind }) => {
      const file = join(output, name, 'index.mjs');
      await mkdir(join(output, name), { recursive: true });
      const result = await build({
        absWorkingDir: ROOT,
        entryPoints: [`functions/${verb}/handler.ts`],
        outfile: file,
        bundle: true,
        write: true,
        minify: true,
        keepNames: false,
        format: 'esm',
        platform: 'node',
        target: 'node24',
        mainFields: ['module', 'main'],
        conditions: ['module'],
        banner: { js: REQUIRE },
        legalComments: 'none',
        logLevel: 'error',
        metafile: true,
        external: kind === undefined ? [] : [...STORE_KINDS[kind].driver.leftOut],
        plugins: [lambdaCredentials, noJsonSchema, noEventStreams, onlyDriver(kind), logIndexOf(verb)],
      });
      if (result.warnings.length > 0)
        throw new Error(`Bundling ${name} caused warnings: correct them, see above.`);
      const written = Object.values(result.metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
      const sources = written.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
      return { name, bytes: (await stat(file)).size, sources };
    }),
  );
}

/** A function gets its credentials from its environment only. */
const lambdaCredentials: Plugin = {
  name: 'lambda-credentials',
  setup(plugin) {
    plugin.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({
      path: join(ROOT, 'shared/adapters/lambda-credentials.ts'),
    }));
  },
};

/**
 * Every zod schema can be converted to JSON Schema, so bundlers keep the code for it: 19 kB that no function runs. The
 * stubs throw an error that says so when they are called.
 */
const noJsonSchema: Plugin = {
  name: 'no-json-schema',
  setup(plugin) {
    plugin.onLoad(
      { filter: /[\\/]zod[\\/]v4[\\/]core[\\/](to-json-schema|json-schema-processors)\.js$/ },
      async ({ path }) => {
        const names = [...(await readFile(path, 'utf8')).matchAll(/^export (?:const|function) (\w+)/gm)];
        const stubs = names.map(([, name = '']) =>
          name.startsWith('create') ? `export const ${name}=()=>refuse;` : `export const ${name}=refuse;`,
        );
        const refuse =
          "const refuse=()=>{throw new Error('JSON Schema is not available in a function bundle')};";
        return { contents: [refuse, ...stubs].join('\n'), loader: 'js' };
      },
    );
  },
};

/**
 * SDK clients contain code that reads event streams, such as those of S3's SelectObjectContent: 15 kB that no function
 * runs. The S3 client looks for it when it is created, and gets a stub.
 */
const noEventStreams: Plugin = {
  name: 'no-event-streams',
  setup(plugin) {
    plugin.onLoad({ filter: /[\\/]@smithy[\\/]core[\\/].*[\\/]event-streams[\\/]index\.js$/ }, () => ({
      contents: [
        "function refuse(){throw new Error('event streams are not available in a function bundle')}",
        'export{refuse as EventStreamSerde,refuse as eventStreamSerdeProvider};',
        'export const resolveEventStreamSerdeConfig=(config)=>config;',
      ].join('\n'),
      loader: 'js',
    }));
  },
};

/** Only some functions use the index of the log: the others' registry has none, which is 3 kB less. */
function logIndexOf(verb: RegistryVerb): Plugin {
  const isUsed = methodsOf(verb).includes('logIndexed');
  return {
    name: 'log-index',
    setup(plugin) {
      if (isUsed) return;
      plugin.onLoad({ filter: /[\\/]log-index[\\/]dynamo-log-index\.ts$/ }, () => ({
        contents: 'export const dynamoLogIndex=()=>({});',
        loader: 'js',
      }));
    },
  };
}

/** Opening a store loads `<kind>-store.ts`. The lane's bundle leaves out all other kinds, and other functions open none. */
function onlyDriver(kind: StoreKindName | undefined): Plugin {
  const own = kind === undefined ? undefined : `./${kind}-store.ts`;
  return {
    name: 'only-driver',
    setup(plugin) {
      plugin.onResolve({ filter: /^\.\/[a-z0-9]+-store\.ts$/ }, ({ path, kind: how }) =>
        how === 'dynamic-import' && path !== own ? { path, external: true } : undefined,
      );
    },
  };
}
