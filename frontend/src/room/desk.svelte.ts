/** What stands over the room beside its pictures: the convention, the handover, a relief, the stations, the keys. */
import type { HandoverNote, Problem, Role } from "../api/types";
import { readsJournal } from "../screens/journal/reads";
import { supervises } from "../screens/stations/supervises";
import type { Command } from "./keys";

export type DeskPanel = "none" | "convention" | "menu" | "relief" | "handover" | "stations" | "journal" | "inventory" | "leave" | "detail" | "lost" | "layouts";

/** What stands over the room, or hides it. */
const HELD = new Set<Command["do"]>(["convention", "menu", "relief", "handover", "stations", "journal", "detail", "lost", "layouts", "blank"]);
const ON_BLANK = new Set<Command["do"]>(["blank", "menu", "relief"]);
const blankKey = (station: string) => `belvedere.blank.${station}`;

export class Desk {
  panel = $state<DeskPanel>("none");
  /** What the shift before left in words, and nobody of this room has read. */
  notes = $state.raw<readonly HandoverNote[]>([]);
  /** Every picture, and all that tells of them, is hidden until the same key is pressed again. A reload changes nothing. */
  blank = $state(false);
  /** Why the post could not be left. */
  notLeft = $state.raw<Problem | null>(null);

  #station: string;
  #role: () => Role;

  constructor(station: string, role: () => Role) {
    this.#station = station;
    this.#role = role;
    this.blank = sessionStorage.getItem(blankKey(station)) !== null;
  }

  open(panel: DeskPanel): void {
    this.panel = panel;
  }

  /** Whether a key asks for something here. */
  holds(command: Command): boolean {
    return HELD.has(command.do);
  }

  /** Do what a key asks for here; false where it is another's. */
  act(command: Command): boolean {
    // Over a blank wall stands nothing that tells of a picture, an event or a person.
    if (this.blank && !ON_BLANK.has(command.do)) return false;
    switch (command.do) {
      case "stations":
        if (!supervises(this.#role())) return false;
        this.panel = "stations";
        return true;
      case "journal":
        if (!readsJournal(this.#role())) return false;
        this.panel = "journal";
        return true;
      case "convention":
      case "menu":
      case "relief":
      case "handover":
      case "detail":
      case "lost":
      case "layouts":
        this.panel = command.do;
        return true;
      case "blank":
        this.#hide(!this.blank);
        return true;
      default:
        return false;
    }
  }

  /** Take away `panel`, unless another has taken its place since. */
  close(panel: DeskPanel = this.panel): void {
    if (this.panel === panel) this.panel = "none";
  }

  /** The post is left: the next agent finds its wall as it is. */
  forget(): void {
    sessionStorage.removeItem(blankKey(this.#station));
  }

  #hide(blank: boolean): void {
    this.blank = blank;
    if (!blank) return this.forget();
    sessionStorage.setItem(blankKey(this.#station), "1");
    this.panel = "none";
  }
}
