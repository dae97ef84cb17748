/** What stands over the room beside its pictures: the convention, the handover, a relief, the stations, the keys. */
import type { HandoverNote } from "../api/types";
import type { Command } from "./keys";

export type DeskPanel = "none" | "convention" | "menu" | "relief" | "handover" | "stations" | "journal" | "inventory";

export class Desk {
  panel = $state<DeskPanel>("none");
  /** What the shift before left in words, and nobody of this room has read. */
  notes = $state.raw<readonly HandoverNote[]>([]);
  /** Every picture is hidden until the same key is pressed again. */
  blank = $state(false);

  open(panel: DeskPanel): void {
    this.panel = panel;
  }

  /** Whether a key asks for something here. */
  holds(command: Command): boolean {
    return ["convention", "menu", "relief", "handover", "stations", "journal", "blank"].includes(command.do);
  }

  /** Do what a key asks for here; false where it is another's. */
  act(command: Command): boolean {
    switch (command.do) {
      case "convention":
      case "menu":
      case "relief":
      case "handover":
      case "stations":
      case "journal":
        this.panel = command.do;
        return true;
      case "blank":
        this.blank = !this.blank;
        return true;
      default:
        return false;
    }
  }

  /** Take away `panel`, unless another has taken its place since. */
  close(panel: DeskPanel = this.panel): void {
    if (this.panel === panel) this.panel = "none";
  }
}
