/** The words of the screens with the names of the demo's convention. */
import type { NodeCard } from "../src/api/types";
import { en as english } from "../src/i18n/en";
import { fr as french, type Messages } from "../src/i18n/fr";
import { namesOf } from "../src/i18n/names";

export const node: NodeCard = {
  party: "villeneuve-dascq", name: "Ville de Villeneuve-d'Ascq", contact: null, zone: "Europe/Paris",
  parties: [
    {
      id: "villeneuve-dascq", short: { fr: "Villeneuve-d'Ascq", en: "Villeneuve-d'Ascq" }, called: { fr: "la ville", en: "the city" }, room: "CSU",
      director: { fr: "le directeur de la police municipale", en: "the director of the municipal police" }, services: [],
    },
    {
      id: "etat", short: { fr: "État", en: "State" }, called: { fr: "l'État", en: "the State" }, room: "CIC",
      director: { fr: "le directeur du CIC", en: "the director of the CIC" }, services: [{ id: "gn", name: "Gendarmerie" }],
    },
  ],
};

export const fr: Messages = { ...french, names: namesOf(node, "fr") };
export const en: Messages = { ...english, names: namesOf(node, "en") };
