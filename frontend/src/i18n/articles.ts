/** How a noun that is given with its article (« le CSU », "the city") stands in a sentence. Pure. */

/** After « de »: du CSU, des partenaires, de l'État, d'Ascq. */
export function of(noun: string): string {
  if (noun.startsWith("le ")) return `du ${noun.slice(3)}`;
  if (noun.startsWith("les ")) return `des ${noun.slice(4)}`;
  return /^[aeiouyhàâéèêëîïôùûœ]/iu.test(noun) ? `d'${noun}` : `de ${noun}`;
}

/** After « à »: au directeur, aux partenaires, à la direction. */
export function to(noun: string): string {
  if (noun.startsWith("le ")) return `au ${noun.slice(3)}`;
  return noun.startsWith("les ") ? `aux ${noun.slice(4)}` : `à ${noun}`;
}

/** Without its article: directeur, État, city. */
export const bare = (noun: string) => noun.replace(/^(?:le |la |les |the |l['’])/u, "");

/** As a sentence begins. */
export const capital = (noun: string) => noun.charAt(0).toUpperCase() + noun.slice(1);

/** « la ville seule », « l'État seul » */
export const alone = (noun: string) => `${noun} ${noun.startsWith("la ") ? "seule" : "seul"}`;

/** Whose: the city's, the partners' */
export const whose = (noun: string) => `${noun}${noun.endsWith("s") ? "'" : "'s"}`;
