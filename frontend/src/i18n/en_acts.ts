/** Words of the convention's screen, the key line's end, relief, handover and stations, in English. */
import type { actsFr } from "./fr_acts";

export const actsEn: typeof actsFr = {
  steer: "steer",
  roomOpen: "CSU open",
  roomClosed: "CSU closed",
  roomInactive: "CSU inactive",
  steerAtOnce: (room, owed, articles) => `${room}, at once${owed} (${articles})`,
  alsoOwed: (what) => `; ${what}`,
  steerAsked: (room, articles) => `${room}, authorisation to be asked for (${articles})`,
  steerRefused: (reason) => `refused. ${reason}`,
  noticeDueAt: (at) => `notice due at ${at}`,
  noticeDue: "notice due afterwards",
  notificationDue: "to be notified to the CSU",
  steerRefusedCamera: (number) => `Steering of camera ${number} refused`,

  roomOpenUntil: (at) => `Room open until ${at}`,
  roomClosedUntil: (at) => `Room closed, opens at ${at}`,
  roomInactiveNow: "Room declared inactive",
  roomOpenAlways: "Room open",
  roomClosedNow: "Room closed",
  withdrawn: "the prefect's authorisation is withdrawn",
};
