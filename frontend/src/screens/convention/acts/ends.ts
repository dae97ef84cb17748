/** What an act would end, in words. Pure. */
import type { Ends } from "../../../api/types";
import type { Messages } from "../../../i18n/fr";
import { partyWords } from "../../../i18n/words";

/** « 8 vues de l'État cessent maintenant » */
export function endsWords(ends: Ends, words: Messages): string {
  if (ends.views === 0) return words.desks.acts.nothingEnds;
  const each = ends.parties.map(({ party, views }) => words.desks.acts.viewsOf(views, partyWords(party, words)));
  return words.desks.acts.endNow(words.textsTogether(each), ends.views);
}
