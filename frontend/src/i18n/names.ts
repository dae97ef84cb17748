/** What the parties, their rooms, services and directors are called, as the node's conventions name them. Pure. */
import type { Language, NodeCard } from "../api/types";

/** Every name in one language; what no convention names goes by its id. */
export interface Names {
  /** As a heading names a party. */
  party: (id: string) => string;
  /** As a sentence names it, with its article. */
  called: (id: string) => string;
  room: (party: string) => string;
  service: (id: string, party: string) => string;
  /** The title of whoever directs the room, with its article. */
  director: (party: string) => string;
  /** Every party but `own`, as a sentence names them together; null where there are several. */
  onlyPartner: (own: string) => string | null;
}

export function namesOf(card: NodeCard | null, language: Language): Names {
  const parties = new Map((card?.parties ?? []).map((party) => [party.id, party]));
  const party = (id: string) => parties.get(id)?.short[language] ?? id;
  return {
    party,
    called: (id) => parties.get(id)?.called[language] ?? party(id),
    room: (id) => parties.get(id)?.room ?? id.toUpperCase(),
    service: (id, of) => parties.get(of)?.services.find((service) => service.id === id)?.name ?? id.toUpperCase(),
    director: (id) => parties.get(id)?.director[language] ?? id,
    onlyPartner: (own) => {
      const others = [...parties.values()].filter(({ id }) => id !== own);
      return others.length === 1 ? (others[0]?.called[language] ?? null) : null;
    },
  };
}
