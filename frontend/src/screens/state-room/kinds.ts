import type { EventKind } from "../../api/types";

/** The kinds of event in the order of their keys, A to F. */
export const KINDS: readonly EventKind[] = [
  "levee-de-doute",
  "intervention",
  "trouble-grave",
  "recherche-personne",
  "evenement-planifie",
  "surveillance-ponctuelle",
];
