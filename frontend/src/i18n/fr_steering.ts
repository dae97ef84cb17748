/** Words of steering: the ribbon of a picture, the key, what a colleague asks, in French. */

export const steeringFr = {
  mine: "Vous pilotez",
  others: (who: string) => `${who} pilote`,
  forTime: (elapsed: string) => `depuis ${elapsed}`,
  asked: "Pilotage demandé",
  askedOf: (room: string) => `au ${room}`,
  askedOfColleague: "à qui pilote ; sans réponse ni mouvement, à vous dans 10 s",
  call: (room: string) => `sans réponse : appelez le ${room}`,
  leftSaid: (minutes: number) => (minutes < 1 ? "moins d'une minute" : `encore ${minutes} min`),
  over: "Pilotage terminé",
  refused: "Pilotage refusé",

  colleagueAsks: (who: string) => `${who} demande cette caméra`,
  leave: "laisser",
  keep: "garder",
  more: "30 s de plus",

  release: "rendre la caméra",
  askNoMore: "ne plus demander",
  renew: "prolonger",
  turning: "tourner",
  presets: "positions",
  onPicture: "clic : centrer · cadre : zoomer",
  crew: (answer: string) => `équipage engagé sur place, la salle ne l'accorde pas ; ${answer}`,
  heldBy: (who: string, since: string) => `${who} pilote depuis ${since}.`,

  keyTurn: "tourner la caméra que vous pilotez",
  keyZoom: "zoomer (aussi Page préc., Page suiv.)",
  keyPresets: "ses positions ; un numéro de caméra se tape alors au pavé",
  keyOther: "choisir une autre image en pilotant",
  keyRenew: "prolonger le pilotage",
};
