/** Brings the pure key table (keys.ts) to the page. */
import { commandOf, type Command, type Place } from "./keys";

const TEXT = "input, textarea, select, [contenteditable]";
/** A tile's name only selects it: there Enter does what it does to the selected picture. */
const CONTROL = "button:not([data-tile-name]), a[href], [role=option], summary";

/** What only the screen itself knows of the place in which a key is pressed. */
export type Stand = Omit<Place, "typing" | "inNumber" | "onControl" | "onMap">;

/** Which dialog stands over the room; of several, one that keeps its digits counts. */
function dialogPanel(): Partial<Pick<Place, "panel">> {
  if (document.querySelector("dialog[open]:not([data-tells])")) return { panel: "dialog" };
  return document.querySelector("dialog[open]") ? { panel: "told" } : {};
}

/** Call `act` with every command; `place` says what stands over the screen. Returns how to stop. */
export function hearKeys(place: () => Stand, act: (command: Command) => void): () => void {
  const heard = (event: KeyboardEvent) => {
    // What a panel has taken is not asked a second time.
    if (event.isComposing || event.defaultPrevented) return;
    const focus = document.activeElement;
    const inNumber = focus instanceof HTMLElement && focus.dataset["numberField"] !== undefined;
    const command = commandOf(
      { key: event.key, code: event.code, ctrl: event.ctrlKey, alt: event.altKey, shift: event.shiftKey, meta: event.metaKey },
      {
        ...place(),
        ...dialogPanel(),
        inNumber,
        typing: !inNumber && (focus?.matches(TEXT) ?? false),
        onControl: focus?.matches(CONTROL) ?? false,
        onMap: focus?.matches(".maplibregl-canvas") ?? false,
      },
    );
    if (!command) return;
    event.preventDefault();
    act(command);
  };
  document.addEventListener("keydown", heard);
  return () => document.removeEventListener("keydown", heard);
}
