import type { EventKind } from "../../api/types";

/** The kinds of event in the order of their keys, 1 to 6. */
export const KINDS: readonly EventKind[] = [
  "levee-de-doute",
  "intervention",
  "trouble-grave",
  "recherche-personne",
  "evenement-planifie",
  "surveillance-ponctuelle",
];
