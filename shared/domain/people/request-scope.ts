/** What of a person's data a request is about. Names are words of the configuration, never of a person. */
export type RequestScope =
  | { readonly all: true }
  | { readonly categories: readonly string[] }
  | { readonly purposes: readonly string[] }
  | { readonly producers: readonly string[] };
