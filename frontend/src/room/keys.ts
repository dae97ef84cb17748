/** Which key means what, wherever the focus is. Pure, so that every key can be tested. */
import { turnOf, type Turn } from "../steering/motion";

export interface Pressed {
  key: string;
  /** The key by its place, whatever is printed on it. */
  code?: string;
  ctrl: boolean;
  alt: boolean;
  shift: boolean;
  meta: boolean;
}

export interface Place {
  /** The focus is in a text field other than the camera number's. */
  typing: boolean;
  /** The focus is in the camera number's field. */
  inNumber: boolean;
  /**
   * A panel of the screen stands over it and takes letters; digits are a camera's number whatever stands there. `told` is a
   * dialog that only tells (a camera's sheet, the list of lost cameras): it keeps every key but the digits.
   */
  panel: "none" | "event" | "kinds" | "refusal" | "told" | "dialog";
  /** What the number's field holds. */
  number: string;
  /** The refusal that is shown offers a swap. */
  swap: boolean;
  /** The focus is on a control that Enter activates. */
  onControl: boolean;
  /** The focus is on the map, which takes the arrows. */
  onMap: boolean;
  /** What was not given may be asked for again: a stream has become free, or nothing was decided. */
  retry?: boolean;
  /** The wall is blank: nothing that tells of a picture is shown. */
  blank?: boolean;
  /** On a narrow screen the map stands over the wall, and has a key. */
  map?: "beside" | "over";
  /** The picture in hand is steered from here: arrows turn its camera, the row of digits above the letters are its presets. */
  steering?: boolean;
  /** A colleague asks for the camera that is steered from here. */
  colleague?: boolean;
  /** Two colleagues ask each other for a camera, and one supervises them. */
  disputes?: boolean;
  /** A partner's request, or a word that was given, stands before the owner's room. */
  requests?: "none" | "asked" | "given";
  /** A look that a partner asks for stands before the owner's room. */
  looks?: boolean;
  /** Keys of a single letter can be turned off (WCAG 2.1.4). */
  letters?: "on" | "off";
}

export type Command =
  | { do: "digit"; digit: string }
  | { do: "erase" }
  | { do: "openNumber" }
  | { do: "search" }
  | { do: "kinds" }
  | { do: "newEvent" }
  | { do: "kind"; index: number }
  | { do: "join"; index: number }
  | { do: "walk"; by: number }
  | { do: "pour" }
  | { do: "swap" }
  | { do: "pick"; by: number }
  | { do: "retry" }
  | { do: "escape" }
  | { do: "closeTile" }
  | { do: "clearEnded" }
  | { do: "enterTile" }
  | { do: "layout" }
  | { do: "layouts" }
  | { do: "map" }
  | { do: "move"; by: number }
  | { do: "logout" }
  | { do: "light" }
  | { do: "language" }
  | { do: "suspend" }
  | { do: "journal" }
  | { do: "steer" }
  | { do: "turn"; turn: Turn }
  | { do: "preset"; preset: number }
  | { do: "renewSteering" }
  | { do: "takeBack" }
  | { do: "stayAway" }
  | { do: "crew" }
  | { do: "look"; which: "forward" | "decline" }
  | { do: "request"; which: "grant" | "refuse" | "oral" | "withdraw" | "withdrawForCrew" | "watch" }
  | { do: "answerColleague"; answer: "yes" | "no" | "more" }
  | { do: "assign"; to: "asker" | "holder" }
  | { do: "detail" }
  | { do: "lost" }
  | { do: "convention" }
  | { do: "menu" }
  | { do: "relief" }
  | { do: "handover" }
  | { do: "stations" }
  | { do: "blank" }
  | { do: "blankFirst" };

/** The keys of the kinds of event, in their order; then those of the party's events that can be joined. */
export const KIND_KEYS = "ABCDEF";
export const JOIN_KEYS = "GHI";

const LETTERS: Record<string, Command> = {
  s: { do: "suspend" },
  j: { do: "journal" },
  p: { do: "steer" },
  r: { do: "renewSteering" },
  c: { do: "takeBack" },
  h: { do: "stayAway" },
  g: { do: "crew" },
  d: { do: "look", which: "forward" },
  t: { do: "stations" },
  b: { do: "blank" },
  n: { do: "newEvent" },
  v: { do: "pour" },
  i: { do: "detail" },
  l: { do: "lost" },
};

/** What a colleague who asks for the camera is answered. */
const TO_COLLEAGUE: Record<string, Command> = {
  o: { do: "answerColleague", answer: "yes" },
  k: { do: "answerColleague", answer: "no" },
  m: { do: "answerColleague", answer: "more" },
};

/** How the owner's room answers a request; what was given is taken back where none waits too. */
const TO_REQUEST: Record<string, Command> = {
  o: { do: "request", which: "grant" },
  n: { do: "request", which: "refuse" },
  r: { do: "request", which: "oral" },
  v: { do: "request", which: "watch" },
};

/** What is done before a blank wall as before any other: it shows nothing. */
const ON_BLANK = new Set<Command["do"]>(["blank", "menu", "relief", "logout", "light", "language", "escape", "erase"]);

/** Return what a key asks for, or null where the browser keeps it. */
export function commandOf(pressed: Pressed, place: Place): Command | null {
  const command = meantBy(pressed, place);
  return command && place.blank && !ON_BLANK.has(command.do) ? { do: "blankFirst" } : command;
}

function meantBy(pressed: Pressed, place: Place): Command | null {
  const { key } = pressed;
  if (pressed.meta || pressed.alt) return null;
  // Whoever comes in, whatever is open: the pictures go at once.
  if (key === "F12" && !pressed.ctrl && !pressed.shift) return { do: "blank" };
  if (pressed.ctrl) return key.toLowerCase() === "k" && place.panel !== "dialog" && place.panel !== "told" ? { do: "search" } : null;
  if (place.panel === "dialog") return null;
  if (place.panel === "told") return /^[0-9]$/.test(key) ? { do: "digit", digit: key } : null;
  if (key === "F2") return { do: "kinds" };
  if (key === "Escape") return { do: "escape" };
  if (key === "F1") return { do: "convention" };
  if (key === "F3") return { do: "menu" };
  if (key === "F9") return { do: "relief" };
  if (key === "F10") return { do: "handover" };
  if (key === "F6") return { do: "light" };
  if (key === "F7") return { do: "language" };
  if (place.typing) return null;
  if (key === "F4") return pressed.shift ? { do: "layouts" } : { do: "layout" };
  if (key === "F5" && !pressed.shift && place.map === "over") return { do: "map" };
  if (key === "F8") return { do: "logout" };
  if (place.steering) {
    const command = steeringKey(pressed, place);
    if (command) return command;
  }
  if (/^[0-9]$/.test(key)) return place.inNumber ? null : { do: "digit", digit: key };
  if (key === "Enter") {
    if (place.number !== "") return { do: "openNumber" };
    if (place.onControl) return null;
    return place.retry ? { do: "retry" } : { do: "enterTile" };
  }
  if (key === "Backspace") return place.inNumber || place.number === "" ? null : { do: "erase" };
  if (key === "Delete") return pressed.shift ? { do: "clearEnded" } : { do: "closeTile" };
  const letter = place.letters === "off" ? "" : key.toLowerCase();
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
  if (place.panel === "kinds") {
    if (by !== undefined) return { do: "walk", by };
    const kind = letter.length === 1 ? KIND_KEYS.indexOf(letter.toUpperCase()) : -1;
    if (kind >= 0) return { do: "kind", index: kind };
    const join = letter.length === 1 ? JOIN_KEYS.indexOf(letter.toUpperCase()) : -1;
    if (join >= 0) return { do: "join", index: join };
  }
  if (place.panel === "refusal" && place.swap && letter === "e") return { do: "swap" };
  if (place.onMap) return null;
  if (by !== undefined && !place.inNumber) return place.panel === "refusal" && place.swap ? { do: "pick", by } : { do: "move", by };
  if (place.colleague && TO_COLLEAGUE[letter]) return TO_COLLEAGUE[letter];
  if (place.disputes && letter === "a") return { do: "assign", to: pressed.shift ? "holder" : "asker" };
  if (place.requests === "asked" && TO_REQUEST[letter]) return TO_REQUEST[letter];
  if (place.requests && place.requests !== "none" && letter === "x") return { do: "request", which: pressed.shift ? "withdrawForCrew" : "withdraw" };
  if (place.looks && letter === "k") return { do: "look", which: "decline" };
  return LETTERS[letter] ?? null;
}

/**
 * What a key asks of the camera that is steered. A camera's number is typed on the numeric pad meanwhile, or goes on being
 * typed where it was begun (decision 0022); with Shift the arrows choose a picture as ever.
 */
function steeringKey({ key, code, shift }: Pressed, place: Place): Command | null {
  if (place.number !== "" || place.onMap || place.panel === "kinds" || (place.panel === "refusal" && place.swap)) return null;
  const preset = /^Digit([1-9])$/.exec(code ?? "")?.[1];
  if (preset) return place.inNumber ? null : { do: "preset", preset: Number(preset) };
  const turn = turnOf(key);
  return turn && !(shift && key.startsWith("Arrow")) ? { do: "turn", turn } : null;
}
