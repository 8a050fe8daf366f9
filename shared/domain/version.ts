/** Written into every entry. */
export const SOFTWARE = 'tenure/0.2.0';
