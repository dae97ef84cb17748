/** What both rooms do alike when a key is pressed. */
import { flushSync } from "svelte";
import { speech } from "../i18n/speech.svelte";
import type { Command } from "./keys";
import type { Room } from "./room.svelte";

/** What only the room itself can do. */
export interface RoomPanels {
  search(): void;
  escape(): void;
  leave(): void;
}

/** Do what a command asks of either room; false where it is for one of them. */
export function actInRoom(room: Room, command: Command, panels: RoomPanels): boolean {
  const { wall } = room;
  room.notice = null;
  switch (command.do) {
    case "digit":
      // A sheet or a list that only tells gives way to the number.
      room.desk.close();
      room.number = (room.number + command.digit).slice(0, 6);
      return true;
    case "erase": room.number = room.number.slice(0, -1); return true;
    case "openNumber": void room.openNumber(); return true;
    case "search":
      // At once, so that what is typed next is typed into it.
      flushSync(() => panels.search());
      return true;
    case "swap": void wall.swap(); return true;
    case "pick": wall.pick(command.by); return true;
    case "retry": void wall.retry(); return true;
    case "escape": panels.escape(); return true;
    case "closeTile": void wall.close(wall.selected); return true;
    case "clearEnded": wall.clearEnded(); return true;
    case "enterTile": enterTile(room); return true;
    case "layout": room.changeLayout(); return true;
    case "move": wall.move(command.by); return true;
    case "steer": void room.steer(); return true;
    case "turn": room.steering.press(command.turn); return true;
    case "preset": void room.steering.goToPreset(command.preset); return true;
    case "renewSteering": void room.renewSteering(); return true;
    case "answerColleague": void room.answerColleague(command.answer); return true;
    case "assign": void room.steering.assign(command.to); return true;
    case "stayAway": void room.stayAway(); return true;
    case "logout": panels.leave(); return true;
    case "light": speech.otherTheme(); return true;
    case "language": speech.otherLanguage(); return true;
    case "blankFirst": room.notice = { is: "blankFirst" }; return true;
    case "detail": if (wall.selectedTile) room.desk.act(command); return true;
    default: return room.desk.act(command);
  }
}

/** Enlarge the selected picture, or ask again for it where it has ended. */
function enterTile({ wall }: Room): void {
  const tile = wall.selectedTile;
  if (!tile) return;
  if (tile.ended) void wall.open(tile.camera);
  else wall.enlarge(tile.position);
}
