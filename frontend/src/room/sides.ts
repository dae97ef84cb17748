import type { Role } from "../api/types";

/** Whose room shows another party's cameras, at whichever node its agents sign in. */
const WATCHES_ANOTHERS: ReadonlySet<Role> = new Set<Role>(["cic-operator", "cic-supervisor", "other-state-operator"]);

export interface Seated {
  /** Whose node it is. */
  readonly party: string;
  readonly agent: { readonly party: string; readonly role: Role };
}

/** Whether an agent sits in the room that owns the cameras, at its own node. */
export const isOwners = ({ party, agent }: Seated): boolean => agent.party === party && !WATCHES_ANOTHERS.has(agent.role);

/** The party whose cameras the room shows: the node's, or, at the agent's own node, the other one that the convention binds. */
export function ownerOf(seated: Seated, bound: readonly { readonly id: string }[] | undefined): string {
  if (isOwners(seated) || seated.agent.party !== seated.party) return seated.party;
  return bound?.find(({ id }) => id !== seated.party)?.id ?? seated.party;
}
