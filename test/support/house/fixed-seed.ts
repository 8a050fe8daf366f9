import fc from 'fast-check';

/** The same examples in every run, so that what is green stays green; `TENURE_SEED` draws others. */
fc.configureGlobal({ seed: Number(process.env.TENURE_SEED ?? 20260301) });
