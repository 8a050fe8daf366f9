/** Written into every entry. */
export const SOFTWARE = 'tenure/0.1.0';
