/** Which key means what, wherever the focus is. Pure, so that every key can be tested. */

export interface Pressed {
  key: string;
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
  /** A panel of the screen stands over it and takes the digits (kinds of event) or letters. */
  panel: "none" | "kinds" | "refusal" | "dialog";
  /** What the number's field holds. */
  number: string;
  /** The refusal that is shown offers a swap. */
  swap: boolean;
  /** The focus is on a control that Enter activates. */
  onControl: boolean;
  /** The focus is on the map, which takes the arrows. */
  onMap: boolean;
}

export type Command =
  | { do: "digit"; digit: string }
  | { do: "erase" }
  | { do: "openNumber" }
  | { do: "search" }
  | { do: "kinds" }
  | { do: "kind"; index: number }
  | { do: "swap" }
  | { do: "escape" }
  | { do: "closeTile" }
  | { do: "enterTile" }
  | { do: "layout" }
  | { do: "move"; by: number }
  | { do: "logout" }
  | { do: "light" }
  | { do: "language" }
  | { do: "suspend" }
  | { do: "journal" }
  | { do: "steer" }
  | { do: "convention" }
  | { do: "menu" }
  | { do: "relief" }
  | { do: "handover" }
  | { do: "stations" }
  | { do: "blank" };

const KINDS = 6;

/** Return what a key asks for, or null where the browser keeps it. */
export function commandOf(pressed: Pressed, place: Place): Command | null {
  const { key } = pressed;
  if (pressed.meta || pressed.alt) return null;
  // Whoever comes in, whatever is open: the pictures go at once.
  if (key === "F12" && !pressed.ctrl && !pressed.shift) return { do: "blank" };
  if (pressed.ctrl) return key.toLowerCase() === "k" && place.panel !== "dialog" ? { do: "search" } : null;
  if (place.panel === "dialog") return null;
  if (key === "F2") return { do: "kinds" };
  if (key === "Escape") return { do: "escape" };
  if (key === "F1") return { do: "convention" };
  if (key === "F3") return { do: "menu" };
  if (key === "F9") return { do: "relief" };
  if (key === "F10") return { do: "handover" };
  if (key === "F6") return { do: "light" };
  if (key === "F7") return { do: "language" };
  if (place.typing) return null;
  if (key === "F4") return { do: "layout" };
  if (key === "F8") return { do: "logout" };
  if (/^[0-9]$/.test(key)) {
    if (place.panel === "kinds") {
      const index = Number(key) - 1;
      return index >= 0 && index < KINDS ? { do: "kind", index } : null;
    }
    return place.inNumber ? null : { do: "digit", digit: key };
  }
  if (key === "Enter") {
    if (place.number !== "") return { do: "openNumber" };
    return place.onControl ? null : { do: "enterTile" };
  }
  if (key === "Backspace") return place.inNumber || place.number === "" ? null : { do: "erase" };
  if (key === "Delete") return { do: "closeTile" };
  if (place.panel === "refusal" && place.swap && key.toLowerCase() === "e") return { do: "swap" };
  if (place.inNumber || place.onMap) return null;
  if (key === "ArrowRight" || key === "ArrowDown") return { do: "move", by: 1 };
  if (key === "ArrowLeft" || key === "ArrowUp") return { do: "move", by: -1 };
  if (key.toLowerCase() === "s") return { do: "suspend" };
  if (key.toLowerCase() === "j") return { do: "journal" };
  if (key.toLowerCase() === "p") return { do: "steer" };
  if (key.toLowerCase() === "t") return { do: "stations" };
  if (key.toLowerCase() === "b") return { do: "blank" };
  return null;
}
