import * as z from 'zod';

/** PostgreSQL truncates longer names, and a name cannot contain a zero byte. */
const identifier = z
  .string()
  .min(1)
  .refine(
    (name) => Buffer.byteLength(name) <= 63 && !name.includes('\0'),
    'expected a name of at most 63 bytes',
  );

/** One certificate or several, one after the other. */
function isCertificate(text: string): boolean {
  return /^(\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/.test(text);
}

export const PostgresOptions = z
  .strictObject({
    /** The primary server: a replica cannot delete, and may be behind. */
    host: z.string().min(1),
    port: z.int().min(1).max(65_535).default(5432),
    database: identifier,
    user: identifier,
    schema: identifier.default('public'),
    /** Exactly as in PostgreSQL: names are quoted, so `Orders` is not `orders`. */
    table: identifier,
    /**
     * Column that the application changes with every write. Default: the row's `xmin`, which PostgreSQL itself changes
     * with every write.
     */
    versionColumn: identifier.optional(),
    /**
     * Rows of other tables that are deleted together with a row (ON DELETE CASCADE) may have their own rules and holds,
     * which are not checked. `true` confirms that they have none; otherwise no row of a table with such a reference is
     * deleted. The same goes for rows that change when a masked column changes (ON UPDATE CASCADE).
     */
    cascade: z.boolean().default(false),
    /**
     * Foreign keys by the names of their constraints: the application itself deletes the rows of other tables that refer to a
     * row by one of them, before that row is due.
     */
    dependants: z.array(identifier).min(1).optional(),
    /** The column that says that a row is restricted: a date-time, which is set, or a boolean, which is true. */
    restrict: z.strictObject({ column: identifier }).optional(),
    /** `verify`: encrypted, and the server's certificate is checked. */
    tls: z.enum(['verify', 'off']).default('verify'),
    /** The certificate of the authority that signed the server's, in PEM. Default: those that the lane trusts already. */
    ca: z
      .string()
      .refine(isCertificate, "expected the text of a PEM file that begins with '-----BEGIN CERTIFICATE-----'")
      .optional(),
  })
  // A mark in its place would be another version, and the version another mark.
  .refine(({ versionColumn, restrict }) => restrict === undefined || restrict.column !== versionColumn, {
    path: ['restrict'],
    error: 'what says that a record is restricted cannot be what `versionColumn` names; name another one',
  });
export type PostgresOptions = z.infer<typeof PostgresOptions>;
