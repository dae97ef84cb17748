/** Brings the pure key table (keys.ts) to the page. */
import { commandOf, type Command, type Place } from "./keys";

const TEXT = "input, textarea, select, [contenteditable]";
const CONTROL = "button, a[href], [role=option], summary";

/** Call `act` with every command; `panel` says what stands over the screen. Returns how to stop. */
export function hearKeys(place: () => Pick<Place, "panel" | "number" | "swap">, act: (command: Command) => void): () => void {
  const heard = (event: KeyboardEvent) => {
    // What a panel has taken is not asked a second time.
    if (event.isComposing || event.defaultPrevented) return;
    const focus = document.activeElement;
    const inNumber = focus instanceof HTMLElement && focus.dataset["numberField"] !== undefined;
    const command = commandOf(
      { key: event.key, ctrl: event.ctrlKey, alt: event.altKey, shift: event.shiftKey, meta: event.metaKey },
      {
        ...place(),
        ...(document.querySelector("dialog[open]") ? { panel: "dialog" as const } : {}),
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
