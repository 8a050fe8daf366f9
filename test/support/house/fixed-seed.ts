import fc from 'fast-check';

/** The same examples in every run, so that results are stable; `TENURE_SEED` chooses others. */
fc.configureGlobal({ seed: Number(process.env.TENURE_SEED ?? 20260301) });
