import type { Role } from "../../api/types";

/** Whose screens offer the journal; the node decides who reads it. */
const READERS: ReadonlySet<Role> = new Set<Role>(["inspector", "police-director", "csu-room-chief"]);

export const readsJournal = (role: Role): boolean => READERS.has(role);
