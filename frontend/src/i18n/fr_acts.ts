/** Words of the convention's screen, the key line's end, relief, handover and stations, in French. */
export const actsFr = {
  steer: "piloter",
  roomOpen: "CSU ouvert",
  roomClosed: "CSU fermé",
  roomInactive: "CSU inactif",
  steerAtOnce: (room: string, owed: string, articles: string) => `${room}, immédiat${owed} (${articles})`,
  alsoOwed: (what: string) => ` ; ${what}`,
  steerAsked: (room: string, articles: string) => `${room}, autorisation à demander (${articles})`,
  steerRefused: (reason: string) => `refusé. ${reason}`,
  noticeDueAt: (at: string) => `avis dû à ${at}`,
  noticeDue: "avis dû ensuite",
  notificationDue: "à notifier au CSU",
  steerRefusedCamera: (number: number | string) => `Pilotage de la caméra ${number} refusé`,

  roomOpenUntil: (at: string) => `Salle ouverte jusqu'à ${at}`,
  roomClosedUntil: (at: string) => `Salle fermée, ouvre à ${at}`,
  roomInactiveNow: "Salle déclarée inactive",
  roomOpenAlways: "Salle ouverte",
  roomClosedNow: "Salle fermée",
  withdrawn: "autorisation préfectorale retirée",
};
