import type { Role } from "../../api/types";

/** Whose screens offer the stations; the node decides who registers one. */
const SUPERVISORS: ReadonlySet<Role> = new Set<Role>(["csu-room-chief", "police-director", "cic-supervisor"]);

export const supervises = (role: Role): boolean => SUPERVISORS.has(role);
