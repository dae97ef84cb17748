/** The shape of a language's words: those of the French, spoken. */
export type Spoken<T> = {
  [K in keyof T]: T[K] extends (...given: infer Given) => string ? (...given: Given) => string : T[K];
};
