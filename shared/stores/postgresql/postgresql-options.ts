import * as z from 'zod';

/** PostgreSQL cuts longer names off, and no name contains a zero byte. */
const identifier = z
  .string()
  .min(1)
  .refine(
    (name) => Buffer.byteLength(name) <= 63 && !name.includes('\0'),
    'expected a name of at most 63 bytes',
  );

export const PostgresOptions = z.strictObject({
  /** The primary: a replica refuses to delete and shows the past. */
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(5432),
  database: identifier,
  user: identifier,
  schema: identifier.default('public'),
  /** As PostgreSQL keeps it: names are quoted, so `Orders` is not `orders`. */
  table: identifier,
  /**
   * Column that the application changes with every write. Without it the row's `xmin` serves, which PostgreSQL itself
   * changes with every write.
   */
  versionColumn: identifier.optional(),
  /**
   * Rows of other tables that go with a row by ON DELETE CASCADE may have rules and holds of their own, which nobody
   * asks. `true` says that they have none; else no row of a table with such a reference is deleted.
   */
  cascade: z.boolean().default(false),
  /** `verify`: encrypted, and the server's certificate is checked. */
  tls: z.enum(['verify', 'off']).default('verify'),
});
export type PostgresOptions = z.infer<typeof PostgresOptions>;
