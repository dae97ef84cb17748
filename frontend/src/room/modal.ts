/** A question or a screen over the room, as the browser's modal dialog. */
import type { Attachment } from "svelte/attachments";

/**
 * Shows the dialog; `left` is told when the person leaves it, at once and while it still stands.
 *
 * A dialog tells that it has closed a task later. By then the next key may have opened the same screen again, and what
 * tells is the one that has gone: it is not heard, else it would take its successor away.
 */
export function modal(left: () => void): Attachment<HTMLDialogElement> {
  return (dialog) => {
    const cancelled = (event: Event) => {
      event.preventDefault();
      dialog.close();
      left();
    };
    dialog.addEventListener("cancel", cancelled);
    dialog.addEventListener("close", left);
    dialog.showModal();
    return () => {
      dialog.removeEventListener("cancel", cancelled);
      dialog.removeEventListener("close", left);
    };
  };
}
