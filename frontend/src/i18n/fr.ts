/** Every word of the screens in French. English (en.ts) must have the same keys: the type check fails otherwise. */
import type { EventKind, Role, SuspensionGround } from "../api/types";
import { causesFr, recordedActsFr } from "./causes";
import { bare, capital, of } from "./articles";
import { actsFr } from "./fr_acts";
import { roomFr } from "./fr_room";
import { steeringFr } from "./fr_steering";
import type { Names } from "./names";
import type { Spoken } from "./shape";
import { desksFr } from "./fr_desks";

const kinds: Record<EventKind, string> = {
  "levee-de-doute": "Levée de doute",
  intervention: "Intervention",
  "evenement-planifie": "Événement planifié",
  "trouble-grave": "Trouble grave",
  "recherche-personne": "Recherche de personne",
  "surveillance-ponctuelle": "Surveillance ponctuelle",
};

/** A role where it is held: in a room, for a party, under a director, each as its convention calls it. */
const roles: Record<Role, (room: string, party: string, director: string) => string> = {
  "csu-operator": (room) => `Opérateur ${room}`,
  "csu-room-chief": () => "Chef de salle",
  "police-director": (_room, _party, director) => capital(bare(director)),
  "cic-operator": (room) => `Opérateur ${room}`,
  "cic-supervisor": (room) => `Superviseur ${room}`,
  "other-state-operator": (_room, party) => `Opérateur, service ${of(party)}`,
  "pcrt-operator": (room) => `Opérateur ${room}`,
  technician: () => "Technique",
  inspector: () => "Inspection",
  admin: () => "Administration",
};

const grounds: Record<SuspensionGround, string> = {
  "security-incident": "Incident de sécurité",
  "mask-fault": "Défaut de masquage",
  withdrawal: "Retrait de l'autorisation",
};

const recordKinds: Record<string, string> = {
  decision: "Décision",
  answered: "Réponse du propriétaire",
  opened: "Vue ouverte",
  ended: "Vue terminée",
  relieved: "Relève",
  event: "Événement",
  suspension: "Suspension",
  habilitation: "Habilitation",
  station: "Poste",
  convention: "Convention",
  centre: "Salle",
  gap: "Lacune",
  started: "Démarrage",
  consulted: "Consultation du journal",
  handover: "Consigne de passation",
  witness: "Témoin du journal",
  fault: "Panne",
};

const verdicts: Record<string, string> = { granted: "accordée", refused: "refusée", pending: "en attente" };

export const fr = {
  kinds,
  roles,
  grounds,
  causes: causesFr,
  recordedActs: recordedActsFr,
  recordKinds,
  verdicts,
  acts: actsFr,
  room: roomFr,
  desks: desksFr,
  steering: steeringFr,

  french: "Français",
  english: "English",
  dark: "Salle sombre",
  light: "Salle claire",
  language: "Langue",
  theme: "Éclairage",

  signedOut: "La session est terminée. Reprenez le poste.",

  login: "Identifiant",
  password: "Mot de passe",
  station: "Code du poste",
  stationKept: "Poste enregistré sur cet ordinateur",
  stationChange: "Changer de poste",
  enter: "Prendre le poste",
  entering: "Ouverture…",
  loginTitle: "Prendre le poste",
  filmed: "Service, pseudonyme, poste et heure sont inscrits sur chaque image. Un écran peut être filmé : chaque vue est au journal.",

  event: "Événement",
  noEvent: "Aucun événement",
  noEventHint: "choisir la nature de l'événement",
  dispatch: (number: string) => `appel ${number}`,
  since: (duration: string) => `depuis ${duration}`,
  motiveOwed: "motif à compléter",
  motive: "Motif",
  dispatchNumber: "Numéro d'appel",
  newEvent: "Ouvrir un événement",
  currentEvent: "Événement en cours",
  otherEvents: "Événements ouverts",
  saveWords: "Enregistrer",
  saved: "Enregistré",
  closeEvent: "Clore l'événement",
  closeEventNeedsMotive: "Un motif est exigé pour clore (article 3).",
  closeEventEnds: (count: number) => (count === 1 ? "1 image sera fermée" : `${count} images seront fermées`),
  join: "Rejoindre",
  joined: "en cours",

  slots: "Flux",
  slotsOf: (used: number, total: number) => `${used} / ${total}`,
  slotsSaid: (used: number, total: number) => `${used} flux ouverts sur ${total}`,

  cameras: (count: number) => (count > 1 ? "caméras" : "caméra"),
  seenByYou: (count: number) => (count > 1 ? "vues par vous" : "vue par vous"),
  maintenance: "en maintenance",
  lost: (count: number) => (count > 1 ? "perdues" : "perdue"),
  map: "Carte des caméras",
  noMap: "Carte indisponible sur ce poste (pas de WebGL). Numéro ou Ctrl K.",
  wall: "Images",
  watchRoom: "Salle de veille",

  camera: "Caméra",
  emptyTile: "libre",
  emptyTileHint: "numéro ⏎ · Ctrl K · carte",
  slotsRule: (total: number) => `${total} flux au plus, article 3`,
  opening: "ouverture…",
  firstPictureIn: (seconds: number) => `première image dans ${seconds} s`,
  noPicture: "sans image, reprise en cours",
  sourceLost: "caméra perdue",
  resuming: "reprise en cours",
  frozen: "figée",
  late: "en retard",
  ended: "terminée",
  suspended: "suspendue",
  stills: "images fixes",
  undecodable: (codec: string) => `Ce poste ne sait pas lire la vidéo de cette caméra (${codec}). À ouvrir sur un autre poste${codec === "H.265" ? ", ou à régler en H.264" : ""}.`,
  reopen: "redemander",
  closeTile: "fermer",
  enlarge: "agrandir",
  ageOf: (age: string) => `image de ${age}`,
  closeCamera: (number: number | string) => `Fermer la caméra ${number}`,

  commandLabel: "Numéro de caméra",
  open: "ouvrir",
  search: "chercher",
  swap: (number: number | string) => `échanger avec la ${number}`,
  keep: "garder",
  understood: "compris",
  unknownNumber: (number: string) => `Aucune caméra ${number}`,
  unknownNumberHint: "Vérifiez le numéro, ou cherchez par rue avec Ctrl K.",
  willOpen: "ouvrir : accordé",
  willRefuse: "refusé",
  willWait: "en attente",
  preempts: (numbers: string) => `prend la place de la ${numbers}`,
  layout: "4 / 8 images",
  logout: "quitter le poste",
  back: "retour",

  refusedCamera: (number: number | string) => `Caméra ${number} refusée`,
  allTaken: (count: number) => `Les ${count} flux de la convention sont ouverts.`,
  heldBy: "Flux en cours :",
  wallFull: (count: number) => `Le mur porte ${count} images`,
  wallFullHint: "Fermez une image ou échangez.",

  paletteTitle: "Chercher une caméra",
  paletteHint: "numéro, nom, rue ou secteur",
  paletteNothing: "Rien ne correspond.",

  convention: "Convention",
  inForceSince: (date: string) => `en vigueur depuis le ${date}`,
  regime: (name: string) => `régime : ${name}`,
  regimes: { authorisation: "autorisation", notification: "notification" } as Record<string, string>,

  partners: "les partenaires",
  watchedTitle: (who: string) => `Ce que les services ${of(who)} regardent`,
  nobodyWatches: (owner: string) => `Aucun service ne regarde une caméra ${of(owner)}.`,
  service: "Service",
  agent: "Agent",
  forWhat: "Pour",
  sinceWhen: "Depuis",
  act: "Acte",
  watchToo: "voir aussi",
  suspend: "suspendre",
  suspendTitle: (number: number | string, name: string) => `Suspendre le flux de la caméra ${number} ${name}`,
  suspendHint: "Le service l'apprend aussitôt, avec le fondement et vos mots.",
  ground: "Fondement",
  reason: "Motif, lu par le service",
  confirmSuspend: "Suspendre",
  cancel: "Annuler",
  suspensions: "Flux suspendus",
  lift: "rétablir",
  feedTitle: "Fil de la salle",
  feedEmpty: "Rien depuis l'ouverture de cet écran.",
  ownCameras: "Nos caméras",
  feedSuspended: (number: number | string, ground: string) => `Flux de la ${number} suspendu : ${ground}`,
  feedLifted: (number: number | string) => `Flux de la ${number} rétabli`,

  journal: "Journal",
  journalQuestion: "Qui a vu cette caméra ?",
  from: "De",
  to: "À",
  ask: "Chercher",
  asking: "Recherche…",
  allCameras: "toutes",
  when: "Quand",
  what: "Fait",
  station2: "Poste",
  articles: "Articles",
  records: (count: number) => (count > 1 ? `${count} inscriptions` : `${count} inscription`),

  article: (number: string) => `article ${number}`,
  deliberation: "délibération",
  textsTogether: (texts: string[]) => texts.join(" et "),
  secondsOld: (seconds: string) => `${seconds} s`,
  minutes: (count: number) => `${count} min`,
  hours: (count: number) => `${count} h`,
  lessThanAMinute: "moins d'une minute",
};

/** The words of a language. */
export type Spelt = Spoken<typeof fr>;
/** The words of a language, and what the node's conventions call everybody. */
export type Messages = Spelt & { names: Names };
