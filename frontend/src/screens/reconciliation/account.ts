import type { Language, ViewingAccount } from "../../api/types";
import type { Messages } from "../../i18n/fr";
import { hourMinuteSecond } from "../../i18n/words";

/** ouverte à 22:03:12, finie à 22:10:00 (liaison perdue); what one journal holds of a viewing. */
export function accountWords(account: ViewingAccount | null, language: Language, words: Messages): string {
  const said = words.desks.reconciliation;
  if (account === null) return said.nothing;
  const { asked_at, opened_at, ended_at, cause } = account;
  const at = (moment: string) => hourMinuteSecond(moment, language);
  const causes: Readonly<Record<string, string>> = words.causes;
  const told = [
    opened_at ? said.opened(at(opened_at)) : asked_at ? said.asked(at(asked_at)) : null,
    ended_at ? said.ended(at(ended_at), cause === null ? "—" : (causes[cause] ?? cause)) : opened_at ? said.runs : null,
  ];
  return told.filter((each) => each !== null).join(", ") || said.nothing;
}
