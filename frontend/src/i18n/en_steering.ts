/** Words of steering: the ribbon of a picture, the key, what a colleague asks, in English. */
import type { steeringFr } from "./fr_steering";

export const steeringEn: typeof steeringFr = {
  mine: "You steer",
  others: (who) => `${who} steers`,
  forTime: (elapsed) => `for ${elapsed}`,
  asked: "Steering asked for",
  askedOf: (room) => `of the ${room}`,
  askedOfColleague: "of whoever steers; no answer and no movement: yours in 10 s",
  call: (room) => `no answer: call the ${room}`,
  leftSaid: (minutes) => (minutes < 1 ? "less than a minute left" : `${minutes} min left`),
  over: "Steering over",
  refused: "Steering refused",

  colleagueAsks: (who) => `${who} asks for this camera`,
  leave: "leave it",
  keep: "keep it",
  more: "30 s more",

  release: "give the camera back",
  askNoMore: "ask no longer",
  renew: "go on",
  turning: "turn",
  presets: "presets",
  onPicture: "click: centre · frame: zoom",
  crew: (answer) => `crew engaged there, the room does not grant it; ${answer}`,
  heldBy: (who, since) => `${who} has steered since ${since}.`,

  keyTurn: "turn the camera that you steer",
  keyZoom: "zoom (Page Up, Page Down too)",
  keyPresets: "its presets; a camera's number is then typed on the numeric pad",
  keyOther: "choose another picture while steering",
  keyRenew: "go on steering",
};
